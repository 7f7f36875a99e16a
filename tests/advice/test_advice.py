"""Advice in error messages works: each is provoked, followed to the letter, and gives an answer.

An entry is the end of a message, a call that raises it, and one call for each thing that the message advises. A new
message with advice needs an entry, or a place in `UNTRIED` with the reason; both lists are compared with the sources.
"""

import re
import types
import warnings
from functools import cache

import keras
import numpy as np
import pytest

import xai_widgets as xai
from tests.advice.messages import advice
from tests.advice.model_entries import FILE_ENTRIES, MODEL_ENTRIES, WORD_ENTRIES
from xai_widgets import Classifier, explain, load_image, load_model, methods, wrap
from xai_widgets.datasets.creatures.checks import as_colour
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods import make_again
from xai_widgets.methods.atlas import activation_grid, cells_of
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon, ZBox
from xai_widgets.methods.dissection import ArrayConcepts
from xai_widgets.methods.feature_visualization import CPPN, Fourier, activation_maximization, alpha, channel
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.methods.units.filters import filters as convolution_filters
from xai_widgets.methods.units.unit_statistics import unit_statistics
from xai_widgets.models.graph.splitting import split_model

layers = keras.layers
THREE = xai.sample_image("digit-3")
RNG = np.random.default_rng(0)


def net(*last, shape=(8, 8, 3)):
    """Return a small network of pictures; its last layers may be given."""
    keras.utils.set_random_seed(2)
    first = [keras.Input(shape), layers.Conv2D(4, 3, activation="relu", name="conv"), layers.GlobalAveragePooling2D()]
    return keras.Sequential([*first, *(last or [layers.Dense(3, name="scores")])])


@cache
def digits():
    """Return the smallest shipped model."""
    return load_model("digits")


def rows(width=4):
    """Return a network of rows, and two of them."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input((width,)), layers.Dense(6, activation="relu", name="hidden"), layers.Dense(2, name="scores")]
    )
    return model, np.random.default_rng(1).random((2, width), "float32")


def smooth():
    """Return a network without rectifiers."""
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(2, "tanh"), layers.Dense(2)])


def normalised():
    """Return a network whose batch normalisation is merged into the layer before it."""
    return keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv"), layers.BatchNormalization(name="norm"),
         layers.ReLU(), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    )  # fmt: skip


def two_heads():
    """Return a network of two rows of scores."""
    start = keras.Input((8, 8, 3))
    first, other = (layers.Conv2D(4, 3, name=name)(start) for name in ("conv", "other"))
    means = [layers.GlobalAveragePooling2D()(maps) for maps in (first, other)]
    return keras.Model(start, [layers.Dense(2)(one) for one in means])


def of_any_size():
    """Return a network of pictures of any size."""
    return net(shape=(None, None, 3))


X = RNG.random((2, 8, 8, 3), "float32")
RANGED = {"value_range": (0, 1)}
FIRST = ("scores", "saliency")


ROWS = RNG.random((9, 4))


def second(given):
    """Answer for rows, as no network does."""
    return np.stack([-given.sum(axis=1), given.sum(axis=1)], axis=1)


def broken(*, earlier=False):
    """Return a network whose weights are NaN, or are again those of an earlier epoch."""
    model = net()
    good = model.get_weights()
    model.set_weights([np.full_like(one, np.nan) for one in good])
    if earlier:
        model.set_weights(good)
    return model


def attack(**options):
    """Attack a digit."""
    return methods.fgsm(digits(), THREE, epsilon=0.1, **options)


def drawn(target, **options):
    """Draw what a network sees, in two steps."""
    given = {"layer": "conv2", "steps": 2, "transformations": ()} | options
    return activation_maximization(digits(), target, **given)


def judge(explanation, **options):
    """Judge an explanation of a digit."""
    return methods.deletion_curve(digits(), THREE, explanation, steps=2, **options)


def concepts(**options):
    """Return a set of two pictures with one concept."""
    return ArrayConcepts(np.zeros((2, 8, 8, 3)), np.ones((2, 1, 8, 8), bool), ["sky"], **options)


ENTRIES = {
    "give (H, W) or the full shape": [
        lambda: attack(mask=np.ones((3, 4))),
        lambda: attack(mask=np.ones((8, 8))),
        lambda: attack(mask=np.ones((1, 8, 8, 1))),
    ],
    "preprocess them as the model expects, or give another clip (None for no limit)": [
        lambda: methods.fgsm(digits(), digits().preprocess(THREE) + 2, epsilon=0.1),
        lambda: methods.fgsm(digits(), digits().preprocess(THREE), epsilon=0.1),
        lambda: methods.fgsm(digits(), digits().preprocess(THREE) + 2, epsilon=0.1, clip=None),
        lambda: methods.fgsm(digits(), digits().preprocess(THREE) + 2, epsilon=0.1, clip=(0, 3)),
    ],
    "take one after a rectifier (ReLU)": [
        lambda: methods.neuron_groups(normalised_ranged(), X[0], layer="conv", groups=2, steps=1),
        lambda: methods.neuron_groups(normalised_ranged(), X[0], layer="re_lu", groups=2, steps=1),
    ],
    "take more pictures, a smaller grid, or a smaller least": [
        lambda: cells_of(RNG.random((4, 2)), grid=9, least=3),
        lambda: cells_of(RNG.random((900, 2)), grid=9, least=3),
        lambda: cells_of(RNG.random((4, 2)), grid=1, least=3),
        lambda: cells_of(RNG.random((4, 2)), grid=9, least=1),
    ],
    "and {} are free; lower it": [
        lambda: methods.kernel_shap(digits(), THREE, "3", samples=10**12),
        lambda: methods.kernel_shap(digits(), THREE, "3", samples=100),
    ],
    "use saliency, the plain gradient": [
        lambda: explain(smooth(), X, "guided_backprop", 0),
        lambda: explain(smooth(), X, "saliency", 0),
    ],
    "give one, or one for each": [
        lambda: explain(two_inputs(), [X, X], "deep_lift", 0, baseline=[0, 0, 0]),
        lambda: explain(two_inputs(), [X, X], "deep_lift", 0, baseline=0),
        lambda: explain(two_inputs(), [X, X], "deep_lift", 0, baseline=[0, 0]),
    ],
    "average its answers over several, or use integrated_gradients": [
        lambda: explain(net(), X, "deep_lift", 0, baseline=[0, 0.5]),
        lambda: np.mean([explain(net(), X, "deep_lift", 0, baseline=one).values for one in (0, 0.5)], axis=0),
        lambda: explain(net(), X, "integrated_gradients", 0, baseline=[0, 0.5]),
    ],
    "give low and high, or Classifier(value_range=(low, high))": [
        lambda: explain(net(), X, "lrp", 0, rule="z_box"),
        lambda: explain(net(), X, "lrp", 0, composite="epsilon_gamma_box", low=0, high=1),
        lambda: explain(Classifier(net(), **RANGED), X, "lrp", 0, composite="epsilon_gamma_box"),
    ],
    "choose another rule for it": [
        lambda: explain(net(), X, "lrp", 0, rule={"scores": ZBox(0, 1)}),
        lambda: explain(net(), X, "lrp", 0, rule={"scores": Epsilon()}),
    ],
    "name that one, or pass merge=False": [
        lambda: explain(normalised(), X, "lrp", 0, rule={"norm": Epsilon()}),
        lambda: explain(normalised(), X, "lrp", 0, rule={"conv": Epsilon()}),
        lambda: explain(normalised(), X, "lrp", 0, rule={"norm": Epsilon()}, merge=False),
    ],
    "for one example, no map; choose an earlier one": [
        lambda: explain(net(), X, "grad_cam", 0, layer="scores"),
        lambda: explain(net(), X, "grad_cam", 0, layer="conv"),
    ],
    "no maps (h, w, C); choose an earlier one": [
        lambda: activation_grid(digits(), THREE, layer=digits().model.layers[-1].name, steps=1),
        lambda: activation_grid(digits(), THREE, layer="conv4", grid=2, steps=1),
    ],
    "replace NaN and infinite values first": [
        lambda: methods.lime_tabular(rows()[0], [[np.nan] * 4], 0, training=rows()[1]),
        lambda: methods.lime_tabular(rows()[0], np.nan_to_num([[np.nan] * 4]), 0, training=rows()[1], samples=20),
    ],
    "use kernel_shap": [
        lambda: methods.rise(*rows(), 0),
        lambda: methods.kernel_shap(*rows(), 0, samples=20),
    ],
    "use deletion_curve": [
        lambda: methods.road(*rows(), rows()[1], 0),
        lambda: methods.deletion_curve(*rows(), rows()[1], 0),
    ],
    "give at least one group of columns": [
        lambda: methods.occlusion(*rows(), 0, groups=[]),
        lambda: methods.occlusion(*rows(), 0, groups=[[0, 1]]),
    ],
    "give at least one baseline": [
        lambda: explain(net(), X, "integrated_gradients", 0, baseline=[]),
        lambda: explain(net(), X, "integrated_gradients", 0, baseline=[0]),
    ],
    "give Classifier(value_range=(low, high)), or a number as baseline": [
        lambda: explain(net(), X, "integrated_gradients", 0, baseline="black"),
        lambda: explain(Classifier(net(), **RANGED), X, "integrated_gradients", 0, baseline="black"),
        lambda: explain(net(), X, "integrated_gradients", 0, baseline=0.5),
    ],
    "give one for all, or one per image": [
        lambda: explain(net(), X, "saliency", [0, 1, 2]),
        lambda: explain(net(), X, "saliency", 0),
        lambda: explain(net(), X, "saliency", [0, 1]),
    ],
    "or use grad_cam, lrp or deep_lift, which take them all": [
        lambda: methods.saliency(two_inputs(), [X, X], 0),
        lambda: methods.lrp(two_inputs(), [X, X], 0),
        lambda: methods.deep_lift(two_inputs(), [X, X], 0),
        lambda: methods.grad_cam(two_inputs(), [X, X], 0, layer="conv"),
    ],
    "give one for each": [
        lambda: concepts(kinds=["colour", "part"]),
        lambda: concepts(kinds=["colour"]),
    ],
    "give gradients=False": [
        lambda: methods.infidelity(digits(), THREE, np.ones((1, 8, 8)), gradients=True, samples=4),
        lambda: methods.infidelity(digits(), THREE, np.ones((1, 8, 8)), gradients=False, samples=4),
    ],
    "give (N, H, W) or (H, W)": [
        lambda: methods.pointing_game(np.ones((1, 4, 4)), np.ones((3, 4), bool)),
        lambda: methods.pointing_game(np.ones((1, 4, 4)), np.ones((1, 4, 4), bool)),
        lambda: methods.pointing_game(np.ones((1, 4, 4)), np.ones((4, 4), bool)),
    ],
    "needs {}; give {}=": [
        lambda: methods.compare_methods(digits(), THREE, ["saliency"], scores=["mass"]),
        lambda: methods.compare_methods(
            digits(), THREE, ["saliency"], scores=["mass"], masks=np.eye(8, dtype=bool)[np.newaxis]
        ),
    ],
    "give one value for each input value, or for each pixel (upsample=True for maps of a layer)": [
        lambda: judge(explain(digits(), THREE, "grad_cam", upsample=False)),
        lambda: judge(np.ones((1, 8, 8, 1))),
        lambda: judge(np.ones((1, 8, 8))),
        lambda: judge(explain(digits(), THREE, "grad_cam", upsample=True)),
    ],
    "an objective names its own layers; leave out layer": [
        lambda: drawn(channel("conv2", 0)),
        lambda: drawn(channel("conv2", 0), layer=None),
    ],
    "no unit is named; give at least one": [
        lambda: drawn([], layer=None),
        lambda: drawn(["3"], layer=None),
    ],
    "use a parameterisation with alpha=True": [
        lambda: drawn(channel("conv2", 0) - alpha(), layer=None),
        lambda: drawn(channel("conv2", 0) - alpha(), layer=None, parameterisation=Fourier(alpha=True)),
    ],
    "use pixels, fourier or laplacian": [
        lambda: drawn(0, start=THREE, parameterisation=CPPN()),
        *(lambda name=name: drawn(0, start=THREE, parameterisation=name) for name in ("pixels", "fourier")),
    ],
    "choose one of {}, or make one": [
        lambda: drawn(0, parameterisation="paint"),
        lambda: drawn(0, parameterisation="pixels"),
        lambda: drawn(0, parameterisation=Fourier()),
    ],
    "give Classifier(value_range=(low, high))": [
        lambda: activation_maximization(Classifier(net(), preprocess=np.sqrt), 0, steps=1),
        lambda: activation_maximization(Classifier(net(), preprocess=np.sqrt, **RANGED), 0, steps=1),
    ],
    "name at least one, or None for each of them alone": [
        lambda: ablation_effect(digits(), THREE, "conv4", []),
        lambda: ablation_effect(digits(), THREE, "conv4", [1]),
        lambda: ablation_effect(digits(), THREE, "conv4", None),
    ],
    "name at least one, or give None for all with maps": [
        lambda: unit_statistics(digits(), THREE, []),
        lambda: unit_statistics(digits(), THREE, ["conv4"]),
        lambda: unit_statistics(digits(), THREE, None),
    ],
    "of the training data, or baseline=, one row": [
        lambda: methods.kernel_shap(second, ROWS[:2], 1),
        lambda: methods.kernel_shap(second, ROWS[:2], 1, baselines=ROWS),
        lambda: methods.kernel_shap(second, ROWS[:2], 1, baseline=ROWS[0]),
    ],
    "or train it again with a smaller learning rate": [
        lambda: methods.saliency(broken(), X),
        lambda: methods.saliency(broken(earlier=True), X),
    ],
    "choose one that leads to them": [
        lambda: split_model(shared_head(), "other"),
        lambda: split_model(shared_head(), "conv"),
    ],
    "choose one of {}, or give places (M, 2)": [
        lambda: atlas(layout="mds"),
        lambda: atlas(layout="pca"),
        lambda: atlas(layout=RNG.random((6, 2))),
    ],
    "or take a method without rules, such as saliency": [
        lambda: explain(own_layer(), X, "guided_backprop", 0),
        lambda: explain(net(), X, "guided_backprop", 0),
        lambda: explain(own_layer(), X, "saliency", 0),
    ],
    "give segments as an array of labels {}": [
        lambda: methods.kernel_shap(*rows(), 0, segments="slic", samples=20),
        lambda: methods.kernel_shap(*rows(), 0, segments=np.arange(4), samples=20),
    ],
    "give {}= the array {}": [
        lambda: make_again(with_large_data().recipe, *DATA),
        lambda: make_again(with_large_data().recipe, *DATA, training=LARGE),
    ],
    "{} takes {}x{} pixels alone; leave out tile": [
        lambda: methods.deep_dream(fixed(), np.zeros((16, 16, 3), "uint8"), 0, tile=16, steps=1, octaves=1),
        lambda: methods.deep_dream(fixed(), np.zeros((16, 16, 3), "uint8"), 0, steps=1, octaves=1),
    ],
    "it has no filters over places; name a convolution": [
        lambda: convolution_filters(digits(), digits().model.layers[-1].name),
        lambda: convolution_filters(digits(), "conv1"),
    ],
    "give the whole path, one of {}": [
        lambda: explain(nested(), X, "grad_cam", 0, layer="conv"),
        lambda: explain(nested(), X, "grad_cam", 0, layer="left/conv"),
    ],
    "give class names or indices, or targets.argmax(axis=1)": [
        lambda: explain(net(), X, "saliency", np.eye(2)),
        lambda: explain(net(), X, "saliency", np.array([1, 0])),
        lambda: explain(net(), X, "saliency", np.eye(3)[:2].argmax(axis=1)),
    ],
    "give pictures as uint8, images.astype('uint8'), or inputs as floats": [
        lambda: explain(Classifier(net(), preprocess=np.sqrt), np.ones((1, 8, 8, 3), "int64"), "saliency", 0),
        lambda: explain(Classifier(net(), preprocess=np.sqrt), np.ones((1, 8, 8, 3), "uint8"), "saliency", 0),
        lambda: explain(Classifier(net(), preprocess=np.sqrt), np.ones((1, 8, 8, 3)), "saliency", 0),
    ],
    "give a CSS name, '#rrggbb' or (r, g, b)": [
        lambda: as_colour("infra-red"),
        *(lambda colour=colour: as_colour(colour) for colour in ("teal", "#00ffaa", (1, 2, 3))),
    ],
    "give one label per class": [
        lambda: Classifier(net(), ["cat", "dog"]),
        lambda: Classifier(net(), ["cat", "dog", "cow"]),
    ],
    "resize them, give them one by one, or wrap the model with input_shape=(height, width, channels)": [
        lambda: wrap(of_any_size()).as_inputs([np.zeros((8, 8, 3), "uint8"), np.zeros((9, 9, 3), "uint8")]),
        lambda: wrap(of_any_size()).as_inputs([np.zeros((8, 8, 3), "uint8")] * 2),
        lambda: wrap(of_any_size()).as_inputs(np.zeros((9, 9, 3), "uint8")),
        lambda: Classifier(of_any_size(), input_shape=(8, 8, 3), **RANGED).as_inputs(
            [np.zeros((8, 8, 3), "uint8"), np.zeros((9, 9, 3), "uint8")]
        ),
    ],
    "NaN or infinite values; replace them first": [
        lambda: explain(net(), X * np.nan, "saliency", 0),
        lambda: explain(net(), np.nan_to_num(X * np.nan), "saliency", 0),
    ],
    "give one array for each": [
        lambda: explain(two_inputs(), X, "lrp", 0),
        lambda: explain(two_inputs(), [X, X], "lrp", 0),
    ],
    "in a dictionary with these names, not {}": [
        lambda: explain(two_inputs(), {"left": X, "up": X}, "lrp", 0),
        lambda: explain(two_inputs(), {"left": X, "right": X}, "lrp", 0),
    ],
    "give the class as text, {}": [
        lambda: methods.kernel_shap(numbered(), LARGE[:1], 1, baselines=LARGE[1:5]),
        lambda: methods.kernel_shap(numbered(), LARGE[:1], "1", baselines=LARGE[1:5]),
    ],
    "give outputs='logits' or 'values'": [
        lambda: Classifier(net(), outputs="probability").predict(50 * X),
        lambda: Classifier(net(), outputs="logits").predict(X),
        lambda: wrap(net(), outputs="values").predict(X),
    ],
    "give a file name, an address, bytes, an array or a Pillow image": [
        lambda: load_image(3),
        lambda: load_image(np.zeros((4, 4, 3), "uint8")),
    ],
    "replace them first, for instance by np.nan_to_num": [
        lambda: load_image(np.full((4, 4, 3), np.nan)),
        lambda: load_image(np.nan_to_num(np.full((4, 4, 3), np.nan))),
    ],
    "divide by its white value to have 0..1, or pass uint8": [
        lambda: load_image(np.full((4, 4, 3), 7.5)),
        lambda: load_image(np.full((4, 4, 3), 7.5) / 7.5),
        lambda: load_image(np.full((4, 4, 3), 7.5).astype("uint8")),
    ],
    "choose among {}": [
        lambda: methods.compare_methods(digits(), THREE, ["saliency"], scores=[]),
        lambda: methods.compare_methods(digits(), THREE, ["saliency"], scores=["deletion"], steps=2),
    ],
    "it takes {}: leave out size and pad": [
        lambda: activation_maximization(fixed(), 0, steps=1, size=20, transformations=()),
        lambda: activation_maximization(fixed(), 0, steps=1, transformations=()),
    ],
}


def two_inputs():
    """Return a network of two pictures."""
    keras.utils.set_random_seed(4)
    starts = [keras.Input((8, 8, 3), name=name) for name in ("left", "right")]
    maps = layers.Conv2D(4, 3, activation="relu", name="conv")(layers.Concatenate()(starts))
    return keras.Model(starts, layers.Dense(2)(layers.GlobalAveragePooling2D()(maps)))


def normalised_ranged():
    """Return a network with a layer of negative values, and one with a rectifier."""
    keras.utils.set_random_seed(5)
    parts = [keras.Input((8, 8, 3)), layers.Conv2D(6, 3, name="conv"), layers.ReLU(name="re_lu")]
    return Classifier(keras.Sequential([*parts, layers.GlobalAveragePooling2D(), layers.Dense(2)]), **RANGED)


def fixed():
    """Return a network of pictures of one size alone."""
    parts = [keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(2)]
    return Classifier(keras.Sequential(parts), **RANGED)


def shared_head():
    """Return a network in which a branch leads to nothing."""
    start = keras.Input((8, 8, 3))
    maps, other = (layers.Conv2D(4, 3, name=name)(start) for name in ("conv", "other"))
    both = keras.Model(start, [maps, other])(start)
    return keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling2D()(both[0])))


def nested():
    """Return a network of two nested ones, whose layers have the same name."""
    keras.utils.set_random_seed(6)
    parts = [
        keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 3, padding="same", name="conv")], name=name)
        for name in ("left", "right")
    ]
    start = keras.Input((8, 8, 3))
    maps = layers.Add()([part(start) for part in parts])
    return keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling2D()(maps)))


class Own(keras.layers.Layer):
    """A layer of one's own, of which the rules know nothing."""

    def call(self, inputs):
        """Square."""
        return inputs**2


def own_layer():
    """Return a network with such a layer."""
    return net(Own(), layers.Dense(3))


def atlas(**options):
    """Make an atlas of six pictures."""
    given = {"layer": "conv2", "grid": 1, "least": 1, "steps": 1, "size": 8} | options
    return methods.activation_atlas(digits(), digits_split("test")[0][:6], **given)


LARGE = np.random.default_rng(2).random((2**18 + 1, 4))
DATA = (lambda given: np.asarray(given)[:, :2], LARGE[:1])


@cache
def with_large_data():
    """Return an explanation whose data set is too large for a recipe."""
    return methods.lime_tabular(*DATA, 0, training=LARGE, samples=10, discretise=False)


def numbered():
    """Return a classifier whose classes are the numbers 1 and 2."""
    return types.SimpleNamespace(predict_proba=lambda rows: rows[:, :2], classes_=[1, 2])


ENTRIES |= MODEL_ENTRIES | FILE_ENTRIES | WORD_ENTRIES


def plain(text):
    """Return the parts of a message between what is filled in."""
    return [re.escape(part) for part in text.split("{}")]


@pytest.mark.parametrize("end", ENTRIES)
def test_advice_that_is_followed_gives_an_answer(end):
    provoke, *ways = ENTRIES[end]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((ValueError, TypeError), match=".*".join(plain(end))):
            provoke()
        assert ways
        for follow in ways:
            assert follow() is not None


# No advice without an entry

UNTRIED = {
    "which the file of the result does not hold; give {}=": "followed in tests/results/test_example_batch.py",
    "with upsample=False for one value per token: {}; or layer={}": "followed in tests/models/graph/test_map_layers.py",
    "Name one that leads to what is explained: {}": "followed in tests/models/graph/test_map_layers.py",
    "does not say where {} is; save it as {}": "followed in tests/models/zoo/test_applications.py",
    "often never ends: write it without the inner or the outer one": "followed in tests/methods/core/test_limits.py",
    "tell its SHA-256, and give it once: {}": "followed in tests/models/zoo/test_applications.py",
    "number that it does not: baseline=1": "followed in tests/methods/attribution/test_masked_tokens.py",
    "install the package again": "a damaged package",
}


def has_entry(text, listed):
    """Tell whether a message ends as one of the list does."""
    return any(text.endswith(end) for end in listed)


def test_every_piece_of_advice_has_an_entry():
    missing = [f"{where}: {text}" for text, where in advice().items() if not has_entry(text, [*ENTRIES, *UNTRIED])]
    assert missing == []


def test_every_entry_is_advice_that_is_given():
    given = list(advice())
    assert [end for end in [*ENTRIES, *UNTRIED] if not any(text.endswith(end) for text in given)] == []
    assert not set(ENTRIES) & set(UNTRIED)
