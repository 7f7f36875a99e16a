"""Layers in float32, whatever precision they are set to: half of it rounds small gradients to zero."""

from __future__ import annotations

from typing import Any

import keras

FULL = "float32"


class _Float32Policy(keras.dtype_policies.DTypePolicy):
    """Compute in float32 on weights of another precision, which are cast when they are read."""

    def __init__(self, variable_dtype: str) -> None:
        super().__init__(FULL)
        self._variable_dtype = variable_dtype


def in_float32(operation: Any) -> Any:
    """Return an operation that computes in float32; a layer's twin shares its weights, and the layer stays as it is.

    Examples
    --------
    >>> layer = keras.layers.Dense(2, dtype="mixed_float16")
    >>> in_float32(layer).compute_dtype, layer.compute_dtype
    ('float32', 'float16')
    """
    return _twin(operation, {}) if is_reduced(operation) else operation


def is_reduced(operation: Any) -> bool:
    """Tell whether a layer, or one within it, computes floats in another precision than float32."""
    if not isinstance(operation, keras.layers.Layer):
        return False
    layers = operation._flatten_layers()  # noqa: SLF001  (no public way)
    return any(layer.compute_dtype in ("float16", "bfloat16", "float64") for layer in layers)


def _twin(layer: Any, known: dict[int, Any]) -> Any:
    """Copy a layer and those within it, but not their weights."""
    if id(layer) not in known:
        twin = object.__new__(type(layer))  # copy.copy would save and load the layer: its weights would be others
        known[id(layer)] = twin
        held = {name: _twins(value, known) for name, value in vars(layer).items()}
        twin.__dict__.update(held)
        if getattr(layer, "quantization_mode", None) is None:
            twin.__dict__["_dtype_policy"] = _Float32Policy(layer.variable_dtype)
    return known[id(layer)]


def _twins(value: Any, known: dict[int, Any]) -> Any:
    """Copy the layers that an attribute holds."""
    if isinstance(value, keras.layers.Layer):
        return _twin(value, known)
    if type(value) in (list, tuple) and any(isinstance(one, keras.layers.Layer) for one in value):
        return type(value)(_twins(one, known) for one in value)
    return value
