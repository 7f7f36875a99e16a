"""What the attribution explorer computes: one picture, one model, any method, each answer once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xai_widgets.methods.attribution.cam.layer_maps import layers_with_maps
from xai_widgets.methods.evaluation.deletion_insertion import deletion_curve
from xai_widgets.methods.registry import METHODS, explain
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.base.picture_session import PictureSession
from xai_widgets.widgets.base.usual_layer import usual_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.results.evaluation_results import MaskingCurve


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


def _layers(classifier: Classifier) -> tuple[str, ...]:
    """Return the layers that methods may be asked for; none for a model without a graph or without convolutions."""
    try:
        return layers_with_maps(classifier)
    except ValueError:
        return ()
