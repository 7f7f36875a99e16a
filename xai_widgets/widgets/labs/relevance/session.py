"""What the relevance lab computes: one picture, one model, relevance at every layer, each answer once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods import relevance_by_layer
from xai_widgets.methods.attribution.backpropagation.rules.composites import COMPOSITES, Composite
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon, ZPlus
from xai_widgets.runtime.cache import ContentCache, content_key
from xai_widgets.widgets.base.explanation_session import AttributionSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.relevance_result import LayerRelevance

# Which rule for which layer: the composites of `lrp`, and one rule for all.
PLANS: dict[str, str | Composite] = {
    **{name: name for name in COMPOSITES},
    "zero": Composite(Epsilon(0.0), Epsilon(0.0)),
    "z_plus": Composite(ZPlus(), ZPlus()),
}


_ROWS = 9  # of layers; more would not fit a screen


@dataclass(frozen=True, eq=False)
class SharedScore:
    """How one score was shared out.

    Attributes
    ----------
    relevance : LayerRelevance
    label : str
        The name of the explained class.
    seconds : float
        What it took the first time.
    """

    relevance: LayerRelevance
    label: str
    seconds: float

    @property
    def score(self) -> float:
        """The logit that is shared out."""
        return float(self.relevance.score[0])

    @property
    def arrived(self) -> float:
        """What reaches the input."""
        return self.through("input")

    def through(self, path: str) -> float:
        """Return all relevance at the depth of a layer's output."""
        return float(self.relevance.through[path][0])

    @property
    def scale(self) -> tuple[float, float]:
        """Ends of a scale that holds 0, the score, and what is at every depth."""
        sizes = [self.score, 0.0, *(float(one[0]) for one in self.relevance.through.values())]
        return min(sizes), max(*sizes, min(sizes) + 1e-6)

    @property
    def rows(self) -> tuple[str, ...]:
        """The layers with a row: the input and those with weights, evenly thinned out where they are many."""
        weighted = [path for path in self.relevance.rules if path in self.relevance.through]
        if len(weighted) >= _ROWS:
            weighted = [weighted[place] for place in np.linspace(0, len(weighted) - 1, _ROWS - 1).round().astype(int)]
        return ("input", *weighted)

    def has_map(self, path: str) -> bool:
        """Tell whether a layer is known, and its output a picture."""
        return path in self.relevance.values and self.heatmap(path) is not None

    def map_at(self, path: str) -> NDArray[Any]:
        """Return the map of a layer's output (H, W); a single 0 where it is no picture."""
        heatmap = self.heatmap(path)
        return np.zeros((1, 1)) if heatmap is None else heatmap

    def heatmap(self, path: str) -> NDArray[Any] | None:
        """Return the relevance of a layer's output summed over its channels (H, W); None where it is no picture."""
        values = self.relevance.values[path][0]
        return values.sum(axis=-1) if values.ndim == 3 and min(values.shape[:2]) > 1 else None


class RelevanceSession(AttributionSession):
    """One picture seen by one model, and its score shared out."""

    def __init__(self, classifier: Classifier, image: Any) -> None:
        super().__init__(classifier, image)
        self._shared = ContentCache()

    def shared(
        self,
        target: int,
        composite: str,
        rules: Mapping[str, Any],
        progress: Callable[[int, int], object] | None = None,
    ) -> SharedScore:
        """Share the logit of a class out; what `relevance_by_layer` raises is raised."""

        def compute() -> SharedScore:
            begun = time.perf_counter()
            found = relevance_by_layer(
                self.classifier,
                self.inputs,
                target,
                rule=dict(rules) or None,
                composite=PLANS[composite],
                progress=progress,
            )
            return SharedScore(found, str(self.class_names[target]), time.perf_counter() - begun)

        written = sorted((path, str(rule)) for path, rule in rules.items())
        answer: SharedScore = self._shared.get_or(content_key(target, composite, written), compute)
        return answer
