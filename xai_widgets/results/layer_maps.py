"""`LayerMaps`: what a layer gives for a picture, and how the explained score hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps of one layer for N examples, with the gradient of what is explained.

    Attributes
    ----------
    layer : str
        Its whole path.
    activations : (N, h, w, C) float32 array
    gradients : (N, h, w, C) float32 array
        Of the score with respect to the activations.
    score : (N,) float32 array
    target : tuple of str
        What is explained, one per example.
    """

    layer: str
    activations: NDArray[np.float32]
    gradients: NDArray[np.float32]
    score: NDArray[np.float32]
    target: tuple[str, ...]

    @property
    def weights(self) -> NDArray[np.float32]:
        """Grad-CAM's weight of each map, (N, C): the mean of its gradient over the places.

        Examples
        --------
        >>> maps, slopes = np.ones((1, 2, 2, 1), "float32"), np.full((1, 2, 2, 1), 3, "float32")
        >>> found = LayerMaps("conv", maps, slopes, maps[:, 0, 0, 0], ("cat",))
        >>> found.weights.tolist(), found.shares.tolist()
        ([[3.0]], [[12.0]])
        """
        mean: NDArray[np.float32] = self.gradients.mean(axis=self._places)
        return mean

    @property
    def shares(self) -> NDArray[np.float32]:
        """Weight times sum of each map, (N, C).

        Where the maps are averaged and a dense layer follows, these and the bias add up to the score.
        """
        total: NDArray[np.float32] = self.weights * self.activations.sum(axis=self._places)
        return total

    def strongest(self, count: int) -> NDArray[np.intp]:
        """Return, for each example, the numbers of the maps whose shares are largest in magnitude, (N, count)."""
        order: NDArray[np.intp] = np.argsort(-np.abs(self.shares), axis=1, kind="stable")
        return order[:, :count]

    @property
    def _places(self) -> tuple[int, ...]:
        return tuple(range(1, self.activations.ndim - 1))

    def __repr__(self) -> str:
        """Layer, shape and target."""
        shape = "x".join(map(str, self.activations.shape))
        return f"LayerMaps({self.layer!r}, {shape}: {', '.join(self.target)})"
