"""The interface that each backend implements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np
    from numpy.typing import NDArray

    Pull = Callable[[Any], tuple[Any, ...]]


class NoGradientError(ValueError):
    """No differentiable path connects the input to the explained value."""

    def __init__(self, reason: str = "") -> None:
        """Make the message; `reason` is the error message of the backend."""
        hint = "the model cuts it (argmax, rounding, a cast to integers, stop_gradient) or ignores its input"
        advice = "Use a method without gradients, such as occlusion or kernel_shap."
        super().__init__(f"no gradient reaches the input: {hint}. {advice} {reason}".strip())


@dataclass(frozen=True)
class Device:
    """The device of the computations.

    Attributes
    ----------
    kind : {"cpu", "gpu", "tpu"}
        The kind of device.
    name : str
        The name of the device in the backend.
    """

    kind: str
    name: str


class Implementation(Protocol):
    """The interface of a backend; see the functions of the same names in `xai_widgets.backend`."""

    def compile(
        self, function: Callable[..., Any], variables: tuple[keras.Variable, ...], *, any_size: bool
    ) -> Callable[..., Any]:
        """Return a fast function from arrays to tensors."""

    def value_and_gradient(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Differentiate the sum of the values of a function by its first argument."""

    def vjp(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Return the vector-Jacobian product of a function."""

    def pullback(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Pull]]:
        """Return a function that computes the outputs and the function for the backward pass from them."""

    def device(self) -> Device:
        """Return the device of the computations."""

    def free_memory(self) -> int | None:
        """Return the free bytes on an accelerator; None on a CPU or if the backend does not report them."""

    def bits(self, variable: keras.Variable) -> NDArray[np.generic]:
        """Return the bits of a variable's present value, without a copy where they lie in main memory."""
