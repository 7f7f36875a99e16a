"""`TextModel`: what every classifier of texts does, whatever is inside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.models import words
from xai_widgets.models.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


class TextModel(ABC):
    """A classifier of texts.

    Parameters
    ----------
    name : str
        What displays call it.
    labels : sequence of str
        K class names.
    pattern : str
        A regular expression of one word.

    Attributes
    ----------
    name : str
    labels : tuple of str
    """

    def __init__(self, name: str, labels: Sequence[str], pattern: str = r"\w+") -> None:
        self.name, self.labels = name, tuple(labels)
        self._pattern = pattern

    @abstractmethod
    def _scores(self, texts: list[list[str]]) -> NDArray[np.float32]:
        """Return the logits (N, K) of texts given as words in the form in which they are looked up."""

    def logits(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        """Return the class scores before the softmax.

        Parameters
        ----------
        texts : str or sequence of str
            N texts; a single one is a batch of one. An empty text is a text without words.

        Returns
        -------
        ndarray of float32, shape (N, K)

        Raises
        ------
        TypeError
            If something is not a text.
        ValueError
            If there are no texts at all.
        """
        given = as_texts(texts)
        return self._scores([[words.plain(word) for word in self.tokens(text)] for text in given])

    def predict_proba(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        """Return class probabilities as an array (N, K): what LIME and SHAP ask for."""
        logits = self.logits(texts).astype("float64")
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype("float32")
        return probabilities

    def predict(self, texts: str | Sequence[str], top: int = 5) -> Predictions:
        """Return class probabilities that show themselves, as `Classifier.predict` does; NumPy takes them as (N, K)."""
        return Predictions(self.predict_proba(texts), self.labels, top, "text")

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text, as they are written; what is between them is not read."""
        return [text[start:end] for start, end in self.spans(text)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where each of `tokens` begins and ends in the text."""
        return words.spans(text, self._pattern)

    def without(self, text: str, places: Iterable[int]) -> str:
        """Return a text without the words at `places`, counted as in `tokens`."""
        return words.without(text, places, self._pattern)

    def __repr__(self) -> str:
        """Name and classes."""
        return f"{type(self).__name__}({self.name!r}, {len(self.labels)} classes)"


def as_texts(texts: str | Sequence[str]) -> list[str]:
    """Return a list of texts, or say what is none."""
    given = [texts] if isinstance(texts, str) else list(texts)
    if not given:
        raise ValueError("no texts were given")
    strange = next((one for one in given if not isinstance(one, str)), None)
    if strange is not None:
        raise TypeError(f"a text is a str, not a {type(strange).__name__}")
    return [str(one) for one in given]
