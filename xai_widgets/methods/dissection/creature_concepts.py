"""Creatures as a set of concepts: drawn on the spot, with exact masks of parts, animals, colours, patterns, scenery."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from cachetools import LRUCache

from xai_widgets.common.checked_options import checked_options
from xai_widgets.datasets.creatures import BACKGROUNDS, CARRIES, LABELS, PARTS, VARIANTS, draw, sample_scene
from xai_widgets.methods.dissection.concept_pictures import ConceptBatch, ConceptSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Seed
    from xai_widgets.datasets.creatures import Drawing

_KEPT = 64 * 2**20  # bytes of drawings that are kept between two passes

# The eleven basic colour terms of Berlin and Kay, by a typical sRGB value of each.
COLOURS: Final[dict[str, tuple[int, int, int]]] = {
    "black": (25, 25, 25),
    "grey": (128, 128, 128),
    "white": (245, 245, 245),
    "red": (200, 40, 40),
    "orange": (235, 130, 40),
    "yellow": (240, 215, 60),
    "green": (80, 160, 80),
    "blue": (70, 130, 200),
    "purple": (140, 85, 175),
    "pink": (240, 160, 175),
    "brown": (125, 85, 60),
}
_PARTS: Final = tuple(part for part in PARTS if part != "pattern")
_COARSE = 3  # bits of each channel that do not matter for the name of a colour


class _Drawn(NamedTuple):
    picture: NDArray[np.uint8]
    owners: NDArray[np.uint8]  # the number of what each pixel shows
    shows: NDArray[np.bool_]  # (owners, concepts but colours): which concepts this is one of


@checked_options
class CreatureConcepts(ConceptSet):
    """Pictures of creatures and, for each pixel, all that it shows.

    Kinds of concepts: "part" (a head counts with all that sits on it), "animal" (each class), "pattern" (on fur),
    "background" (what lies behind, by its kind) and "colour" (of the pixel itself, the nearest of eleven names).

    Parameters
    ----------
    count : int
        How many pictures; number i of a seed is always the same.
    seed : int
        0 or more; another seed, other pictures.
    size : int
        Pixels a side.
    animals : int
        How many in a picture.

    Raises
    ------
    SceneError
        If a number is out of range.

    Examples
    --------
    >>> concepts = CreatureConcepts(2, seed=1)
    >>> concepts
    CreatureConcepts(2 pictures, 49 concepts)
    >>> batch = concepts.batch(slice(0, 2))
    >>> batch.masks.shape, bool((batch.masks[:, -len(COLOURS) :].sum(axis=1) == 1).all())
    ((2, 49, 96, 96), True)
    """

    names = (*_PARTS, *LABELS, *VARIANTS["pattern"], *BACKGROUNDS, *COLOURS)
    kinds = (
        *("part",) * len(_PARTS),
        *("animal",) * len(LABELS),
        *("pattern",) * len(VARIANTS["pattern"]),
        *("background",) * len(BACKGROUNDS),
        *("colour",) * len(COLOURS),
    )

    def __init__(self, count: PositiveInt, *, seed: Seed = 0, size: PositiveInt = 96, animals: PositiveInt = 1) -> None:
        self.count, self.seed, self.size, self.animals = count, seed, size, animals
        self._drawn: LRUCache[int, _Drawn] = LRUCache(max(1, _KEPT // (5 * size * size)))
        self._draw(0)  # refuses what makes no sense

    def __len__(self) -> int:
        """Count the pictures."""
        return self.count

    def pictures(self, part: slice) -> NDArray[np.uint8]:
        """Return some of the pictures.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        (N, H, W, 3) uint8 array
            RGB, 0 to 255.
        """
        return np.stack([self._draw(place).picture for place in self._places(part)])

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
        drawn = [self._draw(place) for place in self._places(part)]
        pictures = np.stack([one.picture for one in drawn])
        shown = np.stack([np.moveaxis(one.shows[one.owners], -1, 0) for one in drawn])
        colours = _named(pictures)[:, np.newaxis] == np.arange(len(COLOURS))[:, np.newaxis, np.newaxis]
        return ConceptBatch(
            pictures, np.concatenate([shown, colours], axis=1), np.ones((len(drawn), len(self.all_kinds)), bool)
        )

    def masks_of(self, concept: int) -> NDArray[np.bool_]:
        """Return the masks of one concept in all pictures; a batch holds those of all concepts at once.

        Parameters
        ----------
        concept : int
            Its place in ``names``.

        Returns
        -------
        (N, H, W) bool array
            Where it is.

        Raises
        ------
        IndexError
            If there is no such concept.
        """
        if not 0 <= concept < len(self.names):
            raise IndexError(f"there are the concepts 0 to {len(self.names) - 1}, not {concept}")
        drawn = [self._draw(place) for place in range(self.count)]
        colour = concept - len(self.names) + len(COLOURS)
        if colour < 0:
            return np.stack([one.shows[:, concept][one.owners] for one in drawn])
        return np.stack([_named(one.picture) == colour for one in drawn])

    def labels(self) -> NDArray[np.int64]:
        """Return the class of each picture's first animal.

        Returns
        -------
        (N,) int64 array
            Its place in the `LABELS` of the creatures.
        """
        scenes = (sample_scene((self.seed, place), animals=self.animals) for place in range(self.count))
        return np.array([LABELS.index(scene.labels[0]) for scene in scenes])

    def _places(self, part: slice) -> range:
        return range(*part.indices(self.count))

    def _draw(self, place: int) -> _Drawn:
        if place not in self._drawn:
            self._drawn[place] = _drawn(draw(sample_scene((self.seed, place), animals=self.animals), self.size))
        found: _Drawn = self._drawn[place]
        return found


def _drawn(drawing: Drawing) -> _Drawn:
    """Keep of a drawing what its masks are made of: a number for each pixel, a row of a table for each number."""
    present = {key: mask for key, mask in drawing.masks.items() if mask.any()}
    owners = np.zeros(drawing.picture.shape[:2], "uint8")
    rows = []
    for number, ((animal, part), mask) in enumerate(present.items()):
        owners[mask] = number
        rows.append(_row(drawing.scene, animal, part))
    return _Drawn(drawing.picture, owners, np.array(rows))


def _row(scene: Any, animal: int | None, part: str) -> NDArray[np.bool_]:
    """Tell for each concept but the colours whether a part is one of it."""
    if animal is None:
        behind = [part == "background" and kind == scene.background.kind for kind in BACKGROUNDS]
        return np.array([*(False,) * (len(_PARTS) + len(LABELS) + len(VARIANTS["pattern"])), *behind])
    owner = scene.animals[animal]
    variant = owner.part("pattern").variant if part == "pattern" else None
    parts = [part == one or part in CARRIES[one] for one in _PARTS]
    kinds = [owner.kind == label for label in LABELS]
    patterns = [variant == one for one in VARIANTS["pattern"]]
    return np.array([*parts, *kinds, *patterns, *(False,) * len(BACKGROUNDS)])


def _named(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the number of the colour that names each pixel, of pictures (..., H, W, 3)."""
    named: NDArray[np.uint8] = _colour_numbers()[tuple(np.moveaxis(pictures >> _COARSE, -1, 0))]
    return named


@functools.cache
def _colour_numbers() -> NDArray[np.uint8]:
    """Return the table from coarse red, green and blue to the number of the nearest colour, as the eye sees it."""
    from skimage.color import rgb2lab

    levels = (np.arange(256 >> _COARSE) * 2**_COARSE + 2 ** (_COARSE - 1)) / 255
    every = rgb2lab(np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1))
    typical = rgb2lab(np.array(list(COLOURS.values())) / 255)
    distances = np.linalg.norm(every[..., np.newaxis, :] - typical, axis=-1)
    nearest: NDArray[np.uint8] = np.argmin(distances, axis=-1).astype("uint8")
    return nearest
