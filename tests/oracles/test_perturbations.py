"""Shapley values and LIME over superpixels beside those that shap and lime gave for the same weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.oracles import two_convolutions
from xai_widgets.methods import kernel_shap, lime_image, shapley_sampling
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

X = two_convolutions.pictures()
RECORDED = np.load(Path(__file__).parent / "shap_lime.npz")


@pytest.fixture(scope="module")
def net():
    return Classifier(two_convolutions.keras_model(two_convolutions.weights()), value_range=(0, 1))


def blocks(side):
    places = np.arange(two_convolutions.SIZE) * side // two_convolutions.SIZE
    return places[:, np.newaxis] * side + places


@pytest.mark.parametrize("theirs", ["kernel", "exact"])
@pytest.mark.parametrize("method", [kernel_shap, shapley_sampling])
def test_exact_shapley_values(net, method, theirs):
    found = method(net, X, 1, segments=blocks(3), baseline=-0.5)
    for place, weights in enumerate(found.weights):
        np.testing.assert_allclose(weights, RECORDED[f"shap {theirs} {place}"], atol=2e-4)


@pytest.mark.parametrize("method", [kernel_shap, shapley_sampling])
def test_sampled_shapley_values(net, method):
    """Theirs are a mean over some 1,200 orders; ours may stray by their own standard errors."""
    found = method(net, X, 1, segments=blocks(4), baseline=-0.5, samples=4000)
    for place, (weights, errors) in enumerate(zip(found.weights, found.errors, strict=True)):
        assert (np.abs(weights - RECORDED[f"shap permutation {place}"]) < 5 * errors + 0.02).all()
        assert errors.max() < 0.2 * np.abs(weights).max()


def test_lime(net):
    pytest.importorskip("lime")
    found = lime_image(net, X, 1, segments=blocks(4), samples=300, seed=7, output="probability")
    for place, weights in enumerate(found.weights):
        np.testing.assert_allclose(weights, RECORDED[f"lime weights {place}"], atol=1e-4)
        np.testing.assert_allclose([found.intercept[place], found.fit[place]], RECORDED[f"lime fit {place}"], atol=1e-3)
