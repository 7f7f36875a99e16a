"""What the unit explorer computes: top patches, the effect of switching a unit off, its drawing, its concept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets import backend
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.i18n import message
from xai_widgets.methods.dissection import dissect
from xai_widgets.methods.feature_visualization.problem import pixel_function
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.methods.units.top_patches import TopPatches, top_patches
from xai_widgets.widgets.base.dissection_session import default_concepts, knows_creatures
from xai_widgets.widgets.base.feature_session import FeatureSession
from xai_widgets.widgets.base.picture_choice import default_picture
from xai_widgets.widgets.base.unit_views import as_pixels, convolutions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.dissection_result import Dissection

    Progress = Callable[[int, int], object]

PATCHES = 9
_DRAWN = 240  # creatures drawn as a set, when no pictures are given


class UnitSession:
    """One model and one set of pictures that is searched; each thing is computed once.

    Parameters
    ----------
    classifier : Classifier
    pictures : array or sequence of pictures, optional
        The set; left out, creatures or digits are taken where the model knows them.

    Raises
    ------
    ValueError
        If the model has no convolution, or `pictures` are needed.
    """

    def __init__(self, classifier: Classifier, pictures: Any = None) -> None:
        self.classifier = classifier
        self.layers = convolutions(classifier)
        self.inputs: NDArray[np.float32] = (
            _default_pictures(classifier) if pictures is None else classifier.as_inputs(pictures)
        )
        self.features = FeatureSession(classifier)
        self.tops: dict[str, TopPatches] = {}
        self.effects: dict[tuple[str, int], NDArray[np.float32]] = {}
        self.dissections: dict[str, Dissection] = {}

    @property
    def has_concepts(self) -> bool:
        """Whether there are concepts to dissect the model on."""
        return knows_creatures(self.classifier)

    def find_patches(self, layer: str, progress: Progress | None = None) -> None:
        """Search the set for the top patches of all units of a layer."""
        if layer not in self.tops:
            found = top_patches(self.classifier, self.inputs, layer, count=PATCHES, progress=progress)
            self.tops[layer] = found

    def hits(self, layer: str, unit: int) -> list[tuple[int, Any]]:
        """Return number and box of each top picture of a unit, the first one first."""
        found = self.tops[layer]
        pairs = zip(found.pictures[unit].tolist(), found.boxes[unit], strict=True)
        return [(one, box) for one, box in pairs if one >= 0]

    def measure_effect(self, layer: str, unit: int) -> None:
        """Switch a unit off, and measure how far each class moves on its top pictures."""
        if (layer, unit) not in self.effects:
            best = self.inputs[[number for number, _ in self.hits(layer, unit)]]
            self.effects[layer, unit] = ablation_effect(self.classifier, best, layer, unit)[:, 0].mean(axis=0)

    def peak(self, layer: str, unit: int, picture: NDArray[np.uint8]) -> float:
        """Return the peak activation of a unit in a picture (H, W, 3): what the top patches are ranked by."""
        inputs = pixel_function(self.classifier)(picture[np.newaxis].astype("float32") / 255)
        found = top_patches(self.classifier, backend.to_numpy(inputs), layer, units=[unit], count=1)
        return float(found.activations[0, 0])

    def dissect(self, layer: str, progress: Progress | None = None) -> None:
        """Find the concept of each unit of a layer."""
        concepts = default_concepts(self.classifier)
        self.dissections[layer] = dissect(self.classifier, concepts, layer=layer, progress=progress)

    def picture(self, place: int) -> NDArray[np.uint8]:
        """Return a picture of the set for the eye, (H, W, 3)."""
        return as_pixels(self.classifier.to_display(self.inputs[place : place + 1], self.inputs[:16])[0])


def _default_pictures(classifier: Classifier) -> NDArray[np.float32]:
    """Return pictures that a shipped model knows."""
    if default_picture(classifier).startswith("creature-"):
        drawn: NDArray[np.float32] = classifier.as_inputs(sample_batch(_DRAWN, seed=2).pictures)
        return drawn
    if classifier.input_shape == (8, 8, 1):
        return digits_split("test")[0]
    raise ValueError(message("lab.needs_pictures"))
