"""The layer probe: what it reads and differentiates, against Keras itself, and that nothing is compiled twice."""

import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

import xai_widgets as xai
from tests.models import graphs, nets
from xai_widgets import backend
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods import eigen_cam, grad_cam, hires_cam
from xai_widgets.methods.atlas import neuron_groups, sample_activations
from xai_widgets.methods.core.explained_batches import explained_batches
from xai_widgets.methods.core.input_batches import input_batches
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.target_scores import explained_scalar
from xai_widgets.methods.dissection import ArrayConcepts, dissect
from xai_widgets.methods.dissection.dissect import LayerReader
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.methods.units.top_patches import top_patches
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.intermediate_outputs import SCORES


@pytest.fixture
def small():
    keras.utils.set_random_seed(1)
    stack = [
        layers.Conv2D(4, 3, name="first"),
        layers.ReLU(name="on"),
        layers.Conv2D(5, 3, activation="relu", name="maps"),
    ]
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), *stack, layers.GlobalAveragePooling2D(), layers.Dense(3, "softmax")]
    )
    return xai.Classifier(model)


X = nets.inputs(7, shape=(8, 8, 3))


def up_to(model, name):
    return backend.to_numpy(keras.Model(model.inputs[0], model.get_layer(name).output)(X))


def test_reads_what_keras_gives(small):
    probe = LayerProbe(small, "maps")
    assert (probe.path, probe.shape, probe.units) == ("maps", (4, 4, 5), 5)
    np.testing.assert_allclose(probe.read(X), up_to(small.model, "maps"), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(probe.activations(X, batch_size=3), probe.read(X), rtol=1e-5, atol=1e-6)


def test_several_layers_come_together_and_an_iterator_is_read_once(small):
    probe, told = LayerProbe(small, ["on", SCORES]), []
    one, scores = probe.activations(iter([X[:4], X[4:]]), batch_size=3, progress=lambda *at: told.append(at))
    np.testing.assert_allclose(one, up_to(small.model, "on"), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scores, small.logits(X), rtol=1e-4, atol=1e-5)
    assert told == [(3, 3), (4, 4), (7, 7)]
    with pytest.raises(ValueError, match="no picture"):
        probe.activations(iter([]))


def test_batches_tell_which_examples_they_hold(small):
    found = [(one.part, len(one.inputs), one.total) for one in input_batches(small, X, 4)]
    assert found == [(slice(0, 4), 4, 7), (slice(4, 7), 3, 7)]


@pytest.mark.parametrize("output", ["logit", "probability"])
def test_the_head_and_its_gradient(small, output):
    """Behind global average pooling each place's gradient of a logit is the class's weight over the places."""
    probe = LayerProbe(small, "maps", output=output)
    state = probe.forward(X)
    answers = small.probabilities(small.logits(X)) if output == "probability" else small.logits(X)
    np.testing.assert_allclose(probe.head(state), answers, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(probe.head(state, "logit"), small.logits(X), rtol=1e-4, atol=1e-5)
    scalar = explained_scalar(small, X, 1, output)
    scores, gradients = probe.gradients(state, scalar)
    np.testing.assert_allclose(scores, answers[:, 1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(probe.scores(state, scalar), answers[:, 1], rtol=1e-4, atol=1e-5)
    weights = small.model.layers[-1].get_weights()[0]
    by_logit = np.eye(3)[1] - answers if output == "probability" else np.eye(3)[[1]]
    factor = answers[:, [1]] if output == "probability" else 1
    expected = (factor * by_logit) @ weights.T / 16
    np.testing.assert_allclose(gradients, np.broadcast_to(expected[:, None, None], gradients.shape), atol=1e-6)


def test_a_masked_state_has_units_at_zero(small):
    probe = LayerProbe(small, "maps")
    state = probe.forward(X)
    kept = np.array([1, 0, 1, 1, 0], "float32")
    np.testing.assert_array_equal(state.masked(kept).activations, state.activations * kept)
    weights, bias = small.model.layers[-1].get_weights()
    by_hand = (state.activations.mean(axis=(1, 2)) * kept) @ weights + bias
    np.testing.assert_allclose(probe.head(state.masked(kept)), by_hand, rtol=1e-4, atol=1e-5)


def test_what_skips_the_layer_comes_along():
    model, path = graphs.made("residual")
    x = graphs.unstacked(model)
    probe = LayerProbe(model, path)
    state = probe.forward(x)
    assert state.context
    np.testing.assert_allclose(probe.head(state), xai.Classifier(model).logits(x), rtol=1e-4, atol=1e-5)


def test_a_layer_behind_the_logits_is_read_but_not_differentiated():
    stack = [layers.Flatten(), layers.Dense(3), layers.Softmax(name="probabilities")]
    net = xai.Classifier(keras.Sequential([keras.Input((8, 8, 3)), *stack]))
    probe = LayerProbe(net, "probabilities")
    np.testing.assert_allclose(probe.read(X).sum(axis=1), 1, rtol=1e-5)
    with pytest.raises(ValueError, match="do not depend on the layer 'probabilities'"):
        probe.forward(X)


def test_wrong_layers_units_and_outputs_are_refused(small):
    with pytest.raises(ValueError, match="unknown layer 'mapz'; did you mean maps"):
        LayerProbe(small, "mapz")
    with pytest.raises(ValueError, match=r"'maps' has the units 0 to 4, not \[5\]"):
        LayerProbe(small, "maps").unit_numbers([5])
    with pytest.raises(ValueError, match=r"no maps \(h, w, C\)"):
        LayerProbe(small, small.model.layers[-1].name).require_maps()
    with pytest.raises(ValueError, match="output must be one of"):
        LayerProbe(small, "maps", output="logits")


def test_the_gradient_of_a_batch_is_that_of_the_whole(small):
    whole = next(explained_batches(LayerProbe(small, "maps"), X, None))
    parts = list(explained_batches(LayerProbe(small, "maps"), X, None, batch_size=3))
    assert [one.part for one in parts] == [slice(0, 3), slice(3, 6), slice(6, 7)]
    np.testing.assert_allclose(np.concatenate([one.gradients for one in parts]), whole.gradients, atol=1e-6)
    assert sum((one.scalar.names for one in parts), ()) == whole.scalar.names


def test_the_old_reader_of_the_dissection_warns_and_reads(small):
    with pytest.warns(DeprecationWarning, match="LayerProbe"):
        reader = LayerReader(small, "maps")
    np.testing.assert_array_equal(reader.maps(X), LayerProbe(small, "maps").activations(X))
    assert reader.layer == "maps"


# Nothing is compiled twice


CONSUMERS = {
    "the predicted class's map": lambda net, x: grad_cam(net, x, layer="conv4"),
    "a given class's map": lambda net, x: grad_cam(net, x, "3", layer="conv4"),
    "another way to weigh": lambda net, x: hires_cam(net, x, 1, layer="conv4"),
    "a map without a gradient": lambda net, x: eigen_cam(net, x, layer="conv4"),
    "the atlas": lambda net, x: sample_activations(net, x, layer="conv4"),
    "ablation": lambda net, x: ablation_effect(net, x, "conv4", [3]),
    "dissection": lambda net, x: dissect(
        net, ArrayConcepts(x, np.ones((len(x), 1, 8, 8), bool), ["all"]), layer="conv4"
    ),
    "reading": lambda net, x: LayerProbe(net, "conv4").activations(x),
}


@pytest.mark.parametrize("second", CONSUMERS)
def test_a_second_consumer_of_a_layer_compiles_nothing(second):
    digits, x = xai.load_model("digits"), digits_split("test")[0][:4]
    store = store_of(digits.model)
    grad_cam(digits, x, layer="conv4")
    before = store.compilations
    assert before >= 3  # up to the layer, on to the logits, and the gradient
    CONSUMERS[second](digits, x)
    assert store.compilations == before


def test_a_callable_target_compiles_its_own_gradient_alone():
    digits, x = xai.load_model("digits"), digits_split("test")[0][:4]
    store = store_of(digits.model)
    grad_cam(digits, x, 3, layer="conv4")
    before = store.compilations
    found = grad_cam(digits, x, lambda outputs: outputs[:, 3], layer="conv4")
    assert store.compilations == before
    np.testing.assert_allclose(found.values, grad_cam(digits, x, 3, layer="conv4").values, atol=1e-5)


def test_one_reduction_of_a_layer_is_compiled_once():
    digits, x = xai.load_model("digits"), digits_split("test")[0][:4]
    top_patches(digits, x, "conv2", count=2)
    before = store_of(digits.model).compilations
    top_patches(digits, x, "conv2", units=[1], count=3, batch_size=2)
    assert store_of(digits.model).compilations == before


def test_neuron_groups_share_the_gradient_of_the_atlas():
    net, picture = xai.load_model("creatures"), xai.sample_image("creature-cat")
    neuron_groups(net, picture, layer="conv4_2", groups=2, size=32, steps=1)
    store = store_of(net.model)
    before = store.compilations
    sample_activations(net, picture, layer="conv4_2")
    grad_cam(net, picture, "cat", layer="conv4_2")
    assert store.compilations == before


def test_what_is_compiled_does_not_keep_the_model():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(2, 3, name="maps"), layers.Flatten(), layers.Dense(2)]
    )
    grad_cam(model, X, 0, layer="maps")
    ablation_effect(model, X, "maps")
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None
