"""What the occlusion lab computes: scores where a hand has put the patch, and the map of all places."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.perturbation.fills import make_fills
from xai_widgets.methods.attribution.perturbation.occlusion import occlusion
from xai_widgets.methods.attribution.perturbation.windows import Windows
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.base.picture_session import PictureSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.attribution_result import Attribution

FILLS = ("grey", "black", "white", "mean", "blurred")
_NEEDS_RANGE = ("grey", "black", "white")
_AT_A_TIME = 64  # copies between two reports: the first answer must not wait for the last


@dataclass(frozen=True)
class Patch:
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
        self._known: dict[tuple[Patch, int], NDArray[np.float32]] = {}

    @property
    def fills(self) -> tuple[str, ...]:
        """What may hide a part: some need the range of the input space."""
        known = self.classifier.value_range is not None
        return FILLS if known else tuple(name for name in FILLS if name not in _NEEDS_RANGE)

    def windows(self, patch: Patch) -> Windows:
        """Return the places of the patch."""
        sides = tuple(min(patch.patch, side) for side in self.sides)
        return Windows.on(self.sides, sides, tuple(min(patch.stride, side) for side in sides))

    def fill(self, name: str) -> NDArray[np.float32]:
        """Return what shows instead, shape (1, H, W, C), in the input space."""
        return make_fills(self.classifier, self.inputs, name)

    def cover(self, name: str) -> NDArray[np.uint8]:
        """Return what shows instead, for the eye."""
        return self.shown(self.fill(name))

    def place(self, patch: Patch, corner: tuple[int, int]) -> int:
        """Return the number of the window whose corner is nearest."""
        away = np.abs(self.windows(patch).starts - np.asarray(corner)).sum(axis=1)
        return int(away.argmin())

    def known(self, patch: Patch, place: int) -> NDArray[np.float32] | None:
        """Return the logits (K,) with the patch at a place, if they have been computed."""
        return self._known.get((patch, place))

    def visit(self, patch: Patch, places: Iterable[int], report: Callable[[int, int], object] | None = None) -> None:
        """Compute the logits with the patch at each of some places, unless they are known."""
        missing = [place for place in dict.fromkeys(places) if (patch, place) not in self._known]
        windows, fill = self.windows(patch), self.fill(patch.fill)
        for first in range(0, len(missing), _AT_A_TIME):
            some = missing[first : first + _AT_A_TIME]
            kept = np.stack([windows.kept(slice(place, place + 1))[0] for place in some])[..., np.newaxis]
            found = self.classifier.logits(self.inputs * kept + fill * (1 - kept))
            self._known.update({(patch, place): row for place, row in zip(some, found, strict=True)})
            if report is not None:
                report(first + len(some), len(missing))

    def hand_map(self, patch: Patch, places: Iterable[int], target: int) -> NDArray[np.float32] | None:
        """Return the map of the places visited so far, NaN elsewhere; None if there is none."""
        visited = [place for place in dict.fromkeys(places) if (patch, place) in self._known]
        if not visited:
            return None
        falls = [float(self.logits[target] - self._known[patch, place][target]) for place in visited]
        return self.windows(patch).partial(visited, falls)

    def whole_map(
        self, patch: Patch, target: int, progress: Callable[[int, int], object] | None = None
    ) -> tuple[Attribution, float]:
        """Return the map of all places, and the seconds it took the first time."""
        windows = self.windows(patch)

        def compute() -> tuple[Attribution, float]:
            begun = time.perf_counter()
            found = occlusion(
                self.classifier,
                self.inputs,
                target,
                patch=windows.patch,
                stride=windows.stride,
                baseline=patch.fill,
                progress=progress,
            )
            return found, time.perf_counter() - begun

        answer: tuple[Attribution, float] = self._cache.get_or(content_key(patch, target), compute)
        return answer


@dataclass(frozen=True, eq=False)
class OcclusionState:
    """What is known at one moment: everything that the views show follows from it.

    Attributes
    ----------
    session : OcclusionSession
    patch : Patch
    target : int
        The explained class.
    place : tuple of int
        Row and column of the patch's corner; empty where it was not put down.
    visited : tuple of (int, int)
        Where the patch has been put, in order.
    answer : Attribution or None
        The map of all places, where it is made.
    """

    session: OcclusionSession
    patch: Patch
    target: int
    place: tuple[int, ...]
    visited: tuple[tuple[int, int], ...]
    answer: Attribution | None

    @property
    def label(self) -> str:
        """The name of the explained class."""
        return str(self.session.class_names[self.target])

    @property
    def places(self) -> list[int]:
        """The numbers of the windows that were visited."""
        return [self.session.place(self.patch, corner) for corner in self.visited]

    @property
    def here(self) -> int | None:
        """The number of the window under the patch; None where it was not put down."""
        return self.session.place(self.patch, (self.place[0], self.place[1])) if self.place else None

    @property
    def logits_here(self) -> NDArray[np.float32] | None:
        """The logits (K,) with the patch where it is; None where they are not known, or no patch was put down."""
        return None if self.here is None else self.session.known(self.patch, self.here)

    @functools.cached_property
    def hand_map(self) -> NDArray[np.float32] | None:
        """The map of the visited places, NaN elsewhere; None where there is none."""
        return self.session.hand_map(self.patch, self.places, self.target)

    @property
    def whole_map(self) -> NDArray[np.float32] | None:
        """The map of all places; None until it is made."""
        return None if self.answer is None else self.answer.values[0]

    @property
    def limit(self) -> float:
        """The end of the colour scale that the two maps share."""
        maps = [values for values in (self.hand_map, self.whole_map) if values is not None]
        return max((float(np.nanmax(np.abs(values))) for values in maps), default=0.0) or 1.0

    @property
    def covered(self) -> NDArray[np.uint8]:
        """The picture with the patch on it, where it was put down, (H, W, 3)."""
        picture = self.session.picture.copy()
        if self.place:
            sides = self.session.windows(self.patch).patch
            inside = tuple(slice(start, start + side) for start, side in zip(self.place, sides, strict=True))
            picture[inside] = self.session.cover(self.patch.fill)[inside]
        return picture
