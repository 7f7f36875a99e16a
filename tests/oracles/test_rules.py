"""Our LRP, DeepLIFT, guided and deconvolution maps beside those that other libraries gave for the same weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.oracles import plain_chain
from xai_widgets.methods import deconvolution, deep_lift, guided_backprop, lrp
from xai_widgets.methods.attribution.backpropagation.rules.composites import Composite
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import AlphaBeta, Epsilon, Flat, Gamma, ZPlus
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

X = plain_chain.pictures()
PLUS = ZPlus(bias=True)  # zennit lets positive biases take a share
ASKED = {
    "epsilon": {"rule": Epsilon(0.1)},
    "gamma": {"rule": Gamma(0.5)},
    "z_plus": {"rule": PLUS},
    "alpha_beta": {"rule": AlphaBeta(2, 1)},
    "w_square": {"rule": "w_square"},
    "flat": {"rule": "flat"},
    "epsilon_plus": {"composite": Composite(Epsilon(), PLUS)},
    "epsilon_plus_flat": {"composite": Composite(Epsilon(), PLUS, Flat())},
    "epsilon_gamma_box": {"composite": "epsilon_gamma_box"},
    "epsilon_alpha2_beta1": {"composite": "epsilon_alpha2_beta1"},
}


def recorded(name):
    return np.load(Path(__file__).parent / f"{name}.npz")


def compare(found, expected, share):
    np.testing.assert_allclose(found, expected, rtol=share, atol=share * np.abs(expected).max())


@pytest.fixture(scope="module")
def net():
    ends = (plain_chain.LOW, plain_chain.HIGH)
    return Classifier(plain_chain.keras_model(plain_chain.weights()), value_range=ends)


@pytest.mark.parametrize("name", ASKED)
def test_zennit_lrp(net, name):
    # It adds its epsilon to the denominators of every rule.
    compare(lrp(net, X, 1, **ASKED[name]).values, recorded("zennit_rules")[name], 5e-4)


@pytest.mark.parametrize("method", [guided_backprop, deconvolution])
@pytest.mark.parametrize("library", ["zennit_rules", "captum_deep_lift"])
def test_guided_and_deconvolution(net, method, library):
    compare(method(net, X, 1).values, recorded(library)[method.__name__], 1e-5)


@pytest.mark.parametrize("baseline", ["zero", "picture"])
def test_captum_deep_lift(baseline):
    means = plain_chain.keras_model(plain_chain.weights(), maxima=False)
    start = 0 if baseline == "zero" else plain_chain.reference()
    found = deep_lift(means, X, 1, baseline=start)
    compare(found.values, recorded("captum_deep_lift")[f"deep_lift {baseline}"], 1e-3)


def test_deep_lift_is_complete_where_captum_is_not(net):
    """Maxima of a picture and of a reference lie at other places: captum 0.9 misses the rise by 2.8 of 6.5."""
    found = deep_lift(net, X, 1, baseline=plain_chain.reference())
    np.testing.assert_allclose(found.delta, 0, atol=1e-4)
