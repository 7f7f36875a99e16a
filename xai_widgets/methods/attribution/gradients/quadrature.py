"""Where a path is sampled and with which weights: fixed rules, and one that refines itself where it errs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import roots_legendre

from xai_widgets.common.name_matching import match, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def nodes_and_weights(quadrature: str, steps: int) -> tuple[Numbers, Numbers]:
    """Return the nodes in [0, 1] and the weights of a rule with `steps` nodes; the weights sum to 1.

    Parameters
    ----------
    quadrature : str
        ``"gauss_legendre"``; ``"riemann_left"``, ``"riemann_right"`` (the sum in the paper of integrated gradients,
        ``"riemann"`` for short), ``"riemann_mid"``; ``"trapezoid"``.
    steps : int
        At least 1, for the trapezoid at least 2.

    Examples
    --------
    >>> [values.tolist() for values in nodes_and_weights("trapezoid", 3)]
    [[0.0, 0.5, 1.0], [0.25, 0.5, 0.25]]
    """
    rule = match(quadrature, RULES)
    if rule is None:
        msg = f"unknown quadrature {quadrature!r}; {suggestion(quadrature, RULES)}"
        raise ValueError(msg)
    least = 2 if rule == "trapezoid" else 1
    if steps < least:
        msg = f"steps must be at least {least} for {rule!r}, not {steps}"
        raise ValueError(msg)
    return RULES[rule](steps)


def _gauss_legendre(steps: int) -> tuple[Numbers, Numbers]:
    nodes, weights = roots_legendre(steps)
    return (nodes + 1) / 2, weights / 2


def _riemann(shift: float) -> Callable[[int], tuple[Numbers, Numbers]]:
    def rule(steps: int) -> tuple[Numbers, Numbers]:
        return (np.arange(steps) + shift) / steps, np.full(steps, 1 / steps)

    return rule


def _trapezoid(steps: int) -> tuple[Numbers, Numbers]:
    nodes = np.linspace(0, 1, steps)
    return nodes, trapezoid_weights(nodes)


RULES: dict[str, Callable[[int], tuple[Numbers, Numbers]]] = {
    "gauss_legendre": _gauss_legendre,
    "riemann": _riemann(1.0),
    "riemann_left": _riemann(0.0),
    "riemann_right": _riemann(1.0),
    "riemann_mid": _riemann(0.5),
    "trapezoid": _trapezoid,
}


def trapezoid_weights(nodes: Numbers) -> Numbers:
    """Return the weights of the trapezoid rule on sorted nodes, evenly spaced or not."""
    halves = np.diff(nodes) / 2
    weights: Numbers = np.concatenate([halves, [0.0]]) + np.concatenate([[0.0], halves])
    return weights


class Refinement:
    """One path, halved where the trapezoid rule errs most until the completeness error is small.

    A gradient pass gives at each node the score f and, with the gradient times the difference of the inputs, its
    derivative f' along the path. Between two nodes the integral of f' is known without any rule: it is the rise of f.
    So the error of each interval is known exactly, and the next nodes go where it is largest. Nodes are never thrown
    away.

    Two numbers must fall below the tolerance: the completeness error, which is the sum of the intervals' signed errors,
    and the root of the sum of their squares, since a sum may be small because large errors happen to cancel.
    """

    START = 9
    SHARE = 0.5  # the worst intervals, which hold this share of the squared errors, are halved in each round

    def __init__(self, tolerance: float, most: int) -> None:
        self.tolerance, self.most = tolerance, most
        self.nodes: Numbers = np.zeros(0)
        self._scores: Numbers = np.zeros(0)
        self._derivatives: Numbers = np.zeros(0)
        self.gradients: list[NDArray[np.float32]] = []
        self.wanted: Numbers = np.linspace(0, 1, min(self.START, most))

    def add(self, scores: Any, derivatives: Any, gradients: Any) -> None:
        """Take what the model gave at the wanted nodes, and decide which are wanted next (none if it is enough)."""
        order = np.argsort(nodes := np.concatenate([self.nodes, self.wanted]), kind="stable")
        kept = [*self.gradients, *gradients]
        self.nodes, self.gradients = nodes[order], [kept[place] for place in order]
        self._scores = np.concatenate([self._scores, np.asarray(scores, "float64")])[order]
        self._derivatives = np.concatenate([self._derivatives, np.asarray(derivatives, "float64")])[order]
        self.wanted = np.zeros(0) if self.reached() else self._worst()

    def errors(self) -> Numbers:
        """Return the trapezoid rule's error on each interval, in units of the score."""
        means = (self._derivatives[1:] + self._derivatives[:-1]) / 2
        errors: Numbers = np.diff(self.nodes) * means - np.diff(self._scores)
        return errors

    def reached(self) -> bool:
        """Tell whether the errors are below the tolerance, relative to the rise of the score along the path."""
        rise = abs(self._scores[-1] - self._scores[0])
        rounding = 1e-6 * np.abs(self._scores).max()  # scores are float32
        errors = self.errors()
        return bool(max(abs(errors.sum()), np.sqrt(np.square(errors).sum())) <= self.tolerance * rise + rounding)

    def _worst(self) -> Numbers:
        """Return the middles of the intervals that err most."""
        squares = np.square(self.errors())
        order = np.argsort(-squares, kind="stable")
        held = np.cumsum(squares[order])
        count = 1 + int(np.searchsorted(held, self.SHARE * held[-1]))
        worst = np.sort(order[: min(count, self.most - len(self.nodes))])
        middles: Numbers = (self.nodes[worst] + self.nodes[worst + 1]) / 2
        return middles

    def mean_gradient(self) -> Numbers:
        """Return the gradient averaged along the path."""
        total = np.zeros(self.gradients[0].shape)
        for weight, gradient in zip(trapezoid_weights(self.nodes), self.gradients, strict=True):
            total += weight * gradient
        return total
