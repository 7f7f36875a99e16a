"""The exercises of 05_lime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise import Exercise, Mistake
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise, call, require_function
from xai_widgets.methods.evaluation.seed_stability import top_overlap
from xai_widgets.models.text.text_loading import BagOfWords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


def _kernel(bits: np.ndarray, width: float, *, root: bool = True) -> np.ndarray:
    """Return the weights of neighbours by their cosine distance from the one with all pieces."""
    shown = bits.sum(axis=1)
    distance = 1 - np.sqrt(shown / bits.shape[1])  # the cosine of a row of bits with all ones
    kernel: np.ndarray = np.exp(-(distance**2) / width**2)
    return np.sqrt(kernel) if root else kernel


def _fitted(
    bits: np.ndarray, scores: np.ndarray, kernel: np.ndarray, ridge: float, *, constant: bool = True
) -> np.ndarray:
    """Return the coefficients of the weighted ridge regression, the constant (never shrunk) first."""
    ones = np.ones((len(bits), 1)) if constant else np.zeros((len(bits), 0))
    rows = np.hstack([ones, bits])
    penalty = np.diag([0.0] * ones.shape[1] + [ridge] * bits.shape[1])
    found: np.ndarray = np.linalg.solve((rows.T * kernel) @ rows + penalty, (rows.T * kernel) @ scores)
    return found


@register("05.fit")
class Fit(FunctionExercise):
    """Fit LIME's linear model by hand: ``my_fit(bits, scores, width, ridge)``, the weights (S,)."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw neighbours and scores that no linear model gives exactly."""
        for count, pieces, ridge in ((60, 8, 1.0), (40, 5, 0.1)):
            bits = rng.integers(0, 2, (count, pieces)).astype("float64")
            bits[0] = 1
            scores = bits @ rng.normal(size=pieces) + 2 + np.sin(3 * bits[:, 0] * bits.sum(axis=1))
            yield bits, scores, 0.25, ridge

    def reference(self, bits: np.ndarray, scores: np.ndarray, width: float, ridge: float) -> np.ndarray:
        """Follow Ribeiro, Singh and Guestrin (2016), with the package's kernel."""
        return _fitted(bits, scores, _kernel(bits, width), ridge)[1:]

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "no_kernel": lambda b, s, _w, r: _fitted(b, s, np.ones(len(b)), r)[1:],
        "no_root": lambda b, s, w, r: _fitted(b, s, _kernel(b, w, root=False), r)[1:],
        "no_constant": lambda b, s, w, r: _fitted(b, s, _kernel(b, w), r, constant=False),
        "no_ridge": lambda b, s, w, _r: _fitted(b, s, _kernel(b, w), 0.0)[1:],
        "constant_returned": lambda b, s, w, r: _fitted(b, s, _kernel(b, w), r),
        "kernel_squared": lambda b, s, w, r: _fitted(b, s, _kernel(b, w) ** 4, r)[1:],
    }


def _overlaps(runs: Sequence[np.ndarray], count: int) -> np.ndarray:
    return np.array([top_overlap(weights, count) for weights in runs])


def _enough(samples: np.ndarray, good: np.ndarray) -> float:
    """Return the first number of samples from which on all are good."""
    stays = np.flip(np.logical_and.accumulate(np.flip(good)))
    return float(samples[np.argmax(stays)]) if stays.any() else np.inf


@register("05.samples")
class Samples(FunctionExercise):
    """Choose the number of samples: ``enough_samples(samples, runs, count, wanted)``, a number or infinity."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw runs that agree by chance at a small number, for good from a larger one on, and runs that never do."""
        samples = np.cumsum(rng.integers(20, 300, size=5))
        for noises in ((3.0, 0.02, 2.0, 0.02, 0.02), (2.0, 2.0, 2.0, 0.02, 2.0), (0.02,) * 5):
            true = rng.permutation(np.arange(12.0))
            runs = [true + noise * rng.normal(size=(4, 12)) * 4 for noise in noises]
            yield samples, runs, 4, 0.9

    def reference(self, samples: np.ndarray, runs: Sequence[np.ndarray], count: int, wanted: float) -> float:
        """Take the first from which on the overlap stays."""
        return _enough(samples, _overlaps(runs, count) >= wanted)

    def examine(self, answer: Any, rng: np.random.Generator) -> None:
        """Compare as numbers; infinity equals infinity."""
        super().examine(answer, rng)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "first_reached": lambda s, r, c, w: next(
            (float(n) for n, o in zip(s, _overlaps(r, c), strict=True) if o >= w), np.inf
        ),
        "place": lambda s, r, c, w: float(np.searchsorted(s, _enough(s, _overlaps(r, c) >= w))),
        "always_the_last": lambda s, _r, _c, _w: float(s[-1]),
    }


@register("05.flip")
class Flip(Exercise):
    """Find which words to take away: ``words_to_remove(model, text, weights)``, places of words."""

    def examine(self, answer: Any, rng: np.random.Generator) -> None:
        """Draw texts for a bag of words with random weights; words of negative weight stay."""
        require_function(answer)
        for _ in range(3):
            model, text, weights = self.case(rng)
            given = call(answer, model, text, weights)
            if not isinstance(given, (list, tuple, np.ndarray)):
                raise Mistake("not_places", kind=type(given).__name__)
            self._judge([int(place) for place in given], model, text, weights)

    def case(self, rng: np.random.Generator) -> tuple[BagOfWords, str, np.ndarray]:
        """Draw a text of ten words, whose answer is positive and falls once some of them are gone."""
        names = ["film", "story", "actors", "music", "end", "hero", "scene", "light", "plot", "voice"]
        strengths = np.sort(rng.uniform(0.5, 1.5, size=len(names)))
        strengths[:3] *= -2.0  # large negative weights: their magnitude alone gives a wrong answer
        strengths = rng.permutation(strengths)
        model = BagOfWords("tiny", ["negative", "positive"], dict(zip(names, strengths, strict=True)), bias=-1.0)
        if strengths.sum() - 1.0 <= 1.0:
            return self.case(rng)
        return model, " ".join(names), strengths

    def expected(self, model: BagOfWords, text: str, weights: np.ndarray) -> list[int]:
        """Take words away, the strongest for the answer first, until it changes."""
        gone: list[int] = []
        for place in np.argsort(-weights):
            gone.append(int(place))
            if model.predict(model.without(text, gone)).top(1)[0][0].label == "negative":
                return gone
        return gone

    def _judge(self, given: list[int], model: BagOfWords, text: str, weights: np.ndarray) -> None:
        right = self.expected(model, text, weights)
        if set(given) == set(right):
            return
        if not given:
            raise Mistake("nothing")
        if any(not 0 <= place < len(weights) for place in given):
            raise Mistake("outside", count=len(weights))
        if model.predict(model.without(text, given)).top(1)[0][0].label == "positive":
            raise Mistake("not_flipped", count=len(set(given)))
        if any(weights[place] < 0 for place in given):
            raise Mistake("against")
        raise Mistake("too_many", count=len(set(given)), least=len(right))
