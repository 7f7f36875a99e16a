"""`FeatureVisualization`: pictures that maximize an objective; `Dream`: a picture changed by DeepDream."""

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
class FeatureVisualization:
    """N pictures that were optimised.

    Attributes
    ----------
    pictures : ndarray of float32, shape (N, H, W, 3) or (N, H, W, 4)
        RGB, or RGB and opacity, 0..1.
    inputs : ndarray of float32, shape (N, H, W, C)
        The pictures in the input space of the model, composed with grey where they are transparent.
    score : ndarray of float32, shape (N,)
        The objective of the pictures without random transformations and padding.
    curve : ndarray of float32, shape (steps, N)
        The objective of the transformed pictures at each step.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    pictures: NDArray[np.float32]
    inputs: NDArray[np.float32]
    score: NDArray[np.float32]
    curve: NDArray[np.float32]
    recipe: Recipe

    def figure(self, count: int = 24) -> Figure:
        """Draw the pictures, each with its score.

        Parameters
        ----------
        count : int, default 24
            How many are drawn, from the first on, at most 100; the figure says so if there are more.

        Returns
        -------
        matplotlib.figure.Figure
            The pictures in rows of six.
        """
        from xai_widgets.plots.visualization_figures import visualization_figure

        names = self.recipe.target if len(self.recipe.target) == len(self) else self.recipe.target * len(self)
        return visualization_figure(self.pictures, names, self.score, caption=caption_of(self.recipe), count=count)

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.pictures)

    def __repr__(self) -> str:
        """Return the shape and the recipe."""
        return f"FeatureVisualization({'x'.join(map(str, self.pictures.shape))}: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())


@dataclass(frozen=True, eq=False)
class Dream:
    """A picture before and after DeepDream.

    Attributes
    ----------
    original : ndarray of float32, shape (H, W, 3)
        The picture before, RGB, 0..1.
    picture : ndarray of float32, shape (H, W, 3)
        The picture after, RGB, 0..1.
    curve : list of ndarray of float32, shape (steps,)
        For each octave, the smallest first, the objective at each step.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    original: NDArray[np.float32]
    picture: NDArray[np.float32]
    curve: list[NDArray[np.float32]]
    recipe: Recipe

    def figure(self) -> Figure:
        """Return a matplotlib figure of both pictures."""
        from xai_widgets.plots.visualization_figures import visualization_figure

        pictures = np.stack([self.original, self.picture])
        return visualization_figure(pictures, ("", ""), None, caption=caption_of(self.recipe))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return the shape and the recipe."""
        return f"Dream({'x'.join(map(str, self.picture.shape))}: {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())
