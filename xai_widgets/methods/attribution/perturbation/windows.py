"""What occlusion hides at a time: windows that slide over a picture or a sequence, or groups of features."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

REDUCTIONS = ("average", "sum")
_PATCH = 1 / 7  # of the shorter side: 32 pixels of 224; half of it is the stride: about 13 positions a side


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one size on a grid; where the stride does not fit, the last one is flush with the border.

    Attributes
    ----------
    shape : tuple of int
        Of what they slide over: (H, W), or (T,) for a sequence.
    patch, stride : tuples of int
        Along each axis.
    starts : (P, axes) int32 array
        The first row, column, ... of each window.

    Examples
    --------
    >>> Windows.on((96, 96), 16, 8).starts.shape
    (121, 2)
    >>> Windows.on((10,), 4, 4).starts.ravel().tolist()
    [0, 4, 6]
    """

    shape: tuple[int, ...]
    patch: tuple[int, ...]
    stride: tuple[int, ...]
    starts: NDArray[np.int32]

    @classmethod
    def on(cls, shape: Sequence[int], patch: Any = None, stride: Any = None) -> Windows:
        """Lay windows over a shape; None chooses sizes that suit it.

        Raises
        ------
        ValueError
            For a patch that does not fit, or a stride that would leave pixels no window covers.
        """
        shape = tuple(int(size) for size in shape)
        usual = max(2, round(_PATCH * min(shape)))
        patches = _along("patch", patch, shape, (min(usual, size) for size in shape))
        strides = _along("stride", stride, shape, ((size + 1) // 2 for size in patches))
        if any(step > size for step, size in zip(strides, patches, strict=True)):
            msg = f"a stride of {strides} with a patch of {patches} leaves places that no window covers"
            raise ValueError(msg)
        grids = np.meshgrid(*map(_starts, shape, patches, strides), indexing="ij")
        starts = np.stack([grid.ravel() for grid in grids], axis=1).astype("int32")
        return cls(shape, patches, strides, starts)

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    @property
    def options(self) -> dict[str, Any]:
        """What a recipe says of them."""
        return {"patch": "x".join(map(str, self.patch)), "stride": "x".join(map(str, self.stride))}

    def kept(self, places: slice) -> NDArray[np.float32]:
        """Return for some of the windows a mask (n, H, W): 0 inside, 1 outside."""
        starts = self.starts[places]
        inside = np.ones((len(starts), *[1] * len(self.shape)), bool)
        for axis, size in enumerate(self.shape):
            first = starts[:, axis, np.newaxis]
            along = (np.arange(size) >= first) & (np.arange(size) < first + self.patch[axis])
            inside = inside & along.reshape(-1, *(size if axis == a else 1 for a in range(len(self.shape))))
        return (~inside).astype("float32")

    def spread(self, falls: NDArray[np.float32], reduce: str) -> NDArray[np.float32]:
        """Return maps (N, H, W) of the falls (N, P): at each place the average, or sum, over windows that cover it."""
        total = np.zeros((len(falls), *self.shape))
        covered = np.zeros(self.shape)
        for place, start in enumerate(self.starts):
            window = tuple(slice(first, first + size) for first, size in zip(start, self.patch, strict=True))
            total[(slice(None), *window)] += falls[:, place].reshape(-1, *[1] * len(self.shape))
            covered[window] += 1
        return (total / covered if reduce == "average" else total).astype("float32")

    def partial(self, places: Sequence[int], falls: Sequence[float]) -> NDArray[np.float32]:
        """Return the map of some windows alone: the average over those that cover a place, NaN where none does.

        Examples
        --------
        >>> Windows.on((4,), 2, 1).partial([0, 1], [1.0, 3.0]).tolist()
        [1.0, 2.0, 3.0, nan]
        """
        total, covered = np.zeros(self.shape), np.zeros(self.shape)
        for place, fall in zip(places, falls, strict=True):
            window = tuple(slice(a, a + size) for a, size in zip(self.starts[place], self.patch, strict=True))
            total[window] += fall
            covered[window] += 1
        with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of a place that no window covers
            return (total / covered).astype("float32")


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of features of one row; a feature in none of them is never hidden.

    Attributes
    ----------
    members : (P, F) bool array

    Examples
    --------
    >>> Groups.of(3).members.astype(int).tolist()
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    >>> Groups.of(3, [[0, 1], [2]]).members.astype(int).tolist()
    [[1, 1, 0], [0, 0, 1]]
    """

    members: NDArray[np.bool_]

    @classmethod
    def of(cls, count: int, groups: Sequence[Sequence[int]] | None = None) -> Groups:
        """Make groups of `count` features: each alone, or as given by their columns."""
        if groups is None:
            return cls(np.eye(count, dtype=bool))
        members = np.zeros((len(groups), count), bool)
        for row, group in zip(members, groups, strict=True):
            columns = np.asarray(group)
            if not columns.size or columns.dtype.kind not in "iu" or not ((columns >= 0) & (columns < count)).all():
                msg = f"a group lists columns, numbers from 0 to {count - 1}, not {group!r}"
                raise ValueError(msg)
            row[columns] = True
        if not len(members):
            msg = "groups is empty; give at least one group of columns"
            raise ValueError(msg)
        return cls(members)

    def __len__(self) -> int:
        """Count the groups."""
        return len(self.members)

    @property
    def options(self) -> dict[str, Any]:
        """What a recipe says of them."""
        return {"groups": len(self)}

    def kept(self, places: slice) -> NDArray[np.float32]:
        """Return for some of the groups a mask (n, F): 0 for members, 1 for the others."""
        return (~self.members[places]).astype("float32")

    def spread(self, falls: NDArray[np.float32], reduce: str) -> NDArray[np.float32]:
        """Return (N, F) of the falls (N, P): each feature takes the average, or sum, of its groups."""
        total = falls.astype("float64") @ self.members
        covered = np.maximum(self.members.sum(axis=0), 1)
        return (total / covered if reduce == "average" else total).astype("float32")


def _along(name: str, given: Any, shape: tuple[int, ...], usual: Any) -> tuple[int, ...]:
    """Return a size for each axis, from a number for all, one for each, or None."""
    if given is None:
        return tuple(usual)
    sizes = (given,) * len(shape) if np.ndim(given) == 0 else tuple(int(size) for size in given)
    if len(sizes) == 1:
        sizes *= len(shape)
    for size, whole in itertools.zip_longest(sizes, shape, fillvalue=0):
        if not 1 <= size <= whole:
            msg = f"{name} must be a whole number from 1 to the size of the input {shape}, not {given!r}"
            raise ValueError(msg)
    return sizes


def _starts(size: int, patch: int, stride: int) -> NDArray[np.int64]:
    """Return where windows begin along an axis."""
    starts = np.arange(0, size - patch + 1, stride)
    return starts if starts[-1] + patch == size else np.append(starts, size - patch)
