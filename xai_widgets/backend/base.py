"""What each backend implements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    Pull = Callable[[Any], tuple[Any, ...]]


class NoGradientError(ValueError):
    """No differentiable path leads from the explained value back to the input."""

    def __init__(self, reason: str = "") -> None:
        """Say what is wrong and what to do; `reason` is the backend's own word."""
        hint = "the model cuts it (argmax, rounding, a cast to integers, stop_gradient) or ignores its input"
        super().__init__(f"no gradient reaches the input: {hint}. Use a method without gradients. {reason}".strip())


@dataclass(frozen=True)
class Device:
    """Where the computation runs.

    Attributes
    ----------
    kind : str
        ``"cpu"``, ``"gpu"`` or ``"tpu"``.
    name : str
        What the maker or the backend calls it.
    """

    kind: str
    name: str


class Implementation(Protocol):
    """The interface of a backend; see the functions of the same names in `xai_widgets.backend`."""

    def compile(
        self, function: Callable[..., Any], variables: tuple[keras.Variable, ...], *, any_size: bool
    ) -> Callable[..., Any]:
        """Make a fast function of arrays; it gives tensors."""

    def value_and_gradient(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Differentiate the sum of a function's values by its first argument."""

    def vjp(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
        """Pull a cotangent back through a function."""

    def pullback(self, function: Callable[..., Any]) -> Callable[..., tuple[Any, Pull]]:
        """Run a function and keep what is needed to pull cotangents back through it."""

    def device(self) -> Device:
        """Say where computations run."""

    def free_memory(self) -> int | None:
        """Count the bytes left on an accelerator; None on a CPU or where the backend cannot tell."""
