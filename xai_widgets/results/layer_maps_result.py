"""`LayerMaps`: the activations of a layer, and the gradient of the explained score with respect to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps of one layer for N examples, with the gradients of the explained scores.

    Attributes
    ----------
    layer : str
        The path of the layer.
    activations : ndarray of float32, shape (N, h, w, C)
        The output of the layer.
    gradients : ndarray of float32, shape (N, h, w, C)
        The gradient of the score with respect to the activations.
    score : ndarray of float32, shape (N,)
        The explained score.
    target : tuple of str
        What is explained, one per example.
    recipe : Recipe or None
        None where it was not made by a function of this package.
    """

    layer: str
    activations: NDArray[np.float32]
    gradients: NDArray[np.float32]
    score: NDArray[np.float32]
    target: tuple[str, ...]
    recipe: Recipe | None = None

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights of Grad-CAM, shape (N, C): the mean of the gradient of each map over the positions.

        Examples
        --------
        >>> maps, gradients = np.ones((1, 2, 2, 1), "float32"), np.full((1, 2, 2, 1), 3, "float32")
        >>> found = LayerMaps("conv", maps, gradients, maps[:, 0, 0, 0], ("cat",))
        >>> found.weights.tolist(), found.shares.tolist()
        ([[3.0]], [[12.0]])
        """
        mean: NDArray[np.float32] = self.gradients.mean(axis=self._places)
        return mean

    @property
    def shares(self) -> NDArray[np.float32]:
        """The weight of each map times the sum of the map, shape (N, C).

        If global average pooling and a dense layer follow, the sum of the shares and the bias is the score.
        """
        total: NDArray[np.float32] = self.weights * self.activations.sum(axis=self._places)
        return total

    def strongest(self, count: int) -> NDArray[np.intp]:
        """Return the indices of the maps with the largest absolute shares in each example, shape (N, count)."""
        order: NDArray[np.intp] = np.argsort(-np.abs(self.shares), axis=1, kind="stable")
        return order[:, :count]

    @property
    def _places(self) -> tuple[int, ...]:
        return tuple(range(1, self.activations.ndim - 1))

    def figure(self, count: int = 6, examples: int = 1) -> Figure:
        """Draw, for the first examples, the maps whose shares are largest in magnitude, times their weights.

        Parameters
        ----------
        count : int, default 6
            How many maps of each example; the figure says so if there are more.
        examples : int, default 1
            How many examples; at most 100 maps fit into a figure.

        Returns
        -------
        matplotlib.figure.Figure
            One panel for each map.

        Raises
        ------
        ValueError
            If that makes no map, or more than 100.
        """
        from xai_widgets.plots.attribution_figures import attribution_figure
        from xai_widgets.plots.panels import drawn_of, number_drawn

        chosen = [
            (place, number)
            for place in range(min(examples, len(self.score)))
            for number in self.strongest(count)[place]
        ]
        pairs = len(self.score) * self.activations.shape[-1]
        number_drawn(pairs, len(chosen))
        maps = np.stack(
            [self.weights[place, number] * self.activations[place, ..., number] for place, number in chosen]
        )
        titles = [f"{self.target[place]} · {number}" for place, number in chosen]
        caption = "\n".join(filter(None, [drawn_of(len(chosen), pairs), str(self.recipe or "")]))
        return attribution_figure(maps, None, titles, caption, count=len(chosen))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the layer, the shape and the target."""
        shape = "x".join(map(str, self.activations.shape))
        return f"LayerMaps({self.layer!r}, {shape}: {', '.join(self.target)})"
