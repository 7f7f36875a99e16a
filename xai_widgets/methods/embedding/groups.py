"""Groups on a map, their sizes and distances: what a reader is tempted to believe, and whether it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.common.checked_options import checked_options

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.common.option_types import Positive


def group_spread(points: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
    """Return each group's spread: the root mean square distance of its members from their centre.

    Parameters
    ----------
    points : (N, D) array
        The points of a map, or any vectors.
    groups : (N,) array of int
        The group of each point, 0 to G - 1, none of them empty.

    Returns
    -------
    (G,) float64 array
        0 or more, in the units of the points; 0 for a group of one member.

    Raises
    ------
    ValueError
        If the counts differ, or a group between 0 and the largest is empty.

    Examples
    --------
    >>> group_spread([[0, 0], [2, 0], [5, 5], [5, 11]], [0, 0, 1, 1]).tolist()
    [1.0, 3.0]
    """
    return np.array([np.sqrt(((one - one.mean(axis=0)) ** 2).sum(axis=1).mean()) for one in _split(points, groups)])


def centre_distances(points: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
    """Return the distances between the centres of the groups, (G, G).

    Parameters
    ----------
    points : (N, D) array
        The points of a map, or any vectors.
    groups : (N,) array of int
        The group of each point, 0 to G - 1, none of them empty.

    Returns
    -------
    (G, G) float64 array
        Euclidean distances, in the units of the points; 0 on the diagonal.

    Raises
    ------
    ValueError
        If the counts differ, or a group between 0 and the largest is empty.

    Examples
    --------
    >>> centre_distances([[0, 0], [2, 0], [1, 4], [1, 4]], [0, 0, 1, 1]).tolist()
    [[0.0, 4.0], [4.0, 0.0]]
    """
    from scipy.spatial.distance import cdist

    centres = np.stack([one.mean(axis=0) for one in _split(points, groups)])
    return np.asarray(cdist(centres, centres))


@checked_options
def islands(points: ArrayLike, *, reach: Positive = 2.5) -> NDArray[np.int64]:
    """Part points into islands: what hangs together when near points are linked.

    Parameters
    ----------
    points : (N, D) array
        At least 2.
    reach : float, default 2.5
        Two points are linked if they are no further apart than this many times the median distance to a nearest point.

    Returns
    -------
    (N,) array
        The island of each point, numbered from 0, the largest first.

    Examples
    --------
    >>> islands([[0, 0], [1, 0], [9, 0], [10, 0], [11, 0], [40, 0]]).tolist()
    [1, 1, 0, 0, 0, 2]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    table = np.asarray(points, np.float64)
    tree = KDTree(table)
    links = tree.query_pairs(reach * np.median(tree.query(table, k=2)[0][:, 1]), output_type="ndarray")
    graph = coo_matrix((np.ones(len(links)), links.T), shape=(len(table), len(table)))
    found = connected_components(graph, directed=False)[1]
    largest_first = np.argsort(-np.bincount(found), kind="stable")
    return np.asarray(np.argsort(largest_first)[found], np.int64)


def within_between(vectors: ArrayLike, groups: ArrayLike) -> float:
    """Return the mean distance between members of one group, divided by that between members of two.

    Parameters
    ----------
    vectors : (N, D) array
        Any vectors, or the points of a map.
    groups : (N,) array of int
        At least two groups, one of them with two members.

    Returns
    -------
    float
        Near 0 for tight groups that lie far apart; 1 if it does not matter who is in which group.

    Raises
    ------
    ValueError
        If the counts differ, or there are no two groups, or none with two members.

    Examples
    --------
    >>> within_between([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1])
    0.1
    """
    from scipy.spatial.distance import pdist

    table, of = np.asarray(vectors, np.float64), np.asarray(groups)
    if len(table) != len(of):
        raise ValueError(f"{len(table)} vectors need as many groups, got {len(of)}")
    first, second = np.triu_indices(len(of), 1)  # in the order of pdist
    together = of[first] == of[second]
    if together.all() or not together.any():
        raise ValueError("there must be two groups, and one of them with two members")
    distances = pdist(table)
    return float(distances[together].mean() / distances[~together].mean())


def _split(points: ArrayLike, groups: ArrayLike) -> list[NDArray[np.float64]]:
    table, of = np.asarray(points, np.float64), np.asarray(groups)
    if len(table) != len(of):
        raise ValueError(f"{len(table)} points need as many groups, got {len(of)}")
    found = [table[of == group] for group in range(int(of.max()) + 1)]
    if not all(map(len, found)):
        raise ValueError("groups are numbered from 0 without a gap")
    return found
