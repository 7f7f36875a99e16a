"""Incremental inference answers what full passes answer."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import random_nets
from tests.models import nets
from xai_widgets.methods import occlusion
from xai_widgets.methods.attribution.perturbation.incremental.box_plan import make_box_plan
from xai_widgets.methods.attribution.perturbation.windows import Windows
from xai_widgets.models.graph.box_propagation import ChangedRegion, SlidingWindow, same_padding
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend


def pictures(model, count=1, seed=0):
    return np.random.default_rng(seed).normal(0, 1, (count, *model.input_shape[1:])).astype("float32")


def assert_same(model, x, target=1, **options):
    boxes = occlusion(model, x, target, incremental=True, **options)
    full = occlusion(model, x, target, incremental=False, **options)
    scale = max(1.0, float(np.abs(full.score).max()), float(np.abs(full.values).max()))
    # In float32, sums inside may be many times the score, and another size of picture adds them in another order.
    np.testing.assert_allclose(boxes.values, full.values, atol=1e-4 * scale)
    return boxes


# Not shrunk: a network takes a second to build and run.
@pytest.mark.slow
@settings(
    max_examples=random_nets.nets(40),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(model=random_nets.networks(), data=st.data())
def test_random_networks(model, data):
    height, width = model.input_shape[1:3]
    patch = data.draw(st.tuples(st.integers(1, min(5, height)), st.integers(1, min(5, width))))
    stride = tuple(data.draw(st.integers(1, size)) for size in patch)
    assert_same(model, pictures(model), patch=patch, stride=stride, baseline=0.3)


@pytest.mark.parametrize("kernel", [(3, 4), (4, 3), (2, 2)])
def test_averages_over_a_padding_that_is_larger_on_one_side(kernel):
    """Keras on PyTorch repeats the border there, elsewhere the padding is left out."""
    start = keras.Input((8, 12, 2))
    pooled = layers.AveragePooling2D(kernel, strides=1, padding="same")(layers.Conv2D(4, 3)(start))
    model = keras.Model(start, layers.Dense(3)(layers.GlobalMaxPooling2D()(pooled)))
    assert_same(random_nets.with_random_weights(model, 3), pictures(model), patch=(3, 3), stride=(3, 3), baseline=0.3)


@pytest.mark.parametrize(("kernel", "stride"), [((2, 2), 3), ((1, 2), 4), ((2, 3), 5)])
def test_averages_that_leave_pixels_between_them_out(kernel, stride):
    start = keras.Input((9, 12, 2))
    pooled = layers.AveragePooling2D(kernel, strides=stride, padding="same")(layers.Conv2D(4, 2)(start))
    model = keras.Model(start, layers.Dense(3)(layers.GlobalMaxPooling2D()(pooled)))
    assert_same(random_nets.with_random_weights(model, 3), pictures(model), patch=(3, 3), stride=(3, 3), baseline=0.3)


def vgg(size=64, free=False):
    start = keras.Input((None if free else size, None if free else size, 3))
    t = start
    for channels in (4, 8, 8):
        t = layers.Conv2D(channels, 3, padding="same", activation="relu")(t)
        t = layers.Conv2D(channels, 3, padding="same", activation="relu")(t)
        t = layers.MaxPooling2D()(t)
    t = layers.GlobalAveragePooling2D()(t) if free else layers.Dense(16, "relu")(layers.Flatten()(t))
    return random_nets.with_random_weights(keras.Model(start, layers.Dense(3, "softmax")(t)), 0)


def residual(size=48):
    start = keras.Input((size, size, 3))
    t = layers.ZeroPadding2D(1)(layers.Rescaling(0.5)(start))
    t = layers.MaxPooling2D(3, strides=2)(layers.Conv2D(4, 3, strides=2)(t))
    for channels, stride in ((8, 1), (8, 2)):
        way = layers.BatchNormalization()(layers.Conv2D(channels, 1, strides=stride)(t))
        t = layers.BatchNormalization()(layers.Conv2D(channels, 3, strides=stride, padding="same")(t))
        t = layers.Conv2D(channels, 3, padding="same")(layers.ReLU(6.0)(t))
        t = layers.Activation("relu")(layers.Add()([way, t]))
    return random_nets.with_random_weights(keras.Model(start, layers.Dense(3)(layers.GlobalAveragePooling2D()(t))), 1)


def inception(size=32):
    start = keras.Input((size, size, 3))
    t = layers.Conv2D(4, 3, activation="relu")(start)
    ways = [
        layers.Conv2D(4, 1)(t),
        layers.Conv2D(4, 5, padding="same")(layers.Conv2D(2, 1)(t)),
        layers.Conv2D(3, 1)(layers.AveragePooling2D(3, strides=1, padding="same")(t)),
        layers.MaxPooling2D(3, strides=1, padding="same")(t),
    ]
    t = layers.AveragePooling2D(2, padding="same")(layers.Concatenate()(ways))
    return random_nets.with_random_weights(keras.Model(start, layers.Dense(3)(layers.GlobalMaxPooling2D()(t))), 2)


def mobile(size=33):
    backbone = keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.SeparableConv2D(8, 3, strides=2, padding="same", activation="relu"),
        ],
        name="backbone",
    )
    head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(3, "softmax")])
    return random_nets.with_random_weights(keras.Sequential([keras.Input((size, size, 3)), backbone, head]), 3)


@pytest.mark.parametrize("make", [vgg, residual, inception, mobile])
@pytest.mark.parametrize("output", ["logit", "probability"])
def test_kinds_of_networks(make, output):
    model = make()
    found = assert_same(model, pictures(model, 2), [0, 2], output=output)
    assert found.recipe.options["incremental"] is True


@pytest.mark.parametrize("batch_size", [1, 5, 1000])
def test_chunks_do_not_matter(batch_size):
    model = vgg()
    assert_same(model, pictures(model), batch_size=batch_size)


def test_it_saves_work_and_says_so():
    model = vgg()
    windows = Windows.on((64, 64), 6, 6)
    assert make_box_plan(model, (64, 64, 3), windows).saving > 3
    assert occlusion(model, pictures(model), 0, patch=6, stride=6).recipe.options["incremental"] is True
    small = nets.network(nets.Numbers.drawn())  # dense: nothing to save
    assert occlusion(small, nets.inputs(1), 0).recipe.options["incremental"] is False


def test_groups_hold_every_window_once():
    plan = make_box_plan(vgg(), (64, 64, 3), Windows.on((64, 64), 8, 4))
    np.testing.assert_array_equal(np.sort(np.concatenate(plan.groups)), np.arange(len(plan.windows.first)))


def test_a_model_of_any_size():
    model, x = vgg(free=True), np.random.default_rng(0).normal(0, 1, (1, 40, 56, 3)).astype("float32")
    boxes = occlusion(model, x, 1, incremental=True)
    np.testing.assert_allclose(boxes.values, occlusion(model, x, 1, incremental=False).values, atol=2e-5)


def test_weights_are_read_anew():
    model = vgg()
    before = occlusion(model, pictures(model), 1, incremental=True).values
    model.layers[1].set_weights([2 * weight for weight in model.layers[1].get_weights()])
    after = assert_same(model, pictures(model))
    assert not np.allclose(before, after.values)


def test_one_output_for_two_classes():
    start = keras.Input((16, 16, 3))
    t = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(start))
    model = random_nets.with_random_weights(keras.Model(start, layers.Dense(1, "sigmoid")(t)), 0)
    for output in ("logit", "probability"):
        assert_same(Classifier(model, ["cat", "dog"]), pictures(model), "dog", output=output)


@pytest.mark.slow
def test_callables_fills_and_models_are_as_with_full_passes():
    model = residual()
    classifier = Classifier(model, preprocess=lambda pixels: pixels / 127.5 - 1)
    before = [weight.copy() for weight in model.get_weights()]
    for fill in ("blurred", "mean", "white"):
        assert_same(classifier, pictures(model), lambda outputs: outputs[:, 0] - outputs[:, 2], baseline=fill)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert len(model.layers[1]._inbound_nodes) == 1


def test_unknown_layers_are_run_as_they_are():
    @keras.saving.register_keras_serializable("tests")
    class Flip(layers.Layer):
        def call(self, x):
            return keras.ops.flip(x, axis=1)

    start = keras.Input((16, 16, 3))
    t = Flip()(layers.Conv2D(4, 3, activation=lambda x: x - keras.ops.mean(x, axis=(1, 2), keepdims=True))(start))
    model = keras.Model(start, layers.Dense(3)(layers.Flatten()(t)))
    assert_same(random_nets.with_random_weights(model, 0), pictures(model))


def test_what_cannot_be_run_incrementally():
    subclassed = nets.Subclassed(nets.Numbers.drawn())
    assert occlusion(subclassed, nets.inputs(1), 0).recipe.options["incremental"] is False
    for model, x in ((subclassed, nets.inputs(1)), (nets.linear(np.ones((3, 2))), np.ones((1, 3)))):
        with pytest.raises(ValueError, match="cannot be run incrementally"):
            occlusion(model, x, 0, incremental=True)


def test_progress_reaches_the_end():
    model, seen = vgg(), []
    occlusion(model, pictures(model, 2), 0, incremental=True, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2 * len(Windows.on((64, 64))),) * 2
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@settings(max_examples=200)
@given(st.data())
def test_reach_is_where_a_kernel_touches(data):
    """By counting: an output can change if any of the places that its kernel touches has changed."""
    size, kernel, stride, dilation = (data.draw(st.integers(1, most)) for most in (12, 5, 3, 3))
    same, start, length = data.draw(st.booleans()), data.draw(st.integers(0, 11)), data.draw(st.integers(1, 12))
    span = 1 + (kernel - 1) * dilation
    if not same and span > size:
        return
    before, made = same_padding(size, span, stride) if same else (0, (size - span) // stride + 1)
    start = min(start, size - 1)
    last = min(start + length - 1, size - 1)
    touched = [
        place
        for place in range(made)
        if any(start <= place * stride - before + step * dilation <= last for step in range(kernel))
    ]
    window = SlidingWindow((kernel, 1), (stride, 1), (dilation, 1), (before, 0), (made, 1))
    found = ChangedRegion(np.array([[start, 0]]), np.array([[last, 0]]), (size, 1)).through(window)
    if touched:
        assert found.first[0, 0] <= touched[0]
        assert touched[-1] <= found.last[0, 0]
        if dilation == 1:
            assert (found.first[0, 0], found.last[0, 0]) == (touched[0], touched[-1])
    box = found.boxes([0]).read_by(window)
    assert box.size[0] >= span
