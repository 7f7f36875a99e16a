"""Accuracy of a network on the test digits, without and under attack, for the evaluation of adversarial training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

STEPS = 10
QUERIES = 100


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


def accuracy_without_gradients(classifier: Classifier, epsilon: float, seed: int) -> float:
    """Return the share of right answers on the test digits under an attack that asks for scores alone."""
    from xai_widgets.datasets.pictures.samples import digits_split

    x, labels = digits_split("test")
    return _accuracy(classifier, random_search(classifier, x, labels, epsilon, seed))


def random_search(
    classifier: Classifier, x: NDArray[np.float32], labels: NDArray[np.integer], epsilon: float, seed: int
) -> NDArray[np.float32]:
    """Attack pictures by trying squares at random: without gradients, which a network may hide.

    Parameters
    ----------
    classifier : Classifier
    x : (N, H, W, C) array
        Pictures with values from 0 to 1.
    labels : (N,) array of int
    epsilon : float
        The largest change of a value.
    seed : int

    Returns
    -------
    (N, H, W, C) array
        The pictures of the lowest margin found in `QUERIES` trials.

    References
    ----------
    Andriushchenko, Croce, Flammarion, Hein (2020). Square Attack: a query-efficient black-box adversarial attack via
    random search. arXiv:1912.00049.
    """
    rng = np.random.default_rng(seed)
    count, height, width, _ = x.shape
    found = np.clip(x + epsilon * rng.choice([-1.0, 1.0], (count, 1, width, 1)), 0, 1).astype("float32")  # stripes
    margin = _margin(classifier, found, labels)
    for query in range(QUERIES):
        side = max(1, round(height * (0.5 if query < QUERIES // 4 else 0.25)))
        tried = found.copy()
        tops, lefts = rng.integers(0, height - side + 1, count), rng.integers(0, width - side + 1, count)
        signs = rng.choice([-1.0, 1.0], count)
        for one, (top, left, sign) in enumerate(zip(tops, lefts, signs, strict=True)):
            place = np.s_[one, top : top + side, left : left + side]
            tried[place] = np.clip(x[place] + sign * epsilon, 0, 1)
        new = _margin(classifier, tried, labels)
        better = new < margin
        found[better], margin[better] = tried[better], new[better]
    return found


def _margin(classifier: Classifier, x: NDArray[np.float32], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return by how much the logit of the label is above the highest other one."""
    logits = np.array(classifier.logits(x), dtype="float64")
    rows = np.arange(len(x))
    own = logits[rows, labels]
    logits[rows, labels] = -np.inf
    margin: NDArray[np.float64] = own - logits.max(axis=1)
    return margin


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
