"""`Attribution`: the contribution of each input value to the explained score."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.results.example_batch import ExampleBatch
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


_ROWS, _MAPS = 2, 3  # axes of rows of features (N, F), and of maps of pictures (N, H, W)


@dataclass(frozen=True, eq=False)
class Attribution(ExampleBatch):
    """Signed, un-normalised attributions of N examples.

    ``found[3]`` is the attribution of one example (N = 1), ``found[:10]`` that of ten; a loop gives the
    examples one by one, and `concatenate` joins batches. `save` writes a file, `load` reads it; `to_dataframe` makes a
    table.

    Attributes
    ----------
    values : ndarray of float32, shape (N, H, W, C) or (N, H, W)
        One value for each input value or each place, in the input space of the model: (N, T, C) or (N, T) for
        sequences, (N, D, H, W, C) or (N, D, H, W) for volumes, (N, F) for rows of features.
    score : ndarray of float32, shape (N,)
        The explained score, by default the logit of the target.
    recipe : Recipe
        The method and the options that reproduce the result.
    delta : ndarray of float64, shape (N,), or None
        The error of completeness: the sum of the values minus its theoretical value. None for methods without one.
    pictures : ndarray of float32, shape (N, H, W, 3), or None
        The inputs as pictures, 0..1; None if the inputs are not pictures.
    error : ndarray of float32, the shape of `values`, or None
        Standard error of each value that is a mean over random samples; NaN if there are too few samples.
    has_channels : bool or None
        Whether the last axis of `values` is that of the channels of the input (or of its features). None: not known;
        values of four axes are then read as (N, H, W, C), those of three as maps (N, H, W).

    Examples
    --------
    >>> import xai_widgets as xai
    >>> pictures = [xai.sample_image(name) for name in ("digit-3", "digit-7")]
    >>> found = xai.explain(xai.load_model("digits"), np.stack(pictures), "saliency")
    >>> found[-1]
    Attribution(1x8x8x1: saliency · digits · target 7 · output=logit)
    >>> Attribution.concatenate([found[0], found[1]]).recipe.target
    ('3', '7')
    """

    _measures: ClassVar[tuple[str, ...]] = ("values",)
    _of_all: ClassVar[tuple[str, ...]] = ("has_channels",)

    values: NDArray[np.float32]
    score: NDArray[np.float32]
    recipe: Recipe
    delta: NDArray[np.float64] | None = None
    pictures: NDArray[np.float32] | None = None
    error: NDArray[np.float32] | None = None
    has_channels: bool | None = None

    def _check_fields(self) -> None:
        super()._check_fields()
        if self.values.ndim < _ROWS:
            raise ValueError(f"values have the shape {self.values.shape}, not one array for each example")
        if self.error is not None and self.error.shape != self.values.shape:
            raise ValueError(f"error has the shape {self.error.shape}, the values {self.values.shape}")
        if self.pictures is not None and (self.pictures.ndim, self.pictures.shape[-1]) != (4, 3):
            raise ValueError(f"pictures have the shape {self.pictures.shape}, not (N, H, W, 3)")
        if not isinstance(self.has_channels, bool | None):
            raise ValueError(f"has_channels is {self.has_channels!r}")  # noqa: TRY004  (it is the file that is wrong)

    def heatmap(self, channels: str = "max_abs") -> NDArray[np.float32]:
        """Reduce the channels to one map per example.

        Parameters
        ----------
        channels : {"max_abs", "sum", "mean_abs", "norm"}
            The reduction. ``"max_abs"`` is the largest magnitude over the channels, as in Simonyan, Vedaldi and
            Zisserman (2013, Deep inside convolutional networks, arXiv 1312.6034); ``"sum"`` preserves signs and totals.
            Values without channels, such as those of Grad-CAM, are returned as they are.

        Returns
        -------
        ndarray of float32, shape (N, H, W), (N, T) or (N, D, H, W)
            The maps of pictures, sequences or volumes, in the units of `values`.

        Raises
        ------
        ValueError
            If the reduction is unknown, or the values are those of rows of features, which have no places.

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
        known = self.has_channels is not None or self.values.ndim in (_MAPS, _MAPS + 1)
        reduces = self.values.ndim > _MAPS if self.has_channels is None else self.has_channels
        if not known or self.values.ndim - reduces < _ROWS:
            msg = f"values of shape {self.values.shape} are not those of pictures, sequences or volumes; use .values"
            raise ValueError(msg)
        reduced: NDArray[np.float32] = _REDUCTIONS[channels](self.values) if reduces else self.values
        return reduced

    def figure(self, channels: str = "max_abs", count: int = 6) -> Figure:
        """Draw the pictures and their maps side by side.

        Rows of features are drawn as bars, sequences as a bar for each step, volumes as slices.

        Parameters
        ----------
        channels : {"max_abs", "sum", "mean_abs", "norm"}
            How the channels become one map: the one of the largest magnitude, their sum, the mean of their magnitudes,
            or their Euclidean norm.
        count : int, default 6
            How many examples are drawn, from the first on; the figure says so if there are more. At most 100; parts of
            the result, such as ``found[100:200]``, show the others.

        Returns
        -------
        matplotlib.figure.Figure
            One line of panels for each example.

        Raises
        ------
        ValueError
            If there is no example, `count` is not from 1 to 100, or the values have no figure.
        """
        from xai_widgets.plots.attribution_figures import attribution_figure, sequence_figure, volume_figure

        if self._is_rows():
            return self._bars(count)
        maps = self.heatmap(channels)
        about: dict[str, Any] = {"titles": self._targets(), "caption": caption_of(self.recipe), "count": count}
        if maps.ndim == _MAPS:
            return attribution_figure(maps, self.pictures, **about)
        return (sequence_figure if maps.ndim < _MAPS else volume_figure)(maps, **about)

    def _is_rows(self) -> bool:
        return self.values.ndim == _ROWS and self.has_channels is not False

    show = shown(figure)

    def _bars(self, count: int) -> Figure:
        """Draw rows of features, a panel a row."""
        from xai_widgets.plots.bar_figures import bars_figure

        panels = {f"{place + 1}: {target}": self._row(place) for place, target in enumerate(self._targets())}
        return bars_figure(panels, message("evaluation.weight"), caption_of(self.recipe), count=count)

    def _row(self, place: int) -> tuple[list[str], NDArray[Any]]:
        """Return the names and the values of the features of one row."""
        return [str(number) for number in range(self.values.shape[1])], self.values[place]

    def _columns(self) -> Mapping[str, Any]:
        columns: dict[str, Any] = {"example": np.arange(len(self)), "target": self._targets(), "score": self.score}
        if self.delta is not None:
            columns["delta"] = self.delta
        if self.values.ndim == 2:
            names = self._feature_names()
            taken = set(columns)
            return columns | {
                f"feature {name}" if name in taken else name: self.values[:, place] for place, name in enumerate(names)
            }
        flat = self.values.reshape(len(self), -1).astype("float64")
        return columns | {
            "sum": flat.sum(axis=1),
            "minimum": flat.min(axis=1, initial=np.inf),
            "maximum": flat.max(axis=1, initial=-np.inf),
            "mean_abs": np.abs(flat).mean(axis=1),
        }

    def _feature_names(self) -> list[str]:
        """Return the names of the features, or their numbers."""
        return [str(number) for number in range(self.values.shape[1])]

    def _shaped(self) -> NDArray[Any]:
        return self.values

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.values)

    def __repr__(self) -> str:
        """Return the shape and the recipe."""
        return f"{type(self).__name__}({'x'.join(map(str, self.values.shape))}: {self.recipe})"

    def _repr_png_(self) -> bytes | None:
        """Return the figure as PNG, for display in a notebook."""
        drawn = self.values.ndim in (_MAPS, _MAPS + 1) or (self.has_channels is not None and not self._is_rows())
        if not drawn:
            return None
        return figure_png(self.figure())


def figure_png(figure: Figure) -> bytes:
    """Render a figure to PNG without pyplot, which is not safe in the threads of the labs."""
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", dpi=figure.dpi)
    return file.getvalue()


_REDUCTIONS: dict[str, Any] = {
    "max_abs": lambda values: np.abs(values).max(axis=-1),
    "sum": lambda values: values.sum(axis=-1),
    "mean_abs": lambda values: np.abs(values).mean(axis=-1),
    "norm": lambda values: np.linalg.norm(values, axis=-1),
}
