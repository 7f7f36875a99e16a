"""Which points of a map hang together, and whether they do so in truth."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from xai_widgets.methods.embedding import islands, pca, tsne, within_between
from xai_widgets.methods.embedding.known_shapes import clouds


def slow_islands(points, reach):
    """Spread a number over every link until nothing changes."""
    distances = cdist(points, points)
    np.fill_diagonal(distances, np.inf)
    near = distances <= reach * np.median(distances.min(axis=1))
    labels = np.arange(len(points))
    for _ in labels:
        labels = np.minimum(labels, np.where(near, labels, len(labels)).min(axis=1))
    return labels


@pytest.mark.parametrize("reach", [1.0, 2.5, 4.0])
def test_islands_are_those_of_a_slow_search(reach):
    points = np.random.default_rng(6).normal(size=(80, 2))
    found, slow = islands(points, reach=reach), slow_islands(points, reach)
    assert np.array_equal(found[:, None] == found, slow[:, None] == slow)
    sizes = np.bincount(found)
    assert list(sizes) == sorted(sizes, reverse=True)
    assert found.min() == 0


def test_within_and_between_by_hand():
    vectors, groups = np.random.default_rng(7).normal(size=(12, 5)), np.arange(12) % 3
    distances, same = cdist(vectors, vectors), groups[:, None] == groups
    apart = ~np.eye(12, dtype=bool)
    expected = distances[same & apart].mean() / distances[~same].mean()
    assert within_between(vectors, groups) == pytest.approx(expected)


@pytest.mark.parametrize(("groups", "said"), [([0, 0, 0], "two groups"), ([0, 1, 2], "two"), ([0, 1], "as many")])
def test_groups_that_cannot_be_compared_are_refused(groups, said):
    with pytest.raises(ValueError, match=said):
        within_between(np.eye(3), groups)


def test_noise_clumps_on_the_map_and_not_in_truth():
    """What the notebook shows: Wattenberg, Viégas and Johnson's fourth trap, in two numbers."""
    noise, _ = clouds([300], places=[0], dimensions=100)
    points = tsne(noise, perplexity=2, steps=500).points
    found = islands(points)
    assert np.bincount(found).max() < 0.2 * len(noise) < np.bincount(islands(pca(noise).points)).max()
    assert within_between(points, found) < 0.5
    assert within_between(noise, found) > 0.9
