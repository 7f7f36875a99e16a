"""How far a layout keeps neighbours: trustworthiness, continuity, neighbours kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.embedding.layouts import as_vectors
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.common.option_types import PositiveInt
    from xai_widgets.results.recipe import Recipe

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
    recipe : Recipe, optional
        The method and the options that reproduce the result; None for one that was put together by hand.

    Examples
    --------
    >>> far = np.array([[0.0], [1.0], [2.0], [30.0], [31.0], [32.0]])
    >>> found = map_quality(far, far[[0, 1, 3, 2, 4, 5]], neighbours=2)  # two points have changed places
    >>> round(found.kept, 3)  # one neighbour of two for four of them, none for the two
    0.333
    """

    trustworthiness: float
    continuity: float
    kept: float
    neighbours: int
    recipe: Recipe | None = field(default=None, repr=False, compare=False)

    def figure(self) -> Figure:
        """Return a matplotlib figure of the three shares as bars.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown yet; `show` draws and shows it.
        """
        from xai_widgets.plots.bar_figures import bars_figure

        names = ("trustworthiness", "continuity", "kept")
        said = [message(f"embedding.{name}") for name in names]
        return bars_figure({"": (said, [getattr(self, name) for name in names])}, caption=caption_of(self.recipe))

    show = shown(figure)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())


@recorded
def map_quality(vectors: ArrayLike, points: ArrayLike, *, neighbours: PositiveInt = 15) -> MapQuality:
    """Compare the neighbours of vectors with those of their points.

    Parameters
    ----------
    vectors : (N, D) array
        Finite numbers, a row for each vector, N at least 4.
    points : (N, 2) array
        A layout: a point for each of N vectors, N at least 4, in the same order. Any other width is taken too.
    neighbours : int, default 15
        How many nearest ones are a point's neighbours, from 1 to below N / 2.

    Returns
    -------
    MapQuality
        ``.trustworthiness``, ``.continuity`` and ``.kept``, each 1 at best, by Euclidean distances; computed in
        blocks of rows, so that memory grows with N alone. ``.recipe`` makes it again.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more, the counts differ, or `neighbours` is
        out of its range.

    References
    ----------
    Jarkko Venna, Samuel Kaski (2001), Neighborhood preservation in nonlinear projection methods: an experimental study,
    doi:10.1007/3-540-44668-0_68.

    Examples
    --------
    >>> line = np.arange(8.0)[:, None]
    >>> map_quality(line, 5 - 3 * line, neighbours=2)
    MapQuality(trustworthiness=1.0, continuity=1.0, kept=1.0, neighbours=2)
    """
    before, after = as_vectors(vectors), as_vectors(points, "points")
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
