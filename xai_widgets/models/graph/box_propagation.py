"""Which part of a layer's output can change when a part of its input changes, in whole numbers of rows and columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Pair = tuple[int, int]
    Corners = NDArray[np.int64]


@dataclass(frozen=True)
class SlidingWindow:
    """How a layer slides over a map: kernel, steps and padding, each for rows and columns.

    Attributes
    ----------
    kernel, stride, dilation : (int, int)
    before : (int, int)
        Rows and columns of padding put before the map; negative where the layer crops.
    size : (int, int)
        Of the map that the layer makes.
    """

    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair
    size: Pair

    @property
    def span(self) -> Pair:
        """Rows and columns from the first to the last that the kernel touches."""
        return pair(1 + (k - 1) * d for k, d in zip(self.kernel, self.dilation, strict=True))


@dataclass(frozen=True, eq=False)
class Box:
    """Boxes of one size, one for each of B copies.

    Attributes
    ----------
    origins : (B, 2) int array
        First row and column; they may lie outside the map.
    size : (int, int)
    """

    origins: Corners
    size: Pair

    def read_by(self, window: SlidingWindow) -> Box:
        """Return what a layer reads to make these boxes of its output, padding included."""
        origins = self.origins * np.array(window.stride) - np.array(window.before)
        read = zip(self.size, window.stride, window.span, strict=True)
        return Box(origins, pair((size - 1) * stride + span for size, stride, span in read))

    def index(self, whole: Pair) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the numbers of the boxes' places within a map, row by row, (B, h, w), and which of them are inside it.

        Examples
        --------
        >>> number, inside = Box(np.array([[1, -1]]), (1, 2)).index((3, 3))
        >>> number[inside].tolist(), inside.tolist()
        ([3], [[[False, True]]])
        """
        rows, columns = (self.origins[:, axis : axis + 1] + np.arange(self.size[axis]) for axis in (0, 1))
        row_in, column_in = ((a >= 0) & (a < size) for a, size in zip((rows, columns), whole, strict=True))
        inside = row_in[:, :, np.newaxis] & column_in[:, np.newaxis, :]
        return rows[:, :, np.newaxis] * whole[1] + columns[:, np.newaxis, :], inside


@dataclass(frozen=True, eq=False)
class ChangedRegion:
    """The part of a map that each of P occluders can change.

    Attributes
    ----------
    first, last : (P, 2) int arrays
        Rows and columns, both included, all inside the map.
    whole : (int, int)
        Size of the map.
    """

    first: Corners
    last: Corners
    whole: Pair

    @classmethod
    def inside(cls, first: Corners, last: Corners, whole: Pair) -> ChangedRegion:
        """Cut corners that may lie outside to the map; what nothing reaches is given one place all the same."""
        end = np.array(whole) - 1
        first = np.clip(first, 0, end)
        return cls(first, np.maximum(np.clip(last, 0, end), first), whole)

    @property
    def lengths(self) -> Corners:
        """Rows and columns of each, (P, 2)."""
        return self.last - self.first + 1

    @property
    def share(self) -> float:
        """How much of the map it covers in the mean, 0 to 1."""
        return float(self.lengths.prod(axis=1).mean() / np.prod(self.whole))

    def same(self, other: ChangedRegion) -> bool:
        """Tell whether two are equal everywhere."""
        return np.array_equal(self.first, other.first) and np.array_equal(self.last, other.last)

    def through(self, window: SlidingWindow) -> ChangedRegion:
        """Return the part of a layer's output that can change.

        Examples
        --------
        >>> hidden = ChangedRegion(np.array([[4, 0]]), np.array([[5, 1]]), (8, 8))
        >>> reached = hidden.through(SlidingWindow((3, 3), (1, 1), (1, 1), (1, 1), (8, 8)))
        >>> reached.first.tolist(), reached.last.tolist()
        ([[3, 0]], [[6, 2]])
        """
        before, stride = np.array(window.before), np.array(window.stride)
        first = -((np.array(window.span) - 1 - before - self.first) // stride)  # the first kernel whose end touches it
        return ChangedRegion.inside(first, (self.last + before) // stride, window.size)

    def boxes(self, members: Any) -> Box:
        """Return boxes of one size, inside the map, that hold the changed parts of some of the occluders."""
        size = self.lengths[members].max(axis=0)
        return Box(np.minimum(self.first[members], np.array(self.whole) - size), pair(size))


def union(reaches: Sequence[ChangedRegion]) -> ChangedRegion:
    """Return the smallest parts that hold several ones, of maps of one size."""
    first = np.min([reach.first for reach in reaches], axis=0)
    return ChangedRegion(first, np.max([reach.last for reach in reaches], axis=0), reaches[0].whole)


def same_padding(size: int, span: int, stride: int) -> tuple[int, int]:
    """Return the padding before an axis and the size after it, where "same" is asked; as all backends of Keras have it.

    Examples
    --------
    >>> same_padding(8, 3, 1), same_padding(8, 3, 2), same_padding(7, 2, 2)
    ((1, 8), (0, 4), (0, 4))
    """
    made = -(-size // stride)
    return max((made - 1) * stride + span - size, 0) // 2, made


def pair(numbers: Iterable[Any]) -> Pair:
    """Return two numbers as Python's own."""
    first, second = numbers
    return int(first), int(second)
