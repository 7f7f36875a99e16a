"""The exercise of 15_my_lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _until_half(ranked: np.ndarray) -> int:
    return int(np.searchsorted(np.cumsum(ranked), ranked.sum() / 2))


@register("15.half")
class PixelsForHalf(FunctionExercise):
    """How few pixels hold half of a map?"""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[np.ndarray]]:
        """Draw maps in which a few values are large."""
        return [(rng.exponential(size=shape) ** 2,) for shape in ((9, 7), (12, 12), (5, 20))]

    def reference(self, heatmap: np.ndarray) -> int:
        """Take the strongest first."""
        return _until_half(np.sort(heatmap, axis=None)[::-1]) + 1

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "one_short": lambda h: _until_half(np.sort(h, axis=None)[::-1]),
        "weakest_first": lambda h: _until_half(np.sort(h, axis=None)) + 1,
        "in_reading_order": lambda h: _until_half(h.ravel()) + 1,
        "share": lambda h: (_until_half(np.sort(h, axis=None)[::-1]) + 1) / h.size,
    }
