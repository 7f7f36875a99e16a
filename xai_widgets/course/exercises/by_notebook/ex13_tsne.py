"""The exercises of 13_tsne."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _entropy(p: np.ndarray) -> float:
    """Return the entropy in bits."""
    some = p[p > 0]
    return float(-(some * np.log2(some)).sum())


@register("13.perplexity")
class Perplexity(FunctionExercise):
    """Write the perplexity of a point's neighbours: ``perplexity(p)``."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "entropy": _entropy,
        "sign": lambda p: 2 ** -_entropy(p),
        "two_bases": lambda p: 2 ** (_entropy(p) * np.log(2)),
        "other_two_bases": lambda p: np.exp(_entropy(p)),
        "count": lambda p: float((p > 0).sum()),
        "squares": lambda p: 1 / (p**2).sum(),
        "mean": lambda p: 2 ** (_entropy(p) / len(p)),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw probabilities; the second ones have zeros among them."""
        for zeros in (0, 3):
            p = rng.uniform(0.05, 1, 9)
            p[:zeros] = 0
            yield (p / p.sum(),)

    def reference(self, p: np.ndarray) -> float:
        """Two to the power of the entropy in bits."""
        return float(2 ** _entropy(p))


def _nearest(table: np.ndarray, k: int) -> np.ndarray:
    """Return the k nearest of each row, without the point itself."""
    order: np.ndarray = np.argsort(table, axis=1)[:, 1 : k + 1]
    return order


def _shared(true: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Count what each row of both has in common."""
    return np.array([len(np.intersect1d(a, b)) for a, b in zip(true, found, strict=True)])


def _kept(before: np.ndarray, after: np.ndarray, k: int) -> float:
    return float(_shared(_nearest(before, k), _nearest(after, k)).mean() / k)


def _with_itself(before: np.ndarray, after: np.ndarray, k: int) -> float:
    true, found = (np.argsort(table, axis=1)[:, :k] for table in (before, after))
    return float(_shared(true, found).mean() / k)


def _farthest(before: np.ndarray, after: np.ndarray, k: int) -> float:
    true, found = (np.argsort(-table, axis=1)[:, :k] for table in (before, after))
    return float(_shared(true, found).mean() / k)


def _union(before: np.ndarray, after: np.ndarray, k: int) -> float:
    """Divide by all that are neighbours in one or the other."""
    common = _shared(_nearest(before, k), _nearest(after, k))
    return float((common / (2 * k - common)).mean())


@register("13.kept")
class Kept(FunctionExercise):
    """Write the share of neighbours kept: ``kept(before, after, k)``, tables of distances."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "itself": _with_itself,
        "farthest": _farthest,
        "count": lambda before, after, k: k * _kept(before, after, k),
        "sum": lambda before, after, k: len(before) * _kept(before, after, k),
        "union": _union,
        "order": lambda before, after, k: float((_nearest(before, k) == _nearest(after, k)).mean()),
        "lost": lambda before, after, k: 1 - _kept(before, after, k),
        "rows": lambda before, after, k: _shared(_nearest(before, k), _nearest(after, k)) / k,
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw points, and the same points with noise."""
        for count, k in ((14, 3), (20, 5)):
            points = rng.normal(0, 1, (count, 3))
            moved = points[:, :2] + rng.normal(0, 0.2, (count, 2))
            yield (*(np.linalg.norm(one[:, np.newaxis] - one, axis=2) for one in (points, moved)), k)

    def reference(self, *arguments: Any) -> Any:
        """Sort each row, leave the point itself out, count what is in both."""
        return _kept(*arguments)


def _away(points: np.ndarray) -> np.ndarray:
    away: np.ndarray = points - points.mean(axis=0)
    return away


def _spread(points: np.ndarray) -> float:
    return float(np.sqrt((_away(points) ** 2).sum(axis=1).mean()))


@register("13.spread")
class Spread(FunctionExercise):
    """Write how wide a group is: ``spread(points)``."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "no_root": lambda x: _spread(x) ** 2,
        "mean_distance": lambda x: np.linalg.norm(_away(x), axis=1).mean(),
        "per_axis": lambda x: np.sqrt((_away(x) ** 2).mean()),
        "each_axis": lambda x: x.std(axis=0),
        "from_zero": lambda x: np.sqrt((x**2).sum(axis=1).mean()),
        "box": lambda x: np.linalg.norm(np.ptp(x, axis=0)),
        "farthest": lambda x: np.linalg.norm(_away(x), axis=1).max(),
        "sum": lambda x: np.sqrt((_away(x) ** 2).sum()),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw groups that are not centred, in two and in more dimensions."""
        for count, width in ((8, 2), (12, 5)):
            yield (rng.normal(3, rng.uniform(0.5, 2, width), (count, width)),)

    def reference(self, points: np.ndarray) -> float:
        """Root of the mean square distance to the centre."""
        return _spread(points)
