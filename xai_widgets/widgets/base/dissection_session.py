"""What the dissection lab computes: dissections, a unit's pictures, what falls when units are off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from xai_widgets.datasets.creatures.classes import LABELS as CREATURES
from xai_widgets.i18n import message
from xai_widgets.methods.attribution.cam.layer_maps import layers_with_maps
from xai_widgets.methods.dissection import CreatureConcepts, dissect, unit_regions
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.models.graph.intermediate_outputs import intermediate_outputs
from xai_widgets.plots.dissection_figures import lit, mosaic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.methods.dissection import ConceptSet
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.dissection_result import Dissection

COLUMNS = 3  # of the sheet of a unit's pictures, and its rows
_PICTURES = 240  # that creatures are dissected on, and the most that units are switched off for


class ClassScores(NamedTuple):
    """How sure the network is of each class, on the pictures that it reads so while all units are on.

    Attributes
    ----------
    values, reference : (K,) float32 arrays
        Mean probability with units off, and with all of them.
    counts : (K,) int array
        How many pictures each mean is of.
    changes : (K,) float32 array
        By how much the logit of the class moves, in the mean, with units off: it does so where probabilities are too
        close to 1 to show it.
    """

    values: NDArray[np.float32]
    reference: NDArray[np.float32]
    counts: NDArray[np.int64]
    changes: NDArray[np.float32]


def knows_creatures(classifier: Classifier) -> bool:
    """Tell whether a model's classes are creatures: then there are concepts to dissect it on."""
    return set(classifier.labels) <= set(CREATURES)


def default_concepts(classifier: Classifier) -> ConceptSet:
    """Return the set that a model of creatures is dissected on.

    Raises
    ------
    ValueError
        If the model is of something else.
    """
    if knows_creatures(classifier):
        return CreatureConcepts(_PICTURES, seed=20)
    raise ValueError(message("lab.needs_concepts"))


class DissectionSession:
    """One model and one set of concepts.

    Parameters
    ----------
    classifier : Classifier
    concepts : ConceptSet
    """

    def __init__(self, classifier: Classifier, concepts: ConceptSet) -> None:
        self.classifier, self.concepts = classifier, concepts
        self.layers = layers_with_maps(classifier)
        self._found: dict[str, Dissection] = {}
        self._scores: dict[tuple[str, tuple[int, ...]], ClassScores] = {}
        self._logits: NDArray[np.float32] | None = None

    def keep(self, dissection: Dissection) -> None:
        """Remember a dissection that was made elsewhere."""
        if dissection.names != self.concepts.names or dissection.top.max(initial=0) >= len(self.concepts):
            raise ValueError("the dissection was made with other concepts; give the concepts it was made with too")
        self._found[dissection.layer] = dissection

    def dissection(self, layer: str, progress: Callable[[int, int], object] | None = None) -> Dissection:
        """Return the dissection of a layer, computed once."""
        if layer not in self._found:
            self._found[layer] = dissect(self.classifier, self.concepts, layer=layer, progress=progress)
        return self._found[layer]

    def depth(self, layer: str) -> int:
        """Return how many units a layer has."""
        return intermediate_outputs(self.classifier.model, [layer]).depths[0]

    # Pictures

    def tile(self, layer: str, unit: int, side: int) -> NDArray[np.uint8]:
        """Return the picture that excites a unit most, lit where the unit answers, (side, side, 3)."""
        shown = self._lit(self.dissection(layer), unit, 1, outlined=False)[0]
        return np.asarray(Image.fromarray(shown).resize((side, side), Image.Resampling.BICUBIC))

    def sheet(self, layer: str, unit: int) -> NDArray[np.uint8]:
        """Return the pictures that excite a unit most, lit where it answers, its concept outlined."""
        return mosaic(self._lit(self.dissection(layer), unit, COLUMNS**2), COLUMNS)

    def _lit(self, found: Dissection, unit: int, count: int, *, outlined: bool = True) -> NDArray[np.uint8]:
        concept, places = int(found.best[unit]), found.top[unit, :count]
        batches = [self.concepts.batch(slice(int(place), int(place) + 1)) for place in places]
        pictures = [batch.pictures[0] for batch in batches]
        height, width = batches[0].masks.shape[2:]
        regions = np.concatenate(
            [
                unit_regions(self.classifier, picture[np.newaxis], found, unit, size=(height, width))
                for picture in pictures
            ]
        )
        return np.stack(
            [
                lit(_fitted(picture, (width, height)), region, batch.masks[0, concept] if outlined else None)
                for picture, region, batch in zip(pictures, regions, batches, strict=True)
            ]
        )

    # Switching off

    def class_scores(self, layer: str, off: tuple[int, ...]) -> ClassScores:
        """Return what units off do to each class."""
        key = (layer, tuple(sorted(off)))
        if key not in self._scores:
            self._scores[key] = self._measure(layer, list(key[1]))
        return self._scores[key]

    def _measure(self, layer: str, off: list[int]) -> ClassScores:
        pictures = self.concepts.pictures(slice(0, _PICTURES))
        if self._logits is None:
            self._logits = self.classifier.logits(pictures)
        logits = self._logits
        moved = logits + ablation_effect(self.classifier, pictures, layer, [off])[:, 0] if off else logits
        read, classes = logits.argmax(axis=1), np.arange(logits.shape[1])
        counts = (read[:, np.newaxis] == classes).sum(axis=0)
        own = [self.classifier.probabilities(one)[np.arange(len(read)), read] for one in (moved, logits)]
        own.append((moved - logits)[np.arange(len(read)), read])
        means = [(np.bincount(read, one, len(classes)) / np.maximum(counts, 1)).astype("float32") for one in own]
        return ClassScores(means[0], means[1], counts, means[2])


def _fitted(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
