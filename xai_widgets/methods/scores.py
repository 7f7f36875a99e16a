"""The scalar that is explained, and its gradient, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.progress import reporter
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
    if output not in OUTPUTS:
        msg = f"output must be one of {', '.join(map(repr, OUTPUTS))}, not {output!r}"
        raise ValueError(msg)
    if callable(target):
        run, names, weights = _of_callable(classifier, target, output, inputs)
    else:
        run, names, weights = _of_classes(classifier, target, output, inputs, batch_size)
    report, scores, gradients = reporter(progress), [], []
    for part in classifier.batches(len(inputs), batch_size):
        score, slope = run(inputs[part], weights[part])
        scores.append(score)
        gradients.append(slope)
        report(part.stop, len(inputs))
    return ScoreGradient(np.concatenate(scores), np.concatenate(gradients), names)


def _of_classes(
    classifier: Classifier, target: Target, output: str, inputs: NDArray[np.float32], batch_size: int | None
) -> tuple[Callable[..., Any], tuple[str, ...], NDArray[np.float32]]:
    """One compiled function serves every class: the class comes as a row of weights, so nothing is traced again."""
    indices = resolve_classes(classifier, inputs, target, batch_size)
    weights = np.eye(len(classifier.labels), dtype="float32")[indices]
    run = classifier.compiled(
        ("score_gradient", output),
        lambda: _differentiate(classifier, output, lambda outputs, rows: keras.ops.sum(outputs * rows, axis=-1)),
    )
    return run, tuple(classifier.labels[index] for index in indices), weights


def _of_callable(
    classifier: Classifier, target: Callable[[Any], Any], output: str, inputs: NDArray[np.float32]
) -> tuple[Callable[..., Any], tuple[str, ...], NDArray[np.float32]]:
    """Compile a scalar of the reader's own making; it is not kept, since nothing tells when it changes."""

    def scalar(outputs: Any, _rows: Any) -> Any:
        values = keras.ops.convert_to_tensor(target(outputs))
        if len(values.shape) != 1:
            msg = f"a callable target must give one scalar per image, shape (N,), but gave shape {tuple(values.shape)}"
            raise ValueError(msg)
        return values

    function, variables = _differentiate(classifier, output, scalar)
    name = getattr(target, "__name__", "callable")
    return backend.compile(function, variables), (name,) * len(inputs), np.zeros((len(inputs), 1), "float32")


def _differentiate(classifier: Classifier, output: str, scalar: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """Return the function (x, rows) -> (scores, gradient) and the variables that it reads."""
    logits, variables = classifier.logits_function()
    squash = {"softmax": keras.ops.softmax, "sigmoid": keras.ops.sigmoid}.get(classifier.head, keras.ops.softmax)

    def score(x: Any, rows: Any) -> Any:
        outputs = logits(x)
        return scalar(squash(outputs) if output == "probability" else outputs, rows)

    return backend.value_and_gradient(score), variables


def resolve_classes(
    classifier: Classifier, inputs: NDArray[np.float32], target: Target, batch_size: int | None = None
) -> NDArray[np.int64]:
    """Return one class index per image; the model is asked only if `target` is None."""
    unknown = np.zeros(len(inputs), "int64")
    predicted = classifier.logits(inputs, batch_size=batch_size).argmax(axis=-1) if target is None else unknown
    return class_indices(target, classifier.labels, predicted)


def pictures_of(
    classifier: Classifier, inputs: NDArray[np.float32], like: NDArray[np.float32] | None = None
) -> NDArray[np.float32] | None:
    """Return what the network saw, for display, on the scale of `like`; None where inputs are no pictures."""
    if inputs.ndim != 4 or inputs.shape[-1] not in (1, 3):
        return None
    return classifier.to_display(inputs, like)
