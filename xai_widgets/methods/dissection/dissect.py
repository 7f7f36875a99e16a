"""Network dissection: which concept, if any, each unit of a layer stands for.

Two passes over the pictures, each a map over batches whose parts add up: the first finds how high each unit goes, the
second where it is that high, and what is there.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.warning import warn_reader
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.upsampling import upsample
from xai_widgets.methods.dissection.quantile_sketch import QuantileSketch
from xai_widgets.results.dissection_result import LABELLED, Dissection
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, ProperShare
    from xai_widgets.methods.dissection.concept_pictures import ConceptSet
    from xai_widgets.models.kinds.classifier import Classifier

QUANTILE = 0.005

_FEW = 150  # pictures, up to which the level of chance is measured: it takes a third pass over them
_TOLERATED = 0.1  # of the names may be chance
_LEVEL = 0.95  # of the units, which chance leaves below the level that is advised
_TOP = 12  # pictures that are remembered for each unit


@dataclass(frozen=True, eq=False)
class Heights:
    """The result of the first pass over some pictures: the distribution of each unit's values, and its largest ones.

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
        """Combine the results for different pictures."""
        best = np.concatenate([self.best, other.best], axis=1)
        places = np.concatenate([self.places, other.places], axis=1)
        order = np.lexsort((places, -best), axis=1)[:, :_TOP]
        taken = (np.take_along_axis(one, order, axis=1) for one in (best, places))
        return Heights(self.sketch + other.sketch, *taken)


def heights(probe: LayerProbe, concepts: ConceptSet, part: slice) -> Heights:
    """Compute the distribution and the largest values of each unit over some pictures."""
    maps = probe.read(probe.subject.as_inputs(concepts.pictures(part)))
    sketch = QuantileSketch(probe.units)
    sketch.add(maps.reshape(-1, probe.units))
    places = np.broadcast_to(np.arange(part.start, part.start + len(maps)), (probe.units, len(maps)))
    nothing = Heights(QuantileSketch(probe.units), np.empty((probe.units, 0), "f4"), np.empty((probe.units, 0), "i8"))
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


def overlaps(
    probe: LayerProbe, concepts: ConceptSet, thresholds: NDArray[np.float64], part: slice, *, permuted: bool = False
) -> Overlaps:
    """Count in some pictures where units are above their thresholds, and what is there.

    With `permuted`, each picture gets the masks of the picture half of the batch away: what is counted is chance.
    """
    batch = concepts.batch(part)
    maps, size = probe.read(probe.subject.as_inputs(batch.pictures)), batch.masks.shape[2:]
    kinds, names = batch.known.shape[1], batch.masks.shape[1]
    least = thresholds.astype("float32")
    shift = len(maps) // 2 if permuted else 0
    masks_of, known_of = (
        np.roll(one, shift, axis=0) for one in (batch.masks.reshape(len(maps), names, -1), batch.known)
    )
    both = np.zeros((probe.units, names), "int64")
    unit = np.zeros((probe.units, kinds), "int64")
    for one, masks, known in zip(maps, masks_of, known_of, strict=True):
        active = np.flatnonzero(one.max(axis=(0, 1)) > least)  # enlarging makes nothing larger than it was
        if len(active):
            above = regions(one[np.newaxis, ..., active], least[active], size)
            here = np.flatnonzero(masks.any(axis=1))  # few of the concepts are in any one picture
            counted = above.astype("float32") @ masks[here].T.astype("float32")  # exact: far fewer than 2**24 pixels
            both[np.ix_(active, here)] += np.rint(counted).astype("int64")
            unit[active] += np.outer(above.sum(axis=1), known)
    return Overlaps(both, unit, batch.masks.sum(axis=(0, 2, 3)))


def regions(maps: NDArray[np.float32], thresholds: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where enlarged maps (N, h, w, C) are above a threshold for each unit, (C, N * H * W)."""
    units = maps.shape[-1]
    flat = np.moveaxis(maps, -1, 0).reshape(-1, *maps.shape[1:3])
    above: NDArray[np.bool_] = upsample(flat, size).reshape(units, -1) > thresholds[:, np.newaxis]
    return above


@recorded
def dissect(
    model: Classifier | keras.Model,
    concepts: ConceptSet,
    *,
    layer: str,
    quantile: ProperShare = QUANTILE,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Dissection:
    """Network dissection: compare where each unit of a layer answers most with where each concept is.

    A unit's threshold is passed by the share `quantile` of all its values over the set. Its maps are enlarged to the
    masks, and where they are above the threshold is compared with each concept, over the whole set at once:
    intersection over union, in pictures where concepts of that kind were looked for.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; nested models are opened.
    concepts : ConceptSet
        Pictures with masks of K concepts: `CreatureConcepts`, `BrodenConcepts`, `ArrayConcepts` or your own.
    layer : str
        The path of a layer with maps (N, h, w, C), ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call
        of a layer that is called several times, otherwise its last is meant.
    quantile : float
        The share of a unit's values that are above its threshold, above 0 and below 1; 0.005 in the paper.
    batch_size : int, optional
        How many pictures go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, each twice, and may raise an error
        to stop. None is silent.

    Returns
    -------
    Dissection
        ``.iou`` (C, K), intersection over union of each unit and concept, 0 to 1; ``.thresholds`` (C,), in units of the
        activations; ``.detectors()``, the units that bear a name; ``.unique()``, how many concepts of each kind have
        such a unit; ``.show()``.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer, one without maps, or an option whose value is not allowed.
    TypeError
        If `layer` is left out, or an option does not exist.

    Warns
    -----
    UserWarning
        If, of up to 150 pictures, more than a tenth as many units would bear a name with the masks of other
        pictures.

    Notes
    -----
    Thresholds are those of a `QuantileSketch`: off by less than 1 % of their size. Memory does not grow with the number
    of pictures.

    References
    ----------
    David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba (2017), Network dissection: quantifying
    interpretability of deep visual representations, arXiv:1704.05796.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods.dissection import CreatureConcepts
    >>> found = dissect(xai.load_model("creatures"), CreatureConcepts(8, seed=1), layer="conv3_1")
    >>> found.iou.shape, found.thresholds.shape
    ((64, 49), (64,))
    """
    probe, report = LayerProbe(model, layer).require_maps(), reporter(progress)
    count = len(concepts)
    parts = list(probe.subject.batches(count, batch_size))
    high = heights(probe, concepts, parts[0])
    report(parts[0].stop, 2 * count)
    for part in parts[1:]:
        high = high + heights(probe, concepts, part)
        report(part.stop, 2 * count)
    thresholds = high.sketch.quantile(1 - quantile)
    counted: list[Overlaps] = []
    for part in parts:
        counted = [_added([*counted, overlaps(probe, concepts, thresholds, part)])]
        report(count + part.stop, 2 * count)
    kind_of = np.array([concepts.all_kinds.index(kind) for kind in concepts.kinds])
    options = {"layer": probe.path, "pictures": count, "concepts": len(concepts.names), "quantile": quantile}
    found = Dissection(
        layer=probe.path,
        names=concepts.names,
        kinds=concepts.kinds,
        thresholds=thresholds.astype("float32"),
        iou=counted[0].iou(kind_of).astype("float32"),
        top=high.places,
        recipe=Recipe("dissect", probe.subject.name, ("units",), options),
    )
    if 1 < count <= _FEW:
        size = max(2, parts[0].stop)
        pairs = [slice(first, min(first + size, count)) for first in range(0, count - 1, size)]
        chance = _added([overlaps(probe, concepts, thresholds, part, permuted=True) for part in pairs])
        _warn_of_chance(found, chance.iou(kind_of).max(axis=1), count)
    return found


def _warn_of_chance(found: Dissection, chance: NDArray[np.float64], count: int) -> None:
    """Warn if about as many units would bear a name with masks that belong to other pictures."""
    named, by_chance = len(found.detectors()), int((chance > LABELLED).sum())
    if by_chance <= _TOLERATED * named:
        return
    level = max(np.ceil(100 * np.quantile(chance, _LEVEL)) / 100, LABELLED + 0.01)
    warn_reader(
        f"{named} units of {found.layer!r} bear a name, but {by_chance} would with masks of other pictures: {count} "
        f"pictures are too few to tell chance from meaning. Take more, or ask for more than chance gives: "
        f"detectors(least={level:.2f})"
    )


def unit_regions(
    model: Classifier | keras.Model, pictures: Any, dissection: Dissection, unit: int, *, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return where a unit is above its threshold in pictures.

    Parameters
    ----------
    model : Classifier or keras.Model
        The one that was dissected.
    pictures : array or sequence of pictures
        N pictures: floats in the model's input space, or uint8 arrays (H, W, 3), PIL images or paths.
    dissection : Dissection
        Of that model: its layer and the thresholds of its units are read.
    unit : int
        The number of the unit in the layer.
    size : (int, int)
        Height and width of what is returned.

    Returns
    -------
    (N, H, W) bool array
        True where the unit's map, stretched to `size`, exceeds its threshold.

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
    maps = LayerProbe(model, dissection.layer).require_maps().activations(pictures)[..., unit : unit + 1]
    return regions(maps, dissection.thresholds[unit : unit + 1], size).reshape(-1, *size)


def _added(found: list[Overlaps]) -> Overlaps:
    total = found[0]
    for one in found[1:]:
        total = total + one
    return total


class LayerReader(LayerProbe):
    """The old name of `LayerProbe`, with `maps` for `activations`."""

    def __init__(self, model: Classifier | keras.Model, layer: str) -> None:
        warnings.warn("dissect.LayerReader is now core.layer_probe.LayerProbe", DeprecationWarning, stacklevel=2)
        super().__init__(model, layer)
        self.layer = self.require_maps().path

    def maps(self, pictures: Any) -> NDArray[np.float32]:
        """Return the outputs of the layer, (N, h, w, C)."""
        found: NDArray[np.float32] = self.activations(pictures)
        return found


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
