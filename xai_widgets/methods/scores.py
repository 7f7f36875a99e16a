"""The scalar that is explained, and its gradient, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.progress import reporter
from xai_widgets.models.network import subject_of
from xai_widgets.models.targets import Target, class_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier

OUTPUTS = ("logit", "probability")


@dataclass(frozen=True, eq=False)
class ScoreGradient:
    """Scores (N,), their gradients shaped like the inputs, and the names of what was explained."""

    score: NDArray[np.float32]
    gradient: NDArray[np.float32]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scalar:
    """What is explained of each of N examples.

    Attributes
    ----------
    names : tuple of N str
    rows : (N, K) float32 array
        The class of each example as a row of weights, so that one compiled function serves every class.
    of : callable
        From the outputs and the rows, tensors, to the scalars' tensor (N,).
    lasting : bool
        Whether what is compiled of it may be kept: nothing tells when a reader's own callable changes.
    """

    names: tuple[str, ...]
    rows: NDArray[np.float32]
    of: Callable[[Any, Any], Any]
    lasting: bool

    def compiled(self, classifier: Classifier, key: object, build: Callable[[], Any]) -> Callable[..., Any]:
        """Return a compiled function, kept for the model under `key` if it may be; `build` as in the classifier's."""
        return classifier.compiled(key, build) if self.lasting else backend.compile(*build())

    def values(self, classifier: Classifier, output: str) -> Callable[..., Any]:
        """Return the compiled function (x, rows) -> scores (N,), without a backward pass."""
        return self.compiled(classifier, ("score", output), lambda: _composed(classifier, output, self.of))

    def gradients(self, classifier: Classifier, output: str) -> Callable[..., Any]:
        """Return the compiled function (x, rows) -> (scores (N,), gradient)."""

        def build() -> tuple[Any, Any]:
            function, variables = _composed(classifier, output, self.of)
            return backend.value_and_gradient(function), variables

        return self.compiled(classifier, ("score_gradient", output), build)


def _composed(classifier: Classifier, output: str, scalar: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """Return the function (x, rows) -> scores and the variables that it reads."""
    outputs, variables = classifier.outputs_function(output)
    return lambda x, rows: scalar(outputs(x), rows), variables


def explained_scalar(
    classifier: Classifier, inputs: Any, target: Target, output: str = "logit", batch_size: int | None = None
) -> Scalar:
    """Prepare what is explained: the class of each example, or a scalar of the reader's own making.

    Raises
    ------
    ValueError
        If `output` is neither "logit" nor "probability", or a class is unknown.
    """
    if output not in OUTPUTS:
        msg = f"output must be one of {', '.join(map(repr, OUTPUTS))}, not {output!r}"
        raise ValueError(msg)
    if callable(target):
        count = len(keras.tree.flatten(inputs)[0])
        name = getattr(target, "__name__", "callable")
        return Scalar((name,) * count, np.zeros((count, 1), "float32"), _of_callable(target), lasting=False)
    indices = resolve_classes(classifier, inputs, target, batch_size)
    rows = np.eye(len(classifier.labels), dtype="float32")[indices]
    return Scalar(tuple(classifier.labels[index] for index in indices), rows, _of_class, lasting=True)


def _of_class(outputs: Any, rows: Any) -> Any:
    return keras.ops.sum(outputs * rows, axis=-1)


def _of_callable(target: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Check what a reader's own callable gives."""

    def scalar(outputs: Any, _rows: Any) -> Any:
        values = keras.ops.convert_to_tensor(target(outputs))
        if len(values.shape) != 1:
            msg = f"a callable target must give one scalar per image, shape (N,), but gave shape {tuple(values.shape)}"
            raise ValueError(msg)
        return keras.ops.cast(values, "float32")

    return scalar


def score_gradient(
    classifier: Classifier,
    inputs: NDArray[np.float32],
    target: Target,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> ScoreGradient:
    """Differentiate a class score, or any scalar of the outputs, by the inputs.

    Parameters
    ----------
    classifier : Classifier
    inputs : (N, ...) float32 array
        In the model's input space.
    target : str, int, sequence of them, callable, or None
        A callable gets the tensor of outputs (N, K) and gives a tensor of shape (N,), written with ``keras.ops``.
    output : {"logit", "probability"}
        What of the model is explained.
    batch_size, progress
        See the methods.
    """
    scalar = explained_scalar(classifier, inputs, target, output, batch_size)
    run = scalar.gradients(classifier, output)
    report, scores, gradients = reporter(progress), [], []
    for part in classifier.batches(len(inputs), batch_size):
        score, slope = run(inputs[part], scalar.rows[part])
        scores.append(score)
        gradients.append(slope)
        report(part.stop, len(inputs))
    return ScoreGradient(np.concatenate(scores), np.concatenate(gradients), scalar.names)


def scores(
    classifier: Classifier,
    inputs: NDArray[np.float32],
    scalar: Scalar,
    output: str = "logit",
    batch_size: int | None = None,
) -> NDArray[np.float32]:
    """Return the explained scalar at each input, shape (N,); `inputs` are N points, one for each row of `scalar`."""
    run = scalar.values(classifier, output)
    parts = [run(inputs[part], scalar.rows[part]) for part in classifier.batches(len(inputs), batch_size)]
    found: NDArray[np.float32] = np.concatenate(parts)
    return found


def resolve_classes(
    classifier: Classifier, inputs: NDArray[np.float32], target: Target, batch_size: int | None = None
) -> NDArray[np.int64]:
    """Return one class index per image; the model is asked only if `target` is None."""
    unknown = np.zeros(len(inputs), "int64")
    predicted = classifier.logits(inputs, batch_size=batch_size).argmax(axis=-1) if target is None else unknown
    return class_indices(target, classifier.labels, predicted)


def wrapped(model: Classifier | keras.Model, inputs: Any) -> tuple[Classifier, NDArray[np.float32]]:
    """Return a model wrapped by what it gives, and a batch in its input space.

    Raises
    ------
    ValueError
        If the model has several inputs: what is explained here is one.
    """
    subject = subject_of(model)
    batch: Any = subject.as_inputs(inputs)
    if not isinstance(batch, np.ndarray):
        msg = (
            f"{subject.name!r} has several inputs; wrap the one to explain in a model of its own, the others held "
            "fixed, or use grad_cam, which takes them all"
        )
        raise ValueError(msg)  # noqa: TRY004  (the inputs are what the model takes: it is the method that does not fit)
    return subject, batch


def pictures_of(
    classifier: Classifier, inputs: NDArray[np.float32], like: NDArray[np.float32] | None = None
) -> NDArray[np.float32] | None:
    """Return what the network saw, for display, on the scale of `like`; None where inputs are no pictures."""
    if inputs.ndim != 4 or inputs.shape[-1] not in (1, 3):
        return None
    return classifier.to_display(inputs, like)
