"""Our gradients and class activation maps beside those that other libraries gave for the same weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.oracles import two_convolutions
from xai_widgets.methods import (
    grad_cam,
    grad_cam_plus_plus,
    gradient_times_input,
    hires_cam,
    integrated_gradients,
    layer_cam,
    saliency,
    smooth_grad,
    var_grad,
)
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend


def recorded(name):
    return np.load(Path(__file__).parent / f"{name}.npz")


@pytest.fixture(scope="module")
def net():
    return Classifier(two_convolutions.keras_model(two_convolutions.weights()), value_range=(0, 1))


X = two_convolutions.pictures()


@pytest.mark.parametrize("method", [saliency, gradient_times_input])
def test_captum_gradients(net, method):
    expected = recorded("captum_gradients")[method.__name__]
    np.testing.assert_allclose(method(net, X, 1).values, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("quadrature", ["gauss_legendre", "riemann_left", "riemann_right", "riemann_mid", "trapezoid"])
def test_captum_integrated_gradients(net, quadrature):
    expected = recorded("captum_gradients")[f"integrated_gradients {quadrature}"]
    if quadrature == "trapezoid":
        expected = expected * 20 / 19  # captum divides by the nodes, not by the steps between: its weights sum to 0.95
    found = integrated_gradients(net, X, 2, baseline=-0.5, steps=20, quadrature=quadrature)
    np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", ["mean", "square", "variance"])
def test_captum_noise(net, kind):
    """Both draw their own noise, so what is compared are expectations."""
    expected = recorded("captum_gradients")[f"noise {kind}"]
    options = {"samples": 10_000, "noise": 0.5}
    found = var_grad(net, X, 1, **options) if kind == "variance" else smooth_grad(net, X, 1, reduce=kind, **options)
    np.testing.assert_allclose(found.values, expected, atol=0.04 * np.abs(expected).max())
    assert np.corrcoef(found.values.ravel(), expected.ravel())[0, 1] > 0.999


def test_captum_grad_cam(net):
    found = grad_cam(net, X, 1, layer="maps", relu=False, upsample=False)
    np.testing.assert_allclose(found.values, recorded("captum_gradients")["grad_cam"], rtol=1e-4, atol=1e-6)


# Both make maps for class 1 of the first picture and class 2 of the second.

BY_NAME = {"grad_cam": grad_cam, "layer_cam": layer_cam, "hires_cam": hires_cam}


@pytest.mark.parametrize("name", ["grad_cam", "layer_cam"])
def test_tf_keras_vis(net, name):
    found = BY_NAME[name](net, X, [1, 2], layer="maps", upsample=False)
    np.testing.assert_allclose(found.values, recorded("tf_keras_vis_cam")[name], rtol=1e-4, atol=1e-5)


def test_tf_keras_vis_grad_cam_plus_plus_is_the_normalised_formula_times_exp_of_the_score(net):
    found = grad_cam_plus_plus(net, X, [1, 2], layer="maps", formula="normalised", upsample=False)
    expected = recorded("tf_keras_vis_cam")["grad_cam_plus_plus"]
    scaled = found.values * np.exp(found.score)[:, np.newaxis, np.newaxis]
    np.testing.assert_allclose(scaled, expected, rtol=1e-3, atol=1e-4 * expected.max())


@pytest.mark.parametrize("name", ["grad_cam", "layer_cam", "hires_cam"])
def test_pytorch_grad_cam(net, name):
    found = BY_NAME[name](net, X, [1, 2], layer="maps", relu=False, upsample=False)
    np.testing.assert_allclose(found.values, recorded("pytorch_grad_cam_maps")[name], rtol=1e-4, atol=1e-5)


def test_pytorch_grad_cam_plus_plus_is_the_formula_of_the_paper(net):
    found = grad_cam_plus_plus(net, X, [1, 2], layer="maps", formula="paper", relu=False, upsample=False)
    expected = recorded("pytorch_grad_cam_maps")["grad_cam_plus_plus"]
    np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["captum_gradients", "tf_keras_vis_cam", "pytorch_grad_cam_maps"])
def test_the_versions_are_recorded(name):
    assert " " in str(recorded(name)["versions"])
