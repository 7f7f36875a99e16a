"""Guided Grad-CAM is the product of its two parts, and of the target alone."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.models import graphs
from xai_widgets.methods import grad_cam, guided_backprop, guided_grad_cam

pytestmark = pytest.mark.backend


@pytest.mark.parametrize(("name", "layer"), [("plain", None), ("nested", "backbone/target"), ("residual", "target")])
def test_it_is_the_product(name, layer):
    model, _ = graphs.made(name)
    x = graphs.unstacked(model)
    fine, coarse = guided_backprop(model, x, 1), grad_cam(model, x, 1, layer=layer)
    found = guided_grad_cam(model, x, 1, layer=layer)
    assert found.values.shape == (3, 8, 8, 3)
    np.testing.assert_allclose(found.values, fine.values * coarse.values[..., np.newaxis], rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found.score, coarse.score)
    assert found.recipe.options["layer"] == coarse.recipe.options["layer"]
    assert found.recipe.method == "guided_grad_cam"


def test_it_vanishes_where_grad_cam_does():
    model, _ = graphs.made("plain")
    x = graphs.unstacked(model)
    found, coarse = guided_grad_cam(model, x, 2), grad_cam(model, x, 2)
    assert not found.values[coarse.values == 0].any()


def test_both_parts_explain_the_predicted_class():
    model, _ = graphs.made("plain")
    x = graphs.unstacked(model)
    found = guided_grad_cam(model, x)
    classes = [int(name.removeprefix("class ")) for name in found.recipe.target]
    np.testing.assert_allclose(found.values, guided_grad_cam(model, x, classes).values, rtol=1e-4, atol=1e-7)


def test_of_several_inputs_the_one_with_maps_is_explained():
    keras.utils.set_random_seed(0)
    rows, pictures = keras.Input((4,)), keras.Input((12, 12, 3))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu", name="maps")(pictures))
    net = keras.Model([rows, pictures], layers.Dense(2)(layers.Concatenate()([rows, seen])))
    rng = np.random.default_rng(0)
    x = [rng.random((2, 4)).astype("float32"), rng.random((2, 12, 12, 3)).astype("float32")]
    found = guided_grad_cam(net, x, 1)
    fine, coarse = guided_backprop(net, x, 1)[1], grad_cam(net, x, 1)
    np.testing.assert_allclose(found.values, fine.values * coarse.values[..., np.newaxis], rtol=1e-5)
    assert found.heatmap().shape == (2, 12, 12)
