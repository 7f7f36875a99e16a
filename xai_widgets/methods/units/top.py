"""The pictures, and the patches of them, that most activate a unit: a map over batches and a merge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.progress import reporter
from xai_widgets.methods.units.reading import checked_units, layer_shape, stream
from xai_widgets.methods.units.receptive import receptive_field
from xai_widgets.models.network import subject_of
from xai_widgets.models.taps import tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier

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
        What this place sees of the picture: top, left, bottom, right (the last two outside), within the picture.
    """

    layer: str
    units: NDArray[np.int64]
    pictures: NDArray[np.int64]
    activations: NDArray[np.float32]
    places: NDArray[np.int64]
    boxes: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many pictures are kept for each unit."""
        return int(self.pictures.shape[1])

    def merge(self, other: TopPatches) -> TopPatches:
        """Join what was found in two parts of a set; numbers of pictures must be those of the whole set.

        Equal activations are ordered by the pictures' numbers, so the parts may be merged in any order.

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
        return replace(self, **best)

    def cut_out(self, pictures: Any, unit: int) -> list[NDArray[Any]]:
        """Return the patches of one unit, best first, cut out of the pictures that were looked at.

        Parameters
        ----------
        pictures : array (N, H, W, C)
            All of them, in the same order and of the size that the model takes.
        unit : int
            Its number in the layer.
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

        Examples
        --------
        >>> import xai_widgets as xai
        >>> from xai_widgets.models.samples import digits_split
        >>> images, digits = digits_split("test")
        >>> found = top_patches(xai.load_model("digits"), images, "conv4", units=[0], count=5)
        >>> digits[found.pictures[0]].tolist(), found.purity(digits).tolist()
        ([6, 6, 5, 6, 6], [0.8])
        """
        known = np.asarray(classes)
        rows = (known[row[row != _NO_PICTURE]] for row in self.pictures)
        return np.array([np.unique(row, return_counts=True)[1].max() / len(row) for row in rows])

    def __repr__(self) -> str:
        """Layer, units and pictures."""
        return f"TopPatches({self.layer!r}, {len(self.units)} units, {self.count} pictures each)"


_FIELDS = ("pictures", "activations", "places", "boxes")


def top_patches(
    model: Classifier | keras.Model,
    inputs: Any,
    layer: str,
    *,
    units: Any = None,
    directions: Any = None,
    count: int = 9,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> TopPatches:
    """Find the pictures that most activate each unit of a layer, and the patches that the units see in them.

    All units are followed in one pass; of the set only `count` places a unit are kept.

    Parameters
    ----------
    model : Classifier or keras.Model
    inputs : array (N, H, W, C), pictures, or an iterator of batches of them
        An iterator is read once and not kept: the set may be larger than the memory.
    layer : str
    units : sequence of int, optional
        All units of the layer if left out.
    directions : (D, C) array, optional
        Directions in the space of the layer's C units, taken in place of units: at each place their product with the
        activations is what a unit's activation was.
    count : int
        Pictures a unit; at most one place of each picture is taken, the strongest, the first of equal ones.
    batch_size : int, optional
    progress : callable or bool, optional
        Counts pictures; of an iterator, the total is what has come so far.

    Returns
    -------
    TopPatches

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        For an unknown layer or unit, a `count` below 1, directions of another length, or an empty iterator.

    References
    ----------
    Ross Girshick, Jeff Donahue, Trevor Darrell, Jitendra Malik (2014), Rich feature hierarchies for accurate object
    detection and semantic segmentation.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.models.samples import digits_split
    >>> top_patches(xai.load_model("digits"), digits_split("test")[0], "conv2", count=4)
    TopPatches('conv2', 32 units, 4 pictures each)
    """
    subject = subject_of(model)
    path, shape = layer_shape(subject, layer)
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}")
    if directions is None:
        numbers, matrix = checked_units(units, int(shape[-1] or 0), path), None
    else:
        matrix = _checked_directions(directions, int(shape[-1] or 0), units)
        numbers = np.arange(len(matrix))
    run, report = _strongest(subject, path, matrix), reporter(progress)
    best: TopPatches | None = None
    for begin, batch, total in stream(subject, inputs, batch_size):
        values, where, width = run(batch) if matrix is None else run(batch, matrix.T)
        if matrix is None:
            values, where = values[:, numbers], where[:, numbers]
        found = _filled(_tops(path, numbers, values.T, _places(where.T, int(width)), begin), count)
        best = found if best is None else best.merge(found)
        report(begin + len(batch), total or begin + len(batch))
    assert best is not None  # noqa: S101  (stream gives at least one batch, or raises)
    return _with_boxes(best, subject, len(shape), batch.shape[1:3])


def _strongest(subject: Classifier, path: str, directions: Any) -> Callable[..., Any]:
    """Return the compiled function from a batch to each unit's largest value, (B, U), where it is, and the width."""

    def build() -> tuple[Any, Any]:
        taps = tap(subject.model, [path])

        def run(x: Any, matrix: Any = None) -> Any:
            (maps,) = taps.run(x)
            maps = keras.ops.cast(maps, "float32")
            maps = maps if matrix is None else keras.ops.matmul(maps, matrix)
            shape = keras.ops.shape(maps)
            flat = keras.ops.reshape(maps, (shape[0], -1, shape[-1]))
            width = shape[2] if len(maps.shape) == _MAP_AXES + 1 else 1
            return keras.ops.max(flat, axis=1), keras.ops.argmax(flat, axis=1), keras.ops.convert_to_tensor(width)

        return run, taps.variables

    return subject.compiled(("units strongest", path, directions is None), build)


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


def _with_boxes(found: TopPatches, subject: Classifier, axes: int, picture: Any) -> TopPatches:
    """Say what each place sees; a model of rows has no boxes."""
    if len(picture) != 2 or len(subject.input_shape) != _MAP_AXES:
        return found
    field = receptive_field(subject, found.layer, picture=(int(picture[0]), int(picture[1])))
    places = found.places if axes == _MAP_AXES else np.zeros_like(found.places)
    boxes = field.boxes(places)
    boxes[found.pictures == _NO_PICTURE] = 0
    return replace(found, boxes=boxes)


def _checked_directions(directions: Any, width: int, units: Any) -> NDArray[np.float32]:
    matrix = np.asarray(directions, "float32")
    if units is not None:
        raise ValueError("units or directions can be given, not both")
    if matrix.ndim != 2 or matrix.shape[1] != width or not len(matrix) or not np.isfinite(matrix).all():
        raise ValueError(f"directions must be finite, of shape (D, {width}), not {matrix.shape}")
    return matrix
