"""`Embedding`: many vectors as points in the plane."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Embedding:
    """A layout of N vectors in the plane.

    Attributes
    ----------
    points : ndarray of float32, shape (N, 2)
        One point for each vector. Axes and units have a meaning for PCA alone.
    method : {"pca", "tsne", "umap"}
        The method.
    options : mapping of str to object
        Every option on which the points depend, the seed included.
    divergence : float or None
        The objective of t-SNE, the Kullback-Leibler divergence, at its last evaluation. None for the other methods.
    steps : int
        Steps taken; fewer than were asked for if somebody stopped it. 0 where there are none.
    recipe : Recipe or None
        None where it was not made by a function of this package.
    """

    points: NDArray[Any]
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    divergence: float | None = None
    steps: int = 0
    recipe: Recipe | None = None

    def figure(self, groups: Sequence[int] | None = None, names: Sequence[str] = ()) -> Figure:
        """Return a matplotlib figure of the points, coloured by group."""
        from xai_widgets.plots.embedding_figures import embedding_figure

        return embedding_figure({str(self): self.points}, groups, names)

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.points)

    def __str__(self) -> str:
        """Return the method and its options as one line."""
        return " · ".join([self.method, *(f"{name}={value}" for name, value in self.options.items())])

    def __repr__(self) -> str:
        """Return the number of points, the method and its options."""
        return f"Embedding({len(self)} points: {self})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())
