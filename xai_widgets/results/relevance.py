"""`LayerRelevance`: what layer-wise relevance propagation finds on its way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LayerRelevance:
    """Relevance at the output of every layer, for N examples.

    Attributes
    ----------
    score : (N,) float32 array
        What is shared out: the logit.
    target : tuple of str
        What was explained, one per example.
    values : dict
        For each layer's path, from the input on, the relevance of its output (N, ...). A layer in a branch holds its
        branch's share alone.
    through : dict
        For each layer's path, all relevance at that depth (N,): what a cut through the network right behind the layer
        crosses, skip connections included. Where nothing is lost it equals the score at every layer.
    rules : dict
        For the path of each layer with weights, from the input on, the rule that it followed.
    """

    score: NDArray[np.float32]
    target: tuple[str, ...]
    values: dict[str, NDArray[np.float32]]
    through: dict[str, NDArray[np.float32]]
    rules: dict[str, str] = field(default_factory=dict)

    def totals(self) -> dict[str, NDArray[np.float64]]:
        """Return the sum of each layer's own values, (N,).

        Examples
        --------
        >>> import numpy as np
        >>> ones = np.ones((1, 2, 2), "float32")
        >>> LayerRelevance(ones[:, 0, 0], ("a",), {"conv": ones}, {"conv": ones[:, 0, 0]}).totals()["conv"].tolist()
        [4.0]
        """
        return {path: one.reshape(len(one), -1).sum(axis=1, dtype="float64") for path, one in self.values.items()}

    def __repr__(self) -> str:
        """Count examples and layers."""
        return f"LayerRelevance({len(self.score)} examples, {len(self.values)} layers)"
