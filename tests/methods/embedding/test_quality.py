"""What a map keeps: closed forms, the definitions in plain loops, scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from xai_widgets.methods.embedding import centre_distances, group_spread, map_quality
from xai_widgets.methods.embedding import quality as module
from xai_widgets.methods.embedding.known_shapes import clouds, linked_rings, nested, trefoil


def _slow(vectors, points, k):
    """Venna and Kaski's definitions, one pair of points at a time."""
    count = len(vectors)

    def ranks(table):
        found = np.zeros((count, count), int)
        for i in range(count):
            others = sorted((j for j in range(count) if j != i), key=lambda j: ((table[i] - table[j]) ** 2).sum())
            for rank, j in enumerate(others, 1):
                found[i, j] = rank
        return found

    before, after = ranks(vectors), ranks(points)
    false = torn = kept = 0
    for i in range(count):
        for j in range(count):
            if i == j:
                continue
            if after[i, j] <= k < before[i, j]:
                false += before[i, j] - k
            if before[i, j] <= k < after[i, j]:
                torn += after[i, j] - k
            kept += before[i, j] <= k and after[i, j] <= k
    scale = 2 / (count * k * (2 * count - 3 * k - 1))
    return 1 - scale * false, 1 - scale * torn, kept / (count * k)


@pytest.mark.parametrize("neighbours", [1, 5, 14])
def test_as_the_definitions_and_scikit_learn(neighbours, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 200)  # several blocks, the last one shorter
    rng = np.random.default_rng(neighbours)
    vectors, points = rng.normal(size=(31, 4)), rng.normal(size=(31, 2))
    found = map_quality(vectors, points, neighbours=neighbours)
    expected = _slow(vectors, points, neighbours)
    np.testing.assert_allclose((found.trustworthiness, found.continuity, found.kept), expected, rtol=1e-12)
    assert found.trustworthiness == pytest.approx(trustworthiness(vectors, points, n_neighbors=neighbours), rel=1e-12)
    assert found.continuity == pytest.approx(trustworthiness(points, vectors, n_neighbors=neighbours), rel=1e-12)


def test_a_faithful_map_has_all_and_a_folded_line_has_false_friends():
    line = np.arange(20.0)[:, None]
    assert map_quality(line, -7 * line, neighbours=3).kept == 1
    folded = np.minimum(line, 19 - line) + 1e-3 * line
    found = map_quality(line, folded, neighbours=3)
    assert found.trustworthiness < found.continuity < 1


def test_the_least_value_is_that_of_the_reverse():
    """Four points, one neighbour, each point's farthest made its nearest: nothing is kept."""
    vectors = np.array([[0.0], [1.0], [10.0], [12.0]])
    points = np.array([[0.0], [10.0], [11.0], [0.5]])
    assert map_quality(vectors, points, neighbours=1).kept == 0


def test_counts_and_ranges_are_checked():
    with pytest.raises(ValueError, match="as many points"):
        map_quality(np.zeros((6, 2)), np.zeros((5, 2)), neighbours=1)
    with pytest.raises(ValueError, match="below 3"):
        map_quality(np.zeros((6, 2)), np.zeros((6, 2)), neighbours=3)


def test_spreads_and_distances_of_groups():
    vectors, groups = clouds([4000, 4000], places=[0, 7], spreads=[1, 3], dimensions=16)
    np.testing.assert_allclose(group_spread(vectors, groups), [4, 12], rtol=0.03)  # spread x sqrt(dimensions)
    assert centre_distances(vectors, groups)[0, 1] == pytest.approx(7, rel=0.03)
    with pytest.raises(ValueError, match="gap"):
        group_spread([[0, 0], [1, 1]], [0, 2])
    with pytest.raises(ValueError, match="as many groups"):
        group_spread([[0, 0], [1, 1]], [0])


def test_shapes_are_what_they_are_called():
    vectors, groups = nested(200, ratio=30)
    assert np.divide(*group_spread(vectors, groups)[::-1]) == pytest.approx(30, rel=0.05)
    rings, ring = linked_rings(50)
    for one, centre in ((0, [0, 0, 0]), (1, [1, 0, 0])):
        np.testing.assert_allclose(np.linalg.norm(rings[ring == one] - centre, axis=1), 1)
    knot = trefoil(120)
    gaps = np.linalg.norm(np.diff(knot, axis=0, append=knot[:1]), axis=1)
    assert gaps.max() < 2 * gaps.min()
    with pytest.raises(ValueError, match="as many places"):
        clouds([1, 2], places=[0])
