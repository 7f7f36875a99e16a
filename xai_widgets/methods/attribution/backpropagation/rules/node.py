"""One computation of a network, as rules see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.methods.attribution.backpropagation.rules.affine_layers import Affine
    from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind


@dataclass(frozen=True, eq=False)
class Node:
    """One computation.

    Attributes
    ----------
    path : str
        Where its layer is.
    label : str
        The type of the layer or operation, for messages.
    kind : Kind
    inputs, outputs : tuple of int
        Slots of tensors; each input once, also where it is taken twice.
    function : callable
        From the inputs' tensors to the output, or to a list of several.
    affine : Affine or None
        The weights, where the kind is affine.
    operation : Any
        The layer or operation itself; of a fused activation, the activation.
    nonnegative : bool
        Whether no input is ever below 0, as after a ReLU.
    taken : tuple of int
        How often each input is taken, where that is not once: h * h is a node with the one input h, taken twice.
    """

    path: str
    label: str
    kind: Kind
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    function: Callable[..., Any]
    affine: Affine | None = None
    operation: Any = None
    nonnegative: bool = False
    taken: tuple[int, ...] = ()

    @property
    def times(self) -> tuple[int, ...]:
        """How often each input is taken."""
        return self.taken or (1,) * len(self.inputs)

    @property
    def factors(self) -> int:
        """The number of factors of a product, those that are one tensor counted each time; 1 for any other node."""
        return sum(self.times) if self.kind.name == "PRODUCT" or self.label == "Multiply" else 1

    @property
    def looks_up(self) -> bool:
        """Whether it is an embedding: it takes numbers of vectors, not quantities."""
        return self.label == "Embedding"

    @property
    def name(self) -> str:
        """Path and type, for messages."""
        return f"{self.path!r} ({self.label})"
