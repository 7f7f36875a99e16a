"""`FeatureVisualization`: pictures made to excite a network; `Dream`: one made from another."""

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
class FeatureVisualization:
    """N pictures that were optimised.

    Attributes
    ----------
    pictures : (N, H, W, 3) float32 array, or 4 channels with opacity
        Values 0 to 1.
    inputs : (N, H, W, C) float32 array
        The same in the model's input space, on grey where they are transparent.
    score : (N,) float32 array
        The objective of the pictures as they are, neither moved nor framed.
    curve : (steps, N) float32 array
        The objective at each step, of the pictures as they were moved then.
    recipe : Recipe
    """

    pictures: NDArray[np.float32]
    inputs: NDArray[np.float32]
    score: NDArray[np.float32]
    curve: NDArray[np.float32]
    recipe: Recipe

    def show(self) -> Figure:
        """Draw the pictures, each with its score, as a matplotlib figure."""
        from xai_widgets.plots.visualization import visualization_figure

        names = self.recipe.target if len(self.recipe.target) == len(self) else self.recipe.target * len(self)
        return visualization_figure(self.pictures, names, self.score, caption=str(self.recipe))

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.pictures)

    def __repr__(self) -> str:
        """Shape and recipe."""
        return f"FeatureVisualization({'x'.join(map(str, self.pictures.shape))}: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())


@dataclass(frozen=True, eq=False)
class Dream:
    """A picture before and after DeepDream.

    Attributes
    ----------
    original, picture : (H, W, 3) float32 arrays
        Values 0 to 1.
    curve : list of (steps,) float32 arrays
        The objective at each step, an array for each octave, the smallest first.
    recipe : Recipe
    """

    original: NDArray[np.float32]
    picture: NDArray[np.float32]
    curve: list[NDArray[np.float32]]
    recipe: Recipe

    def show(self) -> Figure:
        """Draw both pictures, as a matplotlib figure."""
        from xai_widgets.plots.visualization import visualization_figure

        return visualization_figure(np.stack([self.original, self.picture]), ("", ""), None, caption=str(self.recipe))

    def __repr__(self) -> str:
        """Shape and recipe."""
        return f"Dream({'x'.join(map(str, self.picture.shape))}: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())
