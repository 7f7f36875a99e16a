"""Network dissection: which concept, if any, each unit of a layer stands for.

Two passes over the pictures, each a map over batches whose parts add up: the first finds how high each unit goes, the
second where it is that high, and what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.dissection.sketch import QuantileSketch
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.units.reading import map_reader, map_shape
from xai_widgets.methods.upsampling import upsample
from xai_widgets.models.network import subject_of
from xai_widgets.results.dissection import LABELLED, Dissection
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.dissection.concepts import ConceptSet
    from xai_widgets.models.classifier import Classifier

QUANTILE = 0.005
_TOP = 12  # pictures that are remembered for each unit


class LayerReader:
    """The maps of one layer for pictures.

    Parameters
    ----------
    model : Classifier or keras.Model
    layer : str

    Raises
    ------
    ValueError
        If there is no such layer, or it gives no maps.
    """

    def __init__(self, model: Classifier | keras.Model, layer: str) -> None:
        self.subject = subject_of(model)
        self.layer, shape = map_shape(self.subject, layer)
        self.units = int(shape[-1] or 0)
        self._run = map_reader(self.subject, self.layer)

    def maps(self, pictures: Any) -> NDArray[np.float32]:
        """Return what the layer gives, (N, h, w, C)."""
        found: NDArray[np.float32] = self._run(self.subject.as_inputs(pictures))
        return found


@dataclass(frozen=True, eq=False)
class Heights:
    """What the first pass learns of some pictures: how high each unit goes, and in which of them most.

    Attributes
    ----------
    sketch : QuantileSketch
        Of all values of each unit.
    best, places : (C, up to 12) arrays
        Each unit's largest values in different pictures, from the largest on, and the numbers of these pictures.
    """

    sketch: QuantileSketch
    best: NDArray[np.float32]
    places: NDArray[np.int64]

    def __add__(self, other: Heights) -> Heights:
        """Put together what was learnt of different pictures."""
        best = np.concatenate([self.best, other.best], axis=1)
        places = np.concatenate([self.places, other.places], axis=1)
        order = np.lexsort((places, -best), axis=1)[:, :_TOP]
        taken = (np.take_along_axis(one, order, axis=1) for one in (best, places))
        return Heights(self.sketch + other.sketch, *taken)


def heights(reader: LayerReader, concepts: ConceptSet, part: slice) -> Heights:
    """Learn how high each unit goes in some pictures."""
    maps = reader.maps(concepts.pictures(part))
    sketch = QuantileSketch(reader.units)
    sketch.add(maps.reshape(-1, reader.units))
    places = np.broadcast_to(np.arange(part.start, part.start + len(maps)), (reader.units, len(maps)))
    nothing = Heights(
        QuantileSketch(reader.units), np.empty((reader.units, 0), "f4"), np.empty((reader.units, 0), "i8")
    )
    return nothing + Heights(sketch, maps.max(axis=(1, 2)).T, places)


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Numbers of pixels, summed over pictures.

    Attributes
    ----------
    both : (C, K) int64 array
        Where a unit is above its threshold and a concept is present.
    unit : (C, kinds) int64 array
        Where a unit is above its threshold, in pictures where concepts of a kind were looked for.
    concept : (K,) int64 array
        Where a concept is.
    """

    both: NDArray[np.int64]
    unit: NDArray[np.int64]
    concept: NDArray[np.int64]

    def __add__(self, other: Overlaps) -> Overlaps:
        """Add what was counted in different pictures."""
        return Overlaps(self.both + other.both, self.unit + other.unit, self.concept + other.concept)

    def iou(self, kind_of: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return intersection over union, (C, K); 0 for a concept that is nowhere. `kind_of` is each concept's kind."""
        union = self.unit[:, kind_of] + self.concept - self.both
        found: NDArray[np.float64] = self.both / np.maximum(union, 1)
        return found


def overlaps(reader: LayerReader, concepts: ConceptSet, thresholds: NDArray[np.float64], part: slice) -> Overlaps:
    """Count in some pictures where units are above their thresholds, and what is there."""
    batch = concepts.batch(part)
    maps, size = reader.maps(batch.pictures), batch.masks.shape[2:]
    kinds, names = batch.known.shape[1], batch.masks.shape[1]
    least = thresholds.astype("float32")
    both = np.zeros((reader.units, names), "int64")
    unit = np.zeros((reader.units, kinds), "int64")
    for one, masks, known in zip(maps, batch.masks.reshape(len(maps), names, -1), batch.known, strict=True):
        awake = np.flatnonzero(one.max(axis=(0, 1)) > least)  # enlarging makes nothing larger than it was
        if len(awake):
            above = regions(one[np.newaxis, ..., awake], least[awake], size)
            here = np.flatnonzero(masks.any(axis=1))  # few of the concepts are in any one picture
            counted = above.astype("float32") @ masks[here].T.astype("float32")  # exact: far fewer than 2**24 pixels
            both[np.ix_(awake, here)] += np.rint(counted).astype("int64")
            unit[awake] += np.outer(above.sum(axis=1), known)
    return Overlaps(both, unit, batch.masks.sum(axis=(0, 2, 3)))


def regions(maps: NDArray[np.float32], thresholds: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where enlarged maps (N, h, w, C) are above a threshold for each unit, (C, N * H * W)."""
    units = maps.shape[-1]
    flat = np.moveaxis(maps, -1, 0).reshape(-1, *maps.shape[1:3])
    above: NDArray[np.bool_] = upsample(flat, size).reshape(units, -1) > thresholds[:, np.newaxis]
    return above


def dissect(
    model: Classifier | keras.Model,
    concepts: ConceptSet,
    *,
    layer: str,
    quantile: float = QUANTILE,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Dissection:
    """Network dissection: compare where each unit of a layer answers most with where each concept is.

    A unit's threshold is passed by the share `quantile` of all its values over the set. Its maps are enlarged to the
    masks, and where they are above the threshold is compared with each concept, over the whole set at once:
    intersection over union, in pictures where concepts of that kind were looked for.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential.
    concepts : ConceptSet
        `CreatureConcepts`, `BrodenConcepts`, `ArrayConcepts` or your own.
    layer : str
        Path of a layer with maps.
    quantile : float
        Between 0 and 1; 0.005 in the paper.
    batch_size : int, optional
        Pictures at a time; as many as memory allows if left out.
    progress : callable or bool, optional
        Counts pictures, each twice.

    Returns
    -------
    Dissection
        ``.iou`` (C, K), ``.thresholds`` (C,), ``.detectors()``, ``.unique()``, ``.show()``.

    Raises
    ------
    ValueError
        For an unknown layer, one without maps, or a quantile that makes no sense.

    Notes
    -----
    Thresholds are those of a `QuantileSketch`: off by less than 1 % of their size. Memory does not grow with the number
    of pictures.

    References
    ----------
    David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba (2017), Network dissection: quantifying
    interpretability of deep visual representations.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods.dissection import CreatureConcepts
    >>> found = dissect(xai.load_model("creatures"), CreatureConcepts(8, seed=1), layer="conv3_1")
    >>> found.iou.shape, found.thresholds.shape
    ((64, 49), (64,))
    """
    if not 0 < quantile < 1:
        raise ValueError(f"quantile must lie between 0 and 1, not {quantile}")
    reader, report = LayerReader(model, layer), reporter(progress)
    count = len(concepts)
    parts = list(reader.subject.batches(count, batch_size))
    high = heights(reader, concepts, parts[0])
    report(parts[0].stop, 2 * count)
    for part in parts[1:]:
        high = high + heights(reader, concepts, part)
        report(part.stop, 2 * count)
    thresholds = high.sketch.quantile(1 - quantile)
    counted: list[Overlaps] = []
    for part in parts:
        counted = [_added([*counted, overlaps(reader, concepts, thresholds, part)])]
        report(count + part.stop, 2 * count)
    kind_of = np.array([concepts.all_kinds.index(kind) for kind in concepts.kinds])
    options = {"layer": reader.layer, "pictures": count, "concepts": len(concepts.names), "quantile": quantile}
    return Dissection(
        layer=reader.layer,
        names=concepts.names,
        kinds=concepts.kinds,
        thresholds=thresholds.astype("float32"),
        iou=counted[0].iou(kind_of).astype("float32"),
        top=high.places,
        recipe=Recipe("network_dissection", reader.subject.name, ("units",), options),
    )


def unit_regions(
    model: Classifier | keras.Model, pictures: Any, dissection: Dissection, unit: int, *, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return where a unit is above its threshold in pictures, (N, H, W).

    Parameters
    ----------
    model : Classifier or keras.Model
        The one that was dissected.
    pictures : array or sequence of pictures
    dissection : Dissection
    unit : int
    size : (int, int)
        Height and width of what is returned.

    Raises
    ------
    ValueError
        If there is no such unit.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods.dissection import CreatureConcepts
    >>> net, set_ = xai.load_model("creatures"), CreatureConcepts(4, seed=1)
    >>> found = dissect(net, set_, layer="conv2_1")
    >>> unit_regions(net, set_.pictures(slice(0, 2)), found, 3, size=(96, 96)).shape
    (2, 96, 96)
    """
    if not 0 <= unit < len(dissection.thresholds):
        raise ValueError(f"{dissection.layer!r} has the units 0 to {len(dissection.thresholds) - 1}, not {unit}")
    maps = LayerReader(model, dissection.layer).maps(pictures)[..., unit : unit + 1]
    return regions(maps, dissection.thresholds[unit : unit + 1], size).reshape(-1, *size)


def _added(found: list[Overlaps]) -> Overlaps:
    total = found[0]
    for one in found[1:]:
        total = total + one
    return total


__all__ = [
    "LABELLED",
    "QUANTILE",
    "Heights",
    "LayerReader",
    "Overlaps",
    "dissect",
    "heights",
    "overlaps",
    "unit_regions",
]
