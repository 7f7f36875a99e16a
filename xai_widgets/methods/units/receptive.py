"""What a layer sees: the part of the picture that a place of its map depends on, by whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.locality import is_pointwise, sliding
from xai_widgets.methods.reach import Box, pair
from xai_widgets.models.cut import find_slot
from xai_widgets.models.network import subject_of
from xai_widgets.models.program import read_program

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.reach import Slide
    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.program import Program, Step

    Pair = tuple[int, int]
    Spans = NDArray[np.int64]

_NOTHING = (2**31, -(2**31))  # a span that holds no row, whatever it is joined with


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The box of a picture that each place of a layer's map sees: all that can change its value.

    Attributes
    ----------
    layer : str
        Its whole path.
    size : (int, int)
        Rows and columns of the box, far from the borders.
    jump : (int, int)
        How many pixels the box moves from one place of the map to the next; 0 where every place sees everything.
    offset : (int, int)
        First row and column that the place (0, 0) would see of a picture without borders; negative in the padding.
    picture : (int, int)
        Height and width of the picture.
    rows, columns : (h, 2), (w, 2) int arrays
        For each row and column of the map, the first row (column) of the picture that it sees, and the first one after.
    """

    layer: str
    size: Pair
    jump: Pair
    offset: Pair
    picture: Pair
    rows: Spans
    columns: Spans

    @property
    def padding(self) -> Pair:
        """Rows and columns outside the picture, above and to the left, that the place (0, 0) sees."""
        return max(0, -self.offset[0]), max(0, -self.offset[1])

    def boxes(self, places: Any) -> NDArray[np.int64]:
        """Return the boxes that places see, within the picture.

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

    def __repr__(self) -> str:
        """Layer, size and jump."""
        size, jump = ("x".join(map(str, pair)) for pair in (self.size, self.jump))
        return f"ReceptiveField({self.layer!r}, {size} px, every {jump} px)"


def receptive_field(model: Classifier | keras.Model, layer: str, *, picture: Pair | None = None) -> ReceptiveField:
    """Compute exactly what each place of a layer's map sees of the picture.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential, nested or with branches; it takes pictures (N, H, W, C).
    layer : str
    picture : (int, int), optional
        Height and width of the pictures, where the model takes any size; the model's own if left out.

    Returns
    -------
    ReceptiveField
        Where branches meet, the smallest box that holds what any of them sees. Behind a layer that gathers all places
        (global pooling, Flatten) or whose reach is not known (transposed convolutions, resizing, layers of other
        makers), and where branches are not aligned, the whole picture.

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        For an unknown layer, or a model that takes no picture.

    References
    ----------
    André Araujo, Wade Norris, Jack Sim (2019), Computing receptive fields of convolutional neural networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> receptive_field(xai.load_model("creatures"), "conv4_2")
    ReceptiveField('conv4_2', 64x64 px, every 8x8 px)
    """
    subject = subject_of(model)
    if len(subject.input_shape) != 3:
        raise ValueError(f"{subject.name!r} takes inputs of shape {subject.input_shape}, no pictures")
    program = read_program(subject.model)
    path, slot = find_slot(program, layer)
    height, width = picture or subject.input_shape[:2]
    whole = (height, width)
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


@dataclass(frozen=True, eq=False)
class _View:
    """What each place of the layer sees of an earlier map: by row and by column, and in general."""

    spans: tuple[Spans, Spans]
    size: Pair
    jump: Pair
    offset: Pair

    @classmethod
    def of_itself(cls, size: Pair) -> _View:
        """Return what a map sees of itself."""
        rows, columns = (np.stack([np.arange(n), np.arange(n) + 1], axis=1) for n in size)
        return cls((rows, columns), (1, 1), (1, 1), (0, 0))

    def before(self, slide: Slide, whole: Pair) -> _View:
        """Return what is seen of the map, of size `whole`, that a sliding layer reads; its padding is left out."""
        spans = tuple(
            _read(span, *rule)
            for span, *rule in zip(self.spans, slide.stride, slide.before, slide.span, whole, strict=True)
        )
        box = Box(np.array([self.offset]), self.size).read_by(slide)
        jump = pair(jump * stride for jump, stride in zip(self.jump, slide.stride, strict=True))
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
            slides = sliding(step, given)
            if slides is not None:
                sizes[step.outputs[0]] = slides.slide.size
            elif is_pointwise(step):
                sizes[step.outputs[0]] = given
    return sizes


def _walk_back(program: Program, slot: int, sizes: dict[int, Pair]) -> dict[int, _View | None]:
    """Return what the layer sees of each earlier map; None: all of it."""
    seen: dict[int, _View | None] = {slot: _View.of_itself(sizes[slot]) if slot in sizes else None}
    for step in reversed(program.needed([slot])):
        views = [seen[one] for one in step.outputs if one in seen]
        view = views[0] if len(views) == 1 else None
        for given in step.inputs:
            earlier = None if view is None else _through(step, view, given, sizes)
            seen[given] = _union([seen[given], earlier]) if given in seen else earlier
    return seen


def _through(step: Step, view: _View, given: int, sizes: dict[int, Pair]) -> _View | None:
    """Return what is seen of one input of a step."""
    if given not in sizes:
        return None
    if (slides := sliding(step, sizes[given])) is not None:
        return view.before(slides.slide, sizes[given])
    return view if is_pointwise(step) and sizes[given] == sizes.get(step.outputs[0]) else None


def _union(views: list[Any]) -> _View | None:
    """Return the smallest view that holds several; None, all of the map, where one sees all or they drift apart."""
    if any(one is None for one in views) or len({one.jump for one in views}) > 1:
        return None
    rows, columns = (
        np.stack([np.min([s[:, 0] for s in spans], axis=0), np.max([s[:, 1] for s in spans], axis=0)], axis=1)
        for spans in zip(*(one.spans for one in views), strict=True)
    )
    first = np.min([one.offset for one in views], axis=0)
    end = np.max([np.add(one.offset, one.size) for one in views], axis=0)
    return _View((rows, columns), pair(end - first), views[0].jump, pair(first))
