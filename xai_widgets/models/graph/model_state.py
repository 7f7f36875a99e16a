"""Whether a model is still what it was: built the same way, with the same weights."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets import backend
from xai_widgets.models.graph.fingerprint import fingerprint, same_structure

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

_COLUMNS = 4093  # a prime: weights that change places, rows of a matrix say, come into other columns


class ModelState:
    """The structure of a model, and a digest of all its weights, as they are now.

    Parameters
    ----------
    model : keras.Model
        It is not kept.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> before = ModelState(model)
    >>> ModelState(model).is_same(before)
    True
    >>> model.layers[0].kernel.assign(model.layers[0].kernel[::-1])  # doctest: +ELLIPSIS
    <...>
    >>> ModelState(model).is_same(before)
    False
    """

    def __init__(self, model: keras.Model) -> None:
        self._structure, self._weights = fingerprint(model), weights_digest(model)

    def is_same(self, other: ModelState) -> bool:
        """Tell whether two states are of the same layers, set the same way, with the same weights."""
        return self._weights == other._weights and same_structure(self._structure, other._structure)


def weights_digest(model: keras.Model) -> tuple[int, ...]:
    """Return numbers that tell the weights of a model from others, one for each variable.

    Every bit of every weight counts. It is no protection against weights that somebody chose to have the same digest.

    Parameters
    ----------
    model : keras.Model
        Its weights are read where they lie: some milliseconds for MobileNetV2.
    """
    return tuple(_checksum(backend.bits(variable)) for variable in model.weights)


def _checksum(values: NDArray[np.generic]) -> int:
    """Return the CRC-32 of a few bytes; of many, that of their folded form, which is several times as fast."""
    octets = np.ascontiguousarray(values).reshape(-1).view("uint8")
    rows = len(octets) // (8 * _COLUMNS)
    if rows < 2:
        return zlib.crc32(octets.data)
    end = rows * 8 * _COLUMNS
    folded = octets[:end].view("uint64").reshape(rows, _COLUMNS).sum(axis=0)
    return zlib.crc32(octets[end:].data, zlib.crc32(folded.tobytes()))
