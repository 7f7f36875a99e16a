"""`TextNet`: a Keras network over sequences of words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from xai_widgets.assets.cards import shipped_cards
from xai_widgets.datasets.reviews import word_positions as words
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.text.text_model import TextModel, as_texts
from xai_widgets.models.zoo.shipped import read_shipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PADDING: Final = 0  # after the last word
UNKNOWN: Final = 1  # a word that is not in the vocabulary
_SPECIAL: Final = 2  # the number of the first word of the vocabulary


class TextNet(TextModel):
    """A network of an embedding and plain layers after it.

    The first layer maps each word to a vector and has no gradient with respect to its input. `embed` computes that
    layer, and `classifier` is the rest of the network, a `Classifier` from word vectors (L, D) to the classes.
    Gradients, relevances and CAM of a text are those of ``model.classifier`` at ``model.embed(text)``, summed over D.

    Parameters
    ----------
    model : keras.Model
        Maps word numbers (N, L) to class probabilities (N, K); its first layer is an ``Embedding``.
    vocabulary : sequence of str
        The words, in the order of their numbers from 2 on; 0 is padding, 1 an unknown word.
    name : str
        The name of the model in displays.
    labels : sequence of str
        The K class names.
    pattern : str
        A regular expression that matches one word.

    Attributes
    ----------
    model : keras.Model
        The whole network.
    vocabulary : tuple of str
        The words, in the order of their numbers from 2 on.
    length : int
        L, the largest number of words of a text.
    classifier : Classifier
        The layers after the embedding, from word vectors (N, L, D) to the classes.

    Raises
    ------
    ValueError
        If the embedding has another number of words than the vocabulary.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> net = xai.load_text_model("reviews", language="en")
    >>> text = "The plot is not bad at all."
    >>> by_word = xai.explain(net.classifier, net.embed(text), "saliency").values.sum(axis=-1)
    >>> by_word.shape, net.tokens(text)[3:5]
    ((1, 64), ['not', 'bad'])
    """

    def __init__(
        self, model: keras.Model, vocabulary: Sequence[str], name: str, labels: Sequence[str], pattern: str = r"\w+"
    ) -> None:
        super().__init__(name, labels, pattern)
        self.model, self.vocabulary = model, tuple(vocabulary)
        self.length = int(model.input_shape[1])
        self._numbers = {word: number for number, word in enumerate(self.vocabulary, _SPECIAL)}
        self._vectors: Any = keras.ops.convert_to_numpy(model.layers[0].embeddings)
        if len(self._vectors) != len(self.vocabulary) + _SPECIAL:
            raise ValueError(
                f"the network has vectors for {len(self._vectors) - _SPECIAL} words, the vocabulary has "
                f"{len(self.vocabulary)}"
            )
        self.classifier = Classifier(_after_embedding(model), self.labels, name=name)

    def numbers(self, texts: str | Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of the words: 0 after the last word, 1 for unknown words.

        Parameters
        ----------
        texts : str or sequence of str
            N texts; a single text is a batch of one.

        Returns
        -------
        ndarray of int32, shape (N, L)
            The numbers.

        Raises
        ------
        ValueError
            If a text has more than L words.
        """
        return self._numbered([[words.plain(word) for word in self.tokens(text)] for text in as_texts(texts)])

    def embed(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of the words, shape (N, L, D), which are the input of `classifier`."""
        vectors: NDArray[np.float32] = self._vectors[self.numbers(texts)]
        return vectors

    def _numbered(self, texts: list[list[str]]) -> NDArray[np.int32]:
        longest = max(map(len, texts))
        if longest > self.length:
            raise ValueError(f"a text has {longest} words, the network takes up to {self.length}; shorten it")
        numbers = np.full((len(texts), self.length), PADDING, "int32")
        for row, text in zip(numbers, texts, strict=True):
            row[: len(text)] = [self._numbers.get(word, UNKNOWN) for word in text]
        return numbers

    def _scores(self, texts: list[list[str]]) -> NDArray[np.float32]:
        return self.classifier.logits(self._vectors[self._numbered(texts)])


def load_text_net(name: str, pattern: str) -> TextNet:
    """Return a shipped network for texts by the name of its card.

    Examples
    --------
    >>> from xai_widgets.datasets.reviews.grammar import grammar
    >>> load_text_net("reviews_fr", grammar("fr")["word"])
    TextNet('reviews_fr', 2 classes)
    """
    card = shipped_cards()[name]
    vocabulary = json.loads(card.content(*card.vocabulary)) if card.vocabulary else []
    return TextNet(read_shipped(card), vocabulary, card.name, card.labels, pattern)


def _after_embedding(model: keras.Model) -> keras.Model:
    """Return the layers after the first one as a separate model, with copies of the weights."""
    first, *others = model.layers
    copies = [type(layer).from_config(layer.get_config()) for layer in others]
    tail = keras.Sequential([keras.Input(first.output.shape[1:], name="vectors"), *copies], name=model.name)
    for copy, layer in zip(copies, others, strict=True):
        copy.set_weights(layer.get_weights())
    return tail
