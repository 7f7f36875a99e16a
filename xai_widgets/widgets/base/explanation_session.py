"""What the attribution explorer computes: one picture, one model, any method, each answer once."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.cam.layer_maps import layers_with_maps
from xai_widgets.methods.attribution.perturbation.fills import default_fill, make_fills
from xai_widgets.methods.evaluation.deletion_insertion import deletion_curve, hiding_shares
from xai_widgets.methods.registry import METHODS, explain
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.base.picture_session import PictureSession
from xai_widgets.widgets.base.usual_layer import usual_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.results.evaluation_results import MaskingCurve


_PATCHES = 8  # that fit along the shorter side of a picture

Patch = tuple[int, int, int, int]  # row, column, height, width


@dataclass(frozen=True, eq=False)
class Explained:
    """One method's answer.

    Attributes
    ----------
    attribution : Attribution
    heatmap : (H, W) float32 array
    signed : bool
        Whether the sign of the map means something.
    seconds : float
        What it took the first time.
    """

    attribution: Attribution
    heatmap: NDArray[np.float32]
    signed: bool
    seconds: float


class AttributionSession(PictureSession):
    """One picture seen by one model, and what methods say of it."""

    def __init__(self, classifier: Classifier, image: Any) -> None:
        super().__init__(classifier, image)
        self.layers = _layers(classifier)
        self.usual_layer = usual_layer(classifier)

    def explained(
        self,
        method: str,
        target: int,
        options: Mapping[str, Any],
        progress: Callable[[int, int], object] | None = None,
    ) -> Explained:
        """Explain one class by one method; what `explain` raises is raised."""

        def compute() -> Explained:
            begun = time.perf_counter()
            found = explain(self.classifier, self.inputs, method, target, progress=progress, **options)
            magnitude = METHODS[method].drawn_by_magnitude
            heatmap = found.heatmap("max_abs" if magnitude else "sum")[0]
            signed = not magnitude and bool((heatmap < 0).any())
            return Explained(found, heatmap, signed, time.perf_counter() - begun)

        answer: Explained = self._cache.get_or(content_key(method, target, dict(options)), compute)
        return answer

    def deletion(self, explained: Explained, target: int) -> MaskingCurve:
        """Follow the probability of a class while places are hidden, those first that count most."""
        key = content_key("deletion", target, explained.attribution.values)

        def compute() -> MaskingCurve:
            return deletion_curve(self.classifier, self.inputs, explained.attribution, target)

        answer: MaskingCurve = self._cache.get_or(key, compute)
        return answer

    def hiding_shares(self, explained: Explained) -> NDArray[np.float64]:
        """Return at which share of the deletion curve each pixel is hidden, (H, W)."""
        found: NDArray[np.float64] = hiding_shares(explained.attribution, self.inputs)[0]
        return found

    @functools.cached_property
    def fill(self) -> NDArray[np.float32]:
        """What shows where something is hidden, (1, H, W, C), in the input space."""
        return make_fills(self.classifier, self.inputs, default_fill(self.classifier, self.inputs))

    @functools.cached_property
    def cover(self) -> NDArray[np.uint8]:
        """What shows where something is hidden, for the eye, (H, W, 3)."""
        return self.shown(self.fill)

    def hidden_picture(self, explained: Explained, share: float) -> NDArray[np.uint8]:
        """Return the picture at a point of the deletion curve, (H, W, 3)."""
        hidden = self.hiding_shares(explained) <= share
        return np.where(hidden[..., np.newaxis], self.cover, self.picture)

    def patch_around(self, row: int, column: int) -> Patch:
        """Return the patch whose middle is a pixel, or near it at the border: an eighth of the shorter side."""
        height, width = self.inputs.shape[1:3]
        side = max(1, min(height, width) // _PATCHES)
        corner = (int(np.clip(at - side // 2, 0, of - side)) for at, of in ((row, height), (column, width)))
        return (*corner, side, side)

    def without(self, patch: Patch) -> NDArray[np.float32]:
        """Return the logits while a patch is hidden, (K,): one forward pass, the first time."""
        row, column, height, width = patch

        def compute() -> NDArray[np.float32]:
            inputs = self.inputs.copy()
            here = (slice(None), slice(row, row + height), slice(column, column + width))
            inputs[here] = self.fill[here]
            found: NDArray[np.float32] = self.classifier.logits(inputs)[0]
            return found

        answer: NDArray[np.float32] = self._cache.get_or(content_key("without", patch), compute)
        return answer


def _layers(classifier: Classifier) -> tuple[str, ...]:
    """Return the layers that methods may be asked for; none for a model without a graph or without convolutions."""
    try:
        return layers_with_maps(classifier)
    except ValueError:
        return ()
