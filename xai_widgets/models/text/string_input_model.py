"""A Keras model that takes strings, as one that answers for texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.models.graph.computation_steps import has_graph
from xai_widgets.models.graph.output_head import find_head
from xai_widgets.models.graph.reading import layers_by_path
from xai_widgets.models.outputs.output_reading import names_without_labels, read_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_LENGTHS: Final = (1, 0, 3, 10, 30)  # words of the texts that are tried
_TEXTS = 8  # of each length


def takes_strings(model: Any) -> bool:
    """Tell whether a Keras model has one input, and that of strings."""
    if not isinstance(model, keras.Model) or not has_graph(model) or len(model.inputs) != 1:
        return False
    return str(model.inputs[0].dtype) == "string"


class StringInputModel:
    """A Keras model whose input is strings: its vectorisation is inside.

    Parameters
    ----------
    model : keras.Model
        Takes strings of shape (N,) or (N, 1) and gives one row of K class scores for each; on TensorFlow, whose strings
        they are.
    labels : sequence of K str, optional
        ``"class 0"``, ``"class 1"``, ... if left out.
    outputs : {"logits", "probability", "log_probability", "values"}, optional
        What the outputs are, where the model does not end in a softmax or sigmoid: scores before a softmax, its
        probabilities, their logarithms, or numbers that are no scores of classes. Left out, it is found by trying texts
        of words that the model knows.
    name : str, optional
        What displays call it; the model's own name if left out.

    Raises
    ------
    ValueError
        If the model gives anything but one row for each text, or its outputs cannot be what was asked for.
    """

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str] | None = None,
        *,
        outputs: str | None = None,
        name: str | None = None,
    ) -> None:
        self.model, self.name = model, str(name or model.name)
        tried = [self._tensor(texts) for texts in _tried(model)]
        head = find_head(model, tried[0], tried)
        self._raw = head.raw
        count = int(self._raw(tried[0]).shape[-1])
        self._reading = read_outputs(head, count, None if labels is None else len(labels), outputs, self.name)
        self.labels = names_without_labels(self._reading, count) if labels is None else tuple(labels)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the class scores before the final softmax or sigmoid, shape (N, K)."""
        found: NDArray[np.float32] = backend.to_numpy(self._reading.scores(self._raw(self._tensor(texts))))
        return found

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the class probabilities, shape (N, K)."""
        return self._reading.probabilities(self.logits(texts))

    def _tensor(self, texts: Sequence[str]) -> Any:
        shape = (len(texts), *self.model.inputs[0].shape[1:])
        return keras.ops.convert_to_tensor(np.array(list(texts), object).reshape(shape))


def _tried(model: keras.Model) -> Iterator[list[str]]:
    """Yield texts of several lengths, of words that the model knows where it tells."""
    readers = [layer for layer in layers_by_path(model).values() if hasattr(layer, "get_vocabulary")]
    known = [str(word) for layer in readers for word in layer.get_vocabulary()]
    words = np.array([word for word in known if word] or ["a", "good", "bad", "film", "0"])
    rng = np.random.default_rng(0)
    for length in _LENGTHS:
        yield [" ".join(rng.choice(words, length)) for _ in range(_TEXTS)]
