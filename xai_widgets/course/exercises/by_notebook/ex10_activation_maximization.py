"""The exercises of 10_activation_maximization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Gradient = Callable[[np.ndarray], np.ndarray]


class Hill:
    """The gradient of a concave score, ``score(x) = a . x - x . B x / 2``, in place of a network's in the checks."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        roots = rng.normal(0, 0.3, (size, size))
        self.towards, self.bend = rng.normal(0, 1, size), roots @ roots.T

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """Return the gradient of the score at a picture."""
        gradient: np.ndarray = self.towards - self.bend @ picture
        return gradient


def _climb(
    gradient: Gradient, picture: np.ndarray, steps: int, rate: float, decay: float, *, sign: float = 1.0
) -> np.ndarray:
    for _ in range(steps):
        picture = picture + sign * rate * (gradient(picture) - 2 * decay * picture)
    return picture


def _same_gradient(gradient: Gradient, picture: np.ndarray, steps: int, rate: float, decay: float) -> np.ndarray:
    """Take the gradient at the start alone."""
    first = gradient(picture) - 2 * decay * picture
    moved: np.ndarray = picture + steps * rate * first
    return moved


@register("10.climb")
class Climb(FunctionExercise):
    """Write the ascent of Simonyan et al. (2013): ``climb(gradient, picture, steps, rate, decay)``."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "downhill": lambda gradient, x, steps, rate, decay: _climb(gradient, x, steps, rate, decay, sign=-1.0),
        "no_penalty": lambda gradient, x, steps, rate, _decay: _climb(gradient, x, steps, rate, 0.0),
        "penalty_added": lambda gradient, x, steps, rate, decay: _climb(gradient, x, steps, rate, -decay),
        "factor": lambda gradient, x, steps, rate, decay: _climb(gradient, x, steps, rate, decay / 2),
        "one_step": lambda gradient, x, _steps, rate, decay: _climb(gradient, x, 1, rate, decay),
        "same_gradient": _same_gradient,
        "no_rate": lambda gradient, x, steps, _rate, decay: _climb(gradient, x, steps, 1.0, decay),
        "unchanged": lambda _gradient, x, *_rest: x,
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw scores and points to start from."""
        for steps in (3, 7):
            yield Hill(rng, 12), rng.normal(0, 1, 12), steps, 0.1, float(rng.uniform(0.2, 0.6))

    def reference(self, *arguments: Any) -> Any:
        """Step by step, the gradient of score minus penalty taken anew each time."""
        return _climb(*arguments)


def _differences(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.diff(picture, axis=0), np.diff(picture, axis=1)


def _roughness(picture: np.ndarray) -> float:
    down, across = _differences(picture)
    return float(np.abs(down).mean() + np.abs(across).mean())


@register("10.roughness")
class Roughness(FunctionExercise):
    """Write the total variation: ``roughness(picture)``, picture (H, W, 3)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "signed": lambda x: sum(one.mean() for one in _differences(x)),
        "squared": lambda x: sum((one**2).mean() for one in _differences(x)),
        "sum": lambda x: sum(np.abs(one).sum() for one in _differences(x)),
        "down_only": lambda x: np.abs(_differences(x)[0]).mean(),
        "across_only": lambda x: np.abs(_differences(x)[1]).mean(),
        "halved": lambda x: _roughness(x) / 2,
        "colours": lambda x: _roughness(x) + float(np.abs(np.diff(x, axis=2)).mean()),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw pictures, higher than wide and the reverse."""
        for shape in ((5, 8, 3), (9, 4, 3)):
            yield (rng.uniform(0, 1, shape),)

    def reference(self, picture: np.ndarray) -> float:
        """Mean absolute difference to the neighbour below, plus that to the one on the right."""
        return _roughness(picture)
