"""How dense, how local and how alive the activations of layers are over a set: a map over batches and a merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.activations import map_layers
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.units.reading import stream
from xai_widgets.models.network import subject_of
from xai_widgets.models.program import read_program
from xai_widgets.models.taps import tap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier


@dataclass(frozen=True, eq=False)
class UnitStatistics:
    """What C units of a layer did over a set.

    Attributes
    ----------
    layer : str
        Its whole path.
    values : int
        How many values of each unit were seen: pictures times places.
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
    """

    layer: str
    values: int
    zeros: NDArray[np.int64]
    largest: NDArray[np.float32]
    totals: NDArray[np.float64]
    spreads: NDArray[np.float64]
    maps: NDArray[np.int64]

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
        )

    def __repr__(self) -> str:
        """Layer, and the shares in per cent."""
        dead = f"{int(self.dead.sum())} of {len(self.dead)} dead"
        return f"UnitStatistics({self.layer!r}, {self.sparsity:.0%} zeros, {dead})"


def unit_statistics(
    model: Classifier | keras.Model,
    inputs: Any,
    layers: Sequence[str] | None = None,
    *,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> dict[str, UnitStatistics]:
    """Measure the activations of several layers over a set, in one pass.

    Parameters
    ----------
    model : Classifier or keras.Model
    inputs : array (N, ...), pictures, or an iterator of batches of them
    layers : sequence of str, optional
        Their paths; those of `layers_with_maps` if left out.
    batch_size : int, optional
    progress : callable or bool, optional
        Counts pictures; of an iterator, the total is what has come so far.

    Returns
    -------
    dict of UnitStatistics
        By the whole path of the layer, in the order asked.

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        For an unknown layer, one without units, or an empty iterator.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.models.samples import digits_split
    >>> found = unit_statistics(xai.load_model("digits"), digits_split("test")[0])
    >>> list(found), bool(found["conv4"].sparsity > found["conv1"].sparsity)
    (['conv1', 'conv2', 'conv3', 'conv4'], True)
    """
    subject = subject_of(model)
    paths = tuple(map_layers(read_program(subject.model)) if layers is None else layers)
    if not paths:
        raise ValueError("no layer was given; name at least one, or None for all with maps")
    names, run = _measured(subject, paths)
    report = reporter(progress)
    sums: dict[str, UnitStatistics] = {}
    for begin, batch, total in stream(subject, inputs, batch_size):
        for name, found in zip(names, run(batch), strict=True):
            part = _part(name, found)
            sums[name] = sums[name].merge(part) if name in sums else part
        report(begin + len(batch), total or begin + len(batch))
    return sums


def _measured(subject: Classifier, paths: tuple[str, ...]) -> tuple[tuple[str, ...], Callable[..., Any]]:
    """Return the layers' whole paths, and the compiled function from a batch to the sums of each layer."""
    taps = tap(subject.model, paths)
    if 0 in taps.depths:
        raise ValueError(f"the layer {taps.paths[taps.depths.index(0)]!r} has no known number of units")

    def run(x: Any) -> Any:
        return [_sums(one) for one in taps.run(x)]

    return taps.paths, subject.compiled(("unit statistics", taps.paths), lambda: (run, taps.variables))


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
