"""What the LIME lab computes: the score without some superpixels, and LIME's weights for several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.fills import make_fills
from xai_widgets.methods.lime_image import SEGMENT_MEANS, lime_image, segment_means
from xai_widgets.methods.superpixels import superpixels
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.picture_session import PictureSession

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.results.superpixels import SuperpixelAttribution

KINDS = ("slic", "quickshift", "felzenszwalb", "grid")
FILLS = (SEGMENT_MEANS, "grey", "black", "mean", "blurred")
_NEEDS_RANGE = ("grey", "black")


@dataclass(frozen=True)
class Cut:
    """How the picture is cut, and what shows where a piece is hidden.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    count : int
        About how many pieces.
    fill : str
        One of `FILLS`.
    """

    kind: str
    count: int
    fill: str


class LimeSession(PictureSession):
    """One picture seen by one model, whole and without some of its superpixels.

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
        super().__init__(classifier, image)
        self._labels: dict[tuple[str, int], NDArray[np.int64]] = {}

    @property
    def fills(self) -> tuple[str, ...]:
        """What may hide a piece: some need the range of the input space."""
        known = self.classifier.value_range is not None
        return FILLS if known else tuple(name for name in FILLS if name not in _NEEDS_RANGE)

    def segments(self, cut: Cut) -> NDArray[np.int64]:
        """Return the number of each pixel's superpixel, (H, W)."""
        key = (cut.kind, cut.count)
        if key not in self._labels:
            self._labels[key] = superpixels((self.picture / 255).astype("float32"), cut.kind, cut.count)[0]
        return self._labels[key]

    def fill(self, cut: Cut) -> NDArray[np.float32]:
        """Return what shows where a piece is hidden, (1, H, W, C)."""
        if cut.fill == SEGMENT_MEANS:
            return segment_means(self.inputs, self.segments(cut)[np.newaxis])
        return make_fills(self.classifier, self.inputs, cut.fill)

    def cover(self, cut: Cut) -> NDArray[np.uint8]:
        """Return the same for the eye."""
        return self.shown(self.fill(cut))

    def without(self, cut: Cut, hidden: Collection[int]) -> NDArray[np.float32]:
        """Return the logits (K,) of the picture without some of its superpixels."""
        if not hidden:
            return np.asarray(self.logits)

        def compute() -> NDArray[np.float32]:
            gone = np.isin(self.segments(cut), sorted(hidden))[np.newaxis, ..., np.newaxis]
            found: NDArray[np.float32] = self.classifier.logits(np.where(gone, self.fill(cut), self.inputs))[0]
            return found

        answer: NDArray[np.float32] = self._cache.get_or(content_key("without", cut, sorted(hidden)), compute)
        return answer

    def lime(
        self, cut: Cut, target: int, samples: int, seed: int, progress: Callable[[int, int], object] | None = None
    ) -> SuperpixelAttribution:
        """Return LIME's answer for a class."""

        def compute() -> SuperpixelAttribution:
            return lime_image(
                self.classifier,
                self.inputs,
                target,
                samples=samples,
                segments=self.segments(cut),
                fill=cut.fill,
                seed=seed,
                progress=progress,
            )

        answer: SuperpixelAttribution = self._cache.get_or(content_key("lime", cut, target, samples, seed), compute)
        return answer
