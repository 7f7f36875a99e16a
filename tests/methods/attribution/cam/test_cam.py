"""Class activation maps: closed forms, a slow second implementation, every shape of graph, any scalar."""

import gc
import weakref

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import slow, slow_cam
from tests.models import graphs, nets
from xai_widgets import backend
from xai_widgets.methods import (
    cam,
    eigen_cam,
    explain,
    grad_cam,
    grad_cam_plus_plus,
    hires_cam,
    layer_cam,
    score_cam,
)
from xai_widgets.methods.attribution.cam.variants import FORMULAS
from xai_widgets.methods.core.upsampling import upsample
from xai_widgets.models.graph.computation_steps import NoGraphError, read_program
from xai_widgets.models.graph.map_layers import default_layer
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.kinds.network import Network

pytestmark = pytest.mark.backend

SIZE, MAPS, HIDDEN, CLASSES = 6, 4, 5, 3
METHODS = (grad_cam, grad_cam_plus_plus, layer_cam, hires_cam, eigen_cam)


class Halves:
    """A network of two halves, the second of them also in NumPy: a rectified 1x1 convolution, then dense."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        start = keras.Input((SIZE, SIZE, 2))
        kernel = keras.initializers.RandomNormal(0, 0.5, seed=seed)
        maps = layers.Conv2D(MAPS, 3, activation="elu", kernel_initializer=kernel, name="maps")(start)
        self.features = keras.Model(start, maps, name="features")
        between = keras.Input(maps.shape[1:])
        hidden = layers.Conv2D(HIDDEN, 1, activation="relu", name="hidden")(between)
        scores = layers.Dense(CLASSES, activation="softmax", name="scores")(layers.Flatten()(hidden))
        head = keras.Model(between, scores, name="head")
        self.numbers = [rng.normal(0, 0.5, weight.shape).astype("float32") for weight in head.weights]
        head.set_weights(self.numbers)
        self.model = keras.Model(start, head(self.features(start)))
        self.x = rng.normal(0, 1, (2, SIZE, SIZE, 2)).astype("float32")

    def logits(self, activations):
        kernel, bias, dense, shift = (number.astype("float64") for number in self.numbers)
        hidden = np.maximum(activations @ kernel[0, 0] + bias, 0)
        return hidden.reshape(-1) @ dense + shift

    def score(self, activations, index, output):
        logits = self.logits(activations)
        return (nets.softmax(logits) if output == "probability" else logits)[index]

    def maps_and_gradients(self, index, output="logit"):
        """Yield activations and gradients of each example."""
        for maps in backend.to_numpy(self.features(self.x)).astype("float64"):
            yield maps, slow.gradient(lambda a: self.score(a, index, output), maps)


@pytest.fixture(scope="module")
def halves():
    return Halves()


# A second, slow implementation


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("output", ["logit", "probability"])
@pytest.mark.parametrize("relu", [True, False])
def test_a_slow_second_implementation(halves, method, output, relu):
    found = method(halves.model, halves.x, 1, layer="features/maps", relu=relu, upsample=False, output=output)
    expected = [getattr(slow_cam, method.__name__)(*pair) for pair in halves.maps_and_gradients(1, output)]
    expected = np.maximum(expected, 0) if relu else expected
    np.testing.assert_allclose(found.values, expected, rtol=2e-3, atol=2e-4 * np.abs(expected).max())
    scores = [halves.score(maps, 1, output) for maps, _ in halves.maps_and_gradients(1)]
    np.testing.assert_allclose(found.score, scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("formula", FORMULAS)
def test_both_formulas_of_grad_cam_plus_plus(halves, formula):
    found = grad_cam_plus_plus(halves.model, halves.x, 0, layer="maps", formula=formula, relu=False, upsample=False)
    expected = [slow_cam.grad_cam_plus_plus(*pair, formula=formula) for pair in halves.maps_and_gradients(0)]
    np.testing.assert_allclose(found.values, expected, rtol=2e-3, atol=1e-3 * np.abs(expected).max())
    assert found.recipe.options["formula"] == formula


@pytest.mark.parametrize("method", METHODS[:4])
def test_the_negative_map_is_that_of_the_reversed_gradient(halves, method):
    found = method(halves.model, halves.x, 2, layer="maps", negative=True, upsample=False)
    expected = [
        np.maximum(getattr(slow_cam, method.__name__)(maps, -gradients), 0)
        for maps, gradients in halves.maps_and_gradients(2)
    ]
    np.testing.assert_allclose(found.values, expected, rtol=2e-3, atol=1e-3 * np.max(expected))
    assert "negative=True" in str(found.recipe)
    assert "negative" not in str(method(halves.model, halves.x, 2, layer="maps").recipe)


@pytest.mark.parametrize("output", ["logit", "probability"])
def test_score_cam_in_plain_loops(halves, output):
    def score(picture):
        maps = backend.to_numpy(halves.features(picture[np.newaxis].astype("float32")))[0]
        return halves.score(maps.astype("float64"), 1, output)

    found = score_cam(halves.model, halves.x, 1, layer="maps", relu=False, upsample=False, output=output, batch_size=3)
    pairs = zip(halves.maps_and_gradients(1), halves.x, strict=True)
    expected = [slow_cam.score_cam(maps, score, picture) for (maps, _), picture in pairs]
    np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=1e-3)


def test_score_cam_of_the_maps_that_vary_most(halves):
    whole = score_cam(halves.model, halves.x, 1, layer="maps", relu=False)
    same = score_cam(halves.model, halves.x, 1, layer="maps", relu=False, channels=MAPS + 3)
    np.testing.assert_allclose(same.values, whole.values, rtol=1e-5)
    one = score_cam(halves.model, halves.x, 1, layer="maps", relu=False, channels=1, upsample=False)
    for values, (maps, _) in zip(one.values, halves.maps_and_gradients(1), strict=True):
        widest = maps.reshape(-1, MAPS).std(axis=0).argmax()
        np.testing.assert_allclose(values, maps[..., widest], rtol=1e-4, atol=1e-5)


# Closed forms


def pooled(ending="softmax", classes=CLASSES, pooling=None):
    start = keras.Input((8, 8, 3))
    maps = graphs.convolution(5, "maps")(start)
    seen = (pooling or layers.GlobalAveragePooling2D())(maps)
    return keras.Model(start, layers.Dense(classes, activation=ending, bias_initializer="ones")(seen))


def test_grad_cam_before_its_relu_is_cam_divided_by_the_places():
    model, x = pooled(), nets.inputs(3, shape=(8, 8, 3))
    for index in range(CLASSES):
        original = cam(model, x, index)
        gradient = grad_cam(model, x, index, relu=False)
        np.testing.assert_allclose(gradient.values, original.values / 64, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(hires_cam(model, x, index, relu=False).values, gradient.values, rtol=1e-3, atol=1e-5)


def test_the_mean_of_cam_and_the_bias_are_the_logit():
    model, x = pooled(), nets.inputs(3, shape=(8, 8, 3))
    found = cam(model, x, [2, 0, 1], upsample=False)
    np.testing.assert_allclose(found.values.mean(axis=(1, 2)) + 1, found.score, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.delta, 0, atol=1e-4)
    assert cam(model, x, 0, relu=True).delta is None
    np.testing.assert_allclose(cam(model, x, 0, negative=True).values, -cam(model, x, 0).values)


def test_hires_cam_of_a_dense_layer_on_all_places_sums_to_the_score():
    start = keras.Input((8, 8, 3))
    scores = layers.Dense(3, bias_initializer="ones")(layers.Flatten()(graphs.convolution(4, "maps")(start)))
    found = hires_cam(keras.Model(start, scores), nets.inputs(2, shape=(8, 8, 3)), 1, relu=False, upsample=False)
    np.testing.assert_allclose(found.values.sum(axis=(1, 2)) + 1, found.score, rtol=1e-4, atol=1e-5)


ENDS = {
    "kept axes": lambda t: layers.Flatten()(layers.GlobalAveragePooling2D(keepdims=True)(t)),
    "window": lambda t: layers.Reshape((5,))(layers.AveragePooling2D(8)(t)),
    "ops.mean": lambda t: keras.ops.mean(t, axis=(1, 2)),
    "ops.mean, axes from the end": lambda t: keras.ops.mean(t, axis=[-2, -3]),
    "dropout": lambda t: layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(t)),
}


@pytest.mark.parametrize("name", ENDS)
def test_every_way_to_pool_globally(name):
    found = cam(pooled(pooling=ENDS[name]), nets.inputs(2, shape=(8, 8, 3)), 1)
    np.testing.assert_allclose(found.delta, 0, atol=1e-4)


def test_a_convolution_of_one_place_is_a_dense_layer():
    start = keras.Input((8, 8, 3))
    seen = layers.GlobalAveragePooling2D(keepdims=True)(graphs.convolution(5, "maps")(start))
    scores = layers.Conv2D(CLASSES, 1, bias_initializer="ones")(seen)
    model = keras.Model(start, layers.Softmax()(layers.Flatten()(scores)))
    np.testing.assert_allclose(cam(model, nets.inputs(2, shape=(8, 8, 3)), 1).delta, 0, atol=1e-4)


def test_cam_of_two_classes_on_one_output():
    two, x = Classifier(pooled("sigmoid", classes=1), ["no", "yes"]), nets.inputs(2, shape=(8, 8, 3))
    np.testing.assert_allclose(cam(two, x, "yes").delta, 0, atol=1e-4)
    np.testing.assert_allclose(cam(two, x, "no").delta, 0, atol=1e-4)
    np.testing.assert_allclose(cam(two, x, "no").values, -cam(two, x, "yes").values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        grad_cam(two, x, "yes", relu=False).values, cam(two, x, "yes").values / 64, rtol=1e-3, atol=1e-5
    )


NOT_POOLED = {
    "flattened": lambda t: layers.Dense(3)(layers.Flatten()(t)),
    "largest": lambda t: layers.Dense(3)(layers.GlobalMaxPooling2D()(t)),
    "two dense layers": lambda t: layers.Dense(3)(layers.Dense(4, "relu")(layers.GlobalAveragePooling2D()(t))),
    "small window": lambda t: layers.Dense(3)(layers.Flatten()(layers.AveragePooling2D(2)(t))),
    "no maps": lambda t: layers.Dense(3, "relu")(layers.GlobalAveragePooling2D()(t)),
}


@pytest.mark.parametrize("name", NOT_POOLED)
def test_cam_is_refused_elsewhere_and_says_what_to_use(name):
    start = keras.Input((8, 8, 3))
    model = keras.Model(start, NOT_POOLED[name](graphs.convolution(5)(start)))
    with pytest.raises(ValueError, match=r"ends in maps, global average pooling and one dense.*grad_cam works"):
        cam(model, nets.inputs(1, shape=(8, 8, 3)), 0)


def test_a_callable_has_no_weights():
    with pytest.raises(ValueError, match=r"cam explains a class.*grad_cam takes a callable"):
        cam(pooled(), nets.inputs(1, shape=(8, 8, 3)), lambda outputs: outputs[:, 0])


# Any graph


@pytest.mark.parametrize("name", [name for name in graphs.GRAPHS if name != "masked"])
def test_any_layer_of_any_graph(name):
    """The head's gradient by finite differences: the layer's bias moves all places of a map at once."""
    model, path = graphs.made(name)
    x = graphs.unstacked(model)

    def target(outputs):
        return sum(keras.ops.sum(keras.ops.reshape(one, (3, -1)) ** 2, axis=-1) for one in keras.tree.flatten(outputs))

    found = grad_cam(model, x, target, layer=path, relu=False)
    assert found.values.shape == (3, 8, 8)
    assert np.abs(found.values).max() > 0
    again = grad_cam(model, x, target, layer=path, relu=False, batch_size=3, output="probability")
    assert again.values.shape == (3, 8, 8)


def test_the_predicted_class_and_the_class_itself_have_one_map():
    model, x = graphs.made("residual")[0], nets.inputs(5, shape=(8, 8, 3), seed=3) * 4 - 2
    for method in METHODS:
        predicted = method(model, x, layer="target")
        classes = Classifier(model).logits(x).argmax(axis=-1)
        given_classes = method(model, x, classes, layer="target")
        np.testing.assert_allclose(predicted.values, given_classes.values, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(predicted.score, given_classes.score, rtol=1e-4)
        assert predicted.recipe.target == tuple(f"class {index}" for index in classes)


def test_a_word_of_a_caption_and_the_class_beside_it():
    model, path = graphs.made("two outputs")
    x = graphs.unstacked(model)

    def word(outputs):
        return outputs["words"][:, 2, 5]

    found = grad_cam(model, x, word, layer=path, relu=False, upsample=False)
    assert found.recipe.target == ("word",) * 3
    kind = grad_cam(model, x, lambda outputs: outputs["kind"][:, 0], layer=path, relu=False, upsample=False)
    assert not np.allclose(found.values, kind.values)
    right = backend.to_numpy(model(x))["words"][:, 2, 5]
    as_probability = grad_cam(model, x, word, layer=path, output="probability")
    np.testing.assert_allclose(as_probability.score, right, rtol=1e-4)
    with pytest.raises(ValueError, match=r"more than one row of class scores.*give a callable"):
        grad_cam(model, x, 0, layer=path)
    with pytest.raises(ValueError, match=r"more than one row of class scores.*give a callable"):
        grad_cam(model, x, layer=path)


def test_an_answer_about_a_picture():
    """Two inputs by name: the map lies on the picture."""
    model, path = graphs.made("two inputs")
    x = graphs.example(model)
    found = grad_cam(model, x, lambda outputs: outputs[:, 1], layer=path)
    assert found.values.shape == (3, 8, 8)
    assert found.pictures.shape == (3, 8, 8, 3)
    named = Network(model, name="answers", value_range=(0, 1))
    assert grad_cam(named, x, lambda outputs: outputs[:, 1]).recipe.model == "answers"


def test_a_map_of_the_left_or_the_right_picture():
    model, _ = graphs.made("shared model")
    x = graphs.example(model)
    left, right = (
        grad_cam(model, x, lambda outputs: outputs[:, 0], layer=f"tower/target#{call}", relu=False) for call in (0, 1)
    )
    assert not np.allclose(left.values, right.values)
    swapped = grad_cam(model, x[::-1], lambda outputs: -outputs[:, 0], layer="tower/target#1", relu=False)
    assert not np.allclose(swapped.pictures, right.pictures)
    np.testing.assert_allclose(swapped.pictures, left.pictures, rtol=1e-6)


def test_sequences_have_maps_along_time():
    start = keras.Input((12, 3))
    t = layers.Conv1D(4, 3, activation="relu", strides=2, name="maps")(start)
    model = keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling1D()(t)))
    found = grad_cam(model, np.random.default_rng(0).normal(size=(3, 12, 3)), 1, layer="maps")
    assert found.values.shape == (3, 12)
    assert grad_cam(model, np.ones((12, 3)), 1, layer="maps", upsample=False).values.shape == (1, 5)


# The default layer


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("plain", "target"),
        ("sequential", "target"),
        ("residual", "last"),
        ("nested", "after"),
        ("two inputs", "target"),
        ("two outputs", "target"),
        ("nested of two outputs", "multiply"),
        ("shared model", "subtract"),
    ],
)
def test_the_default_layer(name, path):
    model, _ = graphs.made(name)
    assert default_layer(read_program(model)).rstrip("_0123456789") == path


def test_the_default_layer_is_before_the_pooling_and_after_the_activation():
    start = keras.Input((16, 16, 3))
    t = layers.Conv2D(4, 3, name="conv")(start)
    t = layers.Activation("relu", name="activation")(layers.BatchNormalization()(t))
    t = layers.Dropout(0.2)(layers.MaxPooling2D()(t))
    t = layers.Conv2D(4, 1, name="late")(layers.GlobalAveragePooling2D(keepdims=True)(t))
    model = keras.Model(start, layers.Dense(2)(layers.Flatten()(t)))
    assert default_layer(read_program(model)) == "activation"


def test_without_convolutions_a_layer_must_be_named():
    model = nets.network(nets.Numbers.drawn())
    with pytest.raises(ValueError, match="no convolution leads to the outputs"):
        grad_cam(model, nets.inputs(1), 0)


# Properties


@given(count=st.integers(1, 5), size=st.integers(1, 7), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_neither_company_nor_batches_change_a_map(halves, count, size, seed):
    x = np.random.default_rng(seed).normal(0, 1, (count, SIZE, SIZE, 2)).astype("float32")
    for method in (*METHODS, score_cam):
        together = method(halves.model, x, 1, layer="maps", relu=False).values
        scale = np.abs(together).max()
        cut = method(halves.model, x, 1, layer="maps", relu=False, batch_size=size).values
        np.testing.assert_allclose(cut, together, rtol=1e-3, atol=1e-4 * scale)
        single = [method(halves.model, one, 1, layer="maps", relu=False).values[0] for one in x]
        np.testing.assert_allclose(single, together, rtol=1e-3, atol=1e-4 * scale)


@given(small=st.tuples(st.integers(1, 5), st.integers(1, 5)), large=st.tuples(st.integers(1, 12), st.integers(1, 12)))
@settings(max_examples=30)
def test_upsampling_pixel_by_pixel(small, large):
    maps = np.random.default_rng(0).normal(size=(2, *small))
    expected = [slow_cam.bilinear(one, large) for one in maps]
    np.testing.assert_allclose(upsample(maps, large), expected, rtol=1e-4, atol=1e-5)


def test_upsampling_is_that_of_keras():
    maps = np.random.default_rng(0).normal(size=(2, 4, 5)).astype("float32")
    expected = backend.to_numpy(keras.ops.image.resize(maps[..., np.newaxis], (9, 20), "bilinear"))[..., 0]
    np.testing.assert_allclose(upsample(maps, (9, 20)), expected, rtol=1e-4, atol=1e-5)


def test_a_map_is_enlarged_after_the_relu(halves):
    coarse = grad_cam(halves.model, halves.x, 1, layer="maps", upsample=False).values
    np.testing.assert_allclose(
        grad_cam(halves.model, halves.x, 1, layer="maps").values, upsample(coarse, (SIZE, SIZE)), rtol=1e-5
    )


def test_the_users_model_is_left_as_it_was(halves):
    layers_before = {id(layer): len(layer._inbound_nodes) for layer in halves.model.layers}
    weights, answers = halves.model.get_weights(), backend.to_numpy(halves.model(halves.x))
    for method in (*METHODS, score_cam):
        method(halves.model, halves.x, layer="maps")
    assert {id(layer): len(layer._inbound_nodes) for layer in halves.model.layers} == layers_before
    np.testing.assert_array_equal(backend.to_numpy(halves.model(halves.x)), answers)
    assert all(map(np.array_equal, halves.model.get_weights(), weights))


def test_training_goes_on_to_count():
    fresh = Halves(seed=4)
    before = grad_cam(fresh.model, fresh.x, 1, layer="maps", relu=False).values
    fresh.model.set_weights([2 * weight for weight in fresh.model.get_weights()])
    assert not np.allclose(grad_cam(fresh.model, fresh.x, 1, layer="maps", relu=False).values, before)


def test_a_model_that_is_dropped_is_freed():
    model, x = pooled(), nets.inputs(1, shape=(8, 8, 3))
    kept = [grad_cam(model, x), cam(model, x), score_cam(model, x, lambda outputs: outputs[:, 0])]
    alive = weakref.ref(model)
    del model
    for _ in range(3):
        gc.collect()
    assert alive() is None
    assert len(kept) == 3


def test_progress_counts_and_may_stop(halves):
    seen = []
    x = np.concatenate([halves.x] * 3)
    grad_cam(halves.model, x, 1, batch_size=4, progress=lambda *now: seen.append(now))
    assert seen == [(4, 6), (6, 6)]
    seen.clear()
    score_cam(halves.model, x, 1, layer="maps", batch_size=10, progress=lambda *now: seen.append(now))
    assert seen == [(10, 24), (20, 24), (24, 24)]

    class Enough(Exception):  # noqa: N818
        pass

    def stop(done, total):
        raise Enough

    with pytest.raises(Enough):
        grad_cam(halves.model, x, 1, progress=stop)


def test_explain_passes_the_options(halves):
    named = Classifier(halves.model, ["cat", "dog", "cow"])
    found = explain(named, halves.x, "Grad-CAM", target="dog", layer="features/maps")
    np.testing.assert_array_equal(found.values, grad_cam(named, halves.x, 1, layer="maps").values)
    assert str(found.recipe).startswith("grad_cam · ")
    assert found.recipe.options["layer"] == "features/maps"


def test_what_makes_no_sense_is_refused(halves):
    x = halves.x
    with pytest.raises(ValueError, match="unknown layer 'features/mops'; did you mean features/maps"):
        grad_cam(halves.model, x, 0, layer="features/mops")
    with pytest.raises(ValueError, match=r"the layer 'head/scores' gives \(3,\) for one example, no map"):
        grad_cam(halves.model, x, 0, layer="scores")
    with pytest.raises(ValueError, match="output must be one of"):
        grad_cam(halves.model, x, 0, output="loss")
    with pytest.raises(ValueError, match="formula must be one of 'paper', 'normalised', not 'mean'"):
        grad_cam_plus_plus(halves.model, x, 0, formula="mean")
    with pytest.raises(ValueError, match="channels must be a whole number of at least 1"):
        score_cam(halves.model, x, 0, channels=0)
    with pytest.raises(ValueError, match="3 targets were given for 2 images"):
        grad_cam(halves.model, x, [0, 1, 2])
    with pytest.raises(NoGraphError, match=r"Subclassed.*functional API"):
        grad_cam(nets.Subclassed(nets.Numbers.drawn()), nets.inputs(1), 0)
    model, _ = graphs.made("two inputs")
    with pytest.raises(ValueError, match="score_cam masks the one picture"):
        score_cam(model, graphs.example(model), lambda outputs: outputs[:, 0])
    with pytest.raises(ValueError, match=r"takes 2 inputs, '\w+', '\w+'; give one array for each"):
        grad_cam(model, np.ones((1, 8, 8, 3)), lambda outputs: outputs[:, 0])


@pytest.mark.parametrize("last", ["dense", "convolution", "sigmoid"])
def test_cam_of_a_quantised_layer_reads_its_weights_in_float(last):
    keras.utils.set_random_seed(0)
    stack = [layers.Conv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D(keepdims=last == "convolution")]
    ends = {"dense": [layers.Dense(3, "softmax")], "sigmoid": [layers.Dense(1, "sigmoid")]}
    ends["convolution"] = [layers.Conv2D(3, 1), layers.Flatten(), layers.Softmax()]
    net = keras.Sequential([keras.Input((12, 12, 3)), *stack, *ends[last]])
    x = np.random.default_rng(0).random((2, 12, 12, 3)).astype("float32")
    plain = cam(net, x, 0, upsample=False)
    if last != "convolution":  # Keras quantises no convolutions
        for layer in net.layers:
            if isinstance(layer, layers.Dense):
                layer.quantize("int8")
    found = cam(net, x, 0, upsample=False)
    scale = np.abs(plain.values).max()
    np.testing.assert_allclose(found.values, plain.values, atol=0.02 * scale)
    np.testing.assert_allclose(found.delta, 0, atol=0.02 * scale)
    np.testing.assert_allclose(
        found.values, grad_cam(net, x, 0, relu=False, upsample=False).values * 100, atol=0.02 * scale
    )


@pytest.mark.parametrize(
    ("shape", "kind", "pool"),
    [
        ((12, 3), layers.Conv1D, layers.GlobalAveragePooling1D),
        ((6, 7, 8, 2), layers.Conv3D, layers.GlobalAveragePooling3D),
    ],
)
def test_cam_of_sequences_and_volumes_adds_up_to_the_logit(shape, kind, pool):
    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.Input(shape), kind(4, 3, activation="relu"), pool(), layers.Dense(2)])
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    found = cam(net, x, 1, upsample=False)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)
    same = grad_cam(net, x, 1, relu=False, upsample=False)
    np.testing.assert_allclose(found.values, same.values * np.prod(found.values.shape[1:]), rtol=1e-4, atol=1e-5)
    for method in (score_cam, eigen_cam, layer_cam, hires_cam, grad_cam_plus_plus):
        assert method(net, x, 1).heatmap().shape == (2, *shape[:-1])


def test_explain_takes_a_class_activation_map_of_a_sequence():
    stack = [layers.Conv1D(4, 3, activation="relu"), layers.GlobalAveragePooling1D(), layers.Dense(2)]
    net = keras.Sequential([keras.Input((12, 3)), *stack])
    assert explain(net, np.ones((12, 3)), "grad_cam", 0).heatmap().shape == (1, 12)
