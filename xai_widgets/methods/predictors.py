"""Whatever answers for rows or texts: networks, forests, pipelines, functions; asked for one column of scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.models.classifier import Classifier
from xai_widgets.models.targets import Target, class_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_BATCH = 256  # texts at a time, for what does not cut batches itself


@dataclass(frozen=True, eq=False)
class Predictor:
    """A function from N rows or texts to scores (N, K), with names for the K classes.

    Attributes
    ----------
    scores : callable
    labels : tuple of str
    name : str
    output : {"logit", "probability"}
        What the scores are; a forest or a function gives what it gives, called probability.
    """

    scores: Callable[[Any], NDArray[np.float64]]
    labels: tuple[str, ...]
    name: str
    output: str

    def columns(self, given: Any, target: Target) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return for each row or text the class that is explained, and its score."""
        found = self.scores(given)
        classes = class_indices(target, self.labels, found.argmax(axis=1))
        return classes, found[np.arange(len(found)), classes]


def as_predictor(model: Any, probe: Any, output: str = "logit") -> Predictor:
    """Wrap a classifier, a Keras model, an object with ``predict_proba``, or a function.

    Parameters
    ----------
    model : Classifier, keras.Model, object with ``predict_proba``, or callable
        Gives (N, K) for N rows or texts.
    probe : sequence
        Rows or texts that it takes, to see what it answers.
    output : {"logit", "probability"}
        What is explained of those that have logits.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If its answers are not one finite row each.

    Examples
    --------
    >>> as_predictor(lambda texts: np.ones((len(texts), 2)), ["a", "b"]).labels
    ('class 0', 'class 1')
    """
    if output not in ("logit", "probability"):
        msg = f"output must be 'logit' or 'probability', not {output!r}"
        raise ValueError(msg)
    if isinstance(model, (Classifier, keras.Model)):
        return _of_classifier(Classifier.wrap(model), output)
    logits = getattr(model, "logits", None) if output == "logit" else None
    answer = logits or getattr(model, "predict_proba", model)
    if not callable(answer):
        msg = f"a model is a Classifier, has predict_proba, or is a function to scores (N, K), not {model!r}"
        raise TypeError(msg)

    def scores(given: Any) -> NDArray[np.float64]:
        parts = [answer(given[start : start + _BATCH]) for start in range(0, len(given), _BATCH)]
        found = np.concatenate([np.asarray(part, "float64") for part in parts])
        if found.ndim != 2 or len(found) != len(given) or not np.isfinite(found).all():
            msg = f"the model must give one finite row of scores each, (N, K), not an array of shape {found.shape}"
            raise ValueError(msg)
        return found

    count = scores(probe[:1]).shape[1]
    known = getattr(model, "labels", getattr(model, "classes_", None))
    labels = tuple(f"class {index}" for index in range(count)) if known is None else tuple(map(str, known))
    name = getattr(model, "name", getattr(model, "__name__", type(model).__name__))
    return Predictor(scores, labels, str(name), "logit" if logits else "probability")


def _of_classifier(classifier: Classifier, output: str) -> Predictor:
    def scores(rows: Any) -> NDArray[np.float64]:
        logits = classifier.logits(np.asarray(rows, "float32"))
        return (logits if output == "logit" else classifier.probabilities(logits)).astype("float64")

    return Predictor(scores, classifier.labels, classifier.name, output)
