"""The interface on JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import keras
import numpy as np

from xai_widgets.backend.base import Device, Implementation, NoGradientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.backend.base import Pull


class Jax:
    """Compilation by jit with the weights as arguments, derivatives by vjp."""

    def compile(
        self, function: Callable[..., Any], variables: tuple[keras.Variable, ...], *, any_size: bool
    ) -> Callable[..., Any]:
        """Pass the weights as arguments: captured ones would be constants in the program, even after training."""
        del any_size  # jit always compiles for one size

        @jax.jit
        def stateless(values: list[Any], *tensors: Any) -> Any:
            with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
                return function(*tensors)

        def run(*arrays: Any) -> Any:
            return stateless([variable.value for variable in variables], *arrays)

        return run

    def value_and_gradient(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Pull back a cotangent of ones, that is, differentiate the sum."""

        def both(x: Any, *rest: Any) -> tuple[Any, Any]:
            values, pull = jax.vjp(lambda inputs: function(inputs, *rest), x)
            ones = jax.tree.map(jax.numpy.ones_like, values)
            _refuse_cut_path(pull, ones)
            return values, pull(ones)[0]

        return both

    def vjp(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Call `jax.vjp`."""

        def product(x: Any, cotangent: Any) -> tuple[Any, Any]:
            outputs, pull = jax.vjp(function, x)
            _refuse_cut_path(pull, cotangent)
            return outputs, pull(cotangent)[0]

        return product

    def pullback(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Pull]]:
        """Return the outputs and the function of `jax.vjp`."""

        def run(*tensors: Any) -> tuple[Any, Pull]:
            outputs, pull = jax.vjp(function, *tensors)
            return outputs, lambda cotangent: tuple(pull(cotangent))

        return run

    def device(self) -> Device:
        """Return the first device of the default platform."""
        first = jax.devices()[0]
        kind = {"cuda": "gpu", "rocm": "gpu"}.get(first.platform, first.platform)
        return Device(kind, first.device_kind)

    def bits(self, variable: keras.Variable) -> NDArray[np.generic]:
        """Return the bits of a variable's present value, without a copy where they lie in main memory."""
        return np.asarray(variable.value)

    def free_memory(self) -> int | None:
        """Read the memory statistics of an accelerator; a CPU has none."""
        figures = jax.devices()[0].memory_stats() or {}
        if "bytes_limit" not in figures:
            return None
        return int(figures["bytes_limit"] - figures["bytes_in_use"])


def _refuse_cut_path(pull: Callable[[Any], Any], cotangent: Any) -> None:
    """Raise an error if no path exists: JAX then returns zeros, by a program that does not use the cotangent."""
    program = jax.make_jaxpr(pull)(cotangent).jaxpr
    reached = set(program.invars)
    for equation in program.eqns:
        if any(not hasattr(variable, "val") and variable in reached for variable in equation.invars):
            reached.update(equation.outvars)
    if not any(not hasattr(variable, "val") and variable in reached for variable in program.outvars):
        raise NoGradientError


IMPLEMENTATION: Implementation = Jax()
