"""From points of a plane to the cells of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.common.checked_options import checked_options

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.common.option_types import PositiveInt

_OUTSIDE = 1.0  # percent of the points at each end, which do not decide on the frame
_MARGIN = 0.05  # of the width, left free at each side


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells that hold points enough.

    Attributes
    ----------
    rows, columns : (M,) int64 arrays
        Where each is in the grid, row by row from the top.
    counts : (M,) int64 array
        How many points it holds.
    of : (N,) int64 array
        The cell of each point; -1 for a point whose cell holds too few.

    Examples
    --------
    >>> found = cells_of([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1]], grid=2)
    >>> found.mean(np.array([[1.0], [3.0], [5.0]])).tolist()
    [[2.0], [5.0]]
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]
    of: NDArray[np.int64]

    def mean(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean of values over the points of each cell.

        Parameters
        ----------
        values : (N, ...) array
            A value, or an array, for each point.

        Returns
        -------
        (M, ...) float32 array
            The mean for each cell.
        """
        inside = self.of >= 0
        sums = np.zeros((len(self.rows), *values.shape[1:]), "float64")
        np.add.at(sums, self.of[inside], values[inside])
        shape = (-1, *(1,) * (values.ndim - 1))
        return (sums / self.counts.reshape(shape)).astype("float32")


def unit_square(points: ArrayLike) -> NDArray[np.float64]:
    """Move and scale points into the square from 0 to 1; the few outermost are put on its border.

    Parameters
    ----------
    points : (N, 2) array
        Finite numbers: x to the right, y upwards.

    Returns
    -------
    (N, 2) float64 array
        0 to 1.

    Raises
    ------
    ValueError
        If there are no points, or these are not pairs of finite numbers.

    Examples
    --------
    >>> unit_square([[0.0, 5.0], [10.0, 5.0]]).round(2).tolist()
    [[0.04, 0.5], [0.96, 0.5]]
    """
    array = np.asarray(points, "float64")
    if array.ndim != 2 or array.shape[1] != 2 or not len(array) or not np.isfinite(array).all():
        raise ValueError(f"a layout is one pair of finite numbers for each activation, (N, 2), not {array.shape}")
    low, high = np.percentile(array, [_OUTSIDE, 100 - _OUTSIDE], axis=0)
    width = high - low
    middle = (low + high) / 2
    whole = np.where(width > 0, width, 1) * (1 + 2 * _MARGIN)
    square: NDArray[np.float64] = np.clip((array - middle) / whole + 0.5, 0, 1)
    return square


@checked_options
def cells_of(points: ArrayLike, grid: PositiveInt, least: PositiveInt = 1) -> Cells:
    """Sort points of the unit square, (x to the right, y upwards), into a grid.

    Parameters
    ----------
    points : (N, 2) array
        0 to 1.
    grid : int
        Rows and columns.
    least : int
        How many points a cell must hold to count.

    Returns
    -------
    Cells
        ``.rows`` and ``.columns`` (M,) of the cells that count, ``.counts`` (M,) of their points, and ``.of`` (N,), the
        cell of each point.

    Raises
    ------
    ValueError
        If grid or least is below 1, or no cell holds points enough.

    Examples
    --------
    >>> found = cells_of([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1]], grid=2)
    >>> found.rows.tolist(), found.columns.tolist(), found.counts.tolist(), found.of.tolist()
    ([0, 1], [0, 1], [2, 1], [0, 0, 1])
    """
    array = np.asarray(points, "float64")
    column, up = np.clip((array * grid).astype("int64"), 0, grid - 1).T
    place = (grid - 1 - up) * grid + column
    filled, of, counts = np.unique(place, return_inverse=True, return_counts=True)
    enough = counts >= least
    if not enough.any():
        raise ValueError(f"no cell holds {least} activations: take more pictures, a smaller grid, or a smaller least")
    number = np.where(enough, np.cumsum(enough) - 1, -1)
    kept = filled[enough]
    return Cells(kept // grid, kept % grid, counts[enough], number[of])
