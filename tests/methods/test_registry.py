"""The table of methods, and `explain`."""

import inspect

import keras
import numpy as np
import pytest
from PIL import Image

from tests.models import nets
from xai_widgets import i18n, load_text_model
from xai_widgets.methods import explain, list_methods, saliency
from xai_widgets.methods.registry import FUNCTIONS, METHODS
from xai_widgets.models.kinds.classifier import Classifier


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(nets.Numbers.drawn()), ("ant", "bee", "cow"), lambda pixels: pixels / 255)


def test_explain_is_the_method_itself(classifier):
    x = nets.inputs(2)
    found = explain(classifier, x, "saliency", "bee", output="probability")
    np.testing.assert_array_equal(found.values, saliency(classifier, x, "bee", output="probability").values)
    assert found.recipe.method == "saliency"


def test_names_are_spelt_freely(classifier):
    assert explain(classifier, nets.inputs(1), "Saliency").recipe.method == "saliency"


def test_files_are_read(classifier, tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype="uint8")
    Image.fromarray(picture).save(tmp_path / "picture.png")
    expected = saliency(classifier, picture, 0).values
    for source in (tmp_path / "picture.png", str(tmp_path / "picture.png")):
        np.testing.assert_array_equal(explain(classifier, source, "saliency", 0).values, expected)


def test_an_unknown_method_is_refused_with_the_nearest(classifier):
    with pytest.raises(ValueError, match="unknown method 'salience'; did you mean saliency"):
        explain(classifier, nets.inputs(1), "salience")


def test_an_unknown_option_is_refused(classifier):
    with pytest.raises(TypeError, match="otput"):
        explain(classifier, nets.inputs(1), "saliency", otput="logit")


def test_every_method_is_described_and_documented():
    assert set(FUNCTIONS) == set(METHODS) == set(list_methods().names)
    for name, function in FUNCTIONS.items():
        text = inspect.getdoc(function)
        assert all(f"{part}\n----" in text for part in ("Parameters", "Returns", "Raises", "References", "Examples"))
        assert list(inspect.signature(function).parameters)[:3] == ["model", "inputs", "target"]
        assert METHODS[name].paper


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_table_speaks_both_languages(language):
    i18n.set_language(language)
    shown = repr(list_methods())
    assert {"en": "yes", "fr": "oui"}[language] in shown
    assert shown == repr(list_methods())


def counting(texts):
    """Count two words."""
    return np.array([[text.count("good"), text.count("bad")] for text in texts], "float64")


def summing(rows):
    """Score rows by their sum, and by their first feature."""
    return np.stack([np.sum(rows, axis=1), np.asarray(rows)[:, 0]], axis=1)


def test_texts_and_rows_are_explained_by_name():
    words = explain(counting, "a good film", "occlude_words", 0)
    assert words.top(1) == [("good", 1.0)]
    assert explain(counting, ["good", "bad"], "lime_text", 1, samples=20).recipe.method == "lime_text"
    rows = np.random.default_rng(0).normal(size=(40, 3))
    found = explain(summing, rows[:2], "lime_tabular", 1, training=rows, samples=50)
    assert found.values.shape == (2, 3)
    start = keras.Input((3,))
    net = keras.Model(start, keras.layers.Dense(2)(start))
    assert explain(net, rows[:2], "lime_tabular", 1, training=rows, samples=50).values.shape == (2, 3)
    assert explain(net, rows[:2], "kernel_shap", 1).values.shape == (2, 3)


def test_a_method_that_does_not_fit_is_refused_and_those_that_do_are_named(classifier):
    rows = np.zeros((2, 3))
    for call, reason in (
        (lambda: explain(counting, "good", "saliency"), "saliency needs a network.*for texts, choose occlude_words or"),
        (
            lambda: explain(summing, rows, "grad_cam"),
            "grad_cam needs a network.*for rows of features, choose kernel_shap or",
        ),
        (
            lambda: explain(summing, rows, "lime_text"),
            "lime_text explains texts; for rows of features, choose kernel_shap or",
        ),
        (
            lambda: explain(classifier, nets.inputs(1), "lime_text"),
            "lime_text explains texts; for a picture, choose",
        ),
        (
            lambda: explain(counting, "good", "lime_tabular"),
            "lime_tabular explains rows of features; for texts, choose",
        ),
        *(
            (
                lambda name=name: explain(summing, np.zeros((4, 4, 3)), name),
                "needs a network.*no method explains a picture of such a model",
            )
            for name in ("lime_tabular", "kernel_shap")
        ),
    ):
        with pytest.raises(ValueError, match=reason):
            call()
    start = keras.Input((3,))
    net = keras.Model(start, keras.layers.Dense(2)(start))
    with pytest.raises(
        ValueError, match="grad_cam explains a picture or a sequence; for rows of features, choose saliency or"
    ):
        explain(net, rows, "grad_cam")


def test_methods_are_listed_by_what_they_explain():
    assert list_methods("text").names == ["occlude_words", "lime_text"]
    assert "lime_tabular" in list_methods("row").names
    assert "rise" not in list_methods("row").names
    assert len(list_methods()) == len(METHODS)
    with pytest.raises(ValueError, match="'picture', 'sequence', 'row', 'text'"):
        list_methods("image")


def test_a_shipped_model_of_texts_is_explained_by_its_texts():
    model = load_text_model("reviews")
    found = explain(model, "a good film", "occlude_words")
    assert len(found.weights[0]) == 3
