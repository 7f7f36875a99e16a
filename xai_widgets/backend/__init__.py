"""The only place that knows TensorFlow, JAX and PyTorch: one small interface, three implementations.

Keras 3 chooses the backend (``KERAS_BACKEND``, TensorFlow by default); this package follows it. Functions handed to
it are written with ``keras.ops`` and work on that backend's tensors.
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

__all__ = [
    "Device",
    "NoGradientError",
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
    """Return the backend that Keras runs on: ``"tensorflow"``, ``"jax"`` or ``"torch"``.

    Examples
    --------
    >>> name() in {"tensorflow", "jax", "torch"}
    True
    """
    return str(keras.config.backend())


@functools.cache
def _implementation() -> Implementation:
    """Load the implementation of the running backend, once."""
    if name() not in {"tensorflow", "jax", "torch"}:
        msg = f"Keras runs on {name()!r}, which has no gradients; set KERAS_BACKEND to tensorflow, jax or torch"
        raise RuntimeError(msg)
    implementation: Implementation = importlib.import_module(f"{__name__}.{name()}_backend").IMPLEMENTATION
    return implementation


def compile(  # noqa: A001  (the name that all backends give it)
    function: Callable[..., Any], variables: Sequence[keras.Variable] = (), *, any_size: bool = False
) -> Callable[..., Any]:
    """Turn a function of tensors into a fast function of arrays.

    On a CPU a plain graph is built and on a GPU one through XLA (which is slow on CPUs); PyTorch runs eagerly.

    Parameters
    ----------
    function : callable
        From tensors to a (nested) tensor, written with ``keras.ops``.
    variables : sequence of keras.Variable
        The weights that the function reads. They are read again at each call, so that training goes on to count.
    any_size : bool
        Whether all axes but the last may change from call to call. Otherwise the first one alone may, and another size
        of the others makes another graph.

    Returns
    -------
    callable
        From arrays to the (nested) NumPy arrays of the result.

    Examples
    --------
    >>> import numpy as np
    >>> twice = compile(lambda x: 2 * x)
    >>> twice(np.ones(2, "float32")).tolist()
    [2.0, 2.0]
    """
    run = _implementation().compile(function, tuple(variables), any_size=any_size)

    def call(*arrays: Any) -> Any:
        return to_numpy(run(*arrays))

    return call


def value_and_gradient(function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Make a function that gives each example's value and its gradient with respect to the first argument.

    Parameters
    ----------
    function : callable
        ``function(x, *rest)`` gives values of shape (N,), the n-th from the n-th example of `x` alone.

    Returns
    -------
    callable
        ``(x, *rest) -> (values, gradient)``, tensors of shapes (N,) and that of `x` (which may be nested).
        It raises `NoGradientError` if no path leads from the values back to `x`, or each goes through a function of
        steps (rounding, sign). Zeros at the end of a path, behind a rectifier that is off, say, are an answer.

    Examples
    --------
    >>> import keras, numpy as np
    >>> squares = compile(value_and_gradient(lambda x: keras.ops.sum(x**2, axis=-1)))
    >>> values, slopes = squares(np.array([[1.0, 2.0]], "float32"))
    >>> values.tolist(), slopes.tolist()
    ([5.0], [[2.0, 4.0]])
    """
    return _implementation().value_and_gradient(function)


def gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that gives the gradient alone; see `value_and_gradient`.

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
    """Make the vector-Jacobian product of a function of one (nested) tensor.

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
    """Make a function of tensors that gives, with its outputs, the way back from them.

    Returns
    -------
    callable
        ``(*tensors) -> (outputs, pull)``; ``pull(cotangent)``, the cotangent shaped like the outputs, gives a tuple:
        cotangent times Jacobian for each tensor, zeros for one that has no part in the outputs. It may be called
        several times. Each tensor counts as an input of its own, also where one is computed from another, or is it.

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
    """Bring a nested structure of tensors to NumPy arrays; Python values inside are left alone.

    Examples
    --------
    >>> import keras
    >>> to_numpy([keras.ops.ones(2)])[0].tolist()
    [1.0, 1.0]
    """
    return keras.tree.map_structure(lambda t: np.asarray(keras.ops.convert_to_numpy(t)), tensors)


def device() -> Device:
    """Return where computations run: its kind (``"cpu"``, ``"gpu"``, ``"tpu"``) and its name.

    Examples
    --------
    >>> device().kind in {"cpu", "gpu", "tpu"}
    True
    """
    return _implementation().device()


def free_memory() -> int:
    """Return the bytes that can still be allocated on the device.

    On a CPU the limit of the container counts, not only the machine's: Binder gives 2 GB of a far larger machine.

    Examples
    --------
    >>> free_memory() > 0
    True
    """
    on_device = _implementation().free_memory()
    return available_memory() if on_device is None else on_device
