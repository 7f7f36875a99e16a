"""Does a method that draws at random give the same answer twice? What its runs have in common."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt


@checked_options
def top_overlap(weights: Any, count: PositiveInt = 5) -> float:
    """Return which share of the most important features two runs have in common, on average over all pairs of runs.

    Parameters
    ----------
    weights : (R, S) array
        The weights of S features in R runs, at least two.
    count : int
        How many features of each run, the largest weights first, count as most important; at most S.

    Returns
    -------
    float
        From 0 to 1. Runs that know nothing of each other have ``count / S`` in common on average.

    Raises
    ------
    ValueError
        If there are not two runs, or not so many features.

    References
    ----------
    Giorgio Visani, Enrico Bagli, Federico Chesani, Alessandro Poluzzi, Davide Capuzzo (2022), Statistical stability
    indices for LIME: obtaining reliable explanations for machine learning models.

    Examples
    --------
    >>> top_overlap([[3.0, 2.0, 1.0, 0.0], [3.0, 0.0, 1.0, 2.0]], count=2)
    0.5
    """
    best = [set(np.flatnonzero(one).tolist()) for one in is_top(weights, count)]
    if len(best) < 2:
        msg = f"weights are (R, S) of at least two runs, not {np.shape(weights)}"
        raise ValueError(msg)
    return float(np.mean([len(a & b) / count for a, b in itertools.combinations(best, 2)]))


@checked_options
def is_top(weights: Any, count: PositiveInt = 5) -> NDArray[np.bool_]:
    """Tell for each run (R, S) which `count` features have the largest weights; ties go to the first.

    Examples
    --------
    >>> is_top([[3.0, 2.0, 1.0]], count=2).tolist()
    [[True, True, False]]
    """
    values = np.asarray(weights, "float64")
    if values.ndim != 2 or not 1 <= count <= values.shape[1]:
        msg = f"weights are (R, S) with S at least {count}, and count at least 1; they are {values.shape}"
        raise ValueError(msg)
    best = np.argsort(-values, axis=1, kind="stable")[:, :count]
    found = np.zeros(values.shape, bool)
    np.put_along_axis(found, best, values=True, axis=1)
    return found
