"""What the adversarial lab computes: one picture, one model, attacks of any size, each thing once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods import map_similarity, minimal_epsilon, pgd
from xai_widgets.methods.adversarial.attacks import Attack, fgsm_direction
from xai_widgets.methods.attribution.gradients.saliency import saliency
from xai_widgets.models.outputs.predictions import Predictions
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.base.picture_session import PictureSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.adversarial_results import AdversarialResult

    Progress = Callable[[int, int], object] | None
    Maps = tuple[NDArray[np.float32], NDArray[np.float32], float]

PGD_STEPS = 10
_POINTS_SMALL, _POINTS_LARGE = 101, 65  # of the curve: a point at each step of the slider, so each step is known
_CHUNK_SMALL, _CHUNK_LARGE = 26, 6  # points between two checks for a newer request
_SAME = 1e-9  # sizes that differ by less are one: the slider and the curve count their steps in different ways
_SMALL = 64  # pictures up to this many pixels a side have few pixels: larger steps are needed to fool a network


@dataclass(frozen=True)
class AttackRequest:
    """What the reader asks for.

    Attributes
    ----------
    target : int
        The class to leave or to reach.
    targeted : bool
    attack : {"fgsm", "pgd"}
    """

    target: int
    targeted: bool
    attack: str


class AttackSession(PictureSession):
    """One picture seen by one model.

    Sizes are shares of the range of values, so that they mean the same for a model that takes 0..1 and one that takes
    0..255.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array
        One image.
    """

    def __init__(self, classifier: Classifier, image: Any) -> None:
        super().__init__(classifier, image)
        self.low, self.high = _value_range(classifier, self.inputs)
        self.width = float(np.max(np.asarray(self.high) - np.asarray(self.low)))
        self._answers: tuple[AttackRequest, NDArray[np.float64], Predictions] | None = None  # along the last curve

    @property
    def is_small(self) -> bool:
        """Whether the picture has few pixels."""
        return bool(max(self.picture.shape[:2]) <= _SMALL)

    @property
    def _chunk(self) -> int:
        return _CHUNK_SMALL if self.is_small else _CHUNK_LARGE

    def attacked(self, request: AttackRequest, share: float, progress: Progress = None) -> AdversarialResult:
        """Return the attack of a given size, in shares of the range."""
        key = content_key("attacked", request, round(float(share), 9))
        result: AdversarialResult = self._cache.get_or(key, lambda: self._attack(request, share, progress))
        return result

    def _attack(self, request: AttackRequest, share: float, progress: Progress) -> AdversarialResult:
        size = float(share) * self.width
        if request.attack == "pgd":
            return self._pgd(self.inputs, request, np.array([size], "float32"), progress)
        attack, direction = self._fgsm(request)
        sizes = np.array([size], "float32")
        moved = attack.allowed.move(self.inputs, direction, sizes)
        after = self._answer_on_curve(request, share)
        recipe = attack.recipe("fgsm", epsilon=size)
        return attack.result(moved, sizes, recipe, direction, before=self.predictions, after=after)

    def is_known(self, request: AttackRequest, share: float) -> bool:
        """Tell whether `attacked` needs no pass through the model: the curve has been there."""
        return self._answer_on_curve(request, share) is not None

    def _answer_on_curve(self, request: AttackRequest, share: float) -> Predictions | None:
        """Return what the model answered at this very size while the curve was computed; None if it was not there."""
        answers = self._answers  # read once: the worker may replace it
        if answers is None or answers[0] != request or request.attack != "fgsm":
            return None
        _, shares, known = answers
        place = int(np.argmin(np.abs(shares - share)))
        exact = place < len(known) and abs(shares[place] - share) < _SAME
        return known[place] if exact else None

    def _fgsm(self, request: AttackRequest) -> tuple[Attack, NDArray[np.float32]]:
        """Take the gradient once: the direction does not depend on epsilon, so it serves the whole slider."""
        key = content_key("direction", request)

        def prepare() -> tuple[Attack, NDArray[np.float32]]:
            attack = Attack.prepare(
                self.classifier,
                self.inputs,
                request.target,
                targeted=request.targeted,
                norm="linf",
                clip=(self.low, self.high),
                mask=None,
                batch_size=None,
            )
            return attack, fgsm_direction(attack)

        found: tuple[Attack, NDArray[np.float32]] = self._cache.get_or(key, prepare)
        return found

    def _pgd(
        self,
        inputs: NDArray[np.float32],
        request: AttackRequest,
        sizes: NDArray[np.float32],
        progress: Progress,
    ) -> AdversarialResult:
        return pgd(
            self.classifier,
            inputs,
            request.target,
            epsilon=sizes,
            steps=PGD_STEPS,
            random_start=False,  # so that neighbouring sizes give neighbouring attacks, and the curve is one
            targeted=request.targeted,
            clip=(self.low, self.high),
            progress=progress,
        )

    def direction(self, request: AttackRequest, share: float) -> NDArray[np.float32]:
        """Return what a picture in [0, 1] moves by for a size of 1, shape (H, W, 3): what the browser blends."""
        if request.attack == "fgsm":
            step = self._fgsm(request)[1]
        else:  # before clipping by the range, all values would move by the same share: what is left is drawn as it is
            step = self.attacked(request, share).perturbation / max(share * self.width, 1e-12)
        pixel_map = self.classifier.pixel_map
        # A model without preprocessing may as well be fed 0..1: then its inputs are shares of the range already.
        if pixel_map is not None and np.allclose(pixel_map.low, self.low) and np.allclose(pixel_map.high, self.high):
            step = (pixel_map.direction_to_pixels(step) * (self.width / 255)).astype("float32")
        moved: NDArray[np.float32] = np.repeat(step[0], 3, axis=-1) if step.shape[-1] == 1 else step[0]
        return moved

    def shares(self, maximum: float) -> NDArray[np.float64]:
        """Return the sizes at which the curve is computed, from 0 to `maximum`."""
        return np.linspace(0, maximum, _POINTS_SMALL if self.is_small else _POINTS_LARGE)

    def curve(self, request: AttackRequest, shares: NDArray[np.float64]) -> Iterator[NDArray[np.float32]]:
        """Give the probabilities (points so far, K) as they come, up to all `shares`."""
        done, chunk = np.empty((0, len(self.classifier.labels)), "float32"), self._chunk
        for start in range(0, len(shares), chunk):
            done = np.concatenate([done, self._points(request, shares[start : start + chunk])])
            self._answers = (request, shares, Predictions(done, self.classifier.labels))
            yield done

    def _points(self, request: AttackRequest, shares: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the probabilities at several sizes, in one batch."""
        copies = np.repeat(self.inputs, len(shares), axis=0)
        sizes = (shares * self.width).astype("float32")

        def compute() -> NDArray[np.float32]:
            if request.attack == "pgd":
                return self._pgd(copies, request, sizes, None).after.probabilities
            attack, direction = self._fgsm(request)
            return attack.predict(attack.allowed.move(copies, direction, sizes)).probabilities

        points: NDArray[np.float32] = self._cache.get_or(content_key("curve", request, shares), compute)
        return points

    def smallest(self, request: AttackRequest, maximum: float, progress: Progress = None) -> float:
        """Return the smallest share at which FGSM reaches its aim, infinity if none up to `maximum` does."""

        def search() -> float:
            found = minimal_epsilon(
                self.classifier,
                self.inputs,
                request.target,
                targeted=request.targeted,
                clip=(self.low, self.high),
                maximum=maximum * self.width,
                tolerance=maximum * self.width / 500,
                progress=progress,
            )
            return float(found.epsilon[0]) / self.width

        share: float = self._cache.get_or(content_key("smallest", request, maximum), search)
        return share

    def saliency_maps(self, request: AttackRequest, share: float) -> Maps:
        """Explain the target class before and after; return both maps (H, W) and their rank correlation."""
        key = content_key("saliency", request, round(float(share), 9))

        def explain() -> Maps:
            pair = np.concatenate([self.inputs, self.attacked(request, share).adversarial])
            maps = saliency(self.classifier, pair, request.target).heatmap()
            return maps[0], maps[1], float(map_similarity(maps[:1], maps[1:])[0])

        found: Maps = self._cache.get_or(key, explain)
        return found


def _value_range(classifier: Classifier, inputs: NDArray[np.float32]) -> tuple[Any, Any]:
    """Return the model's range of values; where it is unknown, the usual one that holds the picture."""
    known = classifier.value_range
    if known is not None:
        return known
    low, high = float(inputs.min()), float(inputs.max())
    return next((pair for pair in ((0, 1), (-1, 1), (0, 255)) if pair[0] <= low and high <= pair[1]), (low, high))
