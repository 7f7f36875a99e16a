"""`TextModel`: the base class of the classifiers of texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.datasets.reviews import word_positions as words
from xai_widgets.models.outputs.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


class TextModel(ABC):
    """A classifier of texts.

    Parameters
    ----------
    name : str
        The name of the model in displays.
    labels : sequence of str
        The K class names.
    pattern : str
        A regular expression that matches one word.

    Attributes
    ----------
    name : str
        The name of the model.
    labels : tuple of str
        The K class names.
    """

    def __init__(self, name: str, labels: Sequence[str], pattern: str = r"\w+") -> None:
        self.name, self.labels = name, tuple(labels)
        self._pattern = pattern

    @abstractmethod
    def _scores(self, texts: list[list[str]]) -> NDArray[np.float32]:
        """Return the logits (N, K) of texts that are lists of normalised words."""

    def logits(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        """Return the class scores before the softmax.

        Parameters
        ----------
        texts : str or sequence of str
            N texts; a single text is a batch of one. An empty text is a text without words.

        Returns
        -------
        ndarray of float32, shape (N, K)
            The logits.

        Raises
        ------
        TypeError
            If an element is not a str.
        ValueError
            If there is no text.
        """
        given = as_texts(texts)
        return self._scores([[words.plain(word) for word in self.tokens(text)] for text in given])

    def predict_proba(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        """Return class probabilities as an array (N, K), the form that the packages of LIME and SHAP require."""
        logits = self.logits(texts).astype("float64")
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype("float32")
        return probabilities

    def predict(self, texts: str | Sequence[str], top: int = 5) -> Predictions:
        """Return class probabilities as `Predictions`, which are displayed as bars and convert to an array (N, K)."""
        return Predictions(self.predict_proba(texts), self.labels, top, "text")

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text as they are written, without the characters between them."""
        return [text[start:end] for start, end in self.spans(text)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the start and the end of each of `tokens` in the text, in characters."""
        return words.spans(text, self._pattern)

    def without(self, text: str, places: Iterable[int]) -> str:
        """Return a text without the words at `places`, which are indices into `tokens`."""
        return words.without(text, places, self._pattern)

    def __repr__(self) -> str:
        """Name and classes."""
        return f"{type(self).__name__}({self.name!r}, {len(self.labels)} classes)"


def as_texts(texts: str | Sequence[str]) -> list[str]:
    """Return a list of texts; raise an error if there is none or an element is not a str."""
    given = [texts] if isinstance(texts, str) else list(texts)
    if not given:
        raise ValueError("no texts were given")
    strange = next((one for one in given if not isinstance(one, str)), None)
    if strange is not None:
        raise TypeError(f"a text is a str, not a {type(strange).__name__}")
    return [str(one) for one in given]
