"""`Atlas`: icons of the activations of a layer on a map; `ActivationGrid` and `NeuronGroups`: those of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

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
        The path of the layer.
    labels : tuple of str
        The names of the K classes.
    points : ndarray of float32, shape (N, 2)
        Coordinates of each activation, 0 to 1: to the right, and upwards.
    cell_of : ndarray of int64, shape (N,)
        The cell of each activation; -1 if its cell contains too few.
    pictures : ndarray of int64, shape (N,)
        The index of the picture of each activation.
    rows : ndarray of int64, shape (M,)
        The row of each cell, from the top.
    columns : ndarray of int64, shape (M,)
        The column of each cell, from the left.
    counts : ndarray of int64, shape (M,)
        Number of activations in each cell.
    grid : int
        Number of rows, and of columns, of the map.
    directions : ndarray of float32, shape (M, C)
        The direction in activation space that each icon maximizes.
    attribution : ndarray of float32, shape (M, K)
        The attribution of the mean activation of a cell to each class, in units of the logit.
    icons : ndarray of float32, shape (M, side, side, 3)
        RGB, 0..1.
    recipe : Recipe
        The method and the options that reproduce the result.
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
        """Return the number of cells."""
        return len(self.rows)

    def classes(self, cell: int, count: int = 3) -> list[tuple[str, float]]:
        """Return the classes with the largest attribution in a cell, each with its attribution."""
        values = self.attribution[cell]
        return [(self.labels[one], float(values[one])) for one in np.argsort(-values, kind="stable")[:count]]

    def members(self, cell: int) -> NDArray[np.int64]:
        """Return the indices of the pictures whose activations are in a cell, each once."""
        return np.unique(self.pictures[self.cell_of == cell])

    def for_class(self, label: str) -> NDArray[np.bool_]:
        """Return for each cell whether this class has the largest attribution.

        Parameters
        ----------
        label : str
            One of `labels`.

        Returns
        -------
        ndarray of bool, shape (M,)
            One value for each cell.

        Raises
        ------
        ValueError
            If there is no such class.
        """
        if label not in self.labels:
            raise ValueError(f"unknown class {label!r}; the classes of the atlas are {', '.join(self.labels)}")
        found: NDArray[np.bool_] = self.attribution.argmax(axis=1) == self.labels.index(label)
        return found

    def canvas(self, label: str | None = None) -> NDArray[np.uint8]:
        """Return the whole map as a picture; if a class is given, cells of other classes are faded."""
        from xai_widgets.plots.atlas_figures import canvas

        strength = None if label is None else np.where(self.for_class(label), 1.0, 0.2)
        return canvas(self.icons, self.rows, self.columns, self.grid, strength)

    def figure(self, label: str | None = None, marked: int | None = None) -> Figure:
        """Return a matplotlib figure of the map, with the name of the first class on each cell, one cell framed."""
        from xai_widgets.plots.atlas_figures import atlas_figure

        names = [self.classes(cell, 1)[0][0] for cell in range(len(self))]
        places = list(zip(self.rows.tolist(), self.columns.tolist(), strict=True))
        return atlas_figure(self.canvas(label), self.grid, places, names, caption_of(self.recipe), marked=marked)

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the layer, the numbers of activations and cells, and the recipe."""
        return f"Atlas({self.layer!r}, {len(self.points)} activations, {len(self)} cells: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())


@dataclass(frozen=True, eq=False)
class ActivationGrid:
    """An icon of the activation of a layer at each position of one picture.

    Attributes
    ----------
    icons : ndarray of float32, shape (rows, columns, side, side, 3)
        RGB, 0..1.
    strength : ndarray of float32, shape (rows, columns)
        The L2 norm of the activation.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    icons: NDArray[np.float32]
    strength: NDArray[np.float32]
    recipe: Recipe

    def canvas(self) -> NDArray[np.uint8]:
        """Return all icons as one picture; the size of an icon increases with the norm of the activation."""
        from xai_widgets.plots.atlas_figures import sized_canvas

        return sized_canvas(self.icons, self.strength)

    def figure(self) -> Figure:
        """Draw all icons."""
        from xai_widgets.plots.atlas_figures import sheet_figure

        return sheet_figure(self.canvas(), caption_of(self.recipe))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the shape and the recipe."""
        return f"ActivationGrid({'x'.join(map(str, self.strength.shape))}: {self.recipe})"


@dataclass(frozen=True, eq=False)
class NeuronGroups:
    """Groups of units of a layer that are active together in one picture, those with the largest share first.

    Attributes
    ----------
    maps : ndarray of float32, shape (G, h, w)
        The activation of each group at each position.
    directions : ndarray of float32, shape (G, C)
        The weights of the units in each group; vectors of length 1.
    attribution : ndarray of float32, shape (G, K)
        The attribution of each group to each class, in units of the logit.
    labels : tuple of str
        The names of the K classes.
    icons : ndarray of float32, shape (G, side, side, 3)
        RGB, 0..1.
    error : float
        The relative error of the factorisation: the norm of the residual over that of the activations.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    maps: NDArray[np.float32]
    directions: NDArray[np.float32]
    attribution: NDArray[np.float32]
    labels: tuple[str, ...]
    icons: NDArray[np.float32]
    error: float
    recipe: Recipe

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.maps)

    def classes(self, group: int, count: int = 2) -> list[tuple[str, float]]:
        """Return the classes with the largest attribution of a group, each with its attribution."""
        values = self.attribution[group]
        return [(self.labels[one], float(values[one])) for one in np.argsort(-values, kind="stable")[:count]]

    def figure(self) -> Figure:
        """Draw where each group fires, and what it looks for, with the classes that it speaks for."""
        from xai_widgets.plots.atlas_figures import groups_figure

        blank = np.zeros((*self.maps.shape[1:], 3), "float32")
        names = [", ".join(label for label, _ in self.classes(group)) for group in range(len(self))]
        return groups_figure(blank, self.maps, self.icons, names, caption_of(self.recipe))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the number of groups and the recipe."""
        return f"NeuronGroups({len(self)} groups: {self.recipe})"
