"""Weights of a shipped model at several moments of its training."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.assets.cards import ModelError, shipped_cards
from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.known_models import as_known
from xai_widgets.models.zoo.shipped import read_shipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class History:
    """A model at several moments of its training, from untrained to trained.

    Indexing returns the model of one moment, each time as a new `Classifier`.

    Parameters
    ----------
    final : Classifier
        The trained model.
    preprocess : callable
        Maps pixel values 0..255 to the input space of the model.
    weights : dict of int to list of ndarray
        For each number of training batches, the weights after them, in the order of ``Model.get_weights``.

    Attributes
    ----------
    batches : tuple of int
        The number of training batches before each moment.

    Examples
    --------
    >>> history = load_history("creatures")
    >>> history.batches[:3]
    (0, 10, 30)
    >>> history[-1]
    Classifier('creatures after 1968 batches', input 96x96x3, sigmoid over 12 classes)
    """

    def __init__(
        self,
        final: Classifier,
        preprocess: Callable[[NDArray[np.float32]], NDArray[np.float32]],
        weights: dict[int, list[NDArray[Any]]],
    ) -> None:
        self._final, self._preprocess, self._weights = final, preprocess, dict(sorted(weights.items()))
        self.batches = tuple(self._weights)

    def __len__(self) -> int:
        """Count the moments."""
        return len(self.batches)

    def __getitem__(self, moment: int) -> Classifier:
        """Return the model of one moment; negative indices count from the end."""
        batches = self.batches[moment]
        net = as_known(keras.models.clone_model(self._final.model))
        net.set_weights([one.astype(np.float32) for one in self._weights[batches]])
        name = f"{self._final.name} after {batches} batches"
        return Classifier(net, self._final.labels, self._preprocess, name=name)

    def __repr__(self) -> str:
        """Name and moments."""
        return f"History({self._final.name!r}, after {', '.join(map(str, self.batches))} batches)"


def load_history(name: str = "creatures") -> History:
    """Load the weights of a shipped model at moments of its training.

    Parameters
    ----------
    name : str, default "creatures"
        The name of a shipped model with a history; case and punctuation are ignored.

    Returns
    -------
    History
        A sequence of `Classifier`, from untrained to trained. Its attribute `batches` is the number of training batches
        before each moment.

    Raises
    ------
    ModelError
        If there is no such model, if it has no history, or if its file is damaged. It is a ValueError.

    Examples
    --------
    >>> len(load_history("creatures")) > 5
    True
    >>> load_history("digits")
    Traceback (most recent call last):
    ...
    xai_widgets.assets.cards.ModelError: the model 'digits' has no history of its training; with one: creatures
    """
    cards = shipped_cards()
    found = match(name, cards)
    if found is None:
        raise ModelError(f"unknown model {name!r}; {suggestion(name, cards)}")
    card = cards[found]
    if card.history is None:
        have = ", ".join(other.name for other in cards.values() if other.history)
        raise ModelError(f"the model {card.name!r} has no history of its training; with one: {have}")
    file, digest = card.history
    content = card.content(file, digest)
    final = Classifier(read_shipped(card), card.labels, card.preprocess, name=card.name)
    return History(final, card.preprocess, _moments(content))


def _moments(content: bytes) -> dict[int, list[NDArray[Any]]]:
    moments: dict[int, dict[int, NDArray[Any]]] = {}
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        for key in arrays.files:
            batches, place = map(int, key.split("/"))
            moments.setdefault(batches, {})[place] = arrays[key]
    return {batches: [kept[place] for place in sorted(kept)] for batches, kept in moments.items()}
