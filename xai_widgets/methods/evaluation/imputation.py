"""Noisy linear imputation: hidden pixels take what their neighbours suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# How much each neighbour counts: those beside a pixel twice as much as those across a corner.
_NEIGHBOURS = {
    (down, right): 1 / 6 if 0 in (down, right) else 1 / 12
    for down in (-1, 0, 1)
    for right in (-1, 0, 1)
    if (down, right) != (0, 0)
}


def impute(
    picture: NDArray[np.float32], hidden: NDArray[np.bool_], noise: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Replace hidden pixels so that each is the weighted mean of its neighbours, plus noise.

    Parameters
    ----------
    picture : (H, W, C) float32 array
    hidden : (H, W) bool array
        At least one pixel is left.
    noise : float
        Standard deviation of what is added to each hidden value, in units of the input.
    rng : numpy.random.Generator

    Returns
    -------
    (H, W, C) float32 array

    References
    ----------
    Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci (2022), A consistent and efficient
    evaluation strategy for attribution methods.

    Examples
    --------
    >>> row = np.array([[[0.0], [9.0], [2.0]]], "float32")
    >>> impute(row, np.array([[False, True, False]]), 0.0, np.random.default_rng(0)).ravel().tolist()
    [0.0, 1.0, 2.0]
    """
    if not hidden.any():
        return picture.copy()
    filled, means = picture.copy(), _weighted_means(picture, hidden)
    filled[hidden] = means + noise * rng.standard_normal(means.shape)
    return filled


def _weighted_means(picture: NDArray[np.float32], hidden: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Solve for all hidden pixels at once, (U, C): each times the weights around it, less its neighbours, is 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import splu

    count, number = int(hidden.sum()), np.full(hidden.shape, -1)
    number[hidden] = np.arange(count)
    rows, columns = np.nonzero(hidden)
    known, around = np.zeros((count, picture.shape[-1])), np.zeros(count)
    entries = []
    for (down, right), weight in _NEIGHBOURS.items():
        y, x = rows + down, columns + right
        within = np.flatnonzero((y >= 0) & (y < hidden.shape[0]) & (x >= 0) & (x < hidden.shape[1]))
        y, x = y[within], x[within]
        around[within] += weight
        known[within] += weight * np.where(hidden[y, x, np.newaxis], 0, picture[y, x])
        other = hidden[y, x]
        entries.append((within[other], number[y[other], x[other]], np.full(int(other.sum()), -weight)))
    entries.append((np.arange(count), np.arange(count), around))
    where, other, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    system = coo_array((values, (where, other)), shape=(count, count)).tocsc()
    solved: NDArray[np.float64] = splu(system, permc_spec="MMD_AT_PLUS_A").solve(known)
    return solved
