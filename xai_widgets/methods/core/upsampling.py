"""Coarse maps brought to the size of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def upsample(maps: NDArray[Any], size: Sequence[int]) -> NDArray[np.float32]:
    """Enlarge maps by linear interpolation along each axis (bilinear in two dimensions); values keep their scale.

    A cell of the map is a square of the picture and its value stands at the square's centre, as in the resizing of
    TensorFlow and of PyTorch (``align_corners=False``); beyond the outermost centres values stay as they are.

    Parameters
    ----------
    maps : (N, h, w) or (N, l) array
    size : sequence of int
        (H, W), or (L,).

    Examples
    --------
    >>> upsample(np.array([[0.0, 4.0]]), [4]).tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    """
    enlarged = np.asarray(maps, "float32")
    for axis, length in enumerate(size, 1):
        weights = _interpolation(enlarged.shape[axis], length)
        enlarged = np.moveaxis(np.tensordot(enlarged, weights, axes=(axis, 1)), -1, axis)
    return np.ascontiguousarray(enlarged)


def _interpolation(size: int, length: int) -> NDArray[np.float32]:
    """Return the matrix (length, size) that interpolates linearly between the centres of cells."""
    centres = np.clip((np.arange(length) + 0.5) * size / length - 0.5, 0, size - 1)
    low = np.minimum(centres.astype(int), max(size - 2, 0))
    weights, rows = np.zeros((length, size), "float32"), np.arange(length)
    share = centres - low
    weights[rows, low] = 1 - share
    if size > 1:
        weights[rows, low + 1] = share
    return weights
