"""Sizes of groups and distances between them: what a reader of a map is tempted to believe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def group_spread(points: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
    """Return each group's spread: the root mean square distance of its members from their centre.

    Parameters
    ----------
    points : (N, D) array
    groups : (N,) array of int
        0 to G - 1.

    Returns
    -------
    (G,) array

    Examples
    --------
    >>> group_spread([[0, 0], [2, 0], [5, 5], [5, 11]], [0, 0, 1, 1]).tolist()
    [1.0, 3.0]
    """
    return np.array([np.sqrt(((one - one.mean(axis=0)) ** 2).sum(axis=1).mean()) for one in _split(points, groups)])


def centre_distances(points: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
    """Return the distances between the centres of the groups, (G, G).

    Examples
    --------
    >>> centre_distances([[0, 0], [2, 0], [1, 4], [1, 4]], [0, 0, 1, 1]).tolist()
    [[0.0, 4.0], [4.0, 0.0]]
    """
    from scipy.spatial.distance import cdist

    centres = np.stack([one.mean(axis=0) for one in _split(points, groups)])
    return np.asarray(cdist(centres, centres))


def _split(points: ArrayLike, groups: ArrayLike) -> list[NDArray[np.float64]]:
    table, of = np.asarray(points, np.float64), np.asarray(groups)
    if len(table) != len(of):
        raise ValueError(f"{len(table)} points need as many groups, got {len(of)}")
    found = [table[of == group] for group in range(int(of.max()) + 1)]
    if not all(map(len, found)):
        raise ValueError("groups are numbered from 0 without a gap")
    return found
