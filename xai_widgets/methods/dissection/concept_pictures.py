"""Pictures with a mask for each concept: what units are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ConceptBatch:
    """Some pictures of a set, with what they show.

    Attributes
    ----------
    pictures : sequence of N uint8 (H, W, 3) arrays
        RGB, 0 to 255.
    masks : (N, K, h, w) bool array
        Where each of the set's K concepts is; h and w may be smaller than the picture's.
    known : (N, kinds) bool array
        Whether concepts of a kind were looked for in a picture at all, in the order of ``ConceptSet.all_kinds``.

    Examples
    --------
    >>> ConceptBatch(np.zeros((1, 8, 8, 3), "uint8"), np.ones((1, 2, 8, 8), bool), np.ones((1, 1), bool)).masks.shape
    (1, 2, 8, 8)
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

    Examples
    --------
    >>> class Skies(ConceptSet):
    ...     names, kinds = ("sky",), ("material",)
    ...
    ...     def __len__(self):
    ...         return 3
    ...
    ...     def pictures(self, part):
    ...         return np.zeros((3, 8, 8, 3), "uint8")[part]
    ...
    ...     def batch(self, part):
    ...         shown = self.pictures(part)
    ...         return ConceptBatch(shown, np.ones((len(shown), 1, 8, 8), bool), np.ones((len(shown), 1), bool))
    >>> Skies()
    Skies(3 pictures, 1 concepts)
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
        """Return some of the pictures.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        sequence of uint8 (H, W, 3) arrays
            RGB, 0 to 255.
        """
        raise NotImplementedError

    def batch(self, part: slice) -> ConceptBatch:
        """Return some of the pictures with all their masks.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        ConceptBatch
            ``.pictures``, ``.masks`` (N, K, h, w) and ``.known`` (N, kinds).
        """
        raise NotImplementedError

    def __repr__(self) -> str:
        """How many pictures and concepts."""
        return f"{type(self).__name__}({len(self)} pictures, {len(self.names)} concepts)"


@checked_options
class ArrayConcepts(ConceptSet):
    """Pictures and masks that are in memory.

    Parameters
    ----------
    pictures : (N, H, W, 3) uint8 array, or a sequence of pictures
        RGB, 0 to 255.
    masks : (N, K, h, w) bool array
        Where each of the K concepts is; h and w may be smaller than the picture's.
    names : sequence of K str
        What the concepts are called.
    kinds : sequence of K str, optional
        The kind of each, such as "colour" or "part"; "concept" for all if left out.
    known : (N, kinds) bool array, optional
        Whether concepts of a kind were looked for in a picture at all, in the order of ``all_kinds``; all True if left
        out.

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
        """Return some of the pictures.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        sequence of uint8 (H, W, 3) arrays
            RGB, 0 to 255.
        """
        return self._pictures[part]

    def batch(self, part: slice) -> ConceptBatch:
        """Return some of the pictures with all their masks.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        ConceptBatch
            ``.pictures``, ``.masks`` (N, K, h, w) and ``.known`` (N, kinds).
        """
        return ConceptBatch(self._pictures[part], self._masks[part], self._known[part])
