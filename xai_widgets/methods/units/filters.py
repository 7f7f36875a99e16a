"""The filters of a layer as pictures, and how smooth they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.core.recording import recorded
from xai_widgets.models.graph.reading import find_layer
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.recipe import Recipe

__all__ = ["Filters", "filters", "smoothness"]

_COLOURS = 3


@dataclass(frozen=True, eq=False)
class Filters:
    """The filters of a convolution.

    Attributes
    ----------
    layer : str
        The path of the convolution.
    kernels : (F, kh, kw, C) float32 array
        F filters over C channels. A depthwise convolution has F filters over one channel.
    recipe : Recipe, optional
        The method and the options that reproduce the result; None for one that was put together by hand.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> found = filters(xai.load_model("creatures"), "conv1_1")
    >>> found.norms.shape, found.pictures().shape
    ((16,), (16, 5, 5, 3))
    """

    layer: str
    kernels: NDArray[np.float32]
    recipe: Recipe | None = None

    @property
    def norms(self) -> NDArray[np.float64]:
        """The Euclidean length of each filter, (F,)."""
        lengths: NDArray[np.float64] = np.sqrt(np.square(self.kernels.astype("float64")).sum(axis=(1, 2, 3)))
        return lengths

    @property
    def smoothness(self) -> NDArray[np.float64]:
        """How alike neighbouring weights of each filter are, (F,), -1 to 1; NaN for filters of one place or all 0."""
        return smoothness(self.kernels)

    @property
    def patterns(self) -> NDArray[np.float64]:
        """For each filter the one pattern over places that comes nearest to all its channels, (F, kh, kw).

        Each channel is a multiple of it, up to what `explained` leaves: the first singular vector of the filter,
        written as places by channels, in the units of the weights, with the sign of the sum over its channels.
        """
        left, sizes, right = self._decomposed()
        signs = np.sign((right[:, 0] * np.abs(right[:, 0])).sum(axis=1))
        scaled = left[..., 0] * (sizes[:, 0] * np.where(signs == 0, 1, signs))[:, np.newaxis]
        patterns: NDArray[np.float64] = scaled.reshape(self.kernels.shape[:3])
        return patterns

    @property
    def explained(self) -> NDArray[np.float64]:
        """The share of each filter's squared weights that its pattern holds, (F,), 0 to 1; NaN where all are 0."""
        _, sizes, _ = self._decomposed()
        with np.errstate(invalid="ignore"):
            share: NDArray[np.float64] = np.square(sizes[:, 0]) / np.square(sizes).sum(axis=1)
        return share

    def _decomposed(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        count, height, width, channels = self.kernels.shape
        found = np.linalg.svd(
            self.kernels.reshape(count, height * width, channels).astype("float64"), full_matrices=False
        )
        return found.U, found.S, found.Vh

    def pictures(self) -> NDArray[np.float32]:
        """Return each filter as a picture, (F, kh, kw, 3), 0 to 1, middle grey for weight 0.

        Filters over three channels are shown in these colours, others by their `patterns` in grey; each is stretched to
        its own largest weight.

        Returns
        -------
        (F, kh, kw, 3) float32 array
            RGB, 0 to 1.
        """
        shown = self.kernels if self.kernels.shape[-1] == _COLOURS else self.patterns[..., np.newaxis]
        largest = np.abs(shown).max(axis=(1, 2, 3), keepdims=True)
        scaled = 0.5 + 0.5 * shown / np.where(largest > 0, largest, 1)
        return np.broadcast_to(scaled, (*scaled.shape[:3], _COLOURS)).astype("float32")

    def figure(self, *, count: int = 100) -> Figure:
        """Return a matplotlib figure of the filters as pictures.

        Parameters
        ----------
        count : int, default 100
            How many are drawn, from the first on, 1 to 100. Where there are more, the figure says so.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown yet; `show` draws and shows it.

        Raises
        ------
        ValueError
            If `count` is not from 1 to 100.
        """
        from xai_widgets.plots.unit_figures import filters_figure

        return filters_figure(self.pictures(), caption_of(self.recipe), count=count)

    show = shown(figure)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())

    def __repr__(self) -> str:
        """Layer and shape."""
        return f"Filters({self.layer!r}, {'x'.join(map(str, self.kernels.shape))})"


@recorded
def filters(model: Classifier | keras.Model, layer: str) -> Filters:
    """Return the filters of a convolution.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Any model; nested models are opened.
    layer : str
        Path of a ``Conv2D`` or ``DepthwiseConv2D``, or of a ``SeparableConv2D`` (its depthwise part).

    Returns
    -------
    Filters
        ``.kernels`` (F, kh, kw, C): F filters over C channels; over one channel for a depthwise convolution;
        ``.recipe``.

    Raises
    ------
    ValueError
        If there is no such layer (the nearest names are given), or it has no filters over places.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> filters(xai.load_model("creatures"), "conv1_1")
    Filters('conv1_1', 16x5x5x3)
    """
    found = find_layer(wrap(model).model, layer)
    if isinstance(found, (keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)):
        separable = isinstance(found, keras.layers.SeparableConv2D)
        kernel = backend.to_numpy((found.depthwise_kernel if separable else found.kernel).value)
        height, width, channels, multiplier = kernel.shape
        return Filters(layer, kernel.reshape(height, width, channels * multiplier, 1).transpose(2, 0, 1, 3))
    if not isinstance(found, keras.layers.Conv2D):
        msg = f"{layer!r} is a {type(found).__name__}: it has no filters over places; name a convolution"
        raise ValueError(msg)  # noqa: TRY004  (the type is Keras' own: it is the name that does not fit)
    return Filters(layer, backend.to_numpy(found.kernel.value).transpose(3, 0, 1, 2))


def smoothness(kernels: Any) -> NDArray[np.float64]:
    """Return how alike neighbouring weights of filters are.

    For all pairs (a, b) of weights next to each other, horizontally and vertically, in the same channel:
    ``2 * sum(a * b) / sum(a**2 + b**2)``.

    Parameters
    ----------
    kernels : (F, kh, kw, C) array
        F filters over C channels.

    Returns
    -------
    (F,) float64 array
        1 for a filter of one weight everywhere, about 0 for independent weights of mean 0, -1 for a chessboard. NaN
        where there are no pairs (filters of 1 x 1), or all weights are 0.

    Raises
    ------
    ValueError
        If it is no such array.

    Examples
    --------
    >>> board = np.indices((4, 4)).sum(axis=0) % 2 * 2.0 - 1
    >>> smoothness(np.stack([board, np.ones((4, 4))])[..., np.newaxis]).tolist()
    [-1.0, 1.0]
    """
    weights = np.asarray(kernels, "float64")
    if weights.ndim != 4:
        raise ValueError(f"filters have the shape (F, kh, kw, C), not {weights.shape}")
    pairs = [(weights[:, 1:], weights[:, :-1]), (weights[:, :, 1:], weights[:, :, :-1])]
    products = sum((a * b).sum(axis=(1, 2, 3)) for a, b in pairs)
    squares = sum((a**2 + b**2).sum(axis=(1, 2, 3)) for a, b in pairs)
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * products / squares)
