"""A completeness error far above the score is said, with advice that helps."""

import warnings

import keras
import numpy as np
import pytest

from xai_widgets.methods import deep_lift, integrated_gradients, lrp, relevance_by_layer
from xai_widgets.methods.core.completeness_error import warn_of_large_delta

layers = keras.layers
pytestmark = pytest.mark.backend


def steep():
    """Return a model of one number whose second score is a step at one half."""
    model = keras.Sequential(
        [keras.Input((1,)), layers.Dense(1, "sigmoid"), layers.Dense(2)],
    )
    model.set_weights([np.array([[200.0]]), np.array([-100.0]), np.array([[0.0, 1.0]]), np.zeros(2)])
    return model


def biased():
    """Return a model whose score, 1 at 1, is what a bias of -100 leaves of 101."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, "relu", name="unit"), layers.Dense(2)])
    model.set_weights([np.array([[101.0]]), np.array([-100.0]), np.array([[0.0, 1.0]]), np.zeros(2)])
    return model


def test_integrated_gradients_between_its_steps():
    with pytest.warns(UserWarning, match=r"1 of 1 inputs sum to 50 where 1 is explained.*tolerance=0\.01") as caught:
        found = integrated_gradients(steep(), [[1.0]], 1, steps=1)
    assert [one.filename for one in caught if one.category is UserWarning] == [__file__]
    np.testing.assert_allclose(found.delta, [49], rtol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = integrated_gradients(steep(), [[1.0]], 1, tolerance=0.01)
    np.testing.assert_allclose(found.values, [[1]], rtol=0.02)


def test_relevance_that_a_bias_makes():
    with pytest.warns(UserWarning, match="sum to 101 where 1 is explained.*relevance_by_layer"):
        lrp(biased(), [[1.0]], 1, rule="epsilon")
    shown = relevance_by_layer(biased(), [[1.0]], 1, rule="epsilon")
    assert shown is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = lrp(biased(), [[1.0]], 1, rule="epsilon", stabilizer=100.0)
    np.testing.assert_allclose(found.values, [[101 / 101 / 101]], rtol=1e-3)  # a share of 1 / 101, then all of it


@pytest.mark.parametrize(
    ("values", "delta", "due", "warned"),
    [
        ([[1.0, -1.0]], [0.0], [0.0], False),
        ([[3.0, 0.0]], [2.1], [0.9], True),
        ([[3.0, 0.0]], [1.9], [1.1], False),
        ([[0.0, 0.0]], [-5.0], [5.0], False),  # nothing arrives: the loss is all there is
        ([[50.0, -49.9]], [0.09], [0.01], False),  # little beside what the map holds
        ([[3.0, 0.0], [1.0, 0.0]], [2.1, 0.0], [0.9, 1.0], True),
    ],
)
def test_when_it_is_said(values, delta, due, warned):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_large_delta("deep_lift", np.array(values), np.array(delta), np.array(due))
    assert bool(caught) == warned


def test_several_inputs_are_summed():
    with pytest.warns(UserWarning, match="1 of 1 inputs"):
        warn_of_large_delta("lrp", [np.ones((1, 2)), np.ones((1, 3))], np.array([4.0]), np.array([1.0]))


def test_what_sums_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        deep_lift(biased(), [[1.0]], 1)
        integrated_gradients(biased(), [[1.0]], 1, steps=500)
