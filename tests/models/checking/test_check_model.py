"""`check_model` says what is known of a model, and finds what is planted."""

import keras
import numpy as np
import pytest
from keras import layers

import xai_widgets as xai
from xai_widgets.i18n import LANGUAGES, language, set_language
from xai_widgets.models.checking.check_model import check_model

pytestmark = pytest.mark.backend

SHAPE = (12, 12, 3)
PICTURES = np.random.default_rng(0).integers(0, 256, (9, *SHAPE)).astype("uint8")


def net(*end, start=(), activation="relu", bias=0.0):
    keras.utils.set_random_seed(0)
    conv = layers.Conv2D(6, 3, activation=activation, name="conv", bias_initializer=keras.initializers.Constant(bias))
    return keras.Sequential([keras.Input(SHAPE), *start, conv, layers.GlobalAveragePooling2D(), *end])


def scaled(pixels):
    return pixels / 255


def verdicts(report):
    return {one.name: one.verdict for one in report}


def test_a_sound_model_has_no_problems():
    sound = net(layers.Dense(3, "softmax", kernel_initializer=keras.initializers.RandomNormal(0, 30, seed=1)))
    report = check_model(sound, PICTURES, labels=["a", "b", "c"], preprocess=scaled)
    names = "inputs range outputs labels precision weights layer pictures agreement gradient answers dead maps"
    assert [one.name for one in report] == names.split()
    assert [one for one in report.problems if one.name not in ("answers", "dead")] == []
    assert "softmax" in report["outputs"].seen
    assert "'conv'" in report["layer"].seen


def test_shipped_models_have_no_problems():
    pictures = [xai.sample_image(name) for name in ("digit-3", "digit-7")]
    assert check_model(xai.load_model("digits"), pictures).problems == []


@pytest.mark.parametrize(
    ("model", "options", "name", "verdict", "word"),
    [
        (
            lambda: net(layers.Dense(2), start=[layers.Rescaling(1 / 255)]),
            {"preprocess": scaled},
            "range",
            "wrong",
            "twice",
        ),
        (lambda: net(layers.Dense(2), start=[layers.Rescaling(1 / 255)]), {}, "range", "good", "0 to 255"),
        (
            lambda: net(layers.Dense(2), start=[layers.Rescaling(1 / 255), layers.Rescaling(1 / 127.5, -1)]),
            {},
            "range",
            "wrong",
            "more than once",
        ),
        (
            lambda: net(layers.Dense(2), start=[layers.Rescaling(1 / 255), layers.Rescaling(2.0, -1)]),
            {},
            "range",
            "good",
            "0 to 255",
        ),
        (lambda: net(layers.Dense(3, "softmax"), bias=-9.0), {"preprocess": scaled}, "maps", "look", "is flat"),
        (lambda: net(layers.Dense(3, "softmax")), {"preprocess": scaled}, "maps", "good", "10 × 10"),
    ],
)
def test_what_is_planted_is_found(model, options, name, verdict, word):
    found = check_model(model(), PICTURES, **options)[name]
    assert found.verdict == verdict
    assert word in found.seen + found.advice


def test_a_model_that_sees_one_class_everywhere():
    model = net(layers.Dense(3, "softmax"), start=[layers.Rescaling(1 / 255)])
    model.layers[-1].set_weights([np.random.default_rng(0).normal(0, 1, (6, 3)), np.array([40.0, 0, 0])])
    assert verdicts(check_model(model, PICTURES))["answers"] == "look"


@pytest.mark.parametrize("pictures", [np.full((2, *SHAPE), np.nan), np.zeros((2, 7)), "no-such-file.png"])
def test_pictures_that_cannot_be_read_are_a_finding(pictures):
    report = check_model(net(layers.Dense(3, "softmax")), pictures)
    assert report["pictures"].verdict == "wrong"
    assert "answers" not in report.names


def brightness_net():
    """Return a net that answers the channel that is brightest."""
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.GlobalAveragePooling2D(), layers.Dense(3, "softmax")])
    model.set_weights([10 * np.eye(3), np.zeros(3)])
    return model


TRUE = np.arange(12) % 3
BRIGHT = np.broadcast_to(np.eye(3)[TRUE][:, None, None], (12, 4, 4, 3)).astype("float32")


@pytest.mark.parametrize(
    ("classes", "verdict", "word"),
    [
        (TRUE, "good", "12 of 12"),
        (np.eye(3)[TRUE], "good", "12 of 12"),
        ((TRUE + 1) % 3, "wrong", "'a' are answered 'c'"),
        (np.where(TRUE == 2, 2, 1 - TRUE), "wrong", "4 of 12"),  # two of three are exchanged: one third is right
        (np.repeat([0, 1, 2], 4), "look", "guessing"),
        (TRUE + 1, "wrong", "the class 3 was given"),
    ],
)
def test_the_classes_that_were_given_are_compared(classes, verdict, word):
    found = check_model(brightness_net(), (BRIGHT, classes), labels=["a", "b", "c"], value_range=(0, 1))["truth"]
    assert found.verdict == verdict
    assert word in found.seen


def test_without_classes_nothing_is_said_of_them():
    assert "truth" not in check_model(brightness_net(), BRIGHT, value_range=(0, 1)).names
    assert "truth" not in check_model(brightness_net(), value_range=(0, 1)).names


def test_a_warning_is_a_finding():
    report = check_model(net(layers.Dense(3, "softmax")), np.full((2, *SHAPE), 3.0), preprocess=scaled)
    assert report["pictures"].verdict == "look"
    assert "0 to 1" in report["pictures"].seen


def test_a_model_that_changes_its_answers():
    class Noise(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.seeds = keras.random.SeedGenerator(0)

        def call(self, x):
            return x + keras.random.normal(keras.ops.shape(x), seed=self.seeds)

    report = check_model(net(Noise(), layers.Dense(3, "softmax")), PICTURES, preprocess=scaled)
    assert {one.verdict for one in report.problems} & {"wrong"}


def test_a_network_of_several_outputs_and_rows():
    start = keras.Input(SHAPE)
    pooled = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(start))
    several = check_model(keras.Model(start, [layers.Dense(2)(pooled), layers.Dense(3)(pooled)]), PICTURES)
    assert "function" in several["outputs"].seen
    rows = check_model(keras.Sequential([keras.Input((4,)), layers.Dense(2, "softmax")]), np.eye(4))
    assert rows["inputs"].seen == "(N, 4): rows of features"
    assert "layer" not in rows.names


@pytest.mark.parametrize("code", LANGUAGES)
def test_both_languages_say_everything(code):
    before = language()
    set_language(code)
    try:
        models = [
            net(layers.Dense(3, "softmax"), bias=-9.0),
            net(layers.Dense(1, "hard_sigmoid")),
            net(layers.Dense(1)),
        ]
        for model in models:
            report = check_model(model, PICTURES, preprocess=scaled)
            assert "check." not in repr(report)
            assert all(one.seen for one in report)
    finally:
        set_language(before)
