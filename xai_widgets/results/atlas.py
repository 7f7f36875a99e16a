"""`Atlas`: a map of icons of what a layer sees; `ActivationGrid` and `NeuronGroups`: the same for one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.results.attribution import figure_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Atlas:
    """The activations of many pictures on a map, with an icon for each of M cells.

    Attributes
    ----------
    layer : str
        Its whole path.
    labels : tuple of K str
        The classes.
    points : (N, 2) float32 array
        Where each activation lies, 0 to 1: to the right, and upwards.
    cell_of : (N,) int64 array
        The cell of each activation; -1 for one whose cell holds too few.
    pictures : (N,) int64 array
        The number of the picture that each activation comes from.
    rows, columns : (M,) int64 arrays
        Where each cell is, from the upper left corner.
    counts : (M,) int64 array
        How many activations it holds.
    grid : int
        Rows and columns of the map.
    directions : (M, C) float32 array
        What the icons were drawn for.
    attribution : (M, K) float32 array
        What the mean activation of a cell says for each class.
    icons : (M, side, side, 3) float32 array
        Values 0 to 1.
    recipe : Recipe
    """

    layer: str
    labels: tuple[str, ...]
    points: NDArray[np.float32]
    cell_of: NDArray[np.int64]
    pictures: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]
    grid: int
    directions: NDArray[np.float32]
    attribution: NDArray[np.float32]
    icons: NDArray[np.float32]
    recipe: Recipe

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.rows)

    def classes(self, cell: int, count: int = 3) -> list[tuple[str, float]]:
        """Return the classes that a cell speaks for most, with what it says for each."""
        said = self.attribution[cell]
        return [(self.labels[one], float(said[one])) for one in np.argsort(-said, kind="stable")[:count]]

    def members(self, cell: int) -> NDArray[np.int64]:
        """Return the numbers of the pictures that a cell's activations come from, each once."""
        return np.unique(self.pictures[self.cell_of == cell])

    def for_class(self, label: str) -> NDArray[np.bool_]:
        """Tell for each cell whether no class is spoken for more than this one, (M,).

        Raises
        ------
        ValueError
            If there is no such class.
        """
        if label not in self.labels:
            raise ValueError(f"the atlas knows the classes {', '.join(self.labels)}, not {label!r}")
        found: NDArray[np.bool_] = self.attribution.argmax(axis=1) == self.labels.index(label)
        return found

    def canvas(self, label: str | None = None) -> NDArray[np.uint8]:
        """Return the whole map as a picture; with a class, cells that speak for another one more are faded."""
        from xai_widgets.plots.atlas import canvas

        strength = None if label is None else np.where(self.for_class(label), 1.0, 0.2)
        return canvas(self.icons, self.rows, self.columns, self.grid, strength)

    def show(self, label: str | None = None) -> Figure:
        """Draw the map as a matplotlib figure."""
        from xai_widgets.plots.atlas import atlas_figure

        names = [self.classes(cell, 1)[0][0] for cell in range(len(self))]
        places = list(zip(self.rows.tolist(), self.columns.tolist(), strict=True))
        return atlas_figure(self.canvas(label), self.grid, places, names, str(self.recipe))

    def __repr__(self) -> str:
        """Layer, activations, cells."""
        return f"Atlas({self.layer!r}, {len(self.points)} activations, {len(self)} cells: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())


@dataclass(frozen=True, eq=False)
class ActivationGrid:
    """What a layer sees at each place of one picture.

    Attributes
    ----------
    icons : (rows, columns, side, side, 3) float32 array
        Values 0 to 1.
    strength : (rows, columns) float32 array
        The length of the activation.
    recipe : Recipe
    """

    icons: NDArray[np.float32]
    strength: NDArray[np.float32]
    recipe: Recipe

    def canvas(self) -> NDArray[np.uint8]:
        """Return all icons as one picture; the stronger the activation, the larger the icon."""
        from xai_widgets.plots.atlas import sized_canvas

        return sized_canvas(self.icons, self.strength)

    def __repr__(self) -> str:
        """Shape and recipe."""
        return f"ActivationGrid({'x'.join(map(str, self.strength.shape))}: {self.recipe})"


@dataclass(frozen=True, eq=False)
class NeuronGroups:
    """Groups of a layer's units that fire together in one picture, those with the largest share first.

    Attributes
    ----------
    maps : (G, h, w) float32 array
        Where each group fires, and how strongly.
    directions : (G, C) float32 array
        Which units it is made of; of length 1.
    attribution : (G, K) float32 array
        What it says for each class.
    labels : tuple of K str
    icons : (G, side, side, 3) float32 array
        Values 0 to 1.
    error : float
        What the groups leave out: the length of the rest, relative to that of the activations.
    recipe : Recipe
    """

    maps: NDArray[np.float32]
    directions: NDArray[np.float32]
    attribution: NDArray[np.float32]
    labels: tuple[str, ...]
    icons: NDArray[np.float32]
    error: float
    recipe: Recipe

    def __len__(self) -> int:
        """Count the groups."""
        return len(self.maps)

    def classes(self, group: int, count: int = 2) -> list[tuple[str, float]]:
        """Return the classes that a group speaks for most, with what it says for each."""
        said = self.attribution[group]
        return [(self.labels[one], float(said[one])) for one in np.argsort(-said, kind="stable")[:count]]

    def __repr__(self) -> str:
        """How many groups, and the recipe."""
        return f"NeuronGroups({len(self)} groups: {self.recipe})"
