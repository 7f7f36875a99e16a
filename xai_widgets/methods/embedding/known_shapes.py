"""Vectors whose true shape is known, for asking what a map makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.common.checked_options import checked_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Positive, PositiveInt, Seed

    Labelled = tuple[NDArray[np.float64], NDArray[np.int64]]


@checked_options
def clouds(
    counts: Sequence[int],
    *,
    places: Sequence[float],
    spreads: Sequence[float] | float = 1.0,
    dimensions: PositiveInt = 50,
    seed: Seed = 0,
) -> Labelled:
    """Draw round normal clouds along a line.

    Parameters
    ----------
    counts : sequence of int
        Points of each cloud.
    places : sequence of float
        Where the centre of each lies on the first axis.
    spreads : sequence of float or float
        Standard deviation of each in every direction.
    dimensions : int
    seed : int

    Returns
    -------
    vectors : (N, dimensions) array
    groups : (N,) array

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> vectors, groups = clouds([3, 2], places=[0, 10], spreads=[0, 0], dimensions=4)
    >>> vectors[:, 0].tolist(), groups.tolist()
    ([0.0, 0.0, 0.0, 10.0, 10.0], [0, 0, 0, 1, 1])
    """
    wide = np.broadcast_to(np.asarray(spreads, float), (len(counts),))
    if len(places) != len(counts):
        raise ValueError(f"{len(counts)} clouds need as many places, got {len(places)}")
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(counts)), counts)
    vectors = rng.normal(0, 1, (len(groups), dimensions)) * wide[groups, np.newaxis]
    vectors[:, 0] += np.asarray(places, float)[groups]
    return vectors, groups


@checked_options
def nested(count: PositiveInt = 75, *, ratio: Positive = 50, dimensions: PositiveInt = 50, seed: Seed = 0) -> Labelled:
    """Draw a tight cloud in the middle of one that is `ratio` times as wide.

    Examples
    --------
    >>> vectors, groups = nested(100)
    >>> bool(np.linalg.norm(vectors[groups == 1], axis=1).min() > np.linalg.norm(vectors[groups == 0], axis=1).max())
    True
    """
    return clouds([count, count], places=[0, 0], spreads=[1, ratio], dimensions=dimensions, seed=seed)


@checked_options
def linked_rings(count: PositiveInt = 60) -> Labelled:
    """Return two circles in space that cannot be parted without being cut.

    Examples
    --------
    >>> vectors, groups = linked_rings(4)
    >>> vectors.shape, groups.tolist()
    ((8, 3), [0, 0, 0, 0, 1, 1, 1, 1])
    """
    turn = 2 * np.pi * np.arange(count) / count
    zero = np.zeros(count)
    flat = np.stack([np.cos(turn), np.sin(turn), zero], axis=1)
    upright = np.stack([1 + np.cos(turn), zero, np.sin(turn)], axis=1)
    return np.concatenate([flat, upright]), np.repeat([0, 1], count)


@checked_options
def trefoil(count: PositiveInt = 120) -> NDArray[np.float64]:
    """Return points along a knot in space: one closed line, (count, 3).

    Examples
    --------
    >>> trefoil(3).round(2)[0].tolist()
    [0.0, -1.0, -0.0]
    """
    turn = 2 * np.pi * np.arange(count) / count
    return np.stack(
        [np.sin(turn) + 2 * np.sin(2 * turn), np.cos(turn) - 2 * np.cos(2 * turn), -np.sin(3 * turn)], axis=1
    )
