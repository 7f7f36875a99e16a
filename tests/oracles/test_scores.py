"""Our scores of explanations beside those of captum, xplique and quantus, on the same weights with the same draws."""

from pathlib import Path

import numpy as np
import pytest

from tests.oracles import two_convolutions
from tests.oracles.draws import EPSILON, GRID, HIDDEN, SAMPLES, SEED, STEPS, hidden_pixels, masks_of_things, random_map
from xai_widgets.methods import saliency
from xai_widgets.methods.evaluation.deletion_insertion import deletion_curve, insertion_curve
from xai_widgets.methods.evaluation.fidelity import infidelity, mu_fidelity
from xai_widgets.methods.evaluation.imputation import impute
from xai_widgets.methods.evaluation.localization import pointing_game, relevance_mass
from xai_widgets.methods.evaluation.max_sensitivity import max_sensitivity
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

X, INDEX = two_convolutions.pictures(), 1
MAP = random_map(X.shape)
RECORDED = np.load(Path(__file__).parent / "evaluation_scores.npz")
DRAWN = {"samples": SAMPLES, "grid": GRID, "hidden": HIDDEN, "seed": SEED, "baseline": 0}


@pytest.fixture(scope="module")
def net():
    return Classifier(two_convolutions.keras_model(two_convolutions.weights()))


def test_captum_infidelity_of_gradients(net):
    found = infidelity(net, X, saliency(net, X, INDEX), INDEX, **DRAWN)
    np.testing.assert_allclose(found.values, RECORDED["infidelity gradients"], rtol=1e-4)


def test_captum_infidelity_of_shares(net):
    found = infidelity(net, X, MAP, INDEX, **DRAWN)
    np.testing.assert_allclose(found.values, RECORDED["infidelity shares"], rtol=1e-4)


def test_captum_max_sensitivity(net):
    found = max_sensitivity(net, X, "saliency", INDEX, epsilon=EPSILON, samples=STEPS, seed=SEED)
    np.testing.assert_allclose(found.values, RECORDED["max_sensitivity"], rtol=1e-4)


@pytest.mark.parametrize(("name", "curve"), [("deletion", deletion_curve), ("insertion", insertion_curve)])
def test_xplique_curves(net, name, curve):
    found = curve(net, X, MAP, INDEX, steps=12, baseline=0)
    np.testing.assert_allclose(found.area, RECORDED[name], rtol=1e-4)


def test_xplique_mu_fidelity(net):
    found = mu_fidelity(net, X, MAP, INDEX, **DRAWN)
    np.testing.assert_allclose(found.values, RECORDED["mu_fidelity"], rtol=1e-4)


@pytest.mark.parametrize("score", [pointing_game, relevance_mass])
def test_quantus_localisation(score):
    found = score(np.maximum(MAP.sum(axis=-1), 0), masks_of_things(X.shape[1:3]))
    np.testing.assert_allclose(found.values, RECORDED[score.__name__], rtol=1e-5)


def test_quantus_imputation_of_road():
    filled = impute(X[0], hidden_pixels(X.shape[1:3])[0], 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(filled, RECORDED["imputed"], rtol=1e-4, atol=1e-5)


def test_the_versions_are_recorded():
    assert all(name in str(RECORDED["versions"]) for name in ("captum", "xplique", "quantus"))
