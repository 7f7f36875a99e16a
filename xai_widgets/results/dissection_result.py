"""`Dissection`: the intersection over union of each unit of a layer with each concept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe

LABELLED = 0.04
"""Intersection over union above which a unit is a detector of a concept in the paper."""


class Detector(NamedTuple):
    """A unit with the concept of the largest intersection over union.

    Attributes
    ----------
    unit : int
        The index of the unit.
    concept : str
        The name of the concept.
    kind : str
        The kind of the concept, such as ``"part"`` or ``"colour"``.
    iou : float
        Intersection over union, 0 to 1.
    """

    unit: int
    concept: str
    kind: str
    iou: float


@dataclass(frozen=True, eq=False)
class Dissection:
    """The result of network dissection of a layer of C units with K concepts.

    Attributes
    ----------
    layer : str
        The path of the layer.
    names : tuple of str
        The names of the K concepts.
    kinds : tuple of str
        The kinds of the K concepts.
    thresholds : ndarray of float32, shape (C,)
        The activation above which a unit counts as active.
    iou : ndarray of float32, shape (C, K)
        Intersection over union, 0 to 1.
    top : ndarray of int64, shape (C, up to 12)
        Indices of the pictures with the highest activation of each unit, in descending order.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    layer: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    thresholds: NDArray[np.float32]
    iou: NDArray[np.float32]
    top: NDArray[np.int64]
    recipe: Recipe

    @property
    def best(self) -> NDArray[np.intp]:
        """The index of the concept with the largest intersection over union for each unit, shape (C,)."""
        found: NDArray[np.intp] = self.iou.argmax(axis=1)
        return found

    def ranked(self) -> list[Detector]:
        """Return all units with their best concepts, in descending order of intersection over union."""
        found = [self.best_of(unit) for unit in range(len(self.iou))]
        return sorted(found, key=lambda one: (-one.iou, one.unit))

    def best_of(self, unit: int) -> Detector:
        """Return a unit with its best concept, even if their intersection over union is small."""
        concept = self.best[unit]
        return Detector(unit, self.names[concept], self.kinds[concept], float(self.iou[unit, concept]))

    def detectors(self, least: float = LABELLED) -> list[Detector]:
        """Return the units that are detectors of a concept, in descending order of intersection over union.

        Parameters
        ----------
        least : float, default 0.04
            The intersection over union that a detector exceeds.

        Returns
        -------
        list of Detector
            Each with the fields `unit`, `concept`, `kind` and `iou`.

        Examples
        --------
        >>> import numpy as np
        >>> from xai_widgets.results.recipe import Recipe
        >>> iou, none = np.array([[0.01, 0.3], [0.02, 0.03]], "float32"), np.zeros((2, 0), "int64")
        >>> recipe = Recipe("network_dissection", "net", ("units",), {})
        >>> found = Dissection("conv", ("ears", "red"), ("part", "colour"), np.ones(2, "float32"), iou, none, recipe)
        >>> [(one.unit, one.concept) for one in found.detectors()], found.unique()
        ([(0, 'red')], {'part': 0, 'colour': 1})
        """
        return [one for one in self.ranked() if one.iou > least]

    def unique(self, least: float = LABELLED) -> dict[str, int]:
        """Return the number of unique detectors of each kind: concepts with at least one unit."""
        seen = {(one.kind, one.concept) for one in self.detectors(least)}
        return {kind: sum(other == kind for other, _ in seen) for kind in dict.fromkeys(self.kinds)}

    def figure(self) -> Figure:
        """Return a matplotlib figure of the number of detectors of each concept."""
        from xai_widgets.plots.dissection_figures import detectors_figure

        found = self.detectors()
        return detectors_figure([(one.concept, one.kind) for one in found], caption=caption_of(self.recipe))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the layer, the numbers of detectors and units, and the recipe."""
        found = len(self.detectors())
        return f"Dissection({self.layer!r}, {found} of {len(self.iou)} units bear a name: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())
