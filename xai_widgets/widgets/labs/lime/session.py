"""What the LIME lab computes: the score without some superpixels, and LIME's weights for several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.perturbation.fills import make_fills
from xai_widgets.methods.attribution.perturbation.lime_image import SEGMENT_MEANS, lime_image, segment_means
from xai_widgets.methods.attribution.perturbation.superpixels import superpixels
from xai_widgets.methods.evaluation.seed_stability import is_top, top_overlap
from xai_widgets.results.superpixel_result import on_map
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.base.picture_session import PictureSession

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.superpixel_result import SuperpixelAttribution

KINDS = ("slic", "quickshift", "felzenszwalb", "grid")
FILLS = (SEGMENT_MEANS, "grey", "black", "mean", "blurred")
_FIRST = 5  # superpixels that count as the most important ones
_NEEDS_RANGE = ("grey", "black")


@dataclass(frozen=True)
class Pieces:
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

    def segments(self, pieces: Pieces) -> NDArray[np.int64]:
        """Return the number of each pixel's superpixel, (H, W)."""
        key = (pieces.kind, pieces.count)
        if key not in self._labels:
            self._labels[key] = superpixels((self.picture / 255).astype("float32"), pieces.kind, pieces.count)[0]
        return self._labels[key]

    def fill(self, pieces: Pieces) -> NDArray[np.float32]:
        """Return what shows where a piece is hidden, (1, H, W, C)."""
        if pieces.fill == SEGMENT_MEANS:
            return segment_means(self.inputs, self.segments(pieces)[np.newaxis])
        return make_fills(self.classifier, self.inputs, pieces.fill)

    def cover(self, pieces: Pieces) -> NDArray[np.uint8]:
        """Return the same for the eye."""
        return self.shown(self.fill(pieces))

    def without(self, pieces: Pieces, hidden: Collection[int]) -> NDArray[np.float32]:
        """Return the logits (K,) of the picture without some of its superpixels."""
        if not hidden:
            return np.asarray(self.logits)

        def compute() -> NDArray[np.float32]:
            gone = np.isin(self.segments(pieces), sorted(hidden))[np.newaxis, ..., np.newaxis]
            found: NDArray[np.float32] = self.classifier.logits(np.where(gone, self.fill(pieces), self.inputs))[0]
            return found

        answer: NDArray[np.float32] = self._cache.get_or(content_key("without", pieces, sorted(hidden)), compute)
        return answer

    def lime(
        self, pieces: Pieces, target: int, samples: int, seed: int, progress: Callable[[int, int], object] | None = None
    ) -> SuperpixelAttribution:
        """Return LIME's answer for a class."""

        def compute() -> SuperpixelAttribution:
            return lime_image(
                self.classifier,
                self.inputs,
                target,
                samples=samples,
                segments=self.segments(pieces),
                baseline=pieces.fill,
                seed=seed,
                progress=progress,
            )

        answer: SuperpixelAttribution = self._cache.get_or(content_key("lime", pieces, target, samples, seed), compute)
        return answer


@dataclass(frozen=True, eq=False)
class LimeState:
    """What is known at one moment: everything that the views show follows from it.

    Attributes
    ----------
    session : LimeSession
    pieces : Pieces
    target : int
        The explained class.
    hidden : tuple of int
        The numbers of the hidden pieces.
    answers : tuple of SuperpixelAttribution
        LIME's answers, one for each seed, as far as they are made.
    """

    session: LimeSession
    pieces: Pieces
    target: int
    hidden: tuple[int, ...]
    answers: tuple[SuperpixelAttribution, ...]

    @property
    def label(self) -> str:
        """The name of the explained class."""
        return str(self.session.class_names[self.target])

    @property
    def logits(self) -> NDArray[np.float32]:
        """The logits (K,) without the hidden pieces."""
        return self.session.without(self.pieces, self.hidden)

    @property
    def covered(self) -> NDArray[np.uint8]:
        """The picture without the hidden pieces, (H, W, 3)."""
        gone = np.isin(self.session.segments(self.pieces), self.hidden)[..., np.newaxis]
        shown: NDArray[np.uint8] = np.where(gone, self.session.cover(self.pieces), self.session.picture)
        return shown

    @property
    def promised(self) -> float:
        """The score without the hidden pieces, as LIME's sum has it."""
        lime = self.answers[0]
        weights = lime.weights[0]
        return float(lime.intercept[0] + weights.sum() - weights[list(self.hidden)].sum())

    @property
    def first(self) -> int:
        """How many pieces count as the most important ones."""
        return min(_FIRST, len(self.answers[0].weights[0]))

    @property
    def _all_weights(self) -> NDArray[np.float64]:
        return np.stack([answer.weights[0] for answer in self.answers])

    @property
    def share_map(self) -> NDArray[np.float32]:
        """For each pixel the share of the seeds that put its piece among the first ones, (H, W)."""
        share = is_top(self._all_weights, self.first).mean(axis=0)
        shown: NDArray[np.float32] = on_map([share], self.answers[0].segments)[0]
        return shown

    @property
    def overlap(self) -> float:
        """How many of the first pieces two seeds have in common, as a share; the mean over all pairs."""
        return float(top_overlap(self._all_weights, self.first))


def pieces_within(segments: NDArray[np.integer], area: NDArray[np.bool_]) -> tuple[int, ...]:
    """Return the numbers of the pieces that lie in an area with more than half of their pixels.

    Examples
    --------
    >>> pieces_within(np.array([[0, 0, 1, 1]]), np.array([[False, False, True, True]]))
    (1,)
    >>> pieces_within(np.array([[0, 0, 1, 1]]), np.array([[False, True, True, False]]))
    ()
    """
    inside = np.bincount(segments.ravel(), weights=area.ravel()) / np.maximum(np.bincount(segments.ravel()), 1)
    return tuple(int(number) for number in np.flatnonzero(inside > 0.5))
