"""Layers that wrap another one, as what they compute at inference: `TimeDistributed` and `SpectralNormalization`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Callable

# These act on the last axis or on each value alone, so that further axes in front change nothing.
_ANY_RANK = frozenset({"Activation", "Dense", "Dropout", "ELU", "LeakyReLU", "ReLU", "Rescaling"})


class EachStep(keras.Operation):
    """An operation that is applied to each step of a sequence by itself.

    It takes tensors whose axes of examples and of steps are one (see `folded`), and gives them apart, (N, T, ...).

    Parameters
    ----------
    operation : keras.layers.Layer or keras.Operation
        What is applied to each step.
    steps : int
        T, the number of steps.

    Examples
    --------
    >>> import numpy as np
    >>> each = EachStep(keras.layers.GlobalAveragePooling2D(), 3)
    >>> tuple(each(folded(np.ones((2, 3, 8, 8, 4), "float32"))).shape)
    (2, 3, 4)
    """

    def __init__(self, operation: Any, steps: int) -> None:
        super().__init__(name=f"{operation.name}_at_each_step")
        self.operation, self.steps = operation, steps
        self._call_has_training_arg = bool(getattr(operation, "_call_has_training_arg", False))

    @property
    def variables(self) -> list[Any]:
        """The variables of the operation."""
        return list(getattr(self.operation, "variables", []))

    @property
    def weights(self) -> list[Any]:
        """The weights of the operation."""
        return list(getattr(self.operation, "weights", []))

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Run the operation and take examples and steps apart."""
        return keras.tree.map_structure(self.unfolded, self.operation(*args, **kwargs))

    def unfolded(self, made: Any) -> Any:
        """Return a tensor (N T, ...) as (N, T, ...)."""
        return keras.ops.reshape(made, (-1, self.steps, *keras.ops.shape(made)[1:]))

    def each(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of tensors (N T, ...) and others as one of (N, T, ...) and the same others."""
        return lambda x, *others: self.unfolded(function(folded(x), *others))


def folded(tensor: Any) -> Any:
    """Return a tensor (N, T, ...) with one axis for examples and steps, (N T, ...); None for None."""
    return None if tensor is None else keras.ops.reshape(tensor, (-1, *keras.ops.shape(tensor)[2:]))


def inner_operation(operation: Any) -> Any:
    """Return what is applied to each step, for an `EachStep`; any other operation as it is."""
    return operation.operation if isinstance(operation, EachStep) else operation


def unwrapped(operation: Any) -> Any:
    """Return the layer in a `SpectralNormalization`, which at inference computes what the layer does; others as is.

    Examples
    --------
    >>> inner = keras.layers.Dense(3)
    >>> unwrapped(keras.layers.SpectralNormalization(inner)) is inner, unwrapped(inner) is inner
    (True, True)
    """
    while _is_of_keras(operation, "SpectralNormalization"):
        operation = operation.layer
    return operation


def steps_of(node: Any) -> int | None:
    """Return the number of steps of a call of `TimeDistributed`; None where it cannot be run as one batch.

    That is so where the number is free, or a mask is given.
    """
    if not _is_of_keras(node.operation, "TimeDistributed") or len(node.input_tensors) != 1:
        return None
    if node.arguments.kwargs.get("mask") is not None:
        return None
    steps = node.input_tensors[0].shape[1]
    return None if steps is None else int(steps)


def at_each_step(layer: Any, steps: int) -> Any:
    """Return an operation that applies a layer to each step."""
    layer = unwrapped(layer)
    return layer if type(layer).__name__ in _ANY_RANK and _is_of_keras(layer) else EachStep(layer, steps)


def _is_of_keras(operation: Any, name: str | None = None) -> bool:
    own = type(operation).__module__.partition(".")[0] == "keras"
    return own and name in (None, type(operation).__name__)
