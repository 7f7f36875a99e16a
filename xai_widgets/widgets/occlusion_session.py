"""What the occlusion lab computes: scores where a hand has put the patch, and the map of all places."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.fills import make_fills
from xai_widgets.methods.occlusion import occlusion
from xai_widgets.methods.regions import Windows
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.picture_session import PictureSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.results.attribution import Attribution

FILLS = ("grey", "black", "white", "mean", "blurred")
_NEEDS_RANGE = ("grey", "black", "white")
_AT_A_TIME = 64  # copies between two reports: the first answer must not wait for the last


@dataclass(frozen=True)
class Setting:
    """What is slid over the picture.

    Attributes
    ----------
    patch, stride : int
        Sides, in pixels of the model's input; the patch is cut to the picture, the stride to the patch.
    fill : str
        One of `FILLS`.
    """

    patch: int
    stride: int
    fill: str


class OcclusionSession(PictureSession):
    """One picture seen by one model, whole and with a patch over it.

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
        self.sides = self.inputs.shape[1:3]
        self._known: dict[tuple[Setting, int], NDArray[np.float32]] = {}

    @property
    def fills(self) -> tuple[str, ...]:
        """What may hide a part: some need the range of the input space."""
        known = self.classifier.value_range is not None
        return FILLS if known else tuple(name for name in FILLS if name not in _NEEDS_RANGE)

    def windows(self, setting: Setting) -> Windows:
        """Return the places of the patch."""
        patch = tuple(min(setting.patch, side) for side in self.sides)
        return Windows.on(self.sides, patch, tuple(min(setting.stride, side) for side in patch))

    def fill(self, name: str) -> NDArray[np.float32]:
        """Return what shows instead, shape (1, H, W, C), in the input space."""
        return make_fills(self.classifier, self.inputs, name)

    def cover(self, name: str) -> NDArray[np.uint8]:
        """Return what shows instead, for the eye."""
        return self.shown(self.fill(name))

    def place(self, setting: Setting, corner: tuple[int, int]) -> int:
        """Return the number of the window whose corner is nearest."""
        away = np.abs(self.windows(setting).starts - np.asarray(corner)).sum(axis=1)
        return int(away.argmin())

    def known(self, setting: Setting, place: int) -> NDArray[np.float32] | None:
        """Return the logits (K,) with the patch at a place, if they have been computed."""
        return self._known.get((setting, place))

    def visit(
        self, setting: Setting, places: Iterable[int], report: Callable[[int, int], object] | None = None
    ) -> None:
        """Compute the logits with the patch at each of some places, unless they are known."""
        missing = [place for place in dict.fromkeys(places) if (setting, place) not in self._known]
        windows, fill = self.windows(setting), self.fill(setting.fill)
        for first in range(0, len(missing), _AT_A_TIME):
            some = missing[first : first + _AT_A_TIME]
            kept = np.stack([windows.kept(slice(place, place + 1))[0] for place in some])[..., np.newaxis]
            found = self.classifier.logits(self.inputs * kept + fill * (1 - kept))
            self._known.update({(setting, place): row for place, row in zip(some, found, strict=True)})
            if report is not None:
                report(first + len(some), len(missing))

    def hand_map(self, setting: Setting, places: Iterable[int], target: int) -> NDArray[np.float32] | None:
        """Return the map of the places visited so far, NaN elsewhere; None if there is none."""
        visited = [place for place in dict.fromkeys(places) if (setting, place) in self._known]
        if not visited:
            return None
        falls = [float(self.logits[target] - self._known[setting, place][target]) for place in visited]
        return self.windows(setting).partial(visited, falls)

    def whole_map(
        self, setting: Setting, target: int, progress: Callable[[int, int], object] | None = None
    ) -> tuple[Attribution, float]:
        """Return the map of all places, and the seconds it took the first time."""
        windows = self.windows(setting)

        def compute() -> tuple[Attribution, float]:
            begun = time.perf_counter()
            found = occlusion(
                self.classifier,
                self.inputs,
                target,
                patch=windows.patch,
                stride=windows.stride,
                fill=setting.fill,
                progress=progress,
            )
            return found, time.perf_counter() - begun

        answer: tuple[Attribution, float] = self._cache.get_or(content_key(setting, target), compute)
        return answer
