"""Similarity of maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import spearmanr

from xai_widgets.methods import map_similarity

maps = arrays.arrays("float64", (2, 4, 5), elements=st.integers(-5, 5).map(float))
measures = pytest.mark.parametrize("measure", ["spearman", "cosine", "top"])


@given(maps, maps)
def test_spearman_is_scipys(first, second):
    for found, a, b in zip(map_similarity(first, second), first, second, strict=True):
        constant = np.ptp(a) == 0 or np.ptp(b) == 0
        expected = 0.0 if constant else spearmanr(a.ravel(), b.ravel()).statistic
        assert found == pytest.approx(expected, abs=1e-9)


@measures
@given(first=maps, second=maps)
def test_bounds_and_symmetry(measure, first, second):
    found = map_similarity(first, second, measure)
    assert (found >= (0 if measure == "top" else -1)).all()
    assert (found <= 1).all()
    np.testing.assert_allclose(map_similarity(second, first, measure), found, atol=1e-12)
    itself = map_similarity(first, first, measure)
    ranks = np.ptp(first, axis=(1, 2)) > 0
    np.testing.assert_allclose(itself[ranks], 1)


@measures
def test_a_map_that_ranks_nothing(measure):
    flat, ramp = np.zeros((1, 4, 5)), np.arange(20.0).reshape(1, 4, 5)
    assert map_similarity(flat, ramp, measure).tolist() == [0]
    assert map_similarity(flat, flat, measure).tolist() == [0]


def test_what_each_measures():
    ramp = np.arange(20.0).reshape(1, 4, 5)
    assert map_similarity(ramp, np.exp(ramp)).tolist() == [1]  # order alone
    assert map_similarity(ramp, -ramp).tolist() == [-1]
    assert map_similarity(ramp, 7 * ramp, "cosine").tolist() == pytest.approx([1])
    assert map_similarity(ramp, -ramp, "cosine").tolist() == pytest.approx([-1])
    other = ramp.copy()
    other[0, 0, 0], other[0, 3, 4] = 100, -1  # one of the two best of twenty is another now
    assert map_similarity(ramp, other, "top").tolist() == [0.5]


@pytest.mark.parametrize(
    ("first", "second", "measure", "words"),
    [
        (np.zeros((1, 2, 2)), np.zeros((1, 2, 3)), "top", r"of one shape \(N, H, W\), not \(1, 2, 2\) and \(1, 2, 3\)"),
        (np.zeros((2, 2)), np.zeros((2, 2)), "top", "see Attribution.heatmap"),
        (
            np.zeros((1, 2, 2)),
            np.zeros((1, 2, 2)),
            "ssim",
            "measure must be one of 'spearman', 'cosine', 'top'",
        ),
    ],
)
def test_what_is_refused(first, second, measure, words):
    with pytest.raises(ValueError, match=words):
        map_similarity(first, second, measure)
