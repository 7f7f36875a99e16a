"""Layers by path, and the logits behind a head."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from tests.models import nets
from xai_widgets.models.graph.output_head import find_head
from xai_widgets.models.graph.reading import find_layer, layers_by_path

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()


def outputs(model, x):
    return keras.ops.convert_to_numpy(model(x, training=False))


@pytest.mark.parametrize("ending", nets.ENDINGS)
def test_the_logits_of_every_way_to_end(ending):
    build, kind = nets.ENDINGS[ending]
    model, x = build(NUMBERS), nets.inputs()
    head = find_head(model, x[:1])
    assert head.activation == kind
    np.testing.assert_allclose(keras.ops.convert_to_numpy(head.raw(x)), NUMBERS.logits(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ending", nets.ENDINGS)
def test_the_model_is_the_same_before_and_after(ending):
    build, _ = nets.ENDINGS[ending]
    model, x = build(NUMBERS), nets.inputs()
    answers, weights = outputs(model, x), [w.copy() for w in model.get_weights()]
    attributes = {path: sorted(vars(layer)) for path, layer in layers_by_path(model).items()}
    activations = {path: getattr(layer, "activation", None) for path, layer in layers_by_path(model).items()}
    written = json.loads(model.to_json()) if not ending.startswith("subclassed") else None
    head = find_head(model, x[:1])
    head.raw(x)
    np.testing.assert_array_equal(outputs(model, x), answers)
    assert all(np.array_equal(now, then) for now, then in zip(model.get_weights(), weights, strict=True))
    assert {path: sorted(vars(layer)) for path, layer in layers_by_path(model).items()} == attributes
    assert {p: getattr(layer, "activation", None) for p, layer in layers_by_path(model).items()} == activations
    if written is not None:
        assert json.loads(model.to_json()) == written


@pytest.mark.parametrize("ending", ["fused", "nested twice", "Softmax"])
def test_a_model_that_was_read_can_still_be_cloned_and_trained(ending):
    model, x = nets.ENDINGS[ending][0](NUMBERS), nets.inputs()
    find_head(model, x[:1])
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    np.testing.assert_allclose(outputs(copy, x), outputs(model, x), rtol=1e-6)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(x, np.zeros(len(x)))


@pytest.mark.parametrize("policy", nets.MIXED)
def test_half_precision(policy):
    model, x = nets.MIXED[policy](NUMBERS), nets.inputs()
    head = find_head(model, x[:1])
    assert head.activation == "softmax"
    found = keras.ops.convert_to_numpy(keras.ops.cast(head.raw(x), "float32"))
    np.testing.assert_allclose(found, NUMBERS.logits(x), rtol=0.02, atol=0.1)


def test_the_head_reads_the_weights_of_the_model_itself():
    model, x = nets.network(NUMBERS), nets.inputs()
    head = find_head(model, x[:1])
    other = nets.Numbers.drawn(seed=5)
    other.fill(*[layer for layer in model.layers if isinstance(layer, layers.Dense)])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(head.raw(x)), other.logits(x), rtol=1e-5, atol=1e-5)


def test_a_gate_that_is_not_the_head_is_no_head():
    """A subclassed model declares its sigmoid gate last, but ends in a plain dense layer."""
    model, x = nets.Subclassed(NUMBERS, "none"), nets.inputs()
    assert find_head(model, x).activation == "linear"


def test_the_activation_comes_back_when_the_model_raises():
    model, x = nets.Subclassed(NUMBERS), nets.inputs()
    head, activation = find_head(model, x), model.scores.activation
    model.fail = True
    with pytest.raises(RuntimeError, match="own error"):
        head.raw(x)
    assert model.scores.activation is activation
    model.fail = False
    np.testing.assert_allclose(outputs(model, x), nets.softmax(NUMBERS.logits(x)), rtol=1e-5)


# Layers by path


@pytest.fixture
def nest():
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="hidden"), layers.Dense(3, name="out")], name="in"
    )
    middle = keras.Sequential([keras.Input((4,)), inner, layers.Dense(3, name="out")], name="middle")
    return keras.Sequential([keras.Input((4,)), middle, layers.Dense(2, name="head")])


def test_paths_go_down_into_every_model(nest):
    assert list(layers_by_path(nest)) == [
        "middle",
        "middle/in",
        "middle/in/hidden",
        "middle/in/out",
        "middle/out",
        "head",
    ]


def test_layers_are_found_by_path_and_by_bare_name(nest):
    assert find_layer(nest, "middle/in/out") is nest.layers[0].layers[0].layers[1]
    assert find_layer(nest, "hidden") is find_layer(nest, "middle/in/hidden")


def test_a_name_that_several_layers_bear_is_refused_with_their_paths(nest):
    with pytest.raises(ValueError, match=r"several layers are called 'out'.*'middle/in/out', 'middle/out'"):
        find_layer(nest, "out")


def test_an_unknown_layer_is_refused_with_the_nearest(nest):
    with pytest.raises(ValueError, match=r"unknown layer 'middle/in/hiden'; did you mean middle/in/hidden"):
        find_layer(nest, "middle/in/hiden")
