"""Receptive fields: the part of the picture that each place of a layer's map depends on, in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import naming
from xai_widgets.methods.core.recording import recorded
from xai_widgets.models.graph.box_propagation import Box, pair
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.layer_geometry import is_pointwise, layer_geometry
from xai_widgets.models.graph.splitting import find_slot
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt
    from xai_widgets.models.graph.box_propagation import SlidingWindow
    from xai_widgets.models.graph.computation_steps import Program, Step
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.recipe import Recipe

    Pair = tuple[int, int]
    Spans = NDArray[np.int64]

__all__ = ["ReceptiveField", "receptive_field"]

_NOTHING = (2**31, -(2**31))  # a span that holds no row, whatever it is joined with


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The box of a picture that each place of a layer's map depends on: all that can change its value.

    Attributes
    ----------
    layer : str
        Its whole path.
    size : (int, int)
        Rows and columns of the box, far from the borders.
    jump : (int, int)
        How many pixels the box moves from one place of the map to the next; 0 where every place depends on everything.
    offset : (int, int)
        First row and column that the place (0, 0) depends on in a picture without borders; negative in the padding.
    picture : (int, int)
        Height and width of the picture.
    rows, columns : (h, 2), (w, 2) int arrays
        For each row and column of the map, the first row (column) of the picture that it
        depends on, and the first one after.
    recipe : Recipe, optional
        The method and the options that reproduce the result; None for one that was put together by hand.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> found = receptive_field(xai.load_model("creatures"), "conv4_2")
    >>> found.size, found.jump, found.offset
    ((64, 64), (8, 8), (-28, -28))
    """

    layer: str
    size: Pair
    jump: Pair
    offset: Pair
    picture: Pair
    rows: Spans
    columns: Spans
    recipe: Recipe | None = None

    @property
    def padding(self) -> Pair:
        """Rows and columns outside the picture, above and to the left, that the place (0, 0) depends on."""
        return max(0, -self.offset[0]), max(0, -self.offset[1])

    def boxes(self, places: Any) -> NDArray[np.int64]:
        """Return the boxes that places depend on, within the picture.

        Parameters
        ----------
        places : (..., 2) int array
            Rows and columns of the layer's map; (0, 0) for a layer without a map.

        Returns
        -------
        (..., 4) int array
            Top, left, bottom, right; the last two are the first row and column outside.

        Raises
        ------
        IndexError
            For a place outside the map.

        Examples
        --------
        >>> import xai_widgets as xai
        >>> receptive_field(xai.load_model("digits"), "conv2").boxes([[0, 4]]).tolist()
        [[0, 2, 3, 7]]
        """
        row, column = np.moveaxis(np.asarray(places), -1, 0)
        (top, bottom), (left, right) = np.moveaxis(self.rows[row], -1, 0), np.moveaxis(self.columns[column], -1, 0)
        return np.stack([top, left, bottom, right], axis=-1)

    def figure(self) -> Figure:
        """Return a matplotlib figure of the picture's frame with the boxes of the map's middle and of its corners.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown yet; `show` draws and shows it.
        """
        from xai_widgets.plots.unit_figures import boxes_figure

        last = np.array([len(self.rows) - 1, len(self.columns) - 1])
        places = np.unique(np.stack([0 * last, last * [0, 1], last // 2, last * [1, 0], last]), axis=0)
        boxes = {f"({row}, {column})": self.boxes((row, column)) for row, column in places.tolist()}
        return boxes_figure(self.picture, boxes, self.layer, caption_of(self.recipe))

    show = shown(figure)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())

    def __repr__(self) -> str:
        """Layer, size and jump."""
        size, jump = ("x".join(map(str, pair)) for pair in (self.size, self.jump))
        return f"ReceptiveField({self.layer!r}, {size} px, every {jump} px)"


@recorded
def receptive_field(
    model: Classifier | keras.Model, layer: str, *, picture: tuple[PositiveInt, PositiveInt] | None = None
) -> ReceptiveField:
    """Compute exactly which part of the picture each place of a layer's map depends on.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential, nested or with branches; it takes pictures (N, H, W, C).
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.
    picture : (int, int), optional
        Height and width of the pictures, where the model takes any size; the model's own if left out.

    Returns
    -------
    ReceptiveField
        Where branches meet, the smallest box that holds what any of them depends on. Behind a layer that gathers all
        places (global pooling, Flatten) or whose reach is not known (transposed convolutions, resizing, layers of other
        makers), and where branches are not aligned, the whole picture.

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        For an unknown layer, a model that takes no picture, or a size that is none.

    References
    ----------
    André Araujo, Wade Norris, Jack Sim (2019), Computing receptive fields of convolutional neural networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> receptive_field(xai.load_model("creatures"), "conv4_2")
    ReceptiveField('conv4_2', 64x64 px, every 8x8 px)
    """
    subject = wrap(model)
    if len(subject.input_shape) != 3:
        raise ValueError(f"{subject.name!r} takes inputs of shape {subject.input_shape}, no pictures")
    program = read_program(subject.model)
    path, slot = find_slot(program, layer)
    whole = pair(subject.input_shape[:2]) if picture is None else _checked_size(picture)
    sizes = _sizes(program, whole)
    views = _walk_back(program, slot, sizes)
    seen = [views[start] for start in program.inputs if start in views]
    view = None if not seen or None in seen else _union(seen)
    if view is None:
        rows, columns = (
            np.tile([0, length], (places, 1)) for length, places in zip(whole, sizes.get(slot, (1, 1)), strict=True)
        )
        return ReceptiveField(path, whole, (0, 0), (0, 0), whole, rows, columns)
    rows, columns = (np.where(_is_empty(spans), 0, spans) for spans in view.spans)
    return ReceptiveField(path, view.size, view.jump, view.offset, whole, rows, columns)


def _checked_size(picture: Any) -> Pair:
    """Return height and width of the pictures, as given."""
    with naming("picture"):
        size = np.asarray(picture)
        if size.shape != (2,) or size.dtype.kind not in "iu" or (size < 1).any():
            raise ValueError(f"height and width are two whole numbers of at least 1, not {picture!r:.60}")
        return int(size[0]), int(size[1])


@dataclass(frozen=True, eq=False)
class _View:
    """The part of an earlier map that each place of the layer depends on, by row and by column."""

    spans: tuple[Spans, Spans]
    size: Pair
    jump: Pair
    offset: Pair

    @classmethod
    def of_itself(cls, size: Pair) -> _View:
        """Return the view that a map has of itself: each place depends on that place alone."""
        rows, columns = (np.stack([np.arange(n), np.arange(n) + 1], axis=1) for n in size)
        return cls((rows, columns), (1, 1), (1, 1), (0, 0))

    def before(self, window: SlidingWindow, whole: Pair) -> _View:
        """Return the view of the map, of size `whole`, that a layer with this window reads, without its padding."""
        spans = tuple(
            _read(span, *rule)
            for span, *rule in zip(self.spans, window.stride, window.before, window.span, whole, strict=True)
        )
        box = Box(np.array([self.offset]), self.size).read_by(window)
        jump = pair(jump * stride for jump, stride in zip(self.jump, window.stride, strict=True))
        return _View((spans[0], spans[1]), box.size, jump, pair(box.origins[0]))


def _read(spans: Spans, stride: int, before: int, span: int, whole: int) -> Spans:
    """Return the rows that a layer reads to make the rows of each span; nothing for a span of nothing."""
    first, last = spans[:, 0] * stride - before, (spans[:, 1] - 1) * stride - before + span
    read = np.clip(np.stack([first, last], axis=1), 0, whole)
    return np.where(_is_empty(spans) | _is_empty(read), _NOTHING, read)


def _is_empty(spans: Spans) -> NDArray[np.bool_]:
    return spans[:, :1] >= spans[:, 1:]


def _sizes(program: Program, picture: Pair) -> dict[int, Pair]:
    """Return height and width of each map that is known, for pictures of a size."""
    sizes = dict.fromkeys(program.inputs, picture)
    for step in program.steps:
        if len(step.outputs) != 1 or len(step.shapes[0]) != 4:
            continue
        height, width = step.shapes[0][1:3]
        if height is not None and width is not None:
            sizes[step.outputs[0]] = (int(height), int(width))
        elif step.inputs and step.inputs[0] in sizes:
            given = sizes[step.inputs[0]]
            geometry = layer_geometry(step, given)
            if geometry is not None:
                sizes[step.outputs[0]] = geometry.window.size
            elif is_pointwise(step):
                sizes[step.outputs[0]] = given
    return sizes


def _walk_back(program: Program, slot: int, sizes: dict[int, Pair]) -> dict[int, _View | None]:
    """Return the part of each earlier map that the layer depends on; None for all of it."""
    seen: dict[int, _View | None] = {slot: _View.of_itself(sizes[slot]) if slot in sizes else None}
    for step in reversed(program.needed([slot])):
        views = [seen[one] for one in step.outputs if one in seen]
        view = views[0] if len(views) == 1 else None
        for given in step.inputs:
            earlier = None if view is None else _through(step, view, given, sizes)
            seen[given] = _union([seen[given], earlier]) if given in seen else earlier
    return seen


def _through(step: Step, view: _View, given: int, sizes: dict[int, Pair]) -> _View | None:
    """Return the view of one input of a step."""
    if given not in sizes:
        return None
    if (geometry := layer_geometry(step, sizes[given])) is not None:
        return view.before(geometry.window, sizes[given])
    return view if is_pointwise(step) and sizes[given] == sizes.get(step.outputs[0]) else None


def _union(views: list[Any]) -> _View | None:
    """Return the smallest view that holds several; None, all of the map, where one is all of it or they drift apart."""
    if any(one is None for one in views) or len({one.jump for one in views}) > 1:
        return None
    rows, columns = (
        np.stack([np.min([s[:, 0] for s in spans], axis=0), np.max([s[:, 1] for s in spans], axis=0)], axis=1)
        for spans in zip(*(one.spans for one in views), strict=True)
    )
    first = np.min([one.offset for one in views], axis=0)
    end = np.max([np.add(one.offset, one.size) for one in views], axis=0)
    return _View((rows, columns), pair(end - first), views[0].jump, pair(first))
