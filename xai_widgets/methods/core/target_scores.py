"""The scalar that is explained, and its gradient, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.core.progress import reporter
from xai_widgets.models.kinds.classifier import Classifier, as_classifier, finite_scores
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.models.outputs.targets import Target, class_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Progress
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

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

    def compiled(self, classifier: WrappedModel, key: object, build: Callable[[], Any]) -> Callable[..., Any]:
        """Return a compiled function, kept for the model under `key` if it may be; `build` as in the classifier's.

        It raises a ValueError where a score, a gradient or anything else that it gives is not finite.
        """
        run = classifier.compiled(key, build) if self.lasting else backend.compile(*build())

        def checked(*arrays: Any) -> Any:
            found = run(*arrays)
            for one in keras.tree.flatten(found):
                if isinstance(one, np.ndarray) and one.dtype.kind == "f":
                    finite_scores(one, classifier.name)
            return found

        return checked

    def values(self, classifier: WrappedModel, output: str) -> Callable[..., Any]:
        """Return the compiled function (x, rows) -> scores (N,), without a backward pass."""
        return self.compiled(classifier, ("score", output), lambda: _composed(classifier, output, self.of))

    def gradients(self, classifier: WrappedModel, output: str) -> Callable[..., Any]:
        """Return the compiled function (x, rows) -> (scores (N,), gradient)."""

        def build() -> tuple[Any, Any]:
            function, variables = _composed(classifier, output, self.of)
            return backend.value_and_gradient(function), variables

        return self.compiled(classifier, ("score_gradient", output), build)


def _composed(classifier: WrappedModel, output: str, scalar: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """Return the function (x, rows) -> scores and the variables that it reads."""
    outputs, variables = classifier.outputs_function(output)
    return lambda x, rows: scalar(outputs(x), rows), variables


def explained_scalar(
    classifier: WrappedModel, inputs: Any, target: Target, output: str = "logit", batch_size: int | None = None
) -> Scalar:
    """Prepare what is explained: the class of each example, or a scalar of the reader's own making.

    Raises
    ------
    ValueError
        If `output` is neither "logit" nor "probability", or a class is unknown; once it is run, if a callable raises
        an error, gives anything but a tensor of shape (N,), or uses NumPy.
    """
    if output not in OUTPUTS:
        msg = f"output must be one of {', '.join(map(repr, OUTPUTS))}, not {output!r}"
        raise ValueError(msg)
    if isinstance(classifier, Classifier):
        classifier.check(inputs)
    if callable(target):
        count = classifier.count(inputs)
        name = getattr(target, "__name__", "callable")
        return Scalar((name,) * count, np.zeros((count, 1), "float32"), scalar_of_callable(target, name), lasting=False)
    return class_scalar(classifier, resolve_classes(classifier, inputs, target, batch_size))


def class_scalar(classifier: WrappedModel, indices: NDArray[np.int64]) -> Scalar:
    """Prepare the score of a class, given by its index for each example.

    Raises
    ------
    ValueError
        If the model does not give one row of class scores.
    """
    labels = as_classifier(classifier).labels
    return Scalar(tuple(labels[index] for index in indices), one_hot(indices, len(labels)), _of_class, lasting=True)


def one_hot(indices: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return one row of weights for each example, 1 at its class: shape (N, K)."""
    rows = np.zeros((len(indices), classes), "float32")
    rows[np.arange(len(indices)), indices] = 1
    return rows


def _of_class(outputs: Any, rows: Any) -> Any:
    return keras.ops.sum(outputs * rows, axis=-1)


def scalar_of_callable(target: Callable[[Any], Any], name: str) -> Callable[[Any, Any], Any]:
    """Return the function (outputs, rows) -> scalars of a reader's own callable, whose answer it checks.

    Raises
    ------
    ValueError
        When it is called: if the callable raises an error, or gives anything but a tensor of shape (N,).
    """

    def scalar(outputs: Any, _rows: Any) -> Any:
        values = _called(target, name, outputs)
        if len(values.shape) != 1:
            msg = f"a callable target must give one scalar per image, shape (N,), but gave shape {tuple(values.shape)}"
            raise ValueError(msg)
        return keras.ops.cast(values, "float32")

    return scalar


_WRITE = (
    "it gets the outputs as a tensor of the backend (nested as the model gives them) and gives a tensor of shape (N,), "
    'written with keras.ops: lambda outputs: outputs[:, 3], or lambda outputs: keras.ops.sum(outputs["mask"], '
    "axis=(1, 2, 3))"
)


def _called(target: Callable[[Any], Any], name: str, outputs: Any) -> Any:
    """Return what a reader's own callable makes of the outputs, a tensor.

    Raises
    ------
    ValueError
        If it raises an error, gives nothing, or gives an array of NumPy, through which no gradient passes.
    """
    try:
        found = target(outputs)
    except Exception as error:
        numpy = "numpy" in str(error).lower() or "array" in type(error).__name__.lower()
        why = "; NumPy cannot be used on these tensors" if numpy else ""
        msg = f"the callable target {name!r} raised {type(error).__name__}: {str(error)[:200]}{why}; {_WRITE}"
        raise ValueError(msg) from error
    if isinstance(found, (np.ndarray, np.generic)):
        msg = f"the callable target {name!r} gave an array of NumPy, which is cut off from the network; {_WRITE}"
        raise ValueError(msg)  # noqa: TRY004  (what it does is wrong, not what it is)
    if not keras.ops.is_tensor(found):
        given = "nothing (None)" if found is None else f"a {type(found).__name__}"
        msg = f"the callable target {name!r} gave {given}; {_WRITE}"
        raise ValueError(msg)
    return found


def score_gradient(
    classifier: WrappedModel,
    inputs: NDArray[np.float32],
    target: Target,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
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
        score, gradient = run(inputs[part], scalar.rows[part])
        scores.append(score)
        gradients.append(gradient)
        report(part.stop, len(inputs))
    return ScoreGradient(np.concatenate(scores), np.concatenate(gradients), scalar.names)


def scores(
    classifier: WrappedModel,
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
    classifier: WrappedModel, inputs: NDArray[np.float32], target: Target, batch_size: int | None = None
) -> NDArray[np.int64]:
    """Return one class index per image; the model is asked only if `target` is None."""
    subject, unknown = as_classifier(classifier), np.zeros(classifier.count(inputs), "int64")
    predicted = subject.logits(inputs, batch_size=batch_size).argmax(axis=-1) if target is None else unknown
    return class_indices(target, subject.labels, predicted)


def wrapped(model: WrappedModel | keras.Model, inputs: Any) -> tuple[WrappedModel, NDArray[np.float32]]:
    """Return a model wrapped by what it gives, and a batch in its input space.

    Raises
    ------
    ValueError
        If the model has several inputs: what is explained here is one.
    """
    subject = wrap(model)
    batch: Any = subject.as_inputs(inputs)
    if not isinstance(batch, np.ndarray):
        msg = (
            f"{subject.name!r} has several inputs; wrap the one to explain in a model of its own, the others held "
            "fixed, or use grad_cam, lrp or deep_lift, which take them all"
        )
        raise ValueError(msg)  # noqa: TRY004  (the inputs are what the model takes: it is the method that does not fit)
    return subject, batch


def pictures_of(
    classifier: WrappedModel, inputs: NDArray[np.float32], like: NDArray[np.float32] | None = None
) -> NDArray[np.float32] | None:
    """Return what the network saw, for display, on the scale of `like`; None where inputs are no pictures."""
    if inputs.ndim != 4 or inputs.shape[-1] not in (1, 3):
        return None
    return classifier.to_display(inputs, like)
