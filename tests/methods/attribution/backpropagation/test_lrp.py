"""LRP: closed forms, conservation, rules by path, what is refused; random nets beside a slow second implementation."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import random_nets, slow_rules
from xai_widgets import backend
from xai_widgets.methods import deep_lift, explain, gradient_times_input, integrated_gradients, lrp, relevance_by_layer
from xai_widgets.methods.attribution.backpropagation.rules.composites import Composite
from xai_widgets.methods.attribution.backpropagation.rules.engine import UnsupportedLayerError
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import (
    AlphaBeta,
    Epsilon,
    Flat,
    Gamma,
    Pass,
    Rule,
    WSquare,
    ZBox,
    ZPlus,
)
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

ops, relu = keras.ops, keras.ops.relu
QUICK = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


def function(made, size=2):
    start = keras.Input((size,))
    return keras.Model(start, made(start))


def dense_of_twos(corner=2.0):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3, "relu", use_bias=False), layers.Dense(1)])
    kernel = np.full((3, 3), 2.0)
    kernel[0, 0] = corner
    model.set_weights([kernel, np.full((3, 1), 3.0), np.zeros(1)])
    return model, np.array([[1.0, 2, 3]])


CLOSED_FORMS = {
    "epsilon of twos": (2, "epsilon", (18, 36, 54)),
    "epsilon": (-2, "epsilon", (6, 36, 54)),
    "zero": (-2, "zero", (6, 36, 54)),
    "z+": (-2, "z_plus", (12, 33.6, 50.4)),
    "alpha 1 beta 0": (-2, AlphaBeta(1, 0), (12, 33.6, 50.4)),
    "gamma 1": (-2, Gamma(1.0), (28 / 3, 104 / 3, 52)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(name):
    corner, rule, expected = CLOSED_FORMS[name]
    model, x = dense_of_twos(corner)
    np.testing.assert_allclose(lrp(model, x, 0, rule=rule).values, [expected], rtol=1e-5)


@pytest.mark.parametrize(("point", "expected"), [((3, 1), (3, -1)), ((-10, -5), (0, 0))])
def test_two_units(point, expected):
    model = function(lambda t: relu(relu(t[:, :1] - 1) - relu(t[:, 1:2])))
    np.testing.assert_allclose(lrp(model, [point], 0, rule="epsilon").values, [expected], rtol=1e-4, atol=1e-5)


def test_two_filters_of_ones():
    units = [layers.Conv2D(2, 3, activation="relu"), layers.Permute((3, 1, 2)), layers.Flatten()]
    model = keras.Sequential([keras.Input((4, 4, 1)), *units, layers.Dense(1, use_bias=False)])
    signs = np.array([1, 1, 1, 1, 1, -1, -1, -1])
    model.set_weights([np.ones((3, 3, 1, 2)), np.array([-50, -75]), signs[:, np.newaxis]])
    x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    expected = [[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11], [0, 0, 0, 0]]
    np.testing.assert_allclose(lrp(model, x, 0, rule="epsilon").values[0, ..., 0], expected, rtol=1e-4, atol=1e-4)


# Networks of rectifiers without biases: four methods are one, and nothing is lost.


def _plain(t):
    for filters in (4, 6):
        t = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same", activation="relu", use_bias=False)(t))
    return layers.Flatten()(t)


def _residual(t):
    t = layers.Conv2D(4, 3, padding="same", use_bias=False)(t)
    inner = layers.ReLU()(layers.Conv2D(4, 3, padding="same", use_bias=False)(layers.ReLU()(t)))
    return layers.GlobalAveragePooling2D()(relu(layers.Add()([t, inner])))


def _inception(t):
    ways = [layers.Conv2D(3, size, padding="same", activation="relu", use_bias=False)(t) for size in (1, 3, 5)]
    pooled = layers.AveragePooling2D(3, strides=1, padding="same")(t)
    return layers.GlobalMaxPooling2D()(layers.Concatenate()([*ways, relu(pooled)]))


def _depthwise_nested(t):
    start = keras.Input((8, 8, 3))
    inner = layers.DepthwiseConv2D(3, strides=2, activation="relu", use_bias=False)(start)
    model = keras.Model(start, layers.SeparableConv2D(5, 3, use_bias=False, activation="relu")(inner), name="backbone")
    return layers.Flatten()(model(t))


def _shared(t):
    twice = layers.Conv2D(3, 3, padding="same", activation="relu", use_bias=False)
    return layers.Flatten()(twice(twice(t)))


BIAS_FREE = {make.__name__[1:]: make for make in (_plain, _residual, _inception, _depthwise_nested, _shared)}


def bias_free(name, seed=3):
    start = keras.Input((8, 8, 3))
    model = keras.Model(start, layers.Dense(3, use_bias=False)(BIAS_FREE[name](start)), name=name)
    return random_nets.with_random_weights(model, seed)


X = np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype("float32")


@pytest.mark.parametrize("name", BIAS_FREE)
def test_without_biases_four_methods_are_one(name):
    model = bias_free(name)
    product = gradient_times_input(model, X, 1)
    scale = np.abs(product.values).max()
    others = [lrp(model, X, 1, rule="zero"), deep_lift(model, X, 1), integrated_gradients(model, X, 1, steps=5)]
    for found in others:
        np.testing.assert_allclose(found.values, product.values, atol=1e-3 * scale, rtol=1e-3)
        np.testing.assert_allclose(found.delta, 0, atol=1e-4 * (1 + np.abs(found.score).max()))
    np.testing.assert_allclose(product.values.sum(axis=(1, 2, 3)), product.score, rtol=1e-3, atol=1e-4)


CONSERVING = {
    "zero": {"rule": "zero"},
    "gamma": {"rule": Gamma(0.3)},
    "gamma box": {"composite": "epsilon_gamma_box", "low": -4, "high": 4},
    "flat": {"composite": "epsilon_plus_flat"},
    "w square": {"rule": {"conv2d": "w_square"}, "composite": Composite(Epsilon(0), Epsilon(0))},
    "alpha beta": {"rule": AlphaBeta(2, 1, conserve=True)},
}


@pytest.mark.parametrize("name", CONSERVING)
def test_what_is_conserved_at_every_layer(name):
    model = bias_free("residual")
    options = CONSERVING[name]
    if isinstance(options.get("rule"), dict):
        first = next(layer.name for layer in model.layers if isinstance(layer, layers.Conv2D))
        options = options | {"rule": {first: "w_square"}}
    found = relevance_by_layer(model, X, 1, **options)
    assert next(iter(found.through)) == "input"
    for path, total in found.through.items():
        np.testing.assert_allclose(total, found.score, rtol=2e-3, atol=1e-3, err_msg=path)
    values = lrp(model, X, 1, **options)
    np.testing.assert_allclose(found.values["input"], values.values, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(values.delta, 0, atol=2e-3)


def test_alpha_two_gives_twice_where_nothing_is_negative():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, use_bias=False)])
    model.set_weights([np.ones((3, 2))])
    x = np.array([[1.0, 2, 3]])
    twice = lrp(model, x, 0, rule=AlphaBeta(2, 1))
    np.testing.assert_allclose(twice.values, 2 * x, rtol=1e-6)
    np.testing.assert_allclose(twice.delta, [6], rtol=1e-6)
    np.testing.assert_allclose(lrp(model, x, 0, rule=AlphaBeta(2, 1, conserve=True)).values, x, rtol=1e-6)


def test_a_bias_takes_its_share_or_shares_it():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.set_weights([np.array([[1.0], [3.0]]), np.array([6.0])])
    lost = lrp(model, [[1.0, 1.0]], 0, rule=Epsilon(0))
    np.testing.assert_allclose(lost.values, [[1, 3]], rtol=1e-6)
    np.testing.assert_allclose(lost.delta, [-6], rtol=1e-6)
    np.testing.assert_allclose(lrp(model, [[1.0, 1.0]], 0, rule=Epsilon(0, bias=False)).values, [[2.5, 7.5]], rtol=1e-6)


# A second, slow implementation on random nets

RULES = {
    "epsilon": Epsilon(0.3),
    "zero": Epsilon(0),
    "gamma": Gamma(0.4),
    "gamma without bias": Gamma(0.4, bias=False),
    "z_plus": ZPlus(),
    "z_plus with bias": ZPlus(bias=True),
    "alpha_beta": AlphaBeta(2, 1),
    "alpha_beta conserving": AlphaBeta(3, 2, conserve=True),
    "w_square": WSquare(),
    "flat": Flat(),
}


@pytest.mark.slow
def test_random_nets_as_by_loops():
    compared = []

    @given(twin=slow_rules.twins(), name=st.sampled_from(sorted(RULES)), merge=st.booleans(), seed=st.integers(0, 99))
    @settings(max_examples=random_nets.nets(30), **QUICK)
    def same(twin, name, merge, seed):
        x = np.random.default_rng(seed).normal(size=twin.shape).astype("float32")
        expected, safe = twin.lrp(x, 1, RULES[name], merge=merge)
        assume(safe)
        found = lrp(twin.model, x, 1, rule=RULES[name], merge=merge).values[0]
        np.testing.assert_allclose(found, expected, rtol=2e-2, atol=2e-3 * np.abs(expected).max() + 1e-6)
        compared.append(name)

    same()
    assert len(compared) >= random_nets.nets(30)


@pytest.mark.slow
def test_the_box_rule_as_by_loops():
    compared = []

    @given(twin=slow_rules.twins(), seed=st.integers(0, 99))
    @settings(max_examples=random_nets.nets(10), **QUICK)
    def same(twin, seed):
        x = np.random.default_rng(seed).uniform(-1, 2, size=twin.shape).astype("float32")
        expected, safe = twin.lrp(x, 0, Epsilon(0.3), merge=True, first=ZBox(-1.0, 2.0))
        assume(safe)
        found = lrp(twin.model, x, 0, composite=Composite(Epsilon(0.3), Epsilon(0.3), ZBox(-1.0, 2.0))).values[0]
        np.testing.assert_allclose(found, expected, rtol=2e-2, atol=2e-3 * np.abs(expected).max() + 1e-6)
        compared.append(seed)

    same()
    assert len(compared) >= random_nets.nets(10)


def test_a_maximum_that_float32_cannot_decide_is_known_as_such():
    """Saturated values in one pooling window: equal in float32, and in float64 the second is the larger."""
    model = keras.Sequential([keras.Input((1, 2, 1)), layers.Activation("tanh"), layers.MaxPooling2D((1, 2))])
    steps = [slow_rules.Step("tanh", [0]), slow_rules.Step("max", [1], windows=[np.array([0, 1])])]
    twin = slow_rules.Twin(model, (1, 2, 1), steps)
    saturated, apart = (np.array(pair, "float32").reshape(1, 2, 1) for pair in ((10, 12), (1, 2)))
    assert np.ptp(np.tanh(saturated)) == 0 < np.ptp(np.tanh(saturated.astype("float64")))
    assert not twin.lrp(saturated, 0, Epsilon(0), merge=True)[1]
    assert twin.lrp(apart, 0, Epsilon(0), merge=True)[1]


# Rules by path, units, gates, words


def test_rules_by_path_of_layers_and_of_nested_models():
    model = bias_free("depthwise_nested")
    paths = [node for node in relevance_by_layer(model, X, 0).values if node.startswith("backbone/")]
    every = lrp(model, X, 0, rule=ZPlus()).values
    dense = next(layer.name for layer in model.layers if isinstance(layer, layers.Dense))
    np.testing.assert_allclose(lrp(model, X, 0, rule={"backbone": ZPlus(), dense: "z_plus"}).values, every, rtol=1e-4)
    single = lrp(model, X, 0, rule={**dict.fromkeys(paths, ZPlus()), dense: ZPlus()}).values
    np.testing.assert_allclose(single, every, rtol=1e-4)
    with pytest.raises(ValueError, match="unknown layer 'backbon'"):
        lrp(model, X, 0, rule={"backbon": ZPlus()})


def test_a_rule_of_ones_own_is_a_short_class():
    class Half(Rule):
        def __call__(self, call, relevance):
            return [part / 2 for part in Epsilon(0)(call, relevance)]

    model, x = dense_of_twos()
    np.testing.assert_allclose(lrp(model, x, 0, rule=Half()).values, np.array([[18, 36, 54]]) / 4, rtol=1e-5)


def test_the_box_is_taken_through_what_rescales_and_pads():
    inner = [layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(2)]
    raw = keras.Sequential(
        [keras.Input((6, 6, 1)), layers.Rescaling(-2.0, offset=1.0), layers.ZeroPadding2D(1), *inner]
    )
    random_nets.with_random_weights(raw, 2)
    bare = keras.Sequential([keras.Input((8, 8, 1)), *inner])
    x = np.random.default_rng(1).uniform(0, 1, (2, 6, 6, 1)).astype("float32")
    scaled = np.pad(1 - 2 * x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    ends = [np.pad(np.full((6, 6, 1), end), ((1, 1), (1, 1), (0, 0))).ravel() for end in (-1.0, 1.0)]
    found = lrp(raw, x, 0, composite="epsilon_gamma_box", low=0, high=1).values

    class Exact(Rule):
        def __call__(self, call, relevance):
            low, high = (ops.convert_to_tensor(end.reshape(1, 8, 8, 1), "float32") for end in ends)
            ones = ops.ones_like(call.inputs[0])
            return ZBox.between(low * ones, high * ones, call, relevance)

    expected = lrp(bare, scaled, 0, composite=Composite(Epsilon(), Gamma(), Exact())).values[:, 1:-1, 1:-1]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_a_gate_gets_nothing():
    start = keras.Input((4, 4, 3))
    maps = layers.Conv2D(3, 3, padding="same", activation="relu", use_bias=False)(start)
    gate = layers.Dense(3, "sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(maps))
    scores = layers.Dense(2, use_bias=False)(layers.Flatten()(layers.Multiply()([maps, gate])))
    model = random_nets.with_random_weights(keras.Model(start, scores), 1)
    found = lrp(model, X[:, :4, :4], 0, rule="zero")
    np.testing.assert_allclose(found.delta, 0, atol=1e-4)
    gates = backend.to_numpy(keras.Model(start, gate)(X[:, :4, :4]))
    fixed = keras.Model(start, layers.Dense(2, use_bias=False)(layers.Flatten()(maps * keras.ops.array(gates[:1]))))
    fixed.set_weights([model.get_weights()[0], model.get_weights()[-1]])
    expected = gradient_times_input(fixed, X[:1, :4, :4], 0).values
    np.testing.assert_allclose(found.values[:1], expected, rtol=1e-3, atol=1e-4)


def test_a_word_gets_what_its_vector_gets():
    words = layers.Embedding(9, 4)
    tail = [layers.Conv1D(5, 2, activation="relu"), layers.GlobalMaxPooling1D(), layers.Dense(2)]
    model = random_nets.with_random_weights(keras.Sequential([keras.Input((6,)), words, *tail]), 1)
    numbers = np.array([[1, 2, 3, 4, 5, 6], [0, 8, 8, 0, 1, 2]])
    vectors = words.get_weights()[0][numbers]
    behind = keras.Sequential([keras.Input((6, 4)), *tail])
    for method in (lrp, deep_lift):
        expected = method(
            behind, vectors, 1, **({"baseline": words.get_weights()[0][:1][[0] * 6]} if method is deep_lift else {})
        )
        found = method(model, numbers, 1)
        np.testing.assert_allclose(found.values, expected.values.sum(axis=-1), rtol=1e-4, atol=1e-5)


def test_several_inputs_share_one_score():
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    joined = layers.Dense(4, "relu", use_bias=False)(layers.Concatenate()([left, right]))
    model = random_nets.with_random_weights(keras.Model([left, right], layers.Dense(2, use_bias=False)(joined)), 1)
    x = [np.ones((2, 3), "float32"), np.ones((2, 2), "float32")]
    for method in (lrp, deep_lift):
        found = method(model, x, lambda outputs: outputs[:, 0])
        total = found[0].values.sum(axis=1) + found[1].values.sum(axis=1)
        np.testing.assert_allclose(total, found[0].score, rtol=1e-4)
        np.testing.assert_allclose(found[1].delta, 0, atol=1e-4)


def test_a_difference_of_logits_but_no_other_function_of_them():
    model = bias_free("plain")
    one, two = (lrp(model, X, index).values for index in (0, 2))
    found = lrp(model, X, lambda outputs: outputs[:, 0] - outputs[:, 2])
    if np.abs(one).max() + np.abs(two).max() > 0:
        np.testing.assert_allclose(found.values, one - two, rtol=1e-3, atol=1e-4)
    with pytest.raises(ValueError, match="lrp explains a logit or a weighted sum of logits"):
        lrp(model, X, lambda outputs: ops.exp(outputs[:, 0]))


# What is refused


class Custom(layers.Layer):
    def call(self, x):
        return 2 * x


REFUSED = {
    "layer of one's own": ((4,), [Custom(name="odd")], r"'odd' \(Custom\)"),
    "layer normalisation": ((4,), [layers.LayerNormalization(name="odd")], r"'odd' \(LayerNormalization\)"),
    "too many steps": ((257, 1), [layers.LSTM(2, name="odd")], r"'odd' \(LSTM\)"),
    "recurrent": ((4, 2), [layers.RNN([layers.LSTMCell(3), layers.LSTMCell(3)], name="odd")], r"'odd' \(RNN\)"),
    "softmax inside": ((4,), [layers.Dense(3, "softmax", name="odd")], r"'odd' \(Dense with activation 'softmax'\)"),
    "lambda": ((4,), [layers.Lambda(lambda t: t * 2, output_shape=(4,), name="odd")], r"'odd' \(Lambda\)"),
    "square": ((4,), [ops.square], r"\(Square\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_layers_without_a_rule_are_refused_by_name(name):
    shape, parts, match = REFUSED[name]
    t = start = keras.Input(shape)
    for part in parts:
        t = part(t)
    model = keras.Model(start, layers.Dense(2)(t))
    x = np.ones((1, *shape), "float32")
    with pytest.raises(UnsupportedLayerError, match="lrp has no rule for .*" + match):
        lrp(model, x, 0)
    if name != "square":
        assert lrp(model, x, 0, rule={"odd": Epsilon()}).values.shape == x.shape
    if name != "square":
        with pytest.raises(UnsupportedLayerError, match="deep_lift has no rule for .*" + match):
            deep_lift(model, x, 0)


def test_a_product_of_two_signals_is_refused():
    model = function(lambda t: layers.Dense(2)(layers.Multiply(name="both")([layers.Dense(3)(t), layers.Dense(3)(t)])))
    with pytest.raises(UnsupportedLayerError, match=r"'both' \(Multiply\)"):
        lrp(model, [[1.0, 2.0]], 0)


def test_wrong_names_numbers_and_places_are_refused():
    model = bias_free("plain")
    for options, match in (
        ({"rule": "epsilom"}, "unknown rule 'epsilom'; did you mean epsilon"),
        ({"composite": "epsilon_minus"}, "unknown composite 'epsilon_minus'"),
        ({"composite": "epsilon_gamma_box"}, "needs the range of the inputs"),
        ({"rule": {"max_pooling2d": "z_plus"}}, "is for layers with weights"),
        ({"rule": "z_box", "low": 0, "high": 1}, "ZBox is for first layers"),
    ):
        path = next(layer.name for layer in model.layers if isinstance(layer, layers.MaxPooling2D))
        fixed = {path: "z_plus"} if isinstance(options.get("rule"), dict) else options.get("rule")
        with pytest.raises(ValueError, match=match):
            lrp(model, X, 0, **{**options, **({"rule": fixed} if fixed else {})})
    with pytest.raises(ValueError, match="alpha - beta must be 1"):
        AlphaBeta(2, 0)
    wide = function(lambda t: layers.Dense(1)(layers.Dense(3, name="wide")(t)))
    with pytest.raises(ValueError, match=r"'wide' \(Dense\) changes the shape"):
        lrp(wide, [[1.0, 2.0]], 0, rule={"wide": Pass()})
    normed = function(lambda t: layers.BatchNormalization(name="norm")(layers.Dense(3)(t)))
    with pytest.raises(ValueError, match="'norm' is merged into the layer before it"):
        lrp(normed, [[1.0, 2.0]], 0, rule={"norm": Pass()})
    assert lrp(normed, [[1.0, 2.0]], 0, rule={"norm": Epsilon()}, merge=False).values.shape == (1, 2)


def test_the_model_is_as_before_and_training_counts():
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU()])
    model = keras.Sequential([model, layers.GlobalAveragePooling2D(), layers.Dense(2)])
    random_nets.with_random_weights(model, 1)
    weights, outputs = model.get_weights(), backend.to_numpy(model(X))
    before = lrp(model, X, 0).values, deep_lift(model, X, 0).values
    assert all(map(np.array_equal, model.get_weights(), weights))
    np.testing.assert_array_equal(backend.to_numpy(model(X)), outputs)
    model.compile("sgd", "mse")
    model.fit(X, np.ones((3, 2)), verbose=0)
    after = lrp(model, X, 0), deep_lift(model, X, 0)
    for old, new in zip(before, after, strict=True):
        assert not np.allclose(old, new.values)
        np.testing.assert_allclose(new.score, backend.to_numpy(model(X))[:, 0], rtol=1e-4, atol=1e-5)


def test_recipe_batches_and_explain():
    model = Classifier(bias_free("plain"), ("ant", "bee", "cow"), value_range=(-3, 3))
    found = lrp(model, X, "bee", composite="epsilon_gamma_box", gamma=0.1)
    assert str(found.recipe).endswith("rules=epsilon_gamma_box · stabilizer=1e-06 · gamma=0.1 · low=-3 · high=3")
    again = explain(model, X, "lrp", "bee", composite="epsilon_gamma_box", gamma=0.1, batch_size=2)
    np.testing.assert_allclose(again.values, found.values, rtol=1e-4, atol=1e-5)
    layered = relevance_by_layer(model, X, "bee", batch_size=1)
    assert layered.values["input"].shape == X.shape
    assert repr(layered).startswith("LayerRelevance(3 examples")
    np.testing.assert_allclose(layered.totals()["input"], layered.through["input"], rtol=1e-3, atol=1e-4)


# Recurrent layers


def test_a_simple_recurrent_layer_is_the_dense_net_that_it_unrolls_to():
    recurrent = keras.Sequential([keras.Input((3, 2)), layers.SimpleRNN(4, activation="relu"), layers.Dense(2)])
    random_nets.with_random_weights(recurrent, 7)
    enter, again, bias = recurrent.layers[0].get_weights()
    t = start = keras.Input((3, 2))
    state = None
    for time in range(3):
        seen = start[:, time]
        joined = seen if state is None else layers.Concatenate()([seen, state])
        dense = layers.Dense(4, activation="relu")
        state = dense(joined)
        dense.set_weights([enter if time == 0 else np.concatenate([enter, again]), bias])
    scores = layers.Dense(2)
    dense_net = keras.Model(t, scores(state))
    scores.set_weights(recurrent.layers[1].get_weights())
    x = np.random.default_rng(1).normal(size=(4, 3, 2)).astype("float32")
    for method, options in (
        (lrp, {"rule": Epsilon(0.01)}),
        (lrp, {"rule": ZPlus()}),
        (deep_lift, {"baseline": 0.2}),
        (deep_lift, {"rule": "reveal_cancel"}),
    ):
        expected = method(dense_net, x, 1, **options).values
        np.testing.assert_allclose(method(recurrent, x, 1, **options).values, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("make", [layers.LSTM, layers.GRU, lambda units: layers.GRU(units, reset_after=False)])
def test_gates_get_nothing_and_nothing_is_lost(make):
    """With the biases' share shared out, all relevance comes from the inputs; the state before the first has none."""
    model = keras.Sequential([keras.Input((4, 3)), make(5), layers.Dense(2)])
    random_nets.with_random_weights(model, 3)
    x = np.random.default_rng(2).normal(size=(3, 4, 3)).astype("float32")
    found = lrp(model, x, 0, rule=Epsilon(0, bias=False))
    np.testing.assert_allclose(found.delta, 0, atol=2e-3 * (1 + np.abs(found.values).sum()))
    for rule in ("rescale", "reveal_cancel"):
        lifted = deep_lift(model, x, 0, rule=rule, baseline=0.1)
        np.testing.assert_allclose(lifted.delta, 0, atol=1e-4 * (1 + np.abs(lifted.values).sum()))


def test_lstm_relevance_as_in_the_paper():
    """One unit, two steps: R goes to the memory, from there in proportion to f c and i g, and to what is weighed."""
    model = keras.Sequential([keras.Input((2, 1)), layers.LSTM(1)])
    rng = np.random.default_rng(5)
    kernel, again, bias = rng.normal(size=(1, 4)), rng.normal(size=(1, 4)), rng.normal(size=4)
    model.set_weights([kernel, again, bias])
    x, epsilon = rng.normal(size=2), 0.001
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731  (a formula)
    h, c, steps = 0.0, 0.0, []
    for value in x:
        z = value * kernel[0] + h * again[0] + bias
        i, f, g, o = sigmoid(z[0]), sigmoid(z[1]), np.tanh(z[2]), sigmoid(z[3])
        steps.append((value, h, c, z[2], i * g, f * c))
        c = f * c + i * g
        h = o * np.tanh(c)
    relevance, memory, found = h, 0.0, []
    for value, before, _, z, written, kept in reversed(steps):
        memory += relevance
        total = written + kept
        of_new, memory = memory * written / total, memory * kept / total
        away = z + epsilon * np.sign(z)
        found.append(value * kernel[0, 2] / away * of_new)
        relevance = before * again[0, 2] / away * of_new
    answer = lrp(model, x.reshape(1, 2, 1), 0, rule=Epsilon(epsilon)).values.ravel()
    np.testing.assert_allclose(answer, found[::-1], rtol=1e-3)


# Products: the sum is kept, or they are refused


def product_of(*taken):
    """A net that multiplies rectified tensors h, g, f, a sigmoid s, and relu6(x + 3) / 6, r, by their letters."""
    keras.utils.set_random_seed(0)
    start = keras.Input((3,))
    named = {name: layers.Dense(4, activation="relu", use_bias=False)(start) for name in "hgf"}
    named["s"] = layers.Dense(4, activation="sigmoid")(start)
    named["r"] = layers.ReLU(6.0)(layers.Dense(4)(start) + 3.0) * (1.0 / 6.0)
    named["p"] = layers.ReLU(6.0)(layers.Dense(4)(start) + 3.0)
    made = layers.Multiply(name="product")([named[name] for name in taken])
    return keras.Model(start, layers.Dense(2, use_bias=False)(made))


@pytest.mark.parametrize("taken", ["hh", "hhh", "hs", "hhs", "hss", "hr", "hrs"])
def test_a_product_of_one_signal_keeps_the_sum(taken):
    found = lrp(product_of(*taken), np.array([[1.0, 2, 3]]), 1)
    np.testing.assert_allclose(found.delta, 0, atol=1e-4 * max(1, abs(found.score[0])))


@pytest.mark.parametrize("taken", ["hg", "hgf", "hhg", "hp", "ss"])
def test_other_products_are_refused_and_the_advice_keeps_the_sum(taken):
    model, x = product_of(*taken), np.array([[1.0, 2, 3]])
    with pytest.raises(UnsupportedLayerError, match=r"'product' \(Multiply\).*rule=\{path: 'epsilon'\}"):
        lrp(model, x, 1)
    found = relevance_by_layer(model, x, 1, rule={"product": "epsilon"})
    scale = max(1, abs(found.score[0]))
    before = next(path for path in reversed(list(found.through)) if path not in ("product", list(found.through)[-1]))
    np.testing.assert_allclose(found.through[before], found.score, atol=1e-3 * scale)


def test_a_square_keeps_the_sum_as_layer_and_as_operation():
    start = keras.Input((3,))
    h = layers.Dense(4, activation="relu", kernel_initializer="ones", use_bias=False)(start)
    for square in (layers.Multiply()([h, h]), keras.ops.multiply(h, h), h * h):
        found = lrp(keras.Model(start, keras.ops.sum(square, axis=-1, keepdims=True)), np.array([[1.0, 2, 3]]), 0)
        np.testing.assert_allclose([found.score[0], found.values.sum()], 144, rtol=1e-4)


@pytest.mark.skipif(keras.config.backend() == "jax", reason="compiled for a minute; the graph is the same")
def test_the_gates_of_mobilenet_v3_get_nothing():
    net = keras.applications.MobileNetV3Small((64, 64, 3), weights=None, include_preprocessing=False, classes=5)
    found = lrp(net, np.random.default_rng(0).random((1, 64, 64, 3)).astype("float32"), 0)
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).max() > 0


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Bidirectional(layers.LSTM(4, use_bias=False)),
        lambda: layers.Bidirectional(layers.GRU(4, use_bias=False), merge_mode="sum"),
        lambda: layers.RNN(layers.LSTMCell(4, use_bias=False)),
    ],
)
def test_wrapped_recurrent_layers_conserve(layer):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 3)), layer(), layers.Dense(2)])
    found = lrp(model, np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32"), 1, stabilizer=1e-9)
    np.testing.assert_allclose(found.delta, 0, atol=1e-3)


def test_layers_over_a_free_number_of_steps_are_refused_with_advice_that_works():
    def film(steps):
        keras.utils.set_random_seed(0)
        start = keras.Input((steps, 3))
        t = layers.TimeDistributed(layers.EinsumDense("ab,bc->ac", 4), name="each")(start)
        return keras.Model(start, layers.Dense(2, use_bias=False)(layers.GRU(3, use_bias=False, name="steps")(t)))

    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    with pytest.raises(UnsupportedLayerError, match=r"'each'.*'steps'.*number of steps is fixed, Input\(\(steps"):
        lrp(film(None), x, 1)
    np.testing.assert_allclose(lrp(film(4), x, 1).delta, 0, atol=1e-3)
