"""Cutting at a layer: the parts make the whole, their derivatives too, and the user's model is left as it was."""

import gc
import json
import weakref

import keras
import numpy as np
import pytest
from keras import layers

from tests.models import graphs, nets
from xai_widgets import backend
from xai_widgets.models.graph.computation_steps import NoGraphError, has_graph, read_program
from xai_widgets.models.graph.reading import layers_by_path
from xai_widgets.models.graph.splitting import split_model

pytestmark = pytest.mark.backend


def flat(outputs):
    return [keras.ops.convert_to_numpy(one) for one in keras.tree.flatten(outputs)]


def differentiable(tensors):
    return keras.tree.map_structure(keras.ops.convert_to_tensor, tensors)


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_the_parts_make_the_whole(name):
    model, path = graphs.made(name)
    x = differentiable(graphs.unstacked(model))
    parts = split_model(model, path)
    outputs = parts.head(*parts.features(x))
    expected = model(x, training=False)
    keras.tree.assert_same_structure(outputs, expected)
    for found, right in zip(flat(outputs), flat(expected), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_the_parts_compile_and_run_at_any_batch_size(name):
    model, path = graphs.made(name)
    parts, whole = split_model(model, path), graphs.unstacked(model)

    def both(x):
        activation, context = parts.features(x)
        return activation, context, parts.head(activation, context)

    run = backend.compile(both, parts.variables)
    for count in (3, 1):
        x = keras.tree.map_structure(lambda one, count=count: one[:count], whole)
        activation, _, outputs = run(x)
        assert activation.shape[0] == count
        assert all(known in (None, size) for known, size in zip(parts.shape, activation.shape[1:], strict=True))
        for found, right in zip(flat(outputs), flat(model(differentiable(x), training=False)), strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-5)


CHANGED = [name for name in graphs.GRAPHS if name not in ("masked", "nested model itself")]


@pytest.mark.parametrize("name", CHANGED)
def test_the_heads_gradient_is_the_whole_derivative_by_the_layer(name):
    """Changing one bias of the layer moves its output everywhere: the score must follow as the head's gradient says.

    Where the layer is called more than once, all calls are cut and their answers added.
    """
    model, path = graphs.made(name)
    bare = path.partition("#")[0]
    layer = layers_by_path(model)[bare]
    layer.activation = keras.activations.linear  # so that a change of the bias is one of the output
    if isinstance(model, keras.Sequential):
        model = keras.Sequential([keras.Input(graphs.SHAPE), *model.layers])
    x = differentiable(graphs.unstacked(model))
    calls = len(read_program(model).made_by[bare])
    total = np.zeros(layer.bias.shape)
    for number in range(calls):
        parts = split_model(model, f"{bare}#{number}", logits=True)
        activation, context = parts.features(x)

        def score(a, context=context, parts=parts):
            return sum(
                keras.ops.sum(keras.ops.reshape(one, (3, -1))[:, :3] ** 2, axis=-1)
                for one in keras.tree.flatten(parts.head(a, context))
            )

        _, gradient = backend.value_and_gradient(score)(activation)
        total += backend.to_numpy(gradient).sum(axis=(0, 1, 2))
    program = split_model(model, bare, logits=True)

    def whole():
        return sum(
            (one.reshape(3, -1)[:, :3].astype("float64") ** 2).sum() for one in flat(program.head(*program.features(x)))
        )

    step, bias = 1e-2, backend.to_numpy(layer.bias)
    for place in range(len(bias)):
        around = []
        for sign in (1, -1):
            layer.bias.assign(bias + sign * step * np.eye(len(bias))[place])
            around.append(whole())
        layer.bias.assign(bias)
        np.testing.assert_allclose(total[place], (around[0] - around[1]) / (2 * step), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_the_users_model_is_left_as_it_was(name):
    model, path = graphs.made(name)
    x = differentiable(graphs.unstacked(model))

    def state():
        nodes = {place: len(layer._inbound_nodes) for place, layer in layers_by_path(model).items()}
        activations = {place: getattr(layer, "activation", None) for place, layer in layers_by_path(model).items()}
        return nodes, activations, json.loads(model.to_json())

    before, weights, answers = state(), model.get_weights(), flat(model(x, training=False))
    parts = split_model(model, path, logits=True)
    parts.head(*parts.features(x))
    assert state() == before
    assert all(map(np.array_equal, model.get_weights(), weights))
    assert all(map(np.array_equal, flat(model(x, training=False)), answers))


def test_a_cut_reads_the_weights_of_today():
    model, path = graphs.made("nested")
    parts, x = split_model(model, path), differentiable(graphs.unstacked(model))
    model.set_weights([2 * weight for weight in model.get_weights()])
    for found, right in zip(flat(parts.head(*parts.features(x))), flat(model(x, training=False)), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_a_cut_does_not_hold_the_model(name):
    model, path = graphs.made(name)
    parts, alive = split_model(model, path, logits=True), weakref.ref(model)
    del model
    for _ in range(3):
        gc.collect()
    assert alive() is None
    assert parts.path.startswith(path.partition("#")[0])


@pytest.mark.parametrize("ending", [name for name in nets.ENDINGS if not name.startswith("subclassed")])
def test_logits_of_every_way_to_end(ending):
    numbers = nets.Numbers.drawn()
    model = nets.ENDINGS[ending][0](numbers)
    first = next(path for path, layer in layers_by_path(model).items() if isinstance(layer, layers.Flatten))
    parts, x = split_model(model, first, logits=True), nets.inputs()
    found = parts.head(*parts.features(differentiable(x)))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), numbers.logits(x), rtol=1e-5, atol=1e-5)


def test_logits_of_each_of_several_outputs():
    model, path = graphs.made("two outputs")
    x = differentiable(graphs.unstacked(model))
    parts = split_model(model, path, logits=True)
    found, right = parts.head(*parts.features(x)), model(x, training=False)
    for name, logits in found.items():
        made = nets.softmax(keras.ops.convert_to_numpy(logits))
        np.testing.assert_allclose(made, keras.ops.convert_to_numpy(right[name]), rtol=1e-4, atol=1e-5)


def test_the_context_is_what_skips_past_the_layer():
    model, path = graphs.made("plain")
    x = differentiable(graphs.unstacked(model))
    assert split_model(model, path).features(x)[1] == ()
    model, path = graphs.made("residual")
    context = split_model(model, path).features(x)[1]
    assert sorted(tuple(one.shape) for one in context) == [(3, 8, 8, 3), (3, 8, 8, 4)]


def test_which_inputs_a_layer_sees():
    model, path = graphs.made("two inputs")
    names = [tensor.name for tensor in model.inputs]
    assert [names[place] for place in split_model(model, path).inputs] == ["picture"]
    model, _ = graphs.made("shared model")
    assert split_model(model, "tower/target#0").inputs == (0,)
    assert split_model(model, "tower/target#1").inputs == (1,)


def test_paths_and_shapes():
    model, _ = graphs.made("nested")
    parts = split_model(model, "target")
    assert parts.path == "backbone/target"
    assert split_model(model, "after").shape == (8, 8, 5)
    assert [step.path for step in split_model(model, "after").steps] == ["gap", "scores"]
    model, _ = graphs.made("shared layer")
    assert split_model(model, "target").path == "target#1"


def test_what_cannot_be_cut_is_refused():
    model, _ = graphs.made("residual")
    with pytest.raises(ValueError, match="unknown layer 'traget'; did you mean target"):
        split_model(model, "traget")
    with pytest.raises(ValueError, match="'target' is called 1 times, #0 to #0; 'target#3' names none"):
        split_model(model, "target#3")
    softmax = keras.Sequential([keras.Input((2,)), layers.Dense(2, name="first"), layers.Softmax(name="scores")])
    with pytest.raises(ValueError, match=r"the outputs of .* do not depend on the layer 'scores'"):
        split_model(softmax, "scores", logits=True)
    model, _ = graphs.made("nested of two outputs")
    with pytest.raises(ValueError, match="'pair' gives 2 tensors"):
        split_model(model, "pair")


def test_a_subclassed_model_is_refused_by_name():
    model = nets.Subclassed(nets.Numbers.drawn())
    with pytest.raises(
        NoGraphError, match=r"the layers of 'subclassed.*' \(Subclassed\) are not connected.*functional"
    ):
        split_model(model, "hidden")
    with pytest.raises(NoGraphError, match="called once"):
        read_program(nets.unbuilt(nets.Numbers.drawn()))

    class Doubling(keras.Model):
        def call(self, x, training=None):
            return 2 * super().call(x, training=training)

    start = keras.Input((2,))
    assert not has_graph(Doubling(start, layers.Dense(2)(start)))


@pytest.mark.parametrize(("steps", "paths"), [(5, ["all/hidden", "flatten"]), (None, ["all", "global"])])
def test_a_model_that_is_applied_to_each_step_is_opened_where_their_number_is_known(steps, paths):
    inside = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="hidden")], name="each")
    start = keras.Input((steps, 4))
    t = layers.TimeDistributed(inside, name="all")(start)
    model = keras.Model(start, layers.GlobalAveragePooling1D()(t) if steps is None else layers.Flatten()(t))
    assert [step.path.partition("_")[0] for step in read_program(model).steps] == paths
    x = keras.ops.ones((2, 5, 4))
    parts = split_model(model, "all")
    np.testing.assert_allclose(flat(parts.head(*parts.features(x)))[0], flat(model(x))[0], rtol=1e-5)
