"""DeepLIFT: closed forms, completeness, layers called twice; random nets beside a slow second implementation."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import random_nets, slow_gradients, slow_rules
from xai_widgets import backend
from xai_widgets.methods import deconvolution, deep_lift, explain, guided_backprop
from xai_widgets.methods.attribution.backpropagation.rules.engine import UnsupportedLayerError
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

ops, relu = keras.ops, keras.ops.relu
QUICK = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


def function(made, size=2):
    start = keras.Input((size,))
    return keras.Model(start, made(start))


def first(t):
    return t[:, :1]


def second(t):
    return t[:, 1:2]


def two_units(t):
    return relu(relu(first(t) - 1) - relu(second(t)))


def least(t):
    return first(t) - relu(first(t) - second(t))


def threshold(t):
    return relu(first(t) - 10) + 0 * second(t)


CLOSED_FORMS = {
    "two units": (two_units, (3, 1), "rescale", (2, -1)),
    "two units, far off": (two_units, (-10, -5), "rescale", (0, 0)),
    "saturation": (lambda t: 1 - relu(1 - first(t) - second(t)), (1, 1), "rescale", (0.5, 0.5)),
    "at the threshold": (threshold, (10, 0), "rescale", (0, 0)),
    "past the threshold": (threshold, (10.125, 0), "rescale", (0.125, 0)),
    "minimum": (least, (4, 2), "rescale", (0, 2)),
    "minimum in two parts": (least, (4, 2), "reveal_cancel", (1, 1)),
    "piecewise": (lambda t: 2 * relu(first(t)) + 2 * relu(second(t) - 1.5), (1, 2), "rescale", (2, 1)),
    "product": (lambda t: first(t) * second(t), (3, 4), "rescale", (6, 6)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(name):
    made, point, rule, expected = CLOSED_FORMS[name]
    found = deep_lift(function(made), [point], 0, rule=rule)
    np.testing.assert_allclose(found.values, [expected], atol=1e-5)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)


LARGEST = {
    "ops.max": lambda t: ops.max(t, axis=-1, keepdims=True),
    "MaxPooling1D": lambda t: layers.Flatten()(layers.MaxPooling1D(4)(layers.Reshape((4, 1))(t))),
    "MaxPooling2D": lambda t: layers.Flatten()(layers.MaxPooling2D(2)(layers.Reshape((2, 2, 1))(t))),
    "GlobalMaxPooling2D": lambda t: layers.GlobalMaxPooling2D()(layers.Reshape((2, 2, 1))(t)),
    "ops.min": lambda t: -ops.min(-t, axis=-1, keepdims=True),
    "ops.minimum": lambda t: -ops.minimum(-ops.maximum(t[:, :1], t[:, 1:2]), ops.minimum(-t[:, 2:3], -t[:, 3:])),
    "Maximum": lambda t: layers.Maximum()([layers.Maximum()([t[:, :1], t[:, 1:2]]), ops.maximum(t[:, 2:3], t[:, 3:])]),
}


@pytest.mark.parametrize("name", LARGEST)
@pytest.mark.parametrize("rule", ["rescale", "reveal_cancel"])
def test_maximum_of_four(name, rule):
    model = function(LARGEST[name], size=4)
    for base, expected in (((1, 2, 3, 9), (0, 0, 0, -8)), ((4, 8, 6, 7), (0, -7, 0, 0))):
        found = deep_lift(model, np.ones((1, 4)), 0, baseline=np.array(base, "float32"), rule=rule)
        np.testing.assert_allclose(found.values, [expected], atol=1e-6)
        back = deep_lift(model, [base], 0, baseline=1, rule=rule)
        np.testing.assert_allclose(back.values, [np.negative(expected)], atol=1e-6)


def test_two_parts_of_a_hidden_unit_of_two_inputs_are_shapley_values():
    """With one input pushing up and one down, both orders are all there are."""
    model, rng = function(layers.Dense(1, "relu")), np.random.default_rng(0)
    model.set_weights([np.array([[2.0], [-3.0]]), np.array([1.0])])
    for _ in range(5):
        x, base = rng.normal(size=2).astype("float32"), np.zeros(2)
        x = np.abs(x) * np.sign(x[0])  # both the same way: their weights differ in sign
        expected = slow_gradients.shapley(lambda p: max(2 * p[0] - 3 * p[1] + 1, 0), x, base)
        found = deep_lift(model, [x], 0, rule="reveal_cancel").values
        np.testing.assert_allclose(found, [expected], atol=1e-5)


def test_a_layer_called_twice_counts_each_call():
    """One rectifier used at two places; with the numbers of the last call at both, the answer would be another."""
    shared, start = layers.ReLU(), keras.Input((2,))
    inner = shared(first(start) - 1)
    model = keras.Model(start, shared(inner - shared(second(start))))
    apart = function(two_units)
    for point in ((3.0, 1.0), (2.0, 5.0), (0.5, -1.0)):
        for rule in ("rescale", "reveal_cancel"):
            expected = deep_lift(apart, [point], 0, rule=rule).values
            np.testing.assert_allclose(deep_lift(model, [point], 0, rule=rule).values, expected, atol=1e-6)
    np.testing.assert_allclose(deep_lift(model, [(3.0, 1.0)], 0).values, [[2, -1]], atol=1e-6)


# A second, slow implementation on random nets


@pytest.mark.slow
@given(twin=slow_rules.twins(), rule=st.sampled_from(["rescale", "reveal_cancel"]), seed=st.integers(0, 99))
@settings(max_examples=random_nets.nets(30), **QUICK)
def test_random_nets_as_by_loops(twin, rule, seed):
    rng = np.random.default_rng(seed)
    x, base = (rng.normal(size=twin.shape).astype("float32") for _ in range(2))
    assume(not twin.is_toss_up(x) and not twin.is_toss_up(base))
    slow = twin.deep_lift if rule == "rescale" else twin.reveal_cancel
    expected = slow(x, base, 2)
    found = deep_lift(twin.model, x, 2, baseline=base, rule=rule)
    np.testing.assert_allclose(found.values[0], expected, rtol=1e-2, atol=2e-3 * np.abs(expected).max() + 1e-6)
    np.testing.assert_allclose(found.delta, 0, atol=1e-3 * (1 + np.abs(found.values).sum()))


@pytest.mark.slow
@given(twin=slow_rules.twins(), guided=st.booleans(), seed=st.integers(0, 99))
@settings(max_examples=random_nets.nets(20), **QUICK)
def test_guided_and_deconvolution_as_by_loops(twin, guided, seed):
    x = np.random.default_rng(seed).normal(size=twin.shape).astype("float32")
    assume(any(step.kind in ("relu", "relu6", "leaky") for step in twin.steps) and not twin.is_toss_up(x))
    expected = twin.rectified(x, 1, guided=guided)
    found = (guided_backprop if guided else deconvolution)(twin.model, x, 1).values[0]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max() + 1e-7)


@pytest.mark.slow
@given(model=random_nets.networks(most=4), rule=st.sampled_from(["rescale", "reveal_cancel"]), seed=st.integers(0, 99))
@settings(max_examples=random_nets.nets(20), **QUICK)
def test_completeness_on_random_nets(model, rule, seed):
    """All kinds of layers; those without a rule are refused, and what is answered is complete."""
    x = np.random.default_rng(seed).normal(size=(2, *model.input_shape[1:])).astype("float32")
    try:
        found = deep_lift(model, x, 0, baseline=0.3, rule=rule)
    except UnsupportedLayerError as error:
        assert "Normalization" in str(error)  # noqa: PT017  (what is refused is looked at)
        return
    np.testing.assert_allclose(found.delta, 0, atol=2e-3 * (1 + np.abs(found.values).sum(axis=(1, 2, 3)).max()))


# Baselines, recipe, refusals


def test_baselines_for_all_or_one_each():
    model = random_nets.with_random_weights(function(lambda t: layers.Dense(3)(layers.Dense(5, "relu")(t)), size=4), 1)
    classifier = Classifier(model, ("ant", "bee", "cow"), value_range=(-1, 1))
    rng = np.random.default_rng(0)
    x, each = (rng.normal(size=(5, 4)).astype("float32") for _ in range(2))
    for rule in ("rescale", "reveal_cancel"):
        together = deep_lift(classifier, x, "bee", baseline=each, rule=rule, batch_size=2)
        single = [deep_lift(classifier, x[[n]], 1, baseline=each[n], rule=rule).values for n in range(5)]
        np.testing.assert_allclose(together.values, np.concatenate(single), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(together.delta, 0, atol=1e-4)
    black = deep_lift(classifier, x, baseline="black")
    assert black.recipe.options == {"baseline": "black", "rule": "rescale"}
    np.testing.assert_allclose(black.values, deep_lift(classifier, x, baseline=-1).values, rtol=1e-5)
    assert deep_lift(classifier, x, baseline="uniform", seed=3).recipe.options["seed"] == 3
    again = explain(classifier, x, "deep_lift", "bee", baseline=each, rule="reveal_cancel")
    np.testing.assert_allclose(again.values, together.values, rtol=1e-4, atol=1e-5)


def test_what_is_refused():
    model = function(lambda t: layers.Dense(2)(layers.Dense(3, "relu")(t)))
    random_nets.with_random_weights(model, 1)
    x = [[1.0, 2.0]]
    assert (backend.to_numpy(model(np.array(x, "float32"))) != 0).all()  # at 0, a square is as good as a weighted sum
    with pytest.raises(ValueError, match="unknown rule 'rescaled'; did you mean rescale"):
        deep_lift(model, x, 0, rule="rescaled")
    with pytest.raises(ValueError, match="takes one baseline"):
        deep_lift(model, x, 0, baseline=[0, 1])
    with pytest.raises(ValueError, match="deep_lift explains a logit or a weighted sum"):
        deep_lift(model, x, lambda outputs: outputs[:, 0] ** 2)
    softmax = function(lambda t: layers.Dense(2)(layers.Softmax(name="inside")(t)))
    for rule in ("rescale", "reveal_cancel"):
        with pytest.raises(UnsupportedLayerError, match=r"'inside' \(Softmax\)"):
            deep_lift(softmax, x, 0, rule=rule)
    total = function(lambda t: ops.matmul(t, np.ones((2, 2), "float32")))
    np.testing.assert_allclose(deep_lift(total, x, 0).values, x)
    with pytest.raises(UnsupportedLayerError, match=r'RevealCancel has no rule for .*Matmul.*rule="rescale" may'):
        deep_lift(total, x, 0, rule="reveal_cancel")


def test_a_difference_of_logits():
    model = function(lambda t: layers.Dense(3)(layers.Dense(4, "tanh")(t)))
    x = np.array([[1.0, 2.0]], "float32")
    one, two = (deep_lift(model, x, index).values for index in (0, 2))
    found = deep_lift(model, x, lambda outputs: outputs[:, 0] - outputs[:, 2])
    np.testing.assert_allclose(found.values, one - two, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.score, backend.to_numpy(model(x)) @ [1, 0, -1], rtol=1e-4, atol=1e-5)


# Products


def shapley_of_a_product(x, start):
    """The mean over all orders of what each factor adds when it changes from its start."""
    total = np.zeros(len(x))
    orders = list(itertools.permutations(range(len(x))))
    for order in orders:
        now = np.array(start, "float64")
        for factor in order:
            before = now.prod()
            now[factor] = x[factor]
            total[factor] += now.prod() - before
    return total / len(orders)


@pytest.mark.parametrize("rule", ["rescale", "reveal_cancel"])
@pytest.mark.parametrize("factors", [2, 3, 5])
def test_the_factors_of_a_product_get_their_shapley_values(factors, rule):
    start = keras.Input((factors,))
    model = keras.Model(start, layers.Multiply()([start[:, place : place + 1] for place in range(factors)]))
    x, base = np.arange(2.0, 2.0 + factors), np.full(factors, 0.5)
    found = deep_lift(model, x[np.newaxis], 0, baseline=0.5, rule=rule)
    np.testing.assert_allclose(found.values[0], shapley_of_a_product(x, base), rtol=1e-4)
    np.testing.assert_allclose(found.delta / found.score, 0, atol=1e-6)


@pytest.mark.parametrize("taken", ["hh", "hhh", "hhg", "hgf"])
def test_products_that_take_a_tensor_several_times_are_complete(taken):
    keras.utils.set_random_seed(0)
    start = keras.Input((3,))
    named = {name: layers.Dense(4, activation="relu", kernel_initializer="ones")(start) for name in "hgf"}
    model = keras.Model(start, layers.Dense(1)(layers.Multiply()([named[name] for name in taken])))
    found = deep_lift(model, np.array([[1.0, 2, 3]]), 0, baseline=0.3)
    np.testing.assert_allclose(found.delta / found.score, 0, atol=1e-6)


# Recurrent layers in both directions, bare cells, and networks applied to each step


RECURRENT = {
    "both ways": lambda: layers.Bidirectional(layers.LSTM(4)),
    "both ways, summed": lambda: layers.Bidirectional(layers.GRU(4), merge_mode="sum"),
    "both ways, multiplied": lambda: layers.Bidirectional(layers.SimpleRNN(4), merge_mode="mul"),
    "bare cell": lambda: layers.RNN(layers.LSTMCell(4)),
    "bare cell of a GRU": lambda: layers.RNN(layers.GRUCell(4)),
}


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers_that_are_wrapped_are_unrolled(name):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5, 3)), RECURRENT[name](), layers.Dense(2)])
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    found = deep_lift(model, x, 1)
    np.testing.assert_allclose(found.score, Classifier(model).logits(x)[:, 1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)


def test_states_of_both_directions_are_in_order():
    inside = layers.LSTM(4, return_sequences=True)
    stack = [layers.Bidirectional(inside, merge_mode="ave"), layers.Flatten(), layers.Dense(2)]
    model, x = keras.Sequential([keras.Input((5, 3)), *stack]), np.random.default_rng(0).normal(size=(2, 5, 3))
    found = deep_lift(model, x, 1)
    np.testing.assert_allclose(found.score, Classifier(model).logits(x)[:, 1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)


def test_a_network_for_each_frame_gives_the_answers_of_its_frames():
    keras.utils.set_random_seed(0)
    stack = [layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D()]
    frame = keras.Sequential([keras.Input((8, 8, 3)), *stack, layers.Flatten(), layers.Dense(2)])
    start = keras.Input((3, 8, 8, 3))
    film = keras.Model(start, layers.GlobalAveragePooling1D()(layers.TimeDistributed(frame)(start)))
    x = np.random.default_rng(0).normal(size=(2, 3, 8, 8, 3)).astype("float32")
    for rule in ("rescale", "reveal_cancel"):
        found = deep_lift(film, x, 1, rule=rule)
        alone = deep_lift(frame, x.reshape(6, 8, 8, 3), 1, rule=rule)
        np.testing.assert_allclose(found.values.reshape(6, 8, 8, 3), alone.values / 3, atol=1e-5)
    same = guided_backprop(film, x, 1).values.reshape(6, 8, 8, 3)
    np.testing.assert_allclose(same, guided_backprop(frame, x.reshape(6, 8, 8, 3), 1).values / 3, atol=1e-5)
