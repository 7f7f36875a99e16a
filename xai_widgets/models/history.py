"""Weights of a shipped model at moments of its training: for looking at what units do while they learn."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.models.classifier import Classifier
from xai_widgets.models.model_files import ModelError
from xai_widgets.models.names import match, suggestion
from xai_widgets.models.shipped import shipped_cards

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class History:
    """A model at several moments of its training, from untrained to trained.

    Indexing gives the model of one moment, a `Classifier`; each time a new one.

    Parameters
    ----------
    final : Classifier
        The trained model.
    preprocess : callable
        From pixel values 0..255 to the model's input space.
    weights : dict
        From the number of batches seen to the weights then, in the order of ``Model.get_weights``.

    Attributes
    ----------
    batches : tuple of int
        How many batches had been seen at each moment.

    Examples
    --------
    >>> history = load_history("creatures")
    >>> history.batches[:3]
    (0, 10, 30)
    >>> history[-1]
    Classifier('creatures after 1968 batches', input 96x96x3)
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
        """Return the model of one moment; negative places count from the end."""
        batches = self.batches[moment]
        net = keras.models.clone_model(self._final.model)
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
    name : str
        A shipped model with a history.

    Returns
    -------
    History

    Raises
    ------
    ModelError
        If there is no such model, it has no history, or the file is damaged.

    Examples
    --------
    >>> len(load_history("creatures")) > 5
    True
    >>> load_history("digits")
    Traceback (most recent call last):
    ...
    xai_widgets.models.model_files.ModelError: the model 'digits' has no history of its training; with one: creatures
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
    content = (card.folder / file).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelError(f"{file!r} of the shipped model {card.name!r} is damaged; install the package again")
    final = Classifier(card.read(), card.labels, card.preprocess, name=card.name)
    return History(final, card.preprocess, _moments(content))


def _moments(content: bytes) -> dict[int, list[NDArray[Any]]]:
    moments: dict[int, dict[int, NDArray[Any]]] = {}
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        for key in arrays.files:
            batches, place = map(int, key.split("/"))
            moments.setdefault(batches, {})[place] = arrays[key]
    return {batches: [kept[place] for place in sorted(kept)] for batches, kept in moments.items()}
