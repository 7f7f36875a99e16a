"""`LayerRelevance`: the relevance of each layer in layer-wise relevance propagation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xai_widgets.i18n import message
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class LayerRelevance:
    """Relevance at the output of every layer, for N examples.

    Attributes
    ----------
    score : ndarray of float32, shape (N,)
        The explained logit, which is redistributed.
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
    recipe : Recipe or None
        None where it was not made by a function of this package.
    """

    score: NDArray[np.float32]
    target: tuple[str, ...]
    values: dict[str, NDArray[np.float32]]
    through: dict[str, NDArray[np.float32]]
    rules: dict[str, str] = field(default_factory=dict)
    recipe: Recipe | None = None

    def totals(self) -> dict[str, NDArray[np.float64]]:
        """Return the sum of the relevance of each layer.

        Returns
        -------
        dict of str to ndarray of float64, shape (N,)
            For the path of each layer, the sum of its `values`.

        Examples
        --------
        >>> import numpy as np
        >>> ones = np.ones((1, 2, 2), "float32")
        >>> LayerRelevance(ones[:, 0, 0], ("a",), {"conv": ones}, {"conv": ones[:, 0, 0]}).totals()["conv"].tolist()
        [4.0]
        """
        return {path: one.reshape(len(one), -1).sum(axis=1, dtype="float64") for path, one in self.values.items()}

    def figure(self) -> Figure:
        """Draw all relevance at each depth as bars, from the input on, a panel an example."""
        from xai_widgets.plots.bar_figures import bars_figure

        names = list(self.through)
        panels = {
            f"{place + 1}: {target}": (names, [float(self.through[name][place]) for name in names])
            for place, target in enumerate(self.target)
        }
        return bars_figure(panels, message("evaluation.layer_relevance"), str(self.recipe or ""))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the numbers of examples and layers."""
        return f"LayerRelevance({len(self.score)} examples, {len(self.values)} layers)"
