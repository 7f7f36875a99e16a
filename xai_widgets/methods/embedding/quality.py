"""How far a layout keeps neighbours: trustworthiness, continuity, neighbours kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from xai_widgets.methods.embedding.layouts import as_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

_BLOCK: Final = 2**21  # distances held at a time, 16 MiB


@dataclass(frozen=True)
class MapQuality:
    """What a layout keeps of the neighbourhoods; 1 is best for all three.

    Attributes
    ----------
    trustworthiness : float
        Low if points are neighbours on the map that were not: false friends.
    continuity : float
        Low if neighbours were torn apart.
    kept : float
        Share of each vector's neighbours that are neighbours on the map, averaged.
    neighbours : int
        How many were asked for.
    """

    trustworthiness: float
    continuity: float
    kept: float
    neighbours: int


def map_quality(vectors: ArrayLike, points: ArrayLike, *, neighbours: int = 15) -> MapQuality:
    """Compare the neighbours of vectors with those of their points.

    Parameters
    ----------
    vectors : (N, D) array
    points : (N, 2) array
        Of any width, in fact.
    neighbours : int
        From 1 to below N / 2.

    Returns
    -------
    MapQuality
        By Euclidean distances; computed in blocks of rows, so that memory grows with N alone.

    Raises
    ------
    ValueError
        If the counts differ, or `neighbours` is out of its range.

    References
    ----------
    Jarkko Venna, Samuel Kaski (2001), Neighborhood preservation in nonlinear projection methods.

    Examples
    --------
    >>> line = np.arange(8.0)[:, None]
    >>> map_quality(line, 5 - 3 * line, neighbours=2)
    MapQuality(trustworthiness=1.0, continuity=1.0, kept=1.0, neighbours=2)
    """
    before, after = as_vectors(vectors), as_vectors(points)
    count = _checked(before, after, neighbours)
    false, torn, kept = 0, 0, 0
    for rows in _blocks(count):
        ranks_before, ranks_after = _ranks(before, rows), _ranks(after, rows)
        near_before, near_after = ranks_before <= neighbours, ranks_after <= neighbours
        false += int((ranks_before - neighbours)[near_after & ~near_before].sum())
        torn += int((ranks_after - neighbours)[near_before & ~near_after].sum())
        kept += int((near_before & near_after).sum()) - len(ranks_before)  # a point is no neighbour of its own
    worst = count * neighbours * (2 * count - 3 * neighbours - 1) / 2
    return MapQuality(1 - false / worst, 1 - torn / worst, kept / (count * neighbours), neighbours)


def _checked(before: NDArray[np.float64], after: NDArray[np.float64], neighbours: int) -> int:
    if len(before) != len(after):
        raise ValueError(f"{len(before)} vectors need as many points, got {len(after)}")
    if not 1 <= neighbours < len(before) / 2:
        raise ValueError(f"neighbours must be from 1 to below {len(before) / 2:g}, half of the vectors: {neighbours}")
    return len(before)


def _blocks(count: int) -> Iterator[slice]:
    step = max(1, _BLOCK // count)
    for first in range(0, count, step):
        yield slice(first, min(first + step, count))


def _ranks(table: NDArray[np.float64], rows: slice) -> NDArray[np.int32]:
    """Return the rank of every point as a neighbour of each in `rows`: 0 for itself, 1 for the nearest."""
    from scipy.spatial.distance import cdist

    distances = cdist(table[rows], table, "sqeuclidean")
    own = np.arange(rows.start, rows.stop)
    distances[np.arange(len(own)), own] = -1
    order = np.argsort(distances, axis=1, kind="stable")
    ranks = np.empty(order.shape, np.int32)
    np.put_along_axis(ranks, order, np.arange(len(table), dtype=np.int32)[np.newaxis], axis=1)
    return ranks
