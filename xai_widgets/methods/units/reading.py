"""Layers read batch by batch, from an array or from an iterator of batches, with nothing kept but what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.models.cut import find_slot
from xai_widgets.models.network import subject_of
from xai_widgets.models.program import read_program
from xai_widgets.models.taps import tap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier

_MAP_AXES = 3


def stream(
    subject: Classifier, inputs: Any, batch_size: int | None = None
) -> Iterator[tuple[int, NDArray[np.float32], int | None]]:
    """Cut inputs into batches.

    Parameters
    ----------
    subject : Classifier
    inputs : array, pictures, or an iterator of these
        An iterator (a generator, say) is read once, one item after the other; no item is kept.
    batch_size : int, optional
        As many as memory allows if left out.

    Yields
    ------
    (int, array, int or None)
        How many pictures came before, the batch, and how many there are altogether, where that is known.

    Raises
    ------
    ValueError
        If an iterator gives nothing; as `Classifier.as_inputs` does.
    """
    whole = not hasattr(inputs, "__next__")
    given: Iterable[Any] = [inputs] if whole else inputs
    done = 0
    for one in given:
        arrays = subject.as_inputs(one)
        for part in subject.batches(len(arrays), batch_size):
            yield done + part.start, arrays[part], len(arrays) if whole else None
        done += len(arrays)
    if not done:
        raise ValueError("the iterator of batches gave no picture; an iterator can be read only once")


def layer_shape(model: Classifier | keras.Model, layer: str) -> tuple[str, tuple[int | None, ...]]:
    """Return the whole path of a layer, and the shape of what it gives for one example; its last axis are the units.

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        For an unknown layer (the nearest names are given), or one whose output has no axis of units.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layer_shape(xai.load_model("digits"), "conv4")
    ('conv4', (4, 4, 64))
    """
    program = read_program(subject_of(model).model)
    path, slot = find_slot(program, layer)
    shape = tuple(program.shapes[slot][1:])
    if not shape or not shape[-1]:
        raise ValueError(f"the layer {path!r} gives {shape} for one example: it has no known number of units")
    return path, shape


def map_shape(model: Classifier | keras.Model, layer: str) -> tuple[str, tuple[int | None, ...]]:
    """Return the whole path of a layer with maps, and their shape (h, w, C).

    Raises
    ------
    NoGraphError, ValueError
        As `layer_shape` does; ValueError also if the layer gives no maps.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> map_shape(xai.load_model("digits"), "conv4")
    ('conv4', (4, 4, 64))
    """
    path, shape = layer_shape(model, layer)
    if len(shape) != _MAP_AXES:
        raise ValueError(f"the layer {path!r} gives {shape} for one example, no maps (h, w, C); choose an earlier one")
    return path, shape


def map_reader(subject: Classifier, layer: str) -> Callable[[Any], Any]:
    """Return a compiled function from inputs to what a layer gives, (N, h, w, C); one for each model and path."""

    def build() -> tuple[Any, Any]:
        taps = tap(subject.model, [layer])
        run = taps.run
        return lambda x: run(x)[0], taps.variables

    return subject.compiled(("maps of a layer", layer), build)


def checked_units(units: Any, count: int, layer: str) -> NDArray[np.int64]:
    """Return numbers of units, (U,), all of them for None.

    Raises
    ------
    ValueError
        If one is not among the layer's.

    Examples
    --------
    >>> checked_units([2, 0], 3, "conv").tolist()
    [2, 0]
    """
    numbers = np.arange(count) if units is None else np.atleast_1d(np.asarray(units))
    wrong = numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer)
    if wrong or not len(numbers) or numbers.min() < 0 or numbers.max() >= count:
        raise ValueError(f"{layer!r} has the units 0 to {count - 1}, not {units!r}")
    return numbers.astype("int64")
