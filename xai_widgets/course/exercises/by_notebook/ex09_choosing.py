"""The exercises of 09_choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise import Exercise, Mistake, ToDo
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Score = Callable[[np.ndarray], float]

_GREY = 0.5


def _curve(
    score: Score, picture: np.ndarray, ranking: np.ndarray, steps: int, fill: float = _GREY, *, batches: bool = False
) -> np.ndarray:
    """Hide pixels in the falling order of a ranking; all of those so far, or only the last batch of them."""
    order, before, scores = np.argsort(-ranking.ravel(), kind="stable"), 0, []
    for step in range(steps + 1):
        count = round(step / steps * ranking.size)
        rows, columns = np.unravel_index(order[before if batches else 0 : count], ranking.shape)
        hidden = picture.copy()
        hidden[rows, columns] = fill
        scores.append(score(hidden))
        before = count
    return np.array(scores)


def _inserted(score: Score, picture: np.ndarray, heatmap: np.ndarray, steps: int) -> np.ndarray:
    """Show the most relevant pixels first: what is left when the least relevant ones are hidden, read backwards."""
    return _curve(score, picture, -heatmap, steps)[::-1]


def _first_channel(score: Score, picture: np.ndarray, heatmap: np.ndarray, steps: int) -> np.ndarray:
    """Hide the first channel alone."""

    def one(hidden: np.ndarray) -> float:
        return score(np.concatenate([hidden[..., :1], picture[..., 1:]], axis=-1))

    return _curve(one, picture, heatmap, steps)


@register("09.deletion")
class Deletion(FunctionExercise):
    """Write the deletion curve: ``my_deletion_curve(score, picture, heatmap, steps)``."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw pictures, maps, and a score that is not linear."""
        for height, width, steps in ((4, 5, 5), (6, 4, 8)):
            picture, weights = rng.uniform(0, 1, (2, height, width, 3))
            heatmap = rng.normal(size=(height, width))
            yield lambda shown, weights=weights: float((weights * shown**2).sum()), picture, heatmap, steps

    def reference(self, score: Score, picture: np.ndarray, heatmap: np.ndarray, steps: int) -> np.ndarray:
        """Follow Petsiuk, Das and Saenko (2018)."""
        return _curve(score, picture, heatmap, steps)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "least_first": lambda f, x, m, n: _curve(f, x, -m, n),
        "magnitude": lambda f, x, m, n: _curve(f, x, np.abs(m), n),
        "insertion": _inserted,
        "black": lambda f, x, m, n: _curve(f, x, m, n, fill=0.0),
        "one_channel": _first_channel,
        "one_batch": lambda f, x, m, n: _curve(f, x, m, n, batches=True),
        "no_start": lambda f, x, m, n: _curve(f, x, m, n)[1:],
        "no_end": lambda f, x, m, n: _curve(f, x, m, n)[:-1],
        "falls": lambda f, x, m, n: f(x) - _curve(f, x, m, n),
    }


def _hits(points: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Return which points, indices of flattened maps, lie on their masks."""
    flat = masks.reshape(len(masks), -1)
    found: np.ndarray = flat[np.arange(len(masks)), points]
    return found


def _highest(maps: np.ndarray) -> np.ndarray:
    found: np.ndarray = maps.reshape(len(maps), -1).argmax(axis=1)
    return found


def _inside(maps: np.ndarray, masks: np.ndarray) -> float:
    positive = np.maximum(maps, 0)
    return float(np.mean((positive * masks).sum(axis=(1, 2)) / positive.sum(axis=(1, 2))))


@register("09.pointing_game")
class PointingGame(FunctionExercise):
    """Play the pointing game: ``my_pointing_game(maps, masks)``, the share of the maps that point at the thing."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[np.ndarray, np.ndarray]]:
        """Draw maps and masks: the highest point lies on about two masks out of three, the lowest on one of five."""
        for count, height, width in ((211, 5, 7), (197, 6, 6)):
            maps = rng.normal(size=(count, height, width))
            maps -= 2.5 * (rng.random(maps.shape) < 0.06)  # some values are strongly negative
            masks = rng.random(maps.shape) < 0.3
            flat, every = masks.reshape(count, -1), np.arange(count)
            flat[every, _highest(-maps)] = rng.random(count) < 0.2
            flat[every, _highest(maps)] = rng.random(count) < 0.66
            yield maps, masks

    def reference(self, maps: np.ndarray, masks: np.ndarray) -> float:
        """Follow Zhang et al. (2018)."""
        return float(_hits(_highest(maps), masks).mean())

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "lowest": lambda maps, masks: _hits(_highest(-maps), masks).mean(),
        "magnitude": lambda maps, masks: _hits(_highest(np.abs(maps)), masks).mean(),
        "misses": lambda maps, masks: 1 - _hits(_highest(maps), masks).mean(),
        "count": lambda maps, masks: _hits(_highest(maps), masks).sum(),
        "percent": lambda maps, masks: 100 * _hits(_highest(maps), masks).mean(),
        "each": lambda maps, masks: _hits(_highest(maps), masks),
        "mass": _inside,
        "first_mask": lambda maps, masks: _hits(_highest(maps), np.broadcast_to(masks[:1], masks.shape)).mean(),
        "area": lambda _maps, masks: masks.mean(),
    }


@register("09.sanity")
class Sanity(Exercise):
    """Say which maps fail the sanity check: the letters of those that hardly change when weights are randomised."""

    limit: ClassVar[float] = 0.75  # of the rank correlation; the maps of the exercise lie on either side of it

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Randomise the weights of the network, and compare with the answer."""
        from xai_widgets.course.examples.explanation_comparison import SUSPECTS, similarity_when_random

        given = self._letters(answer, tuple(SUSPECTS))
        similarity = similarity_when_random(int(rng.integers(2**31)))
        failing = {letter for letter, value in similarity.items() if value > self.limit}
        if given != failing and self.is_first_try:
            raise Mistake("some", count=len(given ^ failing), of=len(SUSPECTS))
        if given == set(SUSPECTS) - failing:
            raise Mistake("the_others")
        for reason, letters in (("accused", given - failing), ("missed", failing - given)):
            if letters:
                letter = min(letters)
                raise Mistake(reason, letter=letter, similarity=f"{similarity[letter]:.2f}")
        return {"failing": ", ".join(sorted(failing))}

    def _letters(self, answer: Any, known: tuple[str, ...]) -> set[str]:
        if answer is None or answer is Ellipsis or (hasattr(answer, "__len__") and not len(answer)):
            raise ToDo
        letters = set(answer.replace(",", " ").split()) if isinstance(answer, str) else answer
        if not isinstance(letters, (set, list, tuple, frozenset)) or not set(letters) <= set(known):
            raise Mistake("no_letters", given=f"{answer!r:.60}", known=", ".join(known))
        return set(letters)
