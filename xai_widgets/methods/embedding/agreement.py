"""How far two layouts of the same vectors agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.methods.embedding.layouts import as_vectors
from xai_widgets.methods.embedding.quality import map_quality

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def neighbour_overlap(first: ArrayLike, second: ArrayLike, *, neighbours: int = 15) -> float:
    """Return the share of a point's neighbours in one layout that it has in the other, averaged.

    Parameters
    ----------
    first, second : (N, 2) arrays
    neighbours : int
        From 1 to below N / 2.

    Examples
    --------
    >>> line = np.arange(12.0).reshape(6, 2)
    >>> neighbour_overlap(line, -2 * line, neighbours=1)
    1.0
    """
    return map_quality(first, second, neighbours=neighbours).kept


def procrustes(first: ArrayLike, second: ArrayLike) -> float:
    """Return how much of a layout the other does not explain, after moving, turning, mirroring and scaling it.

    Returns
    -------
    float
        0 for the same shape, 1 for nothing in common: the squared distances left over, of the shape scaled to 1.

    Raises
    ------
    ValueError
        If the counts differ, or all points of a layout are one.

    Examples
    --------
    >>> square = np.array([[0, 0], [0, 1], [1, 1], [1, 0.0]])
    >>> round(procrustes(square, 5 - 2 * square[:, ::-1]), 12)
    0.0
    """
    from scipy.spatial import procrustes as compare

    return float(compare(as_vectors(first), as_vectors(second))[2])


def align(points: ArrayLike, onto: ArrayLike) -> NDArray[np.float32]:
    """Turn and mirror a layout so that it lies as nearly as can be on another; distances stay.

    Parameters
    ----------
    points, onto : (N, 2) arrays

    Returns
    -------
    (N, 2) array
        Centred on the centre of `onto`.

    Examples
    --------
    >>> ell = np.array([[0, 0], [0, 2], [1, 0], [0, 1.0]])
    >>> np.abs(align(-ell, ell) - ell).max().round(6).item()
    0.0
    """
    from scipy.linalg import orthogonal_procrustes

    moved, fixed = as_vectors(points), as_vectors(onto)
    centred, middle = moved - moved.mean(axis=0), fixed.mean(axis=0)
    turn, _ = orthogonal_procrustes(centred, fixed - middle)
    return np.asarray(centred @ turn + middle, np.float32)
