"""Pictures with a mask for each concept: what units are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ConceptBatch:
    """Some pictures of a set, with what they show.

    Attributes
    ----------
    pictures : sequence of N uint8 (H, W, 3) arrays
    masks : (N, K, h, w) bool array
        Where each of the set's K concepts is; h and w may be smaller than the picture's.
    known : (N, kinds) bool array
        Whether concepts of a kind were looked for in a picture at all, in the order of ``ConceptSet.all_kinds``.
    """

    pictures: Any
    masks: NDArray[np.bool_]
    known: NDArray[np.bool_]


class ConceptSet:
    """A set of pictures with masks, read in parts; derive from it to bring your own.

    Attributes
    ----------
    names, kinds : tuples of K str
        Of each concept: what it is called, and what it is ("colour", "part", ...).
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def all_kinds(self) -> tuple[str, ...]:
        """Each kind once, in the order of the concepts."""
        return tuple(dict.fromkeys(self.kinds))

    def __len__(self) -> int:
        """Count the pictures."""
        raise NotImplementedError

    def pictures(self, part: slice) -> Any:
        """Return some of the pictures, a sequence of uint8 (H, W, 3) arrays."""
        raise NotImplementedError

    def batch(self, part: slice) -> ConceptBatch:
        """Return some of the pictures with all their masks."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """How many pictures and concepts."""
        return f"{type(self).__name__}({len(self)} pictures, {len(self.names)} concepts)"


class ArrayConcepts(ConceptSet):
    """Pictures and masks that are in memory.

    Parameters
    ----------
    pictures : (N, H, W, 3) uint8 array, or a sequence of pictures
    masks : (N, K, h, w) bool array
    names : sequence of K str
    kinds : sequence of K str, optional
        "concept" for all if left out.
    known : (N, kinds) bool array, optional
        As in `ConceptBatch`; all True if left out.

    Raises
    ------
    ValueError
        If the numbers of pictures, masks and names do not fit together.

    Examples
    --------
    >>> ArrayConcepts(np.zeros((2, 8, 8, 3), "uint8"), np.zeros((2, 1, 8, 8), bool), ["sky"])
    ArrayConcepts(2 pictures, 1 concepts)
    """

    def __init__(
        self,
        pictures: Any,
        masks: NDArray[np.bool_],
        names: Sequence[str],
        kinds: Sequence[str] | None = None,
        known: NDArray[np.bool_] | None = None,
    ) -> None:
        self.names = tuple(map(str, names))
        self.kinds = ("concept",) * len(self.names) if kinds is None else tuple(map(str, kinds))
        self._pictures, self._masks = pictures, np.asarray(masks, bool)
        count = len(pictures)
        if self._masks.ndim != 4 or self._masks.shape[:2] != (count, len(self.names)):
            wanted = f"({count}, {len(self.names)}, h, w)"
            raise ValueError(f"masks must have shape {wanted}: pictures, concepts, height, width; not {masks.shape}")
        if len(self.kinds) != len(self.names):
            raise ValueError(f"{len(self.kinds)} kinds were given for {len(self.names)} concepts; give one for each")
        expected = (count, len(self.all_kinds))
        self._known = np.ones(expected, bool) if known is None else np.asarray(known, bool)
        if self._known.shape != expected:
            raise ValueError(f"known must have shape {expected}: pictures, kinds; not {self._known.shape}")

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self._pictures)

    def pictures(self, part: slice) -> Any:
        """Return some of the pictures."""
        return self._pictures[part]

    def batch(self, part: slice) -> ConceptBatch:
        """Return some of the pictures with all their masks."""
        return ConceptBatch(self._pictures[part], self._masks[part], self._known[part])
