"""What is looked at when a model is wrapped or first used."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import backend
from xai_widgets.methods import (
    deconvolution,
    deep_lift,
    grad_cam,
    guided_backprop,
    integrated_gradients,
    kernel_shap,
    lime_image,
    lrp,
    occlusion,
    rise,
    saliency,
)
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.kinds.wrapping import wrap

pytestmark = pytest.mark.backend

SHAPE = (12, 12, 3)
X = np.random.default_rng(0).random((2, *SHAPE)).astype("float32")


def net(*, policy=None, shape=SHAPE, data_format="channels_last", bias=0.0):
    keras.utils.set_random_seed(0)
    options = {"dtype": policy} if policy else {}
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, activation="relu", data_format=data_format, name="conv", **options),
            layers.GlobalAveragePooling2D(data_format=data_format, **options),
            layers.Dense(3, "softmax", bias_initializer=keras.initializers.Constant(bias), **options),
        ]
    )


# Channels first


def test_channels_first_is_refused_and_the_advice_works():
    model = net(shape=(3, 12, 14), data_format="channels_first")
    for ask in (Classifier, wrap, lambda m: saliency(m, np.zeros((1, 3, 12, 14)))):
        with pytest.raises(ValueError, match=r"channels first \(the layer 'conv' .*Build it again with data_format"):
            ask(model)
    again = net(shape=(12, 14, 3))
    again.set_weights(model.get_weights())
    assert grad_cam(again, np.zeros((1, 12, 14, 3)), 0).values.shape == (1, 12, 14)


@pytest.mark.parametrize("shape", [(1, 20, 24), (3, 20, 24)])
def test_an_input_that_is_transposed_first_is_refused(shape):
    start = keras.Input(shape)
    for moved in (layers.Permute((2, 3, 1))(start), keras.ops.transpose(start, (0, 2, 3, 1))):
        model = keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(moved))))
        with pytest.raises(ValueError, match="transposed by its first layer"):
            wrap(model)


def test_keras_own_setting_is_looked_at(monkeypatch):
    start = keras.Input((3, 20, 24))
    model = keras.Model(start, layers.Dense(2)(layers.Flatten()(start)))
    with pytest.warns(UserWarning, match="if its first axis holds channels"):
        wrap(model)
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    with pytest.raises(ValueError, match="Keras is set to 'channels_first'"):
        wrap(model)


@pytest.mark.parametrize("shape", [(3, 20, 24), (1, 20, 1), (20, 24, 3), (3, 3, 3)])
def test_low_pictures_with_channels_last_are_welcome(shape):
    start = keras.Input(shape)
    model = keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling2D()(layers.Conv2D(2, 1)(start))))
    assert saliency(model, np.ones(shape), 0).values.shape == (1, *shape)


# Precision


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64", "float16"])
def test_explanations_run_in_float32_whatever_the_policy(policy):
    if policy == "float64" and backend.name() == "jax":
        pytest.skip("JAX computes in float64 only where it is told to")
    half, full = net(policy=policy), net()
    full.set_weights([one.astype("float32") for one in half.get_weights()])
    for method in (saliency, guided_backprop, deconvolution, lrp, grad_cam, occlusion):
        found, expected = method(half, X, 1), method(full, X, 1)
        assert found.values.dtype == np.float32
        np.testing.assert_allclose(found.values, expected.values, rtol=1e-4, atol=1e-7)
    found = integrated_gradients(half, X, 1, baseline=0)
    assert np.abs(found.delta).max() < 1e-4
    found = deep_lift(half, X, 1, baseline=0)
    assert np.abs(found.delta).max() < 1e-4
    assert half.layers[0].compute_dtype == keras.dtype_policies.get(policy).compute_dtype


def test_a_model_without_a_graph_in_half_precision_is_warned_of():
    class Own(keras.Model):
        def __init__(self):
            super().__init__(dtype="mixed_bfloat16")
            self.inner = net(policy="mixed_bfloat16")

        def call(self, x):
            return 1 * self.inner(x)

    model = Own()
    model(X)
    with pytest.warns(UserWarning, match="has no graph that could be run in float32"):
        Classifier(model, input_shape=SHAPE)


# Scores that are not finite


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
@pytest.mark.parametrize(
    "method",
    [
        lambda c: c.predict(X),
        lambda c: saliency(c, X, 1),
        lambda c: grad_cam(c, X, 1),
        lambda c: lrp(c, X, 1),
        lambda c: occlusion(c, X, 1),
        lambda c: rise(c, X, 1, samples=4),
        lambda c: kernel_shap(c, X, 1, samples=20),
        lambda c: lime_image(c, X, 1, samples=20),
        lambda c: integrated_gradients(c, X, 1, baseline=0),
    ],
    ids=["predict", "saliency", "grad_cam", "lrp", "occlusion", "rise", "kernel_shap", "lime", "integrated_gradients"],
)
def test_scores_that_are_not_finite_are_refused(value, method):
    """Also where a ReLU makes 0 of NaN, as it does on some processors."""
    model = net()
    model.layers[0].kernel.assign(np.full((3, 3, 3, 4), abs(value)))
    with pytest.raises(ValueError, match="NaN or infinite: nothing can be explained"):
        method(Classifier(model, value_range=(0, 1)))


# State


def stateful():
    layer = layers.SimpleRNN(3, stateful=True)
    return keras.Sequential([keras.Input(batch_shape=(1, 5, 2)), layer, layers.Dense(2, "softmax")])


class Counting(layers.Layer):
    def build(self, shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

    def call(self, x):
        self.count.assign_add(1.0)
        return x


def test_a_state_that_inference_changes_is_refused_and_put_back():
    model = keras.Sequential([keras.Input((4,)), Counting(), layers.Dense(2, "softmax")])
    with pytest.raises(ValueError, match=r"changes its state at inference .*count"):
        saliency(model, np.ones((1, 4)), 0)
    assert float(backend.to_numpy(model.layers[0].count)) == 0


def test_a_stateful_model_is_refused_and_the_advice_works():
    model = stateful()
    with pytest.raises(ValueError, match="stateful=False"):
        saliency(model, np.ones((1, 5, 2)), 0)
    again = keras.Sequential([keras.Input((5, 2)), layers.SimpleRNN(3), layers.Dense(2, "softmax")])
    again.set_weights(model.get_weights())
    assert saliency(again, np.ones((3, 5, 2)), 0).values.shape == (3, 5, 2)


def test_a_model_of_a_fixed_batch_takes_any_number():
    keras.utils.set_random_seed(0)
    fixed = keras.Sequential([keras.Input(batch_shape=(4, 6)), layers.Dense(3, "relu"), layers.Dense(2, "softmax")])
    free = keras.Sequential([keras.Input((6,)), layers.Dense(3, "relu"), layers.Dense(2, "softmax")])
    free.set_weights(fixed.get_weights())
    x = np.random.default_rng(0).random((7, 6)).astype("float32")
    for method in (saliency, lrp):
        np.testing.assert_allclose(method(fixed, x, 1).values, method(free, x, 1).values, atol=1e-6)
    np.testing.assert_allclose(Classifier(fixed).predict(x).probabilities, Classifier(free).predict(x).probabilities)


# Models of other libraries on top of Keras


class Halved(layers.Layer):
    """A preprocessor as those of keras-hub."""

    image_size = SHAPE[:2]

    def call(self, pixels):
        return pixels / 127.5 - 1


class Task(keras.Model):
    """A graph, a ``__call__`` of its own, and a preprocessor."""

    def __init__(self, preprocessor=None, shape=SHAPE):
        trunk = net(shape=shape)
        super().__init__(trunk.inputs, trunk.outputs)
        self.preprocessor = preprocessor

    def __call__(self, *args, **kwargs):
        return super().__call__(*args, **kwargs)


def test_a_graph_behind_a_call_of_its_own_is_found():
    model = Task()
    assert grad_cam(model, X, 1).values.shape == X.shape[:3]
    np.testing.assert_allclose(lrp(model, X, 1).score, saliency(model, X, 1).score, rtol=1e-5)


@pytest.mark.parametrize("shape", [SHAPE, (None, None, 3)])
def test_a_preprocessor_of_the_model_is_used(shape):
    model = Task(Halved(), shape)
    classifier = Classifier(model)
    picture = np.random.default_rng(0).integers(0, 256, SHAPE, dtype="uint8")
    expected = backend.to_numpy(model(picture[np.newaxis].astype("float32") / 127.5 - 1))
    np.testing.assert_allclose(classifier.predict(picture).probabilities, expected, rtol=1e-4)
    assert classifier.value_range == (-1, 1)
    assert Classifier(model, preprocess=lambda p: p).value_range == (0, 255)


class Resized(layers.Layer):
    """A preprocessor as those of keras-hub: it resizes in its own way."""

    image_size = SHAPE[:2]

    def call(self, pixels):
        return keras.ops.image.resize(pixels, self.image_size, interpolation="nearest") / 255


@pytest.mark.parametrize("size", [(19, 40), (64, 64), SHAPE[:2]])
def test_a_preprocessor_that_resizes_gets_pictures_of_their_own_size(size):
    model = Task(Resized())
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype="uint8")
    given = Resized()(picture[np.newaxis].astype("float32"))
    np.testing.assert_allclose(Classifier(model).preprocess(picture), backend.to_numpy(given), atol=1e-6)
    np.testing.assert_allclose(
        Classifier(model).predict(picture).probabilities, backend.to_numpy(model(given)), rtol=1e-4
    )


def test_a_preprocessor_that_cannot_be_used_is_refused():
    with pytest.raises(ValueError, match=r"preprocessor of .* cannot be used for pictures .*; give preprocess="):
        Classifier(Task(layers.Flatten()))
