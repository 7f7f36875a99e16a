"""One small interface to TensorFlow, JAX and PyTorch, which are imported nowhere else in the package.

The backend is that of Keras 3 (``KERAS_BACKEND``, TensorFlow by default). Functions passed to this interface are
written with ``keras.ops`` and take tensors of that backend.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.backend.base import Device, Implementation, NoGradientError
from xai_widgets.backend.memory import available_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "Device",
    "NoGradientError",
    "bits",
    "compile",
    "device",
    "free_memory",
    "gradient",
    "name",
    "pullback",
    "to_numpy",
    "value_and_gradient",
    "vjp",
]


def name() -> str:
    """Return the backend of Keras: ``"tensorflow"``, ``"jax"`` or ``"torch"``.

    Examples
    --------
    >>> name() in {"tensorflow", "jax", "torch"}
    True
    """
    return str(keras.config.backend())


@functools.cache
def _implementation() -> Implementation:
    """Import the implementation of the current backend."""
    if name() not in {"tensorflow", "jax", "torch"}:
        msg = f"Keras runs on {name()!r}, which has no gradients; set KERAS_BACKEND to tensorflow, jax or torch"
        raise RuntimeError(msg)
    implementation: Implementation = importlib.import_module(f"{__name__}.{name()}_backend").IMPLEMENTATION
    return implementation


def compile(  # noqa: A001  (the usual name in all backends)
    function: Callable[..., Any],
    variables: Sequence[keras.Variable] = (),
    *,
    any_size: bool = False,
    on_device: bool = False,
) -> Callable[..., Any]:
    """Compile a function of tensors to a fast function of arrays.

    TensorFlow builds a plain graph on a CPU and one compiled by XLA on a GPU (XLA is slow on CPUs); PyTorch runs
    eagerly.

    Parameters
    ----------
    function : callable
        Maps tensors to a (nested) tensor, written with ``keras.ops``.
    variables : sequence of keras.Variable
        The weights in the function. Their current values are used at each call, so that further training has an effect.
    any_size : bool, default False
        Whether all axes but the last may change between calls. Otherwise only the first may, and another size of the
        others is compiled separately.
    on_device : bool, default False
        Whether the result stays on the device, as tensors, which other compiled functions accept in place of arrays.

    Returns
    -------
    callable
        Maps arrays or tensors to the (nested) NumPy arrays of the result, or to its tensors.

    Examples
    --------
    >>> import numpy as np
    >>> twice = compile(lambda x: 2 * x)
    >>> twice(np.ones(2, "float32")).tolist()
    [2.0, 2.0]
    """
    run = _implementation().compile(function, tuple(variables), any_size=any_size)
    if on_device:
        return run

    def call(*arrays: Any) -> Any:
        return to_numpy(run(*arrays))

    return call


def value_and_gradient(function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Return a function that computes the value of each example and its gradient with respect to the first argument.

    Parameters
    ----------
    function : callable
        ``function(x, *rest)`` returns values of shape (N,); the n-th value depends on the n-th example of `x` alone.

    Returns
    -------
    callable
        ``(x, *rest) -> (values, gradient)``, tensors of shape (N,) and of the shape of `x` (which may be nested).
        It raises `NoGradientError` if no differentiable path connects `x` to the values, or if each path contains a
        piecewise constant function (rounding, sign). A gradient that is zero along a path, for instance at an inactive
        ReLU, is a valid result.

    Examples
    --------
    >>> import keras, numpy as np
    >>> squares = compile(value_and_gradient(lambda x: keras.ops.sum(x**2, axis=-1)))
    >>> values, gradients = squares(np.array([[1.0, 2.0]], "float32"))
    >>> values.tolist(), gradients.tolist()
    ([5.0], [[2.0, 4.0]])
    """
    return _implementation().value_and_gradient(function)


def gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes the gradient alone; `value_and_gradient` explains parameters and errors.

    Examples
    --------
    >>> import keras, numpy as np
    >>> compile(gradient(lambda x: keras.ops.sum(x**2, axis=-1)))(np.array([[3.0]], "float32")).tolist()
    [[6.0]]
    """
    both = value_and_gradient(function)

    def only_gradient(*tensors: Any) -> Any:
        return both(*tensors)[1]

    return only_gradient


def vjp(function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Return the vector-Jacobian product of a function of one (nested) tensor.

    Returns
    -------
    callable
        ``(x, cotangent) -> (function(x), cotangent times Jacobian)``, the cotangent shaped like the output.

    Examples
    --------
    >>> import numpy as np
    >>> product = compile(vjp(lambda x: 3 * x))
    >>> [part.tolist() for part in product(np.ones(1, "float32"), np.full(1, 2.0, "float32"))]
    [[3.0], [6.0]]
    """
    return _implementation().vjp(function)


def pullback(function: Callable[..., Any]) -> Callable[..., tuple[Any, Callable[[Any], tuple[Any, ...]]]]:
    """Return a function of tensors that computes its outputs and the function for the backward pass from them.

    Returns
    -------
    callable
        ``(*tensors) -> (outputs, pull)``; ``pull(cotangent)``, with a cotangent of the shape of the outputs, returns a
        tuple: cotangent times Jacobian for each tensor, zeros for a tensor on which the outputs do not depend. It may
        be called several times. Each tensor is a separate input, even if it is computed from another or identical.

    Examples
    --------
    >>> import keras, numpy as np
    >>> def both(x):
    ...     product, pull = pullback(keras.ops.multiply)(x, x)
    ...     return product, pull(keras.ops.ones_like(product))
    >>> product, (left, right) = compile(both)(np.array([3.0], "float32"))
    >>> product.tolist(), left.tolist(), right.tolist()
    ([9.0], [3.0], [3.0])
    """
    return _implementation().pullback(function)


def to_numpy(tensors: Any) -> Any:
    """Convert a nested structure of tensors to NumPy arrays.

    Examples
    --------
    >>> import keras
    >>> to_numpy([keras.ops.ones(2)])[0].tolist()
    [1.0, 1.0]
    """
    return keras.tree.map_structure(lambda t: np.asarray(keras.ops.convert_to_numpy(t)), tensors)


def bits(variable: keras.Variable) -> NDArray[np.generic]:
    """Return the bits of a variable's present value, as an array to look at once and not to keep.

    Nothing is copied where they lie in main memory; numbers that NumPy does not know may come as others of their size.

    Examples
    --------
    >>> import keras
    >>> bits(keras.Variable([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    return _implementation().bits(variable)


def device() -> Device:
    """Return the device of the computations: its kind (``"cpu"``, ``"gpu"``, ``"tpu"``) and its name.

    Examples
    --------
    >>> device().kind in {"cpu", "gpu", "tpu"}
    True
    """
    return _implementation().device()


def free_memory() -> int:
    """Return the bytes that can still be allocated on the device.

    On a CPU it is bounded by the limit of the container, which on Binder is 2 GB of a far larger machine.

    Examples
    --------
    >>> free_memory() > 0
    True
    """
    on_device = _implementation().free_memory()
    return available_memory() if on_device is None else on_device
