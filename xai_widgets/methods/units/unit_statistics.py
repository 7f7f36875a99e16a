"""How dense, how local and how alive the activations of layers are over a set: a map over batches and a merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.i18n import message
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.recording import recorded
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.map_layers import map_layers
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of, common_recipe
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.recipe import Recipe


__all__ = ["UnitStatistics", "unit_statistics"]


@dataclass(frozen=True, eq=False)
class UnitStatistics:
    """What C units of a layer did over a set.

    Attributes
    ----------
    layer : str
        Its whole path.
    values : int
        The number of values of each unit: pictures times places.
    zeros : (C,) int array
        How many of them were 0 or below.
    largest : (C,) float32 array
        The largest value of each unit.
    totals : (C,) float64 array
        The sum of each unit's values.
    spreads : (C,) float64 array
        The spreads of a unit's maps, added up; see `spread`.
    maps : (C,) int array
        How many of its maps held anything but zeros.
    recipe : Recipe, optional
        The method and the options that reproduce the result; None for one that was put together by hand.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.datasets.pictures.samples import digits_split
    >>> found = unit_statistics(xai.load_model("digits"), digits_split("test")[0], ["conv4"])["conv4"]
    >>> found.mean.shape, 0 <= found.sparsity <= 1
    ((64,), True)
    """

    layer: str
    values: int
    zeros: NDArray[np.int64]
    largest: NDArray[np.float32]
    totals: NDArray[np.float64]
    spreads: NDArray[np.float64]
    maps: NDArray[np.int64]
    recipe: Recipe | None = None

    @property
    def sparsity(self) -> float:
        """The share of values that are 0 (or below: what a rectifier would cut off), 0 to 1."""
        return float(self.zeros.sum() / (self.values * len(self.zeros)))

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which units were never above 0 in the whole set, (C,)."""
        never: NDArray[np.bool_] = self.largest <= 0
        return never

    @property
    def dead_share(self) -> float:
        """The share of units that were never above 0, 0 to 1."""
        return float(self.dead.mean())

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean value of each unit, (C,)."""
        return self.totals / self.values

    @property
    def spread(self) -> float:
        """The share of its places over which a map that is not all zero is spread, on average; NaN if all are.

        For one map of n places it is ``mean(|a|)**2 / mean(a**2)``: 1 where all places answer alike, m / n where m
        places answer alike and the others not at all, so 1 / n for a single place. The smaller, the more local.
        The measure is that of Edmund Rolls and Alessandro Treves (1990), there taken over a population of neurons.
        """
        return float(self.spreads.sum() / self.maps.sum()) if self.maps.any() else float("nan")

    def merge(self, other: UnitStatistics) -> UnitStatistics:
        """Join what was found in two parts of a set, in any order.

        The recipe stays, for the whole set, if it is the same for both, and is left out otherwise.

        Parameters
        ----------
        other : UnitStatistics
            Of the same layer, over another part of the set.

        Returns
        -------
        UnitStatistics
            What one pass over both parts would have given.

        Raises
        ------
        ValueError
            If they are not about the same layer.
        """
        if self.layer != other.layer or len(self.zeros) != len(other.zeros):
            raise ValueError(f"{self.layer!r} and {other.layer!r} are not the same layer: nothing to merge")
        return UnitStatistics(
            self.layer,
            self.values + other.values,
            self.zeros + other.zeros,
            np.maximum(self.largest, other.largest),
            self.totals + other.totals,
            self.spreads + other.spreads,
            self.maps + other.maps,
            common_recipe(self.recipe, other.recipe),
        )

    def figure(self) -> Figure:
        """Return a matplotlib figure of the mean and the largest activation of each unit.

        Of more than 24 units those of the largest magnitude are drawn, and the figure says so.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown yet; `show` draws and shows it.
        """
        from xai_widgets.plots.bar_figures import bars_figure

        names = [message("units.unit_number", number=number) for number in range(len(self.totals))]
        values: dict[str, NDArray[Any]] = {"mean": self.mean, "largest": self.largest}
        panels = {message(f"units.{name}"): (names, numbers) for name, numbers in values.items()}
        label = f"{self.layer}: {message('units.activation')}"
        return bars_figure(panels, label, caption_of(self.recipe), shared=False)

    show = shown(figure)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())

    def __repr__(self) -> str:
        """Layer, and the shares in per cent."""
        dead = f"{int(self.dead.sum())} of {len(self.dead)} dead"
        return f"UnitStatistics({self.layer!r}, {self.sparsity:.0%} zeros, {dead})"


@recorded
def unit_statistics(
    model: Classifier | keras.Model,
    inputs: Any,
    layers: Sequence[str] | None = None,
    *,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> dict[str, UnitStatistics]:
    """Measure the activations of several layers over a set, in one pass.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; nested models are opened. It is left as it is.
    inputs : array (N, ...), pictures, or an iterator of batches of them
        A batch of N examples as floats in the model's input space, or pictures, which are resized and preprocessed:
        uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. An iterator is read once and not kept: the
        set may be larger than the memory.
    layers : sequence of str, optional
        The paths of the layers; left out, the last layer with maps after each convolution, as `layers_with_maps`
        lists them.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, and may raise an error to stop. None is
        silent. Of an iterator, the total is what has come so far.

    Returns
    -------
    dict of UnitStatistics
        By the whole path of the layer, in the order asked; each has the recipe of the call.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer, one without units, no layer at all, an empty iterator, inputs of a wrong shape, or
        with NaN or infinite values, or a batch size below 1.
    TypeError
        If the model is no Keras model, or an option does not exist.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.datasets.pictures.samples import digits_split
    >>> found = unit_statistics(xai.load_model("digits"), digits_split("test")[0])
    >>> list(found), bool(found["conv4"].sparsity > found["conv1"].sparsity)
    (['conv1', 'conv2', 'conv3', 'conv4'], True)
    """
    subject = wrap(model)
    paths = tuple(map_layers(read_program(subject.model)) if layers is None else layers)
    if not paths:
        raise ValueError("layers is empty; name at least one, or give None for all with maps")
    probe = LayerProbe(subject, paths).require_units()
    sums: dict[str, UnitStatistics] = {}
    for _, measured in probe.reduced("unit statistics", _measured, inputs, batch_size=batch_size, progress=progress):
        for name, found in zip(probe.paths, measured, strict=True):
            part = _part(name, found)
            sums[name] = sums[name].merge(part) if name in sums else part
    return sums


def _measured(*activations: Any) -> list[Any]:
    """Return the sums of each layer."""
    return [_sums(one) for one in activations]


def _sums(activations: Any) -> list[Any]:
    """Return zeros, largest, totals, spreads and live maps by unit, and the number of values."""
    ops = keras.ops
    maps = ops.cast(activations, "float32")
    shape = ops.shape(maps)
    maps = ops.reshape(maps, (shape[0], -1, shape[-1]))
    mean, power = ops.mean(ops.abs(maps), axis=1), ops.mean(ops.square(maps), axis=1)
    alive = power > 0
    spread = ops.where(alive, ops.square(mean) / ops.where(alive, power, 1.0), 0.0)
    return [
        ops.sum(ops.cast(maps <= 0, "int32"), axis=(0, 1)),
        ops.max(maps, axis=(0, 1)),
        ops.sum(maps, axis=(0, 1)),
        ops.sum(spread, axis=0),
        ops.sum(ops.cast(alive, "int32"), axis=0),
        ops.sum(ops.ones_like(maps[..., 0])),
    ]


def _part(name: str, sums: Any) -> UnitStatistics:
    zeros, largest, totals, spreads, maps, values = sums
    return UnitStatistics(
        name,
        int(values),
        zeros.astype("int64"),
        largest,
        totals.astype("float64"),
        spreads.astype("float64"),
        maps.astype("int64"),
    )
