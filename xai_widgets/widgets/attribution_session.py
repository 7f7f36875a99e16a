"""What the attribution explorer computes: one picture, one model, any method, each answer once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.evaluation.curves import deletion_curve
from xai_widgets.methods.evaluation.maps import MAGNITUDES
from xai_widgets.methods.layer_maps import layers_with_maps
from xai_widgets.methods.registry import explain
from xai_widgets.runtime.cache import ContentCache, content_key
from xai_widgets.widgets.pictures import one_input

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.results.attribution import Attribution
    from xai_widgets.results.evaluation import MaskingCurve


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


class AttributionSession:
    """One picture seen by one model.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array
        One image.

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """

    def __init__(self, classifier: Classifier, image: Any) -> None:
        self.classifier = classifier
        self.inputs = one_input(image, classifier)
        self.predictions = classifier.predict(self.inputs)
        self.top = int(self.predictions.probabilities[0].argmax())
        self.picture = np.round(255 * classifier.to_display(self.inputs)[0]).astype("uint8")
        self.layers = _layers(classifier)
        self._cache = ContentCache()

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
            magnitude = method in MAGNITUDES
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
