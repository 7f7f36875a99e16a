"""The exercises of 04_occlusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise import Exercise, Mistake
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise, call, require_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Score = Callable[[np.ndarray], np.ndarray]


class CurvedScore:
    """A score of pictures that is not linear: it depends on the position of a patch and on what it shows."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        self.weights = rng.normal(size=(int(np.prod(shape)), 5))
        self.shape = shape

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Return the scores (N,) of pictures (N, H, W, C)."""
        pictures = np.asarray(pictures, dtype="float64")
        if pictures.shape[1:] != self.shape:
            raise Mistake("not_a_batch", given=str(pictures.shape), expected=str(("N", *self.shape)).replace("'", ""))
        found: np.ndarray = np.tanh(pictures.reshape(len(pictures), -1) @ self.weights).sum(axis=1)
        return found


def _slid(
    score: Score, picture: np.ndarray, patch: int, stride: int, fill: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return, by plain loops, the sums of the scores and how many windows cover each pixel, and the whole score."""
    height, width = picture.shape[:2]
    total, covered = np.zeros((height, width)), np.zeros((height, width))
    for row in range(0, height - patch + 1, stride):
        for column in range(0, width - patch + 1, stride):
            hidden = picture.copy()
            place = (slice(row, row + patch), slice(column, column + patch))
            hidden[place] = fill
            total[place] += score(hidden[np.newaxis])[0]
            covered[place] += 1
    return total, covered, float(score(picture[np.newaxis])[0])


def _black(score: Score, picture: np.ndarray, patch: int, stride: int, _fill: float) -> np.ndarray:
    total, covered, whole = _slid(score, picture, patch, stride, 0.0)
    return np.asarray(whole - total / covered)


def _falls(score: Score, picture: np.ndarray, patch: int, stride: int, fill: float) -> np.ndarray:
    total, covered, whole = _slid(score, picture, patch, stride, fill)
    return np.asarray(whole - total / covered)


def _summed(score: Score, picture: np.ndarray, patch: int, stride: int, fill: float) -> np.ndarray:
    total, covered, whole = _slid(score, picture, patch, stride, fill)
    return np.asarray(covered * whole - total)


def _scores_alone(score: Score, picture: np.ndarray, patch: int, stride: int, fill: float) -> np.ndarray:
    total, covered, _ = _slid(score, picture, patch, stride, fill)
    scores: np.ndarray = total / covered
    return scores


def _last_window(score: Score, picture: np.ndarray, patch: int, stride: int, fill: float) -> np.ndarray:
    """Write each window's fall over those before, instead of averaging."""
    height, width = picture.shape[:2]
    found = np.zeros((height, width))
    whole = score(picture[np.newaxis])[0]
    for row in range(0, height - patch + 1, stride):
        for column in range(0, width - patch + 1, stride):
            hidden, place = picture.copy(), (slice(row, row + patch), slice(column, column + patch))
            hidden[place] = fill
            found[place] = whole - score(hidden[np.newaxis])[0]
    return found


def _kept_hidden(score: Score, picture: np.ndarray, patch: int, stride: int, fill: float) -> np.ndarray:
    """Hide one window after the other in the same copy: at the end the whole picture is hidden."""
    height, width = picture.shape[:2]
    total, covered = np.zeros((height, width)), np.zeros((height, width))
    whole, hidden = score(picture[np.newaxis])[0], picture.copy()
    for row in range(0, height - patch + 1, stride):
        for column in range(0, width - patch + 1, stride):
            place = (slice(row, row + patch), slice(column, column + patch))
            hidden[place] = fill
            total[place] += whole - score(hidden[np.newaxis])[0]
            covered[place] += 1
    return np.asarray(total / covered)


@register("04.occlusion")
class WriteOcclusion(FunctionExercise):
    """Write occlusion: ``my_occlusion(score, picture, patch, stride, fill)``, a map of falls (H, W)."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw scores and pictures, longer than high, on which the windows fit without a rest."""
        for shape, patch, stride in (((6, 8, 1), 2, 2), ((5, 7, 3), 3, 1)):
            yield CurvedScore(rng, shape), rng.uniform(size=shape), patch, stride, 0.5

    def reference(self, score: Score, picture: np.ndarray, patch: int, stride: int, fill: float) -> np.ndarray:
        """Average the falls of the windows that cover a pixel."""
        return _falls(score, picture, patch, stride, fill)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "rise": lambda *given: -_falls(*given),
        "summed": _summed,
        "scores_alone": _scores_alone,
        "last_window": _last_window,
        "kept_hidden": _kept_hidden,
        "always_black": _black,
        "one_number_each": lambda s, p, k, t, f: _falls(s, p, k, t, f)[::t, ::t],
    }


@register("04.intervention")
class Intervention(Exercise):
    """Find the part that matters most by taking parts away: ``most_important_part(score, scene)``, a part's name."""

    def examine(self, answer: Any, rng: np.random.Generator) -> None:
        """Draw two scenes and two scores until the usual mistakes give other answers."""
        require_function(answer)
        for _ in range(2):
            score, scene, falls, grey = self.case(rng)
            given = call(answer, score, scene)
            if not isinstance(given, str):
                raise Mistake("not_a_name", kind=type(given).__name__)
            self._judge(given, falls, grey)

    def case(self, rng: np.random.Generator) -> tuple[Score, Any, dict[str, float], dict[str, float]]:
        """Draw a scene and a score for which each way to compute the most important part gives another one."""
        from xai_widgets.datasets.creatures import sample_scene

        while True:
            scene = sample_scene(rng, noise=False, occluders=False)
            score = CurvedScore(rng, (96, 96, 3))
            score.weights *= 5e-5  # pixels go up to 255, and there are many: tanh must not saturate
            falls, grey = falls_of_parts(score, scene), falls_of_parts(score, scene, grey=True)
            ways = {
                _best(falls),
                min(falls, key=falls.__getitem__),
                _best(grey),
            }
            if len(ways) == 3:
                return score, scene, falls, grey

    def _judge(self, given: str, falls: dict[str, float], grey: dict[str, float]) -> None:
        best = _best(falls)
        if given == best:
            return
        if given not in falls:
            raise Mistake("no_such_part", given=given[:40], parts=", ".join(falls))
        if given == min(falls, key=falls.__getitem__):
            raise Mistake("smallest")
        if given == _best(grey):
            raise Mistake("occluded")
        raise Mistake("another_part", given=given, fall=f"{falls[given]:.2f}", best=f"{falls[best]:.2f}")


def _best(falls: Mapping[str, float]) -> str:
    """Return the part without which the score falls most."""
    return max(falls, key=falls.__getitem__)


def falls_of_parts(score: Score, scene: Any, *, grey: bool = False) -> dict[str, float]:
    """Return by how much the score falls without each part of the first animal; or with it under grey."""
    from xai_widgets.datasets.creatures import draw

    drawing = draw(scene)
    names = [part.name for part in scene.animals[0].parts]
    if grey:
        hidden = [np.where(drawing.footprint(0, name)[..., np.newaxis], 128, drawing.picture) for name in names]
    else:
        hidden = [draw(scene.without(0, name)).picture for name in names]
    whole = score(drawing.picture[np.newaxis])[0]
    return dict(zip(names, (whole - score(np.stack(hidden))).tolist(), strict=True))
