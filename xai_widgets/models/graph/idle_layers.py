"""Layers that augment pictures in training and leave them as they are at inference."""

from __future__ import annotations

import weakref
from typing import Any

import keras
import numpy as np

from xai_widgets.models.graph.reading import layers_by_path

_SIZES = 8, 11  # tried on axes that are left free
_SPREAD = 300.0  # of the values that are tried: pixels 0..255, and beyond
_KNOWN: weakref.WeakKeyDictionary[Any, dict[tuple[int | None, ...], bool]] = weakref.WeakKeyDictionary()


def is_idle(layer: Any, shape: tuple[int | None, ...]) -> bool:
    """Tell, by trying once, whether a layer of Keras that augments pictures leaves them as they are at inference.

    Most do, such as ``RandomBrightness``; a layer that always changes them, such as ``CenterCrop``, does not.

    Parameters
    ----------
    layer : Any
        A layer or operation of a graph.
    shape : tuple
        The shape of its input, the batch axis included; None where a size is free.

    Examples
    --------
    >>> is_idle(keras.layers.RandomBrightness(0.2), (None, 8, 8, 3)), is_idle(keras.layers.Dense(3), (None, 4))
    (True, False)
    """
    if "image_preprocessing" not in type(layer).__module__ or not type(layer).__module__.startswith("keras."):
        return False
    known = _KNOWN.setdefault(layer, {})
    if shape not in known:
        known[shape] = all(_keeps(layer, [one or size for one in shape[1:]]) for size in _SIZES)
    return known[shape]


def _keeps(layer: Any, shape: list[int]) -> bool:
    """Tell whether a layer gives back what it takes; the states of its generators are put back."""
    drawn = np.random.default_rng(0).normal(0, _SPREAD, (2, *shape)).astype("float32")
    before = [(one, keras.ops.convert_to_numpy(one)) for one in layer.variables]
    try:
        made = keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(drawn), training=False))
    except Exception:  # noqa: BLE001  (whatever it does not take, it is not known to be idle)
        return False
    finally:
        for variable, value in before:
            variable.assign(value)
    return made.shape == drawn.shape and bool(np.array_equal(made, drawn))


def idle_states(model: keras.Model) -> set[int]:
    """Return the ids of the variables of layers that are idle at inference: what happens to them changes no answer."""
    found: set[int] = set()
    for layer in layers_by_path(model).values():
        shape = getattr(getattr(layer, "input", None), "shape", None) if getattr(layer, "_inbound_nodes", []) else None
        if shape is not None and is_idle(layer, tuple(shape)):
            found.update(id(one) for one in layer.variables)
    return found
