"""Our gradients and rules beside those that innvestigate gave for the same weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.oracles import two_convolutions
from xai_widgets.methods import deconvolution, guided_backprop, lrp, saliency
from xai_widgets.methods.attribution.backpropagation.rules.composites import Composite
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import AlphaBeta, Epsilon, Flat, ZPlus
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

X, INDEX = two_convolutions.pictures(), 1
RECORDED = np.load(Path(__file__).parent / "innvestigate_rules.npz")
TWO_ONE = AlphaBeta(2, 1, bias=False)
RULES = {
    "zero": {"rule": "zero"},
    "epsilon": {"rule": Epsilon(0.1)},
    "w_square": {"rule": "w_square"},
    "flat": {"rule": "flat"},
    "z_plus": {"rule": ZPlus()},
    "alpha2_beta1": {"rule": TWO_ONE},
}
PRESETS = {
    "preset_a": Composite(Epsilon(0.1), ZPlus()),
    "preset_b": Composite(Epsilon(0.1), TWO_ONE),
    "preset_a_flat": Composite(Epsilon(0.1), ZPlus(), Flat()),
    "preset_b_flat": Composite(Epsilon(0.1), TWO_ONE, Flat()),
}


def net(values):
    return Classifier(two_convolutions.keras_model(values), value_range=(0, 1))


def compare(found, name):
    expected = RECORDED[name]
    np.testing.assert_allclose(found, expected, rtol=5e-4, atol=5e-4 * np.abs(expected).max())


def test_gradient():
    compare(saliency(net(two_convolutions.weights()), X, INDEX).values, "gradient")


@pytest.mark.parametrize("method", [deconvolution, guided_backprop])
def test_rectified_gradients(method):
    """It starts from the score, not from 1; both are positively homogeneous."""
    found = method(net(two_convolutions.weights()), X)
    assert (found.score > 0).all()
    compare(found.values * found.score[:, np.newaxis, np.newaxis, np.newaxis], method.__name__)


@pytest.mark.parametrize("name", RULES)
def test_rules(name):
    compare(lrp(net(two_convolutions.weights()), X, INDEX, **RULES[name]).values, name)


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name):
    """Without biases: innvestigate adds the whole bias to the positive part and to the negative one."""
    values = two_convolutions.without_biases(two_convolutions.weights())
    compare(lrp(net(values), X, INDEX, composite=PRESETS[name]).values, name)


def test_the_versions_are_recorded():
    assert "innvestigate 2" in str(RECORDED["versions"])
