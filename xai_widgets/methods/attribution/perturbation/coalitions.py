"""Shapley values of a game, from all coalitions or a sample of them. Pure arithmetic: no model, no picture.

A game gives each coalition, a row of S zeros and ones, a worth. Coalitions are drawn in pairs with their complements
(paired, or antithetic, sampling), which takes away the noise of all that is odd in the number of players.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Bits = NDArray[np.bool_]
    Numbers = NDArray[np.float64]

_ENOUGH = 4  # coalitions a player, from which on the regression is steadier than the mean


def all_coalitions(players: int) -> Bits:
    """Return every coalition, (2**S, S); in row r player i takes part if bit i of r is set.

    Examples
    --------
    >>> all_coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return (np.arange(2**players)[:, np.newaxis] >> np.arange(players) & 1).astype(bool)


def exact_shapley(worths: Numbers) -> Numbers:
    """Return the Shapley values of a game known whole: worths (2**S,) in the order of `all_coalitions`.

    References
    ----------
    Lloyd Shapley (1953), A value for n-person games.

    Examples
    --------
    >>> exact_shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    players = len(worths).bit_length() - 1
    numbers = np.arange(len(worths))
    sizes = all_coalitions(players).sum(axis=1)
    weights = np.array([1 / (players * math.comb(players - 1, size)) for size in range(players)] + [0.0])
    values = np.empty(players)
    for player in range(players):
        without = numbers[numbers >> player & 1 == 0]
        values[player] = weights[sizes[without]] @ (worths[without | 1 << player] - worths[without])
    return values


def size_chances(players: int) -> Numbers:
    """Return the chance of each coalition size 1 to S - 1 under the Shapley kernel.

    Examples
    --------
    >>> size_chances(3).tolist()
    [0.5, 0.5]
    """
    sizes = np.arange(1, players)
    chances = 1 / (sizes * (players - sizes))
    normalised: Numbers = chances / chances.sum()
    return normalised


def kernel_coalitions(players: int, seed: int) -> Callable[[int], Bits]:
    """Return a function that draws the next coalitions (n, S) by the Shapley kernel, each followed by its complement.

    However the draws are cut into calls, they are the same. A single player always takes part.
    """
    if players == 1:
        return lambda count: np.ones((count, 1), bool)
    rng, limits = np.random.default_rng(seed), np.cumsum(size_chances(players))
    waiting = np.zeros((0, players), bool)

    def draw(count: int) -> Bits:
        nonlocal waiting
        pairs = math.ceil(max(0, count - len(waiting)) / 2)
        drawn = rng.random((pairs, 1 + players))
        sizes = 1 + np.minimum(np.searchsorted(limits, drawn[:, 0], side="right"), players - 2)
        ranks = drawn[:, 1:].argsort(axis=1).argsort(axis=1)
        chosen = ranks < sizes[:, np.newaxis]
        both = np.stack([chosen, ~chosen], axis=1).reshape(-1, players)
        waiting = np.concatenate([waiting, both])
        taken, waiting = waiting[:count], waiting[count:]
        return taken

    return draw


def regression(bits: Bits, worths: Numbers, empty: float, full: float) -> tuple[Numbers, Numbers]:
    """Return Shapley values and their standard errors from coalitions drawn by `kernel_coalitions`.

    The values sum to ``full - empty`` exactly. With 4 coalitions a player or more they are the weighted regression of
    Lundberg and Lee; with fewer, that regression is badly determined, and they are the mean over pairs of its unbiased
    form by Covert and Lee, after the equal share of every player was taken off. The errors are NaN for one pair alone.

    References
    ----------
    Scott Lundberg, Su-In Lee (2017), A unified approach to interpreting model predictions. Ian Covert, Su-In Lee
    (2021), Improving KernelSHAP: practical Shapley value estimation via linear regression.
    """
    players = bits.shape[1]
    pairs = len(bits) // 2
    share = (full - empty) / players
    if players == 1:
        return np.full(1, share), np.zeros(1)
    if not pairs:
        return np.full(players, share), np.full(players, np.nan)
    members = bits[: 2 * pairs].astype("float64")
    rest = worths[: 2 * pairs] - empty - share * members.sum(axis=1)
    if len(members) >= _ENOUGH * players:
        values, errors = _by_regression(members, rest)
    else:
        values, errors = _by_mean(members, rest)
    return share + values, errors


def _by_mean(members: Numbers, rest: Numbers) -> tuple[Numbers, Numbers]:
    """Solve the regression with the matrix that it has on average, known in closed form, pair by pair."""
    players = members.shape[1]
    sizes, chances = np.arange(1, players), size_chances(players)
    together = float(chances @ (sizes * (sizes - 1))) / (players * (players - 1))  # that two given ones take part
    products = (members * rest[:, np.newaxis]).reshape(-1, 2, players).mean(axis=1)
    each = (products - products.mean(axis=1, keepdims=True)) / (0.5 - together)
    count = len(each)
    spread = each.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(players, np.nan)
    return each.mean(axis=0), spread


def _by_regression(members: Numbers, rest: Numbers) -> tuple[Numbers, Numbers]:
    """Fit with values that sum to 0, and take the errors from the residuals of the pairs (the sandwich estimate)."""
    players, pairs = members.shape[1], len(members) // 2
    inverse = np.linalg.pinv(members.T @ members / len(members))
    row = inverse.sum(axis=0)
    projection = inverse - np.outer(row, row) / row.sum()
    values = projection @ (members.T @ rest) / len(members)
    residuals = (rest - members @ values)[:, np.newaxis]
    scores = (members * residuals).reshape(-1, 2, players).mean(axis=1) @ projection
    freedom = max(pairs - players + 1, 1)
    return values, np.sqrt((scores**2).sum(axis=0) / (pairs * freedom))


def orders(players: int, seed: int) -> Callable[[], NDArray[np.int64]]:
    """Return a function that gives the next order in which the players come in, each second one the first reversed."""
    rng = np.random.default_rng(seed)
    waiting: list[NDArray[np.int64]] = []

    def following() -> NDArray[np.int64]:
        if waiting:
            return waiting.pop()
        order = rng.permutation(players)
        waiting.append(order[::-1])
        return order

    return following
