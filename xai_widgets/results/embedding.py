"""`Embedding`: many vectors laid out as points of a plane."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xai_widgets.results.attribution import figure_png

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Embedding:
    """A layout of N vectors in the plane.

    Attributes
    ----------
    points : (N, 2) float32 array
        One point for each vector. Axes and units mean nothing but for PCA.
    method : str
        ``"pca"``, ``"tsne"`` or ``"umap"``.
    options : mapping
        Every option that bears on the points, the seed included.
    divergence : float or None
        What t-SNE makes small: the Kullback-Leibler divergence when it was last looked at. None for the others.
    steps : int
        Steps taken; fewer than were asked for if somebody stopped it. 0 where there are none.
    """

    points: NDArray[Any]
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    divergence: float | None = None
    steps: int = 0

    def show(self, groups: Sequence[int] | None = None, names: Sequence[str] = ()) -> Figure:
        """Draw the points, coloured by group, as a matplotlib figure."""
        from xai_widgets.plots.embedding import embedding_figure

        return embedding_figure({str(self): self.points}, groups, names)

    def __len__(self) -> int:
        """Count the points."""
        return len(self.points)

    def __str__(self) -> str:
        """One line: the method and its options."""
        return " · ".join([self.method, *(f"{name}={value}" for name, value in self.options.items())])

    def __repr__(self) -> str:
        """Count and recipe."""
        return f"Embedding({len(self)} points: {self})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())
