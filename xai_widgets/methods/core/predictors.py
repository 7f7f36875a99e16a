"""Whatever answers for rows or texts: networks, forests, pipelines, functions; asked for one column of scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.arrays import as_array
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.kinds.wrapping import keras_model_of
from xai_widgets.models.outputs.targets import Target, class_indices
from xai_widgets.models.text.string_input_model import StringInputModel, takes_strings

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
    numbers : tuple
        The classes as the model itself numbers them, as a classifier of scikit-learn does; empty where it has no
        numbers of its own.
    """

    scores: Callable[[Any], NDArray[np.float64]]
    labels: tuple[str, ...]
    name: str
    output: str
    numbers: tuple[Any, ...] = ()

    def columns(self, given: Any, target: Target) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return for each row or text the class that is explained, and its score.

        Raises
        ------
        ValueError
            If a number may mean two classes: the model's own number of one, and the place of another.
        """
        self._refuse_two_meanings(target)
        found = self.scores(given)
        classes = class_indices(target, self.labels, found.argmax(axis=1))
        return classes, found[np.arange(len(found)), classes]

    def _refuse_two_meanings(self, target: Target) -> None:
        """Refuse a number that is the model's own of one class, and the place of another."""
        given: Any = as_array(target)
        one_hot = np.ndim(given) > 1 and np.shape(given)[1] > 1
        if not self.numbers or callable(given) or one_hot:
            return
        places = {number: place for place, number in enumerate(self.numbers)}
        for one in np.ravel(np.asarray(given, object)):
            place = places.get(one)
            if place is not None and place != one:
                raise ValueError(
                    f"the classes of {self.name!r} are numbers of its own, {', '.join(self.labels[:5])}, so {one} may "
                    f"be that class or the one at place {one}; give the class as text, {self.labels[place]!r}"
                )


def as_predictor(model: Any, probe: Any, output: str = "logit", batch_size: int | None = None) -> Predictor:
    """Wrap a classifier, a Keras model (one that takes strings too), an object with ``predict_proba``, or a function.

    Parameters
    ----------
    model : Classifier, keras.Model, object with ``predict_proba``, or callable
        Gives (N, K) for N rows or texts.
    probe : sequence
        Rows or texts that it takes, to see what it answers.
    output : {"logit", "probability"}
        What is explained of those that have logits.
    batch_size : int, optional
        How many rows or texts at a time; 256, or what a classifier takes, if left out.

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
    network = keras_model_of(model)
    if network is not None and takes_strings(network):
        model = _of_strings(model, network)
    if isinstance(model, (Classifier, keras.Model)):
        return _of_classifier(Classifier.wrap(model), output, batch_size)
    logits = getattr(model, "logits", None) if output == "logit" else None
    answer = logits or getattr(model, "predict_proba", model)
    if not callable(answer):
        msg = f"a model is a Classifier, has predict_proba, or is a function to scores (N, K), not {model!r}"
        raise TypeError(msg)

    size = batch_size or _BATCH

    def scores(given: Any) -> NDArray[np.float64]:
        parts = [answer(given[start : start + size]) for start in range(0, len(given), size)]
        found = np.concatenate([np.asarray(part, "float64") for part in parts])
        if found.ndim != 2 or len(found) != len(given) or not np.isfinite(found).all():
            msg = f"the model must give one finite row of scores each, (N, K), not an array of shape {found.shape}"
            raise ValueError(msg)
        return found

    count = scores(probe[:1]).shape[1]
    known = getattr(model, "labels", getattr(model, "classes_", None))
    labels = tuple(f"class {index}" for index in range(count)) if known is None else tuple(map(str, known))
    name = getattr(model, "name", getattr(model, "__name__", type(model).__name__))
    numbers = tuple(known) if known is not None and np.asarray(known).dtype.kind in "iuf" else ()
    return Predictor(scores, labels, str(name), "logit" if logits else "probability", numbers)


def _of_strings(model: Any, network: keras.Model) -> StringInputModel:
    """Return a Keras model that takes strings, or its classifier, as one that answers for texts."""
    if not isinstance(model, Classifier):
        return StringInputModel(network)
    labels = model.labels if model.labels_given else None
    return StringInputModel(network, labels, outputs=model.outputs_asked, name=model.name)


def _of_classifier(classifier: Classifier, output: str, batch_size: int | None) -> Predictor:
    def scores(rows: Any) -> NDArray[np.float64]:
        logits = classifier.logits(np.asarray(rows, "float32"), batch_size=batch_size)
        return (logits if output == "logit" else classifier.probabilities(logits)).astype("float64")

    return Predictor(scores, classifier.labels, classifier.name, output)
