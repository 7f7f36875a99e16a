"""The interface on PyTorch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import keras
import torch

from xai_widgets.backend.base import Device, Implementation, NoGradientError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.backend.base import Pull

_STEPS = re.compile(r"^(Round|Floor|Ceil|Trunc|Sign|Sgn)Backward|NotImplemented$")


class Torch:
    """Eager execution, derivatives by autograd."""

    def compile(
        self, function: Callable[..., Any], variables: tuple[keras.Variable, ...], *, any_size: bool
    ) -> Callable[..., Any]:
        """Run eagerly: torch.compile takes minutes on a first call, too long for a lab."""
        del variables, any_size

        def run(*arrays: Any) -> Any:
            with torch.no_grad():
                return function(*keras.tree.map_structure(keras.ops.convert_to_tensor, arrays))

        return run

    def value_and_gradient(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Differentiate the sum of the values."""

        def both(x: Any, *rest: Any) -> tuple[Any, Any]:
            with torch.enable_grad():
                inputs = _leaves(x)
                values = function(inputs, *rest)
                return _detached(values), _gradient(values, inputs, torch.ones_like(values))

        return both

    def vjp(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Pass the cotangent to autograd as the gradient of the output."""

        def product(x: Any, cotangent: Any) -> tuple[Any, Any]:
            with torch.enable_grad():
                inputs = _leaves(x)
                outputs = function(inputs)
                return _detached(outputs), _gradient(outputs, inputs, cotangent)

        return product

    def pullback(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Pull]]:
        """Retain the graph of autograd for several backward passes."""

        def run(*tensors: Any) -> tuple[Any, Pull]:
            with torch.enable_grad():
                leaves = _leaves(list(tensors))
                made = function(*leaves)
            flat = keras.tree.flatten(made)

            def pull(cotangent: Any) -> tuple[Any, ...]:
                pairs = zip(flat, keras.tree.flatten(cotangent), strict=True)
                linked = [(one, back) for one, back in pairs if one.requires_grad]
                if not linked:
                    return tuple(map(torch.zeros_like, leaves))
                ends, backs = zip(*linked, strict=True)
                parts = torch.autograd.grad(ends, leaves, backs, retain_graph=True, materialize_grads=True)
                return tuple(parts)

            return _detached(made), pull

        return run

    def device(self) -> Device:
        """Return the device of the tensors that Keras makes."""
        where = keras.ops.zeros(1).device
        if where.type == "cuda":
            return Device("gpu", torch.cuda.get_device_name(where))
        return Device("gpu" if where.type == "mps" else where.type, where.type.upper())

    def bits(self, variable: keras.Variable) -> NDArray[np.generic]:
        """Return the bits of a variable's present value, without a copy where they lie in main memory."""
        tensor = variable.value.detach().cpu()
        found: NDArray[np.generic] = (tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor).numpy()
        return found

    def free_memory(self) -> int | None:
        """Return the free memory that the driver of the GPU reports."""
        if not torch.cuda.is_available():
            return None
        return int(torch.cuda.mem_get_info()[0])


def _leaves(x: Any) -> Any:
    """Copy the input to leaf tensors that require a gradient."""
    return keras.tree.map_structure(lambda t: t.detach().clone().requires_grad_(True), x)  # noqa: FBT003  (the usual form in PyTorch)


def _detached(tensors: Any) -> Any:
    return keras.tree.map_structure(lambda t: t.detach(), tensors)


def _gradient(outputs: Any, inputs: Any, cotangent: Any) -> Any:
    """Differentiate by every input; raise an error if the outputs do not depend on one of them."""
    flat, leaves = keras.tree.flatten(outputs), keras.tree.flatten(inputs)
    if not all(t.requires_grad for t in flat):
        raise NoGradientError
    try:
        parts = torch.autograd.grad(flat, leaves, grad_outputs=keras.tree.flatten(cotangent), allow_unused=True)
    except RuntimeError as error:  # raised in the backward pass, even if the path contains a step function
        if _reached(flat).issuperset(leaves):
            raise
        raise NoGradientError(str(error)) from None
    if any(part is None for part in parts):
        raise NoGradientError
    if not all(part.any() for part in parts) and not _reached(flat).issuperset(leaves):
        raise NoGradientError
    return keras.tree.pack_sequence_as(inputs, list(parts))


def _reached(outputs: list[Any]) -> set[Any]:
    """Return the leaves at the end of paths without step functions, whose gradient in PyTorch is zero."""
    found, seen = set(), set()
    waiting = [t.grad_fn for t in outputs if t.grad_fn is not None]
    while waiting:
        node = waiting.pop()
        if node in seen or _STEPS.search(node.name()):
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found.add(node.variable)
        waiting += [following for following, _ in node.next_functions if following is not None]
    return found


IMPLEMENTATION: Implementation = Torch()
