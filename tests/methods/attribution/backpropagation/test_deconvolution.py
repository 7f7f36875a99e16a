"""Deconvolution and guided backpropagation: closed forms, every way to write a rectifier, and what is refused."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.methods import random_nets, rectifiers
from xai_widgets import backend
from xai_widgets.methods import explain, saliency
from xai_widgets.methods.attribution.backpropagation.deconvolution import deconvolution, guided_backprop
from xai_widgets.methods.attribution.backpropagation.rules.engine import UnsupportedLayerError
from xai_widgets.models.graph.computation_steps import NoGraphError
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

relu, ops = keras.ops.relu, keras.ops


def two_filters():
    """Count the eight units channel by channel: the maps' channels come first."""
    units = [layers.Conv2D(2, 3, activation="relu"), layers.Permute((3, 1, 2)), layers.Flatten()]
    model = keras.Sequential([keras.Input((4, 4, 1)), *units, layers.Dense(1, use_bias=False)])
    signs = np.array([1, 1, 1, 1, 1, -1, -1, -1])
    model.set_weights([np.ones((3, 3, 1, 2)), np.array([-50, -75]), signs[:, np.newaxis]])
    return model, np.arange(16, dtype="float32").reshape(1, 4, 4, 1)


def test_two_filters_of_ones():
    model, x = two_filters()
    guided = [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]]
    pattern = [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]]
    np.testing.assert_allclose(guided_backprop(model, x, 0).values[0, ..., 0], guided, atol=1e-5)
    np.testing.assert_allclose(deconvolution(model, x, 0).values[0, ..., 0], pattern, atol=1e-5)


def _function(made, size=4):
    start = keras.Input((size,))
    return keras.Model(start, made(start))


RECTIFIERS = rectifiers.RECTIFIERS | {
    "ops.maximum": lambda t: ops.maximum(t, 0.0),
    "ops.clip to 6": lambda t: ops.clip(t, 0.0, 6.0),
}
POINT = np.array([[5.0, 0.0, -5.0, 10.0]], "float32")


@pytest.mark.parametrize("name", RECTIFIERS)
def test_every_way_to_write_a_rectifier(name):
    def total(t):
        return ops.sum(t, axis=-1, keepdims=True)

    falling = _function(lambda t: total(-ops.square(RECTIFIERS[name](t))))
    rising = _function(lambda t: total(10 * RECTIFIERS[name](t)))
    weights, outputs = falling.get_weights(), backend.to_numpy(falling(POINT))
    last = 0 if "6" in name else 10
    np.testing.assert_allclose(guided_backprop(falling, POINT, 0).values, [[0, 0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(guided_backprop(rising, POINT, 0).values, [[10, 0, 0, last]], atol=1e-6)
    np.testing.assert_allclose(deconvolution(rising, POINT, 0).values, [[10, 10, 10, 10]], atol=1e-6)
    np.testing.assert_array_equal(backend.to_numpy(falling(POINT)), outputs)
    assert all(map(np.array_equal, falling.get_weights(), weights))


def test_training_goes_on_and_counts():
    model, x = two_filters()
    model.compile("sgd", "mse")
    before = guided_backprop(model, x, 0).values
    model.fit(x, np.ones((1, 1)), verbose=0)
    assert all(variable.trainable for variable in model.trainable_variables)
    assert not np.allclose(guided_backprop(model, x, 0).values, before)
    np.testing.assert_allclose(guided_backprop(model, x, 0).score, backend.to_numpy(model(x))[:, 0], rtol=1e-5)


def test_smooth_rectifiers_let_positive_signals_through_by_their_gradient():
    model = _function(lambda t: ops.sum(layers.Dense(3)(layers.Activation("gelu")(t)), axis=-1, keepdims=True))
    random_nets.with_random_weights(model, 4)
    weights = model.get_weights()[0].sum(axis=1)
    gradient = saliency(_function(lambda t: ops.sum(ops.gelu(t, approximate=False), axis=-1, keepdims=True)), POINT, 0)
    expected = gradient.values * np.maximum(weights, 0)
    np.testing.assert_allclose(guided_backprop(model, POINT, 0).values, expected, rtol=1e-4, atol=1e-5)


def test_several_inputs_get_an_attribution_each():
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    joined = layers.Dense(4, "relu")(layers.Concatenate()([left, right]))
    model = random_nets.with_random_weights(keras.Model([left, right], layers.Dense(2)(joined)), 1)
    x = [np.ones((2, 3), "float32"), np.ones((2, 2), "float32")]
    found = guided_backprop(model, x, lambda outputs: outputs[:, 0])
    both = np.concatenate([one.values for one in found], axis=1)
    single = keras.Sequential([keras.Input((5,)), layers.Dense(4, "relu"), layers.Dense(2)])
    single.set_weights(model.get_weights())
    np.testing.assert_allclose(both, guided_backprop(single, np.ones((2, 5)), 0).values, rtol=1e-5)


class Custom(layers.Layer):
    def call(self, x):
        return ops.relu(x)


def test_what_may_hide_a_rectifier_is_refused_by_name():
    model = keras.Sequential([keras.Input((4,), name="in"), Custom(name="mine"), layers.Dense(2, "relu")])
    for method in (guided_backprop, deconvolution):
        with pytest.raises(UnsupportedLayerError, match=r"has no rule for 'mine' \(Custom\)\. Write it with"):
            method(model, POINT, 0)
    hidden = keras.Sequential([keras.Input((4,)), layers.Dense(2, activation=lambda t: ops.relu(t) * 2, name="odd")])
    with pytest.raises(UnsupportedLayerError, match=r"'odd' \(Dense with activation '<lambda>'\)"):
        guided_backprop(hidden, POINT, 0)


def test_a_model_without_rectifiers_is_refused():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "tanh"), layers.Dense(2)], name="smooth")
    with pytest.raises(ValueError, match="'smooth' has none; use saliency"):
        guided_backprop(model, POINT, 0)


def test_a_subclassed_model_is_refused():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2, "relu")

        def call(self, x):
            return self.dense(x)

    with pytest.raises(NoGraphError, match="functional API"):
        guided_backprop(Classifier(Own(), input_shape=(4,)), POINT, 0)


def test_batches_names_and_explain():
    model = random_nets.with_random_weights(_function(lambda t: layers.Dense(3)(layers.Dense(5, "relu")(t))), 1)
    classifier = Classifier(model, ("ant", "bee", "cow"))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    together = guided_backprop(classifier, x, "bee").values
    np.testing.assert_allclose(guided_backprop(classifier, x, 1, batch_size=2).values, together, rtol=1e-5)
    np.testing.assert_array_equal(explain(classifier, x, "guided_backprop", "bee").values, together)
    softmax = guided_backprop(classifier, x, "bee", output="probability")
    assert softmax.recipe.options["output"] == "probability"
    np.testing.assert_allclose(softmax.score, classifier.predict(x).probabilities[:, 1], rtol=1e-5)
