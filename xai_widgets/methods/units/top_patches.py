"""The pictures, and the patches of them, that most activate a unit: a map over batches and a merge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.checked_options import naming
from xai_widgets.i18n import message
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.units.receptive_fields import receptive_field
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of, common_recipe
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.recipe import Recipe

__all__ = ["TopPatches", "top_patches"]

_NO_PICTURE = -1
_MAP_AXES = 3


@dataclass(frozen=True, eq=False)
class TopPatches:
    """For each of U units the k pictures in which it is strongest, best first, and where in them.

    Attributes
    ----------
    layer : str
        Its whole path.
    units : (U,) int array
        Their numbers; for directions, 0, 1, ...
    pictures : (U, k) int array
        Numbers of pictures, in the order in which they came; -1 where there were fewer than k pictures.
    activations : (U, k) float32 array
        The largest value of the unit's map in that picture; -inf where there is no picture.
    places : (U, k, 2) int array
        Row and column of the map where that is; (0, 0) for a layer without maps.
    boxes : (U, k, 4) int array
        The part of the picture that this place depends on: top, left, bottom, right, the last two outside of it.
    recipe : Recipe, optional
        The method and the options that reproduce the result; None for one that was put together by hand.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.datasets.pictures.samples import digits_split
    >>> found = top_patches(xai.load_model("digits"), digits_split("test")[0], "conv2", units=[5, 7], count=3)
    >>> found.pictures.shape, found.boxes.shape
    ((2, 3), (2, 3, 4))
    """

    layer: str
    units: NDArray[np.int64]
    pictures: NDArray[np.int64]
    activations: NDArray[np.float32]
    places: NDArray[np.int64]
    boxes: NDArray[np.int64]
    recipe: Recipe | None = None

    @property
    def count(self) -> int:
        """How many pictures are kept for each unit."""
        return int(self.pictures.shape[1])

    def merge(self, other: TopPatches) -> TopPatches:
        """Join what was found in two parts of a set; numbers of pictures must be those of the whole set.

        Equal activations are ordered by the pictures' numbers, so the parts may be merged in any order. The recipe
        stays, for the whole set, if it is the same for both, and is left out otherwise.

        Parameters
        ----------
        other : TopPatches
            Of the same units, found in another part of the set.

        Returns
        -------
        TopPatches
            The best of both for each unit, as many as the longer one keeps.

        Raises
        ------
        ValueError
            If they are not about the same units.
        """
        if self.layer != other.layer or not np.array_equal(self.units, other.units):
            raise ValueError(f"units of {self.layer!r} and of {other.layer!r} are not the same: nothing to merge")
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in _FIELDS}
        joined: dict[str, Any] = {name: np.concatenate(both, axis=1) for name, both in pairs.items()}
        kept = _best(joined["activations"], joined["pictures"], max(self.count, other.count))
        best: dict[str, Any] = {name: _taken(one, kept) for name, one in joined.items()}
        return replace(self, **best, recipe=common_recipe(self.recipe, other.recipe))

    def cut_out(self, pictures: Any, unit: int) -> list[NDArray[Any]]:
        """Return the patches of one unit, best first, cut out of the pictures that were looked at.

        Parameters
        ----------
        pictures : array (N, H, W, C)
            All of them, in the same order and of the size that the model takes.
        unit : int
            Its number in the layer.

        Returns
        -------
        list of array (h, w, C)
            One patch for each picture that was found, as the pictures are; at the border they are smaller.
        """
        (row,) = np.flatnonzero(self.units == unit)[:1]
        found = zip(self.pictures[row], self.boxes[row], strict=True)
        return [pictures[n][box[0] : box[2], box[1] : box[3]] for n, box in found if n != _NO_PICTURE]

    def purity(self, classes: Any) -> NDArray[np.float64]:
        """Return for each unit the share of the most frequent class among its pictures, (U,), from 1 / k to 1.

        Parameters
        ----------
        classes : (N,) array
            The class, or any other sign, of each picture.

        Returns
        -------
        (U,) float64 array
            1 where all pictures of a unit are of one class.

        Examples
        --------
        >>> import xai_widgets as xai
        >>> from xai_widgets.datasets.pictures.samples import digits_split
        >>> images, digits = digits_split("test")
        >>> found = top_patches(xai.load_model("digits"), images, "conv4", units=[0], count=5)
        >>> digits[found.pictures[0]].tolist(), found.purity(digits).tolist()
        ([6, 6, 5, 6, 6], [0.8])
        """
        known = np.asarray(classes)
        rows = (known[row[row != _NO_PICTURE]] for row in self.pictures)
        return np.array([np.unique(row, return_counts=True)[1].max() / len(row) for row in rows])

    def figure(self, pictures: Any = None, *, count: int = 6) -> Figure:
        """Return a matplotlib figure of the largest activations, or of the patches themselves.

        Parameters
        ----------
        pictures : array (N, H, W, 3), optional
            All pictures that were looked at, 0 to 1, in the same order and of the size that the model takes: their
            patches are drawn. Without them, the activations are drawn as bars with the numbers of the pictures.
        count : int, default 6
            How many units are drawn, from the first on, 1 to 100. Where there are more, the figure says so.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown yet; `show` draws and shows it.

        Raises
        ------
        ValueError
            If `count` is not from 1 to 100.
        """
        from xai_widgets.plots.bar_figures import bars_figure
        from xai_widgets.plots.unit_figures import patches_figure

        names = {int(unit): message("units.unit_number", number=int(unit)) for unit in self.units}
        if pictures is not None:
            rows = {name: self.cut_out(pictures, unit) for unit, name in names.items()}
            return patches_figure(rows, caption_of(self.recipe), count=count)
        bars = {}
        for name, numbers, values in zip(names.values(), self.pictures, self.activations, strict=True):
            found = numbers != _NO_PICTURE
            bars[name] = ([message("units.picture_number", number=one) for one in numbers[found]], values[found])
        return bars_figure(bars, message("units.activation"), caption_of(self.recipe), count=count)

    show = shown(figure)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())

    def __repr__(self) -> str:
        """Layer, units and pictures."""
        return f"TopPatches({self.layer!r}, {len(self.units)} units, {self.count} pictures each)"


_FIELDS = ("pictures", "activations", "places", "boxes")


@recorded
def top_patches(
    model: Classifier | keras.Model,
    inputs: Any,
    layer: str,
    *,
    units: Any = None,
    directions: Any = None,
    count: PositiveInt = 9,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> TopPatches:
    """Find the pictures that most activate each unit of a layer, and the patches of these that do so.

    All units are followed in one pass; of the set only `count` places a unit are kept.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; nested models are opened. It is left as it is.
    inputs : array (N, H, W, C), pictures, or an iterator of batches of them
        A batch of N pictures as floats in the model's input space, or pictures, which are resized and preprocessed:
        uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. An iterator is read once and not kept: the
        set may be larger than the memory.
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.
    units : sequence of int, optional
        All units of the layer if left out.
    directions : (D, C) array, optional
        Directions in the space of the layer's C units, taken in place of units: at each place their product with
        the activations is what a unit's activation was.
    count : int, default 9
        Pictures kept for each unit, 1 or more; at most one place of each picture is taken, the strongest, the first
        of equal ones.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, and may raise an error to stop. None is
        silent. Of an iterator, the total is what has come so far.

    Returns
    -------
    TopPatches
        For each of U units, or directions: ``.pictures`` (U, count), their numbers, the best first;
        ``.activations`` (U, count); ``.places`` (U, count, 2) in the layer's map; ``.boxes`` (U, count, 4), the
        part of the picture that each place depends on.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer or unit, units beside directions, directions of another length, an empty iterator,
        inputs of a wrong shape, or with NaN or infinite values, or an option whose value is not allowed.
    TypeError
        If the model is no Keras model, or an option does not exist.

    References
    ----------
    Ross Girshick, Jeff Donahue, Trevor Darrell, Jitendra Malik (2014), Rich feature hierarchies for accurate object
    detection and semantic segmentation, arXiv:1311.2524.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.datasets.pictures.samples import digits_split
    >>> top_patches(xai.load_model("digits"), digits_split("test")[0], "conv2", count=4)
    TopPatches('conv2', 32 units, 4 pictures each)
    """
    probe = LayerProbe(model, layer).require_units()
    if directions is None:
        numbers, more = probe.unit_numbers(units), []
    else:
        matrix = _checked_directions(directions, probe.units, units)
        numbers, more = np.arange(len(matrix)), [matrix.T]
    best: TopPatches | None = None
    options: dict[str, Any] = {"batch_size": batch_size, "progress": progress}
    for batch, (values, where, width) in probe.reduced("strongest", _strongest, inputs, *more, **options):
        largest, places = (values, where) if more else (values[:, numbers], where[:, numbers])
        tops = _tops(probe.path, numbers, largest.T, _places(places.T, int(width)), batch.part.start)
        found = _filled(tops, count)
        best = found if best is None else best.merge(found)
    assert best is not None  # noqa: S101  (there is at least one batch, or it raises)
    return _with_boxes(best, probe, batch.inputs.shape[1:3])


def _strongest(activations: Any, matrix: Any = None) -> list[Any]:
    """Return each unit's largest value, (B, U), where it is, (B, U), and the width of the map."""
    maps = keras.ops.cast(activations, "float32")
    maps = maps if matrix is None else keras.ops.matmul(maps, matrix)
    shape = keras.ops.shape(maps)
    flat = keras.ops.reshape(maps, (shape[0], -1, shape[-1]))
    width = shape[2] if len(maps.shape) == _MAP_AXES + 1 else 1
    return [keras.ops.max(flat, axis=1), keras.ops.argmax(flat, axis=1), keras.ops.convert_to_tensor(width)]


def _places(where: NDArray[Any], width: int) -> NDArray[np.int64]:
    """Return rows and columns, (U, B, 2), of the places of a map counted row by row."""
    return np.stack(np.divmod(where.astype("int64"), width), axis=-1)


def _tops(path: str, units: NDArray[np.int64], values: Any, places: Any, begin: int) -> TopPatches:
    """Return what one batch has, (U, B), the best first."""
    pictures = np.broadcast_to(begin + np.arange(values.shape[1]), values.shape)
    kept = _best(values, pictures, values.shape[1])
    boxes = np.zeros((*kept.shape, 4), "int64")
    return TopPatches(path, units, _taken(pictures, kept), _taken(values, kept), _taken(places, kept), boxes)


def _filled(found: TopPatches, count: int) -> TopPatches:
    """Bring what was found to `count` pictures a unit, with empty places behind."""
    first: dict[str, Any] = {name: getattr(found, name)[:, :count] for name in _FIELDS}
    found = replace(found, **first)
    missing = max(count - found.count, 0)
    empty: dict[str, Any] = {"pictures": _NO_PICTURE, "activations": -np.inf, "places": 0, "boxes": 0}
    longer: dict[str, Any] = {
        name: np.pad(one, [(0, 0), (0, missing), *[(0, 0)] * (one.ndim - 2)], constant_values=empty[name])
        for name in _FIELDS
        for one in [getattr(found, name)]
    }
    return replace(found, **longer)


def _best(values: NDArray[Any], pictures: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Return which of each row are largest, largest first, equal ones by their pictures' numbers."""
    order: NDArray[np.intp] = np.lexsort((pictures, -values), axis=1)
    return order[:, :count]


def _taken(array: NDArray[Any], kept: NDArray[np.intp]) -> NDArray[Any]:
    taken: NDArray[Any] = np.take_along_axis(array, kept.reshape(*kept.shape, *[1] * (array.ndim - 2)), axis=1)
    return taken


def _with_boxes(found: TopPatches, probe: LayerProbe, picture: Any) -> TopPatches:
    """Add the part of the picture that each place depends on; a model of rows has no boxes."""
    if len(picture) != 2 or len(probe.subject.input_shape) != _MAP_AXES:
        return found
    field = receptive_field(probe.subject, found.layer, picture=(int(picture[0]), int(picture[1])))
    places = found.places if len(probe.shape) == _MAP_AXES else np.zeros_like(found.places)
    boxes = field.boxes(places)
    boxes[found.pictures == _NO_PICTURE] = 0
    return replace(found, boxes=boxes)


def _checked_directions(directions: Any, width: int, units: Any) -> NDArray[np.float32]:
    with naming("directions"):
        matrix = np.asarray(directions, "float32")
    if units is not None:
        raise ValueError("units or directions can be given, not both")
    if matrix.ndim != 2 or matrix.shape[1] != width or not len(matrix) or not np.isfinite(matrix).all():
        raise ValueError(f"directions must be finite, of shape (D, {width}), not {matrix.shape}")
    return matrix
