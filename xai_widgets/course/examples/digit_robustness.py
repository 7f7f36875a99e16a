"""Accuracy of a network on the test digits, without and under attack, for the evaluation of adversarial training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

STEPS = 10


@dataclass(frozen=True)
class DigitScores:
    """A network on the test digits.

    Attributes
    ----------
    classifier : Classifier
        The network.
    clean, robust : float
        The share of right answers without attack, and under PGD.
    answers : (N,) array
        Its answers without attack.
    adversarial : (N, 8, 8, 1) array
        The pictures that PGD made against it.
    """

    classifier: Classifier
    clean: float
    robust: float
    answers: NDArray[np.int64]
    adversarial: NDArray[np.float32]

    def same_answers_as(self, other: DigitScores) -> bool:
        """Whether two networks agree on every picture, attacked ones included."""
        theirs = self.classifier.predict(other.adversarial).classes
        agree = np.array_equal(theirs, other.classifier.predict(other.adversarial).classes)
        return bool(agree and np.array_equal(self.answers, other.answers))

    def against(self, other: DigitScores) -> float:
        """Return the accuracy on the adversarial pictures of another network."""
        return _accuracy(self.classifier, other.adversarial)


def measure(classifier: Classifier, epsilon: float, seed: int) -> DigitScores:
    """Attack a network on all test digits with PGD from a random start."""
    from xai_widgets.datasets.pictures.samples import digits_split
    from xai_widgets.methods import pgd

    x, labels = digits_split("test")
    attacked = pgd(classifier, x, labels.tolist(), epsilon=epsilon, steps=STEPS, seed=seed).adversarial
    answers = classifier.predict(x).classes
    clean = float(np.mean(answers == labels))
    return DigitScores(classifier, clean, _accuracy(classifier, attacked), answers, attacked)


def as_digits_classifier(answer: Any) -> Classifier | None:
    """Return a student's network as a classifier of digits; None if it is not one."""
    import keras

    from xai_widgets.models.kinds.classifier import Classifier

    if isinstance(answer, keras.Model) and answer.built:
        answer = Classifier(answer, [str(digit) for digit in range(10)], value_range=(0.0, 1.0))
    if not isinstance(answer, Classifier) or answer.input_shape != (8, 8, 1) or len(answer.labels) != 10:
        return None
    return answer


def _accuracy(classifier: Classifier, x: NDArray[np.float32]) -> float:
    from xai_widgets.datasets.pictures.samples import digits_split

    return float(np.mean(classifier.predict(x).classes == digits_split("test")[1]))
