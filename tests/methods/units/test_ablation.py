"""Units switched off: closed forms behind a dense layer, and a slow twin that edits the weights."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import load_model
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods.units.ablation import ablation_effect


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


@pytest.fixture(scope="module")
def pictures():
    return digits_split("test")[0][:5]


def test_behind_averaging_and_a_dense_layer_the_effect_is_activation_times_weight(digits, pictures):
    change = ablation_effect(digits, pictures, "conv4", [5, 9, [5, 9]], batch_size=2)
    tap = keras.Model(digits.model.inputs[0], digits.model.get_layer("gap").output)
    mean, kernel = np.asarray(tap(pictures)), digits.model.get_layer("scores").get_weights()[0]
    for place, unit in enumerate((5, 9)):
        np.testing.assert_allclose(change[:, place], -mean[:, [unit]] * kernel[unit], atol=1e-5)
    np.testing.assert_allclose(change[:, 2], change[:, 0] + change[:, 1], atol=1e-5)


def test_it_is_as_if_the_units_filters_were_zero(digits, pictures):
    """The slow twin: a copy of the net in which the filters of the units, and their biases, are 0."""
    for units in ([3], [0, 7, 20]):
        twin = keras.models.clone_model(digits.model)
        twin.set_weights(digits.model.get_weights())
        kernel, bias = twin.get_layer("conv2").get_weights()
        kernel[..., units], bias[units] = 0, 0
        twin.get_layer("conv2").set_weights([kernel, bias])
        wanted = np.log(np.asarray(twin(pictures))) - np.log(np.asarray(digits.model(pictures)))
        found = ablation_effect(digits, pictures, "conv2", [units])[:, 0]
        # Logarithms of probabilities are logits up to one number a picture.
        np.testing.assert_allclose(found - found[:, :1], wanted - wanted[:, :1], atol=1e-3)


def test_every_unit_alone_and_the_batch_size_does_not_matter(digits, pictures):
    whole = ablation_effect(digits, pictures, "conv1")
    assert whole.shape == (5, 32, 10)
    np.testing.assert_allclose(ablation_effect(digits, pictures, "conv1", batch_size=2), whole, atol=1e-4)
    np.testing.assert_array_equal(ablation_effect(digits, pictures, "conv1", 4)[:, 0], whole[:, 4])


@pytest.mark.backend
def test_a_residual_branch_and_a_nested_model_go_on_without_the_unit():
    start = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu", name="hidden")], name="block")
    out = layers.Dense(2, name="scores")(layers.Concatenate()([inner(start), start]))
    model = keras.Model(start, out)
    x = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    hidden = np.asarray(keras.ops.convert_to_numpy(inner(x)))
    kernel = model.get_layer("scores").get_weights()[0]
    found = ablation_effect(model, x, "block/hidden", [1])
    np.testing.assert_allclose(found[:, 0], -hidden[:, [1]] * kernel[1], atol=1e-5)


def test_progress_counts_pictures_and_the_model_is_left_alone(digits, pictures):
    before, seen = digits.logits(pictures), []
    ablation_effect(digits, pictures, "conv4", 0, batch_size=2, progress=lambda *count: seen.append(count))
    assert seen == [(2, 5), (4, 5), (5, 5)]
    np.testing.assert_array_equal(digits.logits(pictures), before)


@pytest.mark.parametrize("units", [64, -1, [[3, 64]], 1.5, ["a"], []])
def test_units_that_do_not_exist_are_refused(digits, pictures, units):
    with pytest.raises((ValueError, TypeError), match=r"units 0 to 63|at least one"):
        ablation_effect(digits, pictures, "conv4", units)
