"""`Attribution`: how much each input value counts for what is explained."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Attribution:
    """Signed, un-normalised attributions of N examples.

    Attributes
    ----------
    values : (N, H, W, C) or (N, H, W) float32 array
        One value for each input value, or each pixel, in the model's input space.
    score : (N,) float32 array
        The explained quantity itself (a logit unless asked otherwise).
    recipe : Recipe
        How to make it again.
    delta : (N,) float array or None
        The method's own check, where theory has one: sum of the values minus what it must be.
    pictures : (N, H, W, 3) float32 array or None
        What the network saw, in [0, 1]; None if the inputs are not pictures.
    error : float32 array shaped like the values, or None
        Standard error of each value, where it is a mean over random samples; NaN where there are too few to tell.
    """

    values: NDArray[np.float32]
    score: NDArray[np.float32]
    recipe: Recipe
    delta: NDArray[np.float64] | None = None
    pictures: NDArray[np.float32] | None = None
    error: NDArray[np.float32] | None = None

    def heatmap(self, channels: str = "max_abs") -> NDArray[np.float32]:
        """Reduce the channels to one map per picture, shape (N, H, W).

        Parameters
        ----------
        channels : {"max_abs", "sum", "mean_abs", "norm"}
            ``"max_abs"``, the largest magnitude over the channels, is how Simonyan, Vedaldi and Zisserman (2013, Deep
            inside convolutional networks) draw saliency; ``"sum"`` keeps signs and totals.

        Raises
        ------
        ValueError
            If the reduction is unknown or the values are not those of pictures.

        Examples
        --------
        >>> import xai_widgets as xai
        >>> answer = xai.explain(xai.load_model("digits"), xai.sample_image("digit-3"), "saliency")
        >>> answer.heatmap().shape
        (1, 8, 8)
        """
        if channels not in _REDUCTIONS:
            msg = f"unknown reduction {channels!r}; choose one of {', '.join(_REDUCTIONS)}"
            raise ValueError(msg)
        if self.values.ndim == 3:
            return self.values
        if self.values.ndim != 4:
            msg = f"values of shape {self.values.shape} are not those of pictures; use .values"
            raise ValueError(msg)
        reduced: NDArray[np.float32] = _REDUCTIONS[channels](self.values)
        return reduced

    def show(self, channels: str = "max_abs") -> Figure:
        """Draw the pictures and their maps side by side, as a matplotlib figure; see `heatmap` for `channels`."""
        from xai_widgets.plots.attribution import attribution_figure

        maps = self.heatmap(channels)
        return attribution_figure(maps, self.pictures, titles=self.recipe.target, caption=str(self.recipe))

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.values)

    def __repr__(self) -> str:
        """Shape and recipe."""
        return f"Attribution({'x'.join(map(str, self.values.shape))}: {self.recipe})"

    def _repr_png_(self) -> bytes | None:
        """Draw itself in a notebook."""
        if self.values.ndim not in (3, 4):
            return None
        return figure_png(self.show())


def figure_png(figure: Figure) -> bytes:
    """Render a figure to PNG, without pyplot: it is not made for the threads that widgets run on."""
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", dpi=figure.dpi)
    return file.getvalue()


_REDUCTIONS: dict[str, Any] = {
    "max_abs": lambda values: np.abs(values).max(axis=-1),
    "sum": lambda values: values.sum(axis=-1),
    "mean_abs": lambda values: np.abs(values).mean(axis=-1),
    "norm": lambda values: np.linalg.norm(values, axis=-1),
}
