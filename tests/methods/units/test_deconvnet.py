"""One activation carried back: closed forms, the whole deconvolution, the gradient, and the receptive field."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import load_model
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods import deconvolution, guided_backprop, saliency
from xai_widgets.methods.units.deconvnet import project_unit
from xai_widgets.methods.units.receptive_fields import receptive_field


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


@pytest.fixture(scope="module")
def pictures():
    return digits_split("test")[0][:3]


@pytest.mark.backend
def test_switches_and_transposed_filter_by_hand():
    """A 2 x 2 pooling of a rectified 1 x 1 filter: the activation goes back to its maximum, times the weight."""
    net = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Conv2D(2, 1, activation="relu"), layers.MaxPooling2D(name="pool")]
    )
    net.layers[0].set_weights([np.float32([[[[2, -3]]]]), np.zeros(2, "float32")])
    x = np.zeros((1, 4, 4, 1), "float32")
    x[0, 1, 2], x[0, 0, 3], x[0, 3, 3] = 5, 4, 9
    found = project_unit(net, x, "pool", 0, place=(0, 1))
    wanted = np.zeros((4, 4))
    wanted[1, 2] = 10 * 2
    np.testing.assert_allclose(found.values[0, ..., 0], wanted)
    np.testing.assert_allclose(found.score, [10])
    gradient = project_unit(net, x, "pool", 0, place=(0, 1), way="gradient")
    np.testing.assert_allclose(gradient.values[0, ..., 0], wanted / 10)
    np.testing.assert_allclose(project_unit(net, x, "pool", 0).score, [18])  # the strongest place, the lower right


def test_a_class_is_deconvolution_times_its_score(digits, pictures):
    """The last layer's own unit: what is carried back is the logit, where `deconvolution` carries back 1."""
    linear = keras.Sequential([*digits.model.layers[:-1], layers.Dense(10, name="raw")])
    linear.build((None, 8, 8, 1))
    linear.get_layer("raw").set_weights(digits.model.get_layer("scores").get_weights())
    answer = int(digits.logits(pictures[:1]).argmax())  # its logit is above 0: rectifiers keep the factor
    for way, whole in (("deconvolution", deconvolution), ("guided_backprop", guided_backprop)):
        found, wanted = project_unit(linear, pictures[:1], "raw", answer, way=way), whole(linear, pictures[:1], answer)
        assert wanted.score > 0
        np.testing.assert_allclose(found.score, wanted.score, atol=1e-4)
        np.testing.assert_allclose(found.values, wanted.values * wanted.score, rtol=1e-3, atol=1e-2)
    gradient = project_unit(linear, pictures, "raw", 3, way="gradient")
    np.testing.assert_allclose(gradient.values, saliency(linear, pictures, 3).values, atol=1e-4)


def test_nothing_lies_outside_the_receptive_field(digits, pictures):
    tapped = keras.Model(digits.model.inputs[0], digits.model.get_layer("conv2").output)
    unit = int(np.asarray(tapped(pictures))[:, 2, 5].max(axis=0).argmax())
    found = project_unit(digits, pictures, "conv2", unit, place=(2, 5), batch_size=2)
    top, left, bottom, right = receptive_field(digits, "conv2").boxes((2, 5))
    outside = found.values.copy()
    outside[:, top:bottom, left:right] = 0
    assert not outside.any()
    assert found.values.any()


def test_the_strongest_place_of_each_picture_is_taken(digits, pictures):
    tapped = keras.Model(digits.model.inputs[0], digits.model.get_layer("conv3").output)
    unit = int(np.asarray(tapped(pictures)).max(axis=(1, 2)).min(axis=0).argmax())
    wanted = np.asarray(tapped(pictures))[..., unit].max(axis=(1, 2))
    np.testing.assert_allclose(project_unit(digits, pictures, "conv3", unit).score, wanted, rtol=1e-5)


@pytest.mark.parametrize(
    ("unit", "options", "message"),
    [
        (64, {}, "0 to 63"),
        (0, {"place": (4, 0)}, "row and a column"),
        (0, {"place": (0, -1)}, "row and a column"),
        (0, {"place": 3}, "row and a column"),
        (0, {"way": "plain"}, "way must be"),
    ],
)
def test_what_does_not_exist_is_refused(digits, pictures, unit, options, message):
    with pytest.raises(ValueError, match=message):
        project_unit(digits, pictures, "conv4", unit, **options)
