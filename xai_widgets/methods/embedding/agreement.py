"""How far two layouts of the same vectors agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.methods.embedding.layouts import as_vectors
from xai_widgets.methods.embedding.quality import map_quality

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.common.option_types import PositiveInt


@checked_options
def neighbour_overlap(first: ArrayLike, second: ArrayLike, *, neighbours: PositiveInt = 15) -> float:
    """Return the share of a point's neighbours in one layout that it has in the other, averaged.

    Parameters
    ----------
    first : (N, 2) array
        A layout: a point for each of N vectors, N at least 4, in the same order. Any other width is taken too.
    second : (N, 2) array
        The other layout, of the same vectors in the same order.
    neighbours : int, default 15
        How many nearest points are a point's neighbours, from 1 to below N / 2.

    Returns
    -------
    float
        From 0 to 1: 1 where both layouts have the same neighbours, about ``neighbours / (N - 1)`` for layouts that
        have nothing to do with each other.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more, the counts differ, or `neighbours` is
        out of its range.

    Examples
    --------
    >>> line = np.arange(12.0).reshape(6, 2)
    >>> neighbour_overlap(line, -2 * line, neighbours=1)
    1.0
    """
    return map_quality(first, second, neighbours=neighbours).kept


def procrustes(first: ArrayLike, second: ArrayLike) -> float:
    """Return how much of a layout the other does not explain, after moving, turning, mirroring and scaling it.

    Parameters
    ----------
    first : (N, 2) array
        A layout: a point for each of N vectors, N at least 4, in the same order. Any other width is taken too.
    second : (N, 2) array
        The other layout, of the same vectors in the same order.

    Returns
    -------
    float
        0 for the same shape, 1 for nothing in common: the squared distances left over, of the shape scaled to 1.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more, the counts or widths differ, or all
        points of a layout are one.

    References
    ----------
    John C. Gower (1975), Generalized Procrustes analysis, doi:10.1007/BF02291478.

    Examples
    --------
    >>> square = np.array([[0, 0], [0, 1], [1, 1], [1, 0.0]])
    >>> round(procrustes(square, 5 - 2 * square[:, ::-1]), 12)
    0.0
    """
    from scipy.spatial import procrustes as compare

    return float(compare(as_vectors(first, "first"), as_vectors(second, "second"))[2])


def align(points: ArrayLike, onto: ArrayLike) -> NDArray[np.float32]:
    """Turn and mirror a layout so that it lies as nearly as can be on another; distances stay.

    Parameters
    ----------
    points : (N, 2) array
        The layout that is moved: a point for each of N vectors, N at least 4, in the same order.
    onto : (N, 2) array
        The layout that stays, of the same vectors in the same order.

    Returns
    -------
    (N, 2) float32 array
        The moved points, centred on the centre of `onto`, in the units of `points`.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more, or the counts or widths differ.

    References
    ----------
    Peter H. Schönemann (1966), A generalized solution of the orthogonal Procrustes problem, doi:10.1007/BF02289451.

    Examples
    --------
    >>> ell = np.array([[0, 0], [0, 2], [1, 0], [0, 1.0]])
    >>> np.abs(align(-ell, ell) - ell).max().round(6).item()
    0.0
    """
    from scipy.linalg import orthogonal_procrustes

    moved, fixed = as_vectors(points, "points"), as_vectors(onto, "onto")
    centred, middle = moved - moved.mean(axis=0), fixed.mean(axis=0)
    turn, _ = orthogonal_procrustes(centred, fixed - middle)
    return np.asarray(centred @ turn + middle, np.float32)
