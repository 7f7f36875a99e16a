"""The engine of backward rules: with each node's own derivative it gives the model and its gradient, whatever it is."""

import gc
import weakref

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import random_nets
from xai_widgets import backend
from xai_widgets.methods import deep_lift, guided_backprop, lrp, saliency
from xai_widgets.methods.attribution.backpropagation.rules.engine import backward, forward, own_derivative
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind
from xai_widgets.methods.attribution.backpropagation.rules.node_graph import read_net
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.zoo.loading import load_model

pytestmark = pytest.mark.backend


def through_the_engine(model, x, *, merge):
    """Return the logits of class 0 and their gradient, by the engine."""
    program = read_program(model)
    drop_activations(program)
    net = read_net(program, merge=merge)

    def run(inputs):
        values, calls = forward(net, inputs)
        (slot,) = program.outputs
        first = keras.ops.one_hot(keras.ops.zeros_like(values[slot][:, 0], "int32"), values[slot].shape[-1])
        signals = backward(calls, [own_derivative] * len(calls), {slot: first})
        found = [signals[slot] for slot in program.inputs]
        return values[slot][:, 0], found[0] if len(found) == 1 else found

    return net, backend.compile(run, program.variables)(x)


@pytest.mark.slow
@given(model=random_nets.networks(), merge=st.booleans(), seed=st.integers(0, 99))
@settings(max_examples=random_nets.nets(40), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_random_nets_are_read_as_they_are(model, merge, seed):
    x = np.random.default_rng(seed).normal(size=(2, *model.input_shape[1:])).astype("float32")
    expected = saliency(model, x, 0)
    net, (score, gradient) = through_the_engine(model, x, merge=merge)
    assert not [node.name for node in net.nodes if node.kind is Kind.UNKNOWN]
    np.testing.assert_allclose(score, expected.score, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(gradient, expected.values, rtol=1e-2, atol=1e-4 * (1 + np.abs(expected.values).max()))


def _on(shape, *parts):
    return keras.Sequential([keras.Input(shape), *parts, layers.Flatten(), layers.Dense(2)])


EVERY_LAYER = {
    "Conv1D": ((9, 2), layers.Conv1D(3, 3, strides=2, activation="relu")),
    "Conv1D causal": ((9, 2), layers.Conv1D(3, 3, padding="causal", dilation_rate=2)),
    "Conv3D": ((4, 5, 4, 2), layers.Conv3D(3, 2, padding="same")),
    "DepthwiseConv1D": ((9, 2), layers.DepthwiseConv1D(3, depth_multiplier=2)),
    "SeparableConv1D": ((9, 2), layers.SeparableConv1D(3, 3, padding="same", activation="relu")),
    "SeparableConv2D": ((6, 6, 2), layers.SeparableConv2D(3, 3, strides=2, depth_multiplier=2)),
    "Conv1DTranspose": ((5, 2), layers.Conv1DTranspose(3, 3, strides=2)),
    "Conv2DTranspose": ((4, 4, 2), layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu")),
    "EinsumDense": ((5, 2), layers.EinsumDense("abc,cd->abd", output_shape=(5, 3), bias_axes="d")),
    "Dense on maps": ((4, 4, 2), layers.Dense(3, "relu")),
    "UpSampling2D": ((3, 3, 2), layers.UpSampling2D()),
    "UpSampling2D bilinear": ((3, 3, 2), layers.UpSampling2D(interpolation="bilinear")),
    "Permute": ((3, 4, 2), layers.Permute((2, 3, 1))),
    "RepeatVector": ((4,), layers.RepeatVector(3)),
    "AveragePooling1D": ((8, 2), layers.AveragePooling1D(2)),
    "MaxPooling3D": ((4, 4, 4, 2), layers.MaxPooling3D(2)),
    "GlobalMaxPooling1D": ((8, 2), layers.GlobalMaxPooling1D()),
    "Normalization": ((4,), layers.Normalization(mean=[1.0, 2, 3, 4], variance=[1.0, 4, 9, 16])),
    "ELU": ((4,), layers.ELU()),
    "LSTM": ((5, 3), layers.LSTM(4)),
    "GRU": ((5, 3), layers.GRU(4, return_sequences=True)),
    "GRU of the older kind": ((5, 3), layers.GRU(4, reset_after=False, go_backwards=True)),
    "LSTM backwards": ((5, 3), layers.LSTM(4, go_backwards=True, return_sequences=True, use_bias=False)),
    "SimpleRNN": ((5, 3), layers.SimpleRNN(4, activation="relu")),
    "activation that is a layer": ((4,), layers.Dense(5, activation=layers.LeakyReLU(negative_slope=0.3))),
}
NORMALISED = {
    "Dense": ((4,), lambda: layers.Dense(5, use_bias=False), -1),
    "Conv1D": ((9, 2), lambda: layers.Conv1D(4, 3), -1),
    "DepthwiseConv2D": ((5, 5, 3), lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), -1),
    "SeparableConv2D": ((5, 5, 3), lambda: layers.SeparableConv2D(4, 3, use_bias=False), -1),
    "Conv2DTranspose": ((4, 4, 2), lambda: layers.Conv2DTranspose(3, 3), -1),
    "other axis": ((5, 5, 3), lambda: layers.Conv2D(3, 3, padding="same"), 1),
}


def _check_gradient(model, merge=False):
    x = np.random.default_rng(1).normal(size=(3, *model.input_shape[1:])).astype("float32")
    random_nets.with_random_weights(model, 5)
    expected = saliency(model, x, 0)
    net, (score, gradient) = through_the_engine(model, x, merge=merge)
    np.testing.assert_allclose(score, expected.score, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(gradient, expected.values, rtol=1e-3, atol=1e-4)
    return net


@pytest.mark.parametrize("name", EVERY_LAYER)
def test_every_layer(name):
    shape, layer = EVERY_LAYER[name]
    net = _check_gradient(_on(shape, layer))
    assert all(node.kind is not Kind.UNKNOWN for node in net.nodes)


@pytest.mark.parametrize("name", NORMALISED)
def test_batch_normalisation_is_merged_where_it_may_be(name):
    shape, make, axis = NORMALISED[name]
    net = _check_gradient(_on(shape, make(), layers.BatchNormalization(axis=axis), layers.ReLU()), merge=True)
    assert ("BatchNormalization" in [node.label for node in net.nodes]) == (name == "other axis")


def test_batch_normalisation_stays_where_something_else_looks_before_it():
    start = keras.Input((6, 6, 2))
    maps = layers.Conv2D(3, 3)(start)
    joined = layers.Add()([maps, layers.BatchNormalization()(maps)])
    net = _check_gradient(keras.Model(start, layers.Dense(2)(layers.Flatten()(joined))), merge=True)
    assert "BatchNormalization" in [node.label for node in net.nodes]


def test_one_tensor_taken_twice_and_one_layer_called_twice():
    start = keras.Input((4,))
    shared = layers.Dense(4, activation="relu")
    once = shared(start)
    joined = layers.Add()([once, once]) * layers.Dropout(0.5)(once) + shared(once)
    _check_gradient(keras.Model(start, layers.Dense(2)(joined)))


def test_several_inputs_and_several_outputs_of_an_operation():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    halves = keras.ops.split(layers.Dense(6, "relu")(left), 2, axis=-1)
    joined = layers.Concatenate()([halves[0] * halves[1], layers.Dense(3, "tanh")(right)])
    model = random_nets.with_random_weights(keras.Model([left, right], layers.Dense(2)(joined)), 3)
    x = [np.random.default_rng(n).normal(size=(2, 4)).astype("float32") for n in (0, 1)]
    _, (score, gradients) = through_the_engine(model, x, merge=False)
    exact = backend.value_and_gradient(lambda pair: model(pair)[:, 0])
    expected, exact_gradients = backend.compile(lambda a, b: exact([a, b]), model.variables)(*x)
    np.testing.assert_allclose(score, expected, rtol=1e-5)
    for one, gradient in zip(gradients, exact_gradients, strict=True):
        np.testing.assert_allclose(one, gradient, rtol=1e-4, atol=1e-6)


def test_half_precision_is_brought_up():
    layers_of_half = [layers.Conv2D(3, 3, activation="relu", dtype="mixed_float16"), layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((6, 6, 2)), *layers_of_half, layers.Dense(2, dtype="mixed_float16")])
    random_nets.with_random_weights(model, 2)
    x = np.random.default_rng(1).normal(size=(2, 6, 6, 2)).astype("float32")
    _, (score, gradient) = through_the_engine(model, x, merge=False)
    assert score.dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(score, backend.to_numpy(model(x))[:, 0], rtol=0.02, atol=0.02)


def test_signs_that_are_known():
    """Only after a rectifier, and through what keeps the sign, are numbers known not to be below 0."""
    start = keras.Input((4,))
    safe = layers.Dense(3, "relu", name="first")(start)
    pair = keras.ops.concatenate([safe, layers.ReLU()(start)], axis=-1)
    mixed = layers.Add()([layers.Dense(7, name="of_pair")(pair), layers.Dense(7, "tanh", name="of_input")(start)])
    beside = keras.ops.concatenate([safe, -keras.ops.ones((1, 3))], axis=0)
    ends = [layers.Dense(2, name="of_mixed")(mixed), layers.Dense(2, name="of_leaky")(layers.LeakyReLU()(mixed))]
    model = keras.Model(start, [*ends, layers.Dense(2, name="of_constant")(beside)])
    nodes = {node.path: node for node in read_net(read_program(model), merge=True).nodes if node.kind is Kind.AFFINE}
    assert {path for path, node in nodes.items() if node.nonnegative} == {"of_pair"}


def test_what_is_kept_for_a_model_does_not_keep_the_model():
    def used():
        inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu")])
        model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])
        for method in (guided_backprop, lrp, deep_lift):
            method(model, np.ones((1, 4)), 0)
        return weakref.ref(model)

    gone = used()
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "wine"])
def test_shipped_models(name):
    shipped = load_model(name)
    x = np.random.default_rng(0).uniform(0, 1, (4, *shipped.input_shape)).astype("float32")
    weights, logits = shipped.model.get_weights(), shipped.logits(x)
    for rule in ("rescale", "reveal_cancel"):
        found = deep_lift(shipped, x, 1, rule=rule)
        np.testing.assert_allclose(found.delta, 0, atol=1e-4 * (1 + np.abs(found.values).sum()))
    shared = lrp(shipped, x, 1, rule=Epsilon(0, bias=False))
    np.testing.assert_allclose(shared.delta, 0, atol=1e-3 * (1 + np.abs(shared.values).sum()))
    guided_backprop(shipped, x, 1)
    assert all(map(np.array_equal, shipped.model.get_weights(), weights))
    np.testing.assert_array_equal(shipped.logits(x), logits)
