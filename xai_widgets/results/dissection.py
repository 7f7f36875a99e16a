"""`Dissection`: how well each unit of a layer agrees with each concept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from xai_widgets.results.attribution import figure_png

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe

LABELLED = 0.04
"""Intersection over union above which the paper gives a unit the name of a concept."""


class Detector(NamedTuple):
    """A unit with the concept that it agrees with most."""

    unit: int
    concept: str
    kind: str
    iou: float


@dataclass(frozen=True, eq=False)
class Dissection:
    """What dissecting a layer of C units with K concepts gave.

    Attributes
    ----------
    layer : str
        Its whole path.
    names, kinds : tuples of K str
        Of the concepts.
    thresholds : (C,) float32 array
        What a unit must exceed to count as answering.
    iou : (C, K) float32 array
        Intersection over union, 0 to 1.
    top : (C, up to 12) int64 array
        The numbers of the pictures in which each unit goes highest, the highest first.
    recipe : Recipe
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
        """The number of the concept that each unit agrees with most, (C,)."""
        found: NDArray[np.intp] = self.iou.argmax(axis=1)
        return found

    def ranked(self) -> list[Detector]:
        """Return all units with their best concepts, best first."""
        found = [self.best_of(unit) for unit in range(len(self.iou))]
        return sorted(found, key=lambda one: (-one.iou, one.unit))

    def best_of(self, unit: int) -> Detector:
        """Return a unit with its best concept, however little they agree."""
        concept = self.best[unit]
        return Detector(unit, self.names[concept], self.kinds[concept], float(self.iou[unit, concept]))

    def detectors(self, least: float = LABELLED) -> list[Detector]:
        """Return the units that bear a name, best first.

        Parameters
        ----------
        least : float
            The intersection over union that must be exceeded.

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
        """Return for each kind how many of its concepts have at least one unit: the paper's unique detectors."""
        seen = {(one.kind, one.concept) for one in self.detectors(least)}
        return {kind: sum(other == kind for other, _ in seen) for kind in dict.fromkeys(self.kinds)}

    def show(self) -> Figure:
        """Draw how many units bear the name of each concept."""
        from xai_widgets.plots.dissection import detectors_figure

        found = self.detectors()
        return detectors_figure([(one.concept, one.kind) for one in found], caption=str(self.recipe))

    def __repr__(self) -> str:
        """Layer, units, detectors."""
        found = len(self.detectors())
        return f"Dissection({self.layer!r}, {found} of {len(self.iou)} units bear a name: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())
