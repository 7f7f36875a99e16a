"""The interface on TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from xai_widgets.backend.base import Device, Implementation, NoGradientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.backend.base import Pull


class TensorFlow:
    """Graphs by tf.function, derivatives by a gradient tape."""

    def compile(
        self, function: Callable[..., Any], variables: tuple[keras.Variable, ...], *, any_size: bool
    ) -> Callable[..., Any]:
        """Trace a graph. Variables are captured by reference, so they need not be passed."""
        del variables
        # XLA is faster on a GPU; on a CPU it is many times slower for depthwise convolutions.
        # Keras does not convert Python control flow by autograph either, and its errors would come back wrapped.
        graph = tf.function(function, jit_compile=self.device().kind != "cpu", autograph=False)

        traced: dict[tuple[Any, ...], Any] = {}

        def run(*arrays: Any) -> Any:
            tensors = keras.tree.map_structure(tf.convert_to_tensor, arrays)
            specs = keras.tree.map_structure(_any_size if any_size else _any_batch, tensors)
            key = tuple(keras.tree.flatten(specs))
            if key not in traced:  # one trace for all batch sizes
                traced[key] = graph.get_concrete_function(*specs)
            return traced[key](*tensors)

        return run

    def value_and_gradient(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Record the function on a gradient tape that watches the input alone."""

        def both(x: Any, *rest: Any) -> tuple[Any, Any]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                values = function(x, *rest)
            seed = tf.ones_like(values)
            return values, _connected(tape.gradient(values, x, output_gradients=seed), seed)

        return both

    def vjp(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Pass the cotangent to the gradient tape as the gradient of the output."""

        def product(x: Any, cotangent: Any) -> tuple[Any, Any]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                outputs = function(x)
            return outputs, _connected(tape.gradient(outputs, x, output_gradients=cotangent), cotangent)

        return product

    def pullback(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Pull]]:
        """Record the function on a persistent gradient tape."""

        def run(*tensors: Any) -> tuple[Any, Pull]:
            leaves = [tf.identity(tensor) for tensor in tensors]  # to the tape, one tensor given twice is one input
            with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
                tape.watch(leaves)
                outputs = function(*leaves)

            def pull(cotangent: Any) -> tuple[Any, ...]:
                parts = tape.gradient(outputs, leaves, output_gradients=cotangent, unconnected_gradients="zero")
                return tuple(map(tf.convert_to_tensor, parts))

            return outputs, pull

        return run

    def device(self) -> Device:
        """Return a GPU if there is one, as TensorFlow does."""
        for kind in ("GPU", "TPU"):
            if found := tf.config.list_physical_devices(kind):
                details = tf.config.experimental.get_device_details(found[0])
                return Device(kind.lower(), details.get("device_name", found[0].name))
        return Device("cpu", "CPU")

    def bits(self, variable: keras.Variable) -> NDArray[np.generic]:
        """Return the bits of a variable's present value, without a copy where they lie in main memory."""
        tensor = variable.value.value()
        try:
            return np.asarray(memoryview(tensor))
        except ValueError:  # bfloat16 and its like, which a buffer cannot name
            return np.asarray(tensor)

    def free_memory(self) -> int | None:
        """Return None: TensorFlow reports the memory in use on a GPU, not the free memory."""
        return None


def _any_batch(tensor: tf.Tensor) -> tf.TensorSpec:
    """Return the specification of a tensor with a variable first axis."""
    shape = [None, *tensor.shape[1:]] if tensor.shape.rank else []
    return tf.TensorSpec(shape, tensor.dtype)


def _any_size(tensor: tf.Tensor) -> tf.TensorSpec:
    """Return the specification of a tensor in which all axes but the last are variable."""
    return tf.TensorSpec([*[None] * (tensor.shape.rank - 1), *tensor.shape[-1:]], tensor.dtype)


def _connected(gradient: Any, cotangent: Any) -> Any:
    """Return the gradient, or raise an error for None, by which the tape reports that there is no path."""
    if any(part is None for part in keras.tree.flatten(gradient)):
        raise NoGradientError
    made = keras.tree.map_structure(tf.convert_to_tensor, gradient)  # an embedding's gradient comes as slices
    parts, seeds = keras.tree.flatten(made), keras.tree.flatten(cotangent)
    if all(map(tf.is_symbolic_tensor, [*parts, *seeds])) and not all(_depends(part, seeds) for part in parts):
        raise NoGradientError
    return made


def _depends(tensor: Any, sources: list[Any]) -> bool:
    """Return whether a tensor of a graph depends on `sources`; the zero gradient of a step function does not."""
    wanted, seen, waiting = {source.ref() for source in sources}, set(), [tensor]
    while waiting:
        found = waiting.pop()
        if found.ref() in wanted:
            return True
        if found.ref() not in seen:
            seen.add(found.ref())
            waiting += found.op.inputs
    return False


IMPLEMENTATION: Implementation = TensorFlow()
