"""The exercises of 11_atlas_and_dissection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@register("11.threshold")
class Threshold(FunctionExercise):
    """Find the threshold of a unit: ``threshold(maps, share)``, maps (N, h, w)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "other_end": np.quantile,
        "each_picture": lambda maps, share: np.mean([np.quantile(one, 1 - share) for one in maps]),
        "of_the_largest": lambda maps, share: (1 - share) * maps.max(),
        "per_map": lambda maps, share: np.quantile(maps, 1 - share, axis=(1, 2)),
        "percent": lambda maps, share: np.percentile(maps, 1 - share),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw maps whose largest values differ from picture to picture."""
        for share in (0.1, 0.02):
            strength = rng.uniform(0.5, 4, (6, 1, 1))
            yield strength * rng.gamma(1.0, 1.0, (6, 5, 7)), share

    def reference(self, maps: np.ndarray, share: float) -> float:
        """Return the quantile of all values of all pictures."""
        return float(np.quantile(maps, 1 - share))


def _over(part: np.ndarray, whole: np.ndarray) -> float:
    return float(part.sum() / max(whole.sum(), 1))


@register("11.iou")
class Agreement(FunctionExercise):
    """Write intersection over union over a whole set: ``iou(region, mask)``, both (N, H, W) bool."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "picture_by_picture": lambda a, b: np.mean([_over(x & y, x | y) for x, y in zip(a, b, strict=True)]),
        "per_picture": lambda a, b: np.array([_over(x & y, x | y) for x, y in zip(a, b, strict=True)]),
        "of_the_concept": lambda a, b: _over(a & b, b),
        "of_the_unit": lambda a, b: _over(a & b, a),
        "of_the_sum": lambda a, b: float((a & b).sum() / (a.sum() + b.sum())),
        "dice": lambda a, b: float(2 * (a & b).sum() / (a.sum() + b.sum())),
        "all_pixels": lambda a, b: float((a & b).mean()),
        "agreement": lambda a, b: float((a == b).mean()),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw regions, small in some pictures and large in others."""
        for _ in range(2):
            share = np.linspace(0.05, 0.8, 5)[:, np.newaxis, np.newaxis]
            yield rng.random((5, 6, 9)) < share, rng.random((5, 6, 9)) < share[::-1]

    def reference(self, region: np.ndarray, mask: np.ndarray) -> float:
        """Count both and either over all pictures, then divide."""
        return _over(region & mask, region | mask)


def _places(points: np.ndarray, grid: int) -> tuple[np.ndarray, np.ndarray]:
    column, row = (points * grid).astype(int).T
    return row, column


def _averages(points: np.ndarray, vectors: np.ndarray, grid: int) -> np.ndarray:
    sums, counts = np.zeros((grid, grid, vectors.shape[1])), np.zeros((grid, grid, 1))
    np.add.at(sums, _places(points, grid), vectors)
    np.add.at(counts, _places(points, grid), 1)
    return sums / np.maximum(counts, 1)


def _sums(points: np.ndarray, vectors: np.ndarray, grid: int) -> np.ndarray:
    sums = np.zeros((grid, grid, vectors.shape[1]))
    np.add.at(sums, _places(points, grid), vectors)
    return sums


def _last_ones(points: np.ndarray, vectors: np.ndarray, grid: int) -> np.ndarray:
    kept = np.zeros((grid, grid, vectors.shape[1]))
    for row, column, vector in zip(*_places(points, grid), vectors, strict=True):
        kept[row, column] = vector
    return kept


@register("11.cells")
class CellAverages(FunctionExercise):
    """Average activations cell by cell: ``averages(points, vectors, grid)``, (grid, grid, C)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "sum": _sums,
        "last_one": _last_ones,
        "swapped": lambda points, vectors, grid: _averages(points[:, ::-1], vectors, grid),
        "all_points": lambda points, vectors, grid: _sums(points, vectors, grid) / len(points),
        "rounded": lambda points, vectors, grid: _averages(
            np.minimum(np.round(points * grid), grid - 1) / grid + 1e-9, vectors, grid
        ),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw points, several in some cells and none in others."""
        for grid in (3, 4):
            yield 0.95 * rng.beta(1, 2, (20, 2)), rng.normal(0, 1, (20, 5)), grid

    def reference(self, *arguments: Any) -> Any:
        """Average the vectors of each cell; zeros where there are none."""
        return _averages(*arguments)
