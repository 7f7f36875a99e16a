"""Which models come with this package, so that labs need not look for faults in them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    import keras

_known: WeakSet[keras.Model] = WeakSet()


def as_known(model: keras.Model) -> keras.Model:
    """Remember that a model comes with this package or is one of `keras.applications`; return it.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> is_known(model), is_known(as_known(model))
    (False, True)
    """
    _known.add(model)
    return model


def is_known(model: keras.Model) -> bool:
    """Tell whether a model comes with this package or is one of `keras.applications`."""
    return model in _known
