"""What the outputs of a classifier are, and how they become scores and probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from xai_widgets.models.graph.final_activations import activation_function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.graph.output_head import Head

KINDS: Final = ("logits", "probability", "log_probability", "values")
_SMALLEST = 1e-30  # log of a probability that underflowed to 0
_ENDINGS = {"softmax": "softmax", "log_softmax": "softmax", "sigmoid": "sigmoid", "log_sigmoid": "sigmoid"}
_SEEN = {"distribution": "probability", "log_distribution": "log_probability", "probabilities": "probability"}


@dataclass(frozen=True)
class OutputReading:
    """How rows of outputs (before the final activation, where one was found) are read.

    Attributes
    ----------
    kind : str
        ``"softmax"``, ``"sigmoid"``: scores are the logits before that activation. ``"linear"``: the outputs are taken
        for logits of a softmax. ``"probability"``: the outputs are probabilities, and no logits were found; scores are
        their logarithms where classes exclude each other, else the probabilities themselves. ``"log_probability"``:
        scores are the logarithms that the model gives. ``"values"``: scores are the outputs, no probabilities.
    exclusive : bool
        Whether classes exclude each other: probabilities are the softmax of scores.
    two : bool
        Whether one output z stands for two classes. Scores are (-z, z), their probabilities sigmoid(-z) and sigmoid(z);
        of a bare probability p they are (1 - p, p).
    activation : str
        What was left out at the end of the model.
    """

    kind: str
    exclusive: bool
    two: bool
    activation: str

    def scores(self, raw: Any) -> Any:
        """Return what is explained as a logit, a tensor (N, K), from the rows before the final activation."""
        rows = keras.ops.cast(raw, "float32")
        if self.kind == "values":
            return activation_function(self.activation)(rows)
        if self.kind == "log_probability" and self.two:
            rows = keras.ops.exp(rows)
        if self.kind == "probability" and self.exclusive:
            return keras.ops.log(keras.ops.maximum(rows, _SMALLEST))
        if not self.two:
            return rows
        first = -rows if self.kind == "sigmoid" else 1 - rows
        return keras.ops.concatenate([first, rows], axis=-1)

    def squash(self, scores: Any) -> Any:
        """Return probabilities (or values) of scores, as tensors."""
        if self.exclusive:
            return keras.ops.softmax(scores)
        if self.kind == "sigmoid":
            return keras.ops.sigmoid(scores)
        return keras.ops.exp(scores) if self.kind == "log_probability" and not self.two else scores

    def probabilities(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities (or values) of scores, in NumPy."""
        rows = scores.astype("float64")
        if self.exclusive:
            powers = np.exp(rows - rows.max(axis=-1, keepdims=True))
            rows = powers / powers.sum(axis=-1, keepdims=True)
        elif self.kind == "sigmoid":
            rows = 0.5 * (1 + np.tanh(0.5 * rows))
        elif self.kind == "log_probability" and not self.two:
            rows = np.exp(rows)
        return rows.astype("float32")


def names_without_labels(reading: OutputReading, outputs: int) -> tuple[str, ...]:
    """Return names for the classes of a model to which no labels were given.

    Examples
    --------
    >>> names_without_labels(OutputReading("softmax", True, False, "softmax"), 2)
    ('class 0', 'class 1')
    >>> names_without_labels(OutputReading("sigmoid", False, False, "sigmoid"), 1)
    ('positive class',)
    """
    if outputs == 1:  # it is the positive class that is explained, the other one has no score of its own
        return ("value",) if reading.kind == "values" else ("positive class",)
    return tuple(f"class {index}" for index in range(outputs))


def read_outputs(head: Head, outputs: int, labels: int | None, asked: str | None, name: str) -> OutputReading:
    """Decide how outputs are read: by the model's final activation, by what they look like, or as asked.

    Parameters
    ----------
    head : Head
    outputs : int
        How many outputs the model has for each example.
    labels : int or None
        How many labels were given.
    asked : {"logits", "probability", "log_probability", "values"} or None
    name : str
        Of the model, for messages.

    Raises
    ------
    ValueError
        If the outputs cannot be what was asked for, or a softmax over a single output is always 1.
    """
    if outputs == 1 and _ENDINGS.get(head.activation) == "softmax":
        raise ValueError(
            f"{name!r} ends in a softmax over one output, which is 1 for every input: there is nothing to explain. "
            "Give its last layer one unit for each class, or a sigmoid"
        )
    two = outputs == 1 and labels == 2
    kind = _kind(head, outputs, two=two, asked=asked)
    if two and kind == "values":
        raise ValueError(f"the outputs of {name!r} are values, which two labels cannot name; give one label, or none")
    if asked == "probability" and kind == "probability" and head.looks_like not in ("distribution", "probabilities"):
        raise ValueError(
            f"{name!r} gives numbers outside 0..1, which are no probabilities; give outputs='logits' or 'values'"
        )
    if asked == kind == "log_probability" and head.looks_like not in ("log_distribution", "log_probabilities"):
        raise ValueError(
            f"{name!r} gives numbers above 0, which are no logarithms of probabilities; give outputs='logits' or "
            "'values'"
        )
    return OutputReading(kind, _exclusive(head, outputs, kind), two, head.activation)


def _kind(head: Head, outputs: int, *, two: bool, asked: str | None) -> str:
    if asked == "values":
        return "values"
    if head.activation in _ENDINGS:
        return _ENDINGS[head.activation]
    if asked in ("probability", "log_probability"):
        return asked
    if asked is None and not head.plain and head.looks_like in _SEEN:
        return _SEEN[head.looks_like]
    if outputs > 1:
        return "linear"
    return "sigmoid" if two or asked == "logits" else "values"


def _exclusive(head: Head, outputs: int, kind: str) -> bool:
    if kind == "probability":
        return head.looks_like == "distribution"
    if kind == "log_probability":
        return head.looks_like == "log_distribution"
    return kind in ("softmax", "linear") and outputs > 1
