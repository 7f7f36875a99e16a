"""The exercises of 08_relevance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise import Exercise, Mistake
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import (
    FunctionExercise,
    as_numbers,
    call,
    require_function,
    require_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEATURES, HIDDEN = 4, 5
_CLEAR = 0.3  # how far from 0 the drawn sums stay, so that no sign depends on rounding


def _draw(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Draw (x, w, b, v) of score = v . relu(x w + b), with all sums well away from 0, and units on and off."""
    while True:
        x, w = rng.normal(size=FEATURES), rng.normal(size=(FEATURES, HIDDEN))
        b, v = rng.normal(size=HIDDEN), rng.normal(size=HIDDEN)
        sums = x @ w + b
        score = np.maximum(sums, 0) @ v
        if min(np.abs(sums).min(), abs(score), np.abs(b).min()) > _CLEAR and 1 < np.sum(sums > 0) < HIDDEN:
            return x, w, b, v


def _away(z: Array, epsilon: float) -> Array:
    """Move sums away from 0."""
    return z + epsilon * np.where(z >= 0, 1.0, -1.0)


def _hidden_relevance(x: Array, w: Array, b: Array, v: Array, epsilon: float) -> Array:
    parts = np.maximum(x @ w + b, 0) * v
    share: Array = parts / _away(parts.sum(), epsilon) * parts.sum()
    return share


def _lrp(x: Array, w: Array, b: Array, v: Array, epsilon: float) -> Array:
    return _spread(x, w, _away(x @ w + b, epsilon), _hidden_relevance(x, w, b, v, epsilon))


def _without_sign(x: Array, w: Array, b: Array, v: Array, epsilon: float) -> Array:
    parts = np.maximum(x @ w + b, 0) * v
    share: Array = parts / (parts.sum() + epsilon) * parts.sum()
    return share


def _spread(x: Array, w: Array, z: Array, relevance: Array) -> Array:
    found: Array = x * (w @ (relevance / z))
    return found


def _gradients(x: Array, w: Array, b: Array) -> Array:
    return (x @ w + b > 0).astype(np.float64)


@register("08.epsilon_lrp")
class EpsilonLRP(FunctionExercise):
    """Write epsilon-LRP of a small net: ``my_lrp(x, w, b, v, epsilon)``, for the score v . relu(x w + b)."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw nets with biases, and an epsilon that changes the result."""
        for epsilon in (0.2, 0.5):
            yield (*_draw(rng), epsilon)

    def reference(self, x: Array, w: Array, b: Array, v: Array, epsilon: float) -> Array:
        """Follow Bach et al. (2015), both layers by the epsilon rule."""
        return _lrp(x, w, b, v, epsilon)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "no_epsilon": lambda x, w, b, v, _: _lrp(x, w, b, v, 0.0),
        "sign_forgotten": lambda x, w, b, v, e: _spread(x, w, x @ w + b + e, _without_sign(x, w, b, v, e)),
        "bias_left_out": lambda x, w, b, v, e: _spread(x, w, _away(x @ w, e), _hidden_relevance(x, w, b, v, e)),
        "one_layer": lambda x, w, b, v, e: _spread(x, w, _away(x @ w + b, e), np.maximum(x @ w + b, 0) * v),
        "starts_at_one": lambda x, w, b, v, e: _lrp(x, w, b, v, e) / (np.maximum(x @ w + b, 0) @ v),
        "input_forgotten": lambda x, w, b, v, e: w @ (_hidden_relevance(x, w, b, v, e) / _away(x @ w + b, e)),
        "hidden_layer": _hidden_relevance,
    }


@register("08.rescale")
class Rescale(FunctionExercise):
    """Write DeepLIFT's rescale rule: ``my_deep_lift(x, base, w, b, v)``, for the score v . relu(x w + b)."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw nets and references that switch units; in one net, a unit has no weight from any input."""
        found = 0
        while found < 3:
            x, w, b, v = _draw(rng)
            base = rng.normal(size=FEATURES)
            before, after = base @ w + b, x @ w + b
            if np.sum((before > 0) != (after > 0)) < 2 or np.abs(after - before).min() < _CLEAR:
                continue
            found += 1
            if found == 3:
                w[:, int(np.argmax(b))] = 0.0
            yield x, base, w, b, v

    def reference(self, x: Array, base: Array, w: Array, b: Array, v: Array) -> Array:
        """Follow Shrikumar, Greenside and Kundaje (2017)."""
        return (x - base) * (w @ (_ratios(x, base, w, b) * v))

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "gradient": lambda x, base, w, b, v: (x - base) * (w @ (_gradients(x, w, b) * v)),
        "gradient_at_the_reference": lambda x, base, w, b, v: (x - base) * (w @ (_gradients(base, w, b) * v)),
        "multipliers_alone": lambda x, base, w, b, v: w @ (_ratios(x, base, w, b) * v),
        "times_the_input": lambda x, base, w, b, v: x * (w @ (_ratios(x, base, w, b) * v)),
        "reference_zero": lambda x, _, w, b, v: x * (w @ (_ratios(x, np.zeros_like(x), w, b) * v)),
        "backwards": lambda x, base, w, b, v: (base - x) * (w @ (_ratios(x, base, w, b) * v)),
    }


def _ratios(x: Array, base: Array, w: Array, b: Array) -> Array:
    """Return by how much each unit's output changes for a change of its sum, or its derivative where that is 0 / 0."""
    before, after = base @ w + b, x @ w + b
    change = after - before
    still = np.abs(change) < 1e-9
    ratios: Array = np.where(
        still, _gradients(x, w, b), (np.maximum(after, 0) - np.maximum(before, 0)) / np.where(still, 1.0, change)
    )
    return ratios


@register("08.reference")
class Reference(Exercise):
    """Find a reference from which i1 gets three times what i2 gets: ``my_reference()``, for 1 - relu(1 - i1 - i2)."""

    wanted: ClassVar[float] = 3.0
    least_rise: ClassVar[float] = 0.01

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Share the rise from the reference to (1, 1) by the rescale rule; nothing is drawn."""
        del rng
        require_function(answer)
        base = as_numbers(call(answer))
        require_shape(base, np.zeros(2))
        if base.min() < 0 or base.max() > 1:
            raise Mistake("out_of_range", low=f"{base.min():.3g}", high=f"{base.max():.3g}")
        rise = 1.0 - min(float(base.sum()), 1.0)
        if rise < self.least_rise:
            raise Mistake("nothing_rises")
        first, second = rise * (1 - base) / (2 - base.sum())
        fields = {"first": f"{first:.3f}", "second": f"{second:.3f}", "rise": f"{rise:.3f}"}
        if abs(second - self.wanted * first) < 0.02 * second:
            raise Mistake("other_way_round", **fields)
        if abs(first - self.wanted * second) > 0.02 * first:
            raise Mistake("other_shares", **fields)
        return fields
