"""Inputs cut into batches that fit the memory, from an array or from an iterator of batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xai_widgets.models.kinds.wrapped_model import WrappedModel


@dataclass(frozen=True, eq=False)
class InputBatch:
    """Consecutive examples of a set.

    Attributes
    ----------
    part : slice
        The numbers of these examples in the whole set.
    inputs : array, or several
        In the model's input space, nested as the model takes them.
    total : int or None
        The number of examples in the whole set; None where it is not known, for an iterator.
    """

    part: slice
    inputs: Any
    total: int | None

    @property
    def progress(self) -> tuple[int, int]:
        """The examples up to the end of this batch, and the whole set or, where that is not known, the same again."""
        return self.part.stop, self.total or self.part.stop


def input_batches(subject: WrappedModel, inputs: Any, batch_size: int | None = None) -> Iterator[InputBatch]:
    """Cut inputs into batches.

    Parameters
    ----------
    subject : WrappedModel
    inputs : array, pictures, or an iterator of these
        An iterator (a generator, say) is read once, one item after the other; no item is kept.
    batch_size : int, optional
        As many as memory allows if left out.

    Yields
    ------
    InputBatch

    Raises
    ------
    ValueError
        If an iterator gives nothing, or inputs do not fit the model or are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_widgets as xai
    >>> halves = iter([np.zeros((3, 8, 8, 1)), np.zeros((2, 8, 8, 1))])
    >>> [(one.part, one.inputs.shape) for one in input_batches(xai.load_model("digits"), halves, batch_size=2)]
    [(slice(0, 2, None), (2, 8, 8, 1)), (slice(2, 3, None), (1, 8, 8, 1)), (slice(3, 5, None), (2, 8, 8, 1))]
    """
    whole = not hasattr(inputs, "__next__")
    given: Iterable[Any] = [inputs] if whole else inputs
    done = 0
    for one in given:
        arrays = subject.as_inputs(one)
        count = example_count(arrays)
        for part in subject.batches(count, batch_size):
            taken = examples(arrays, part)
            yield InputBatch(slice(done + part.start, done + part.stop), taken, count if whole else None)
        done += count
    if not done:
        raise ValueError("the iterator of batches gave no picture; an iterator can be read only once")


def example_count(arrays: Any) -> int:
    """Return the number of examples in an array, or in nested arrays."""
    return len(keras.tree.flatten(arrays)[0])


def examples(arrays: Any, part: slice) -> Any:
    """Return some examples of an array, or of nested arrays."""
    return keras.tree.map_structure(lambda one: one[part], arrays)
