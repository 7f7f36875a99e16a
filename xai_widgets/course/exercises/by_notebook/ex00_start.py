"""The exercises of 00_start: two small functions, to learn how exercises work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _swap(place: Any) -> np.ndarray:
    return np.asarray(place)[::-1]


@register("00.margin")
class Margin(FunctionExercise):
    """Write the margin of a prediction: the largest probability minus the second largest, picture by picture."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[np.ndarray]]:
        """Draw probabilities of several pictures and classes."""
        return [(rng.dirichlet(np.ones(classes), size=pictures),) for pictures, classes in ((6, 10), (1, 4), (9, 3))]

    def reference(self, probabilities: np.ndarray) -> np.ndarray:
        """Sort each row, subtract."""
        best = np.sort(probabilities, axis=1)
        difference: np.ndarray = best[:, -1] - best[:, -2]
        return difference

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "first_columns": lambda p: p[:, 0] - p[:, 1],
        "first_columns_absolute": lambda p: np.abs(p[:, 0] - p[:, 1]),
        "sign": lambda p: np.sort(p, axis=1)[:, -2] - np.sort(p, axis=1)[:, -1],
        "smallest": lambda p: np.sort(p, axis=1)[:, 1] - np.sort(p, axis=1)[:, 0],
        "spread": lambda p: p.max(axis=1) - p.min(axis=1),
        "confidence": lambda p: p.max(axis=1),
        "whole_table": lambda p: np.sort(p.ravel())[-1] - np.sort(p.ravel())[-2],
        "wrong_axis": lambda p: p.max(axis=0),
    }


@register("00.strongest_pixel")
class StrongestPixel(FunctionExercise):
    """Find the pixel of the largest magnitude in a saliency map: its row and its column."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[np.ndarray]]:
        """Draw maps whose strongest pixel is negative, then positive, off the diagonal."""
        maps = []
        for sign, (height, width) in ((-1, (8, 8)), (1, (5, 9)), (-1, (12, 7))):
            values = rng.uniform(-1, 1, (height, width))
            row, column = rng.choice(min(height, width), size=2, replace=False)
            values[row, column] = sign * 2
            maps.append((values,))
        return maps

    def reference(self, values: np.ndarray) -> np.ndarray:
        """Take the absolute value first."""
        return np.asarray(np.unravel_index(np.argmax(np.abs(values)), values.shape))

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "signed": lambda v: np.asarray(np.unravel_index(np.argmax(v), v.shape)),
        "lowest": lambda v: np.asarray(np.unravel_index(np.argmin(v), v.shape)),
        "column_first": lambda v: _swap(np.unravel_index(np.argmax(np.abs(v)), v.shape)),
        "column_first_signed": lambda v: _swap(np.unravel_index(np.argmax(v), v.shape)),
        "flat_index": lambda v: np.asarray(np.argmax(np.abs(v))),
        "flat_index_signed": lambda v: np.asarray(np.argmax(v)),
        "value": lambda v: np.asarray(np.abs(v).max()),
    }
