"""Guided Grad-CAM is the product of its two parts, and of the target alone."""

import numpy as np
import pytest

from models import graphs
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
