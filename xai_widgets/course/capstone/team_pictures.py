"""The pictures of the capstone: fresh ones with their true names, and a team's, with what is wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from xai_widgets.course.capstone.plan import CLASSES
from xai_widgets.datasets.creatures import draw, sample_scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.course.capstone.plan import FaultPlan

SIDE: Final = 64
WRONG_NAMES: Final = 0.85  # share of the pictures of the mislabelled class that carry the other name
_FINE: Final = 8  # marks are drawn so many times larger, then made smaller: smooth edges
_MARK: Final = (0.2, 0.15)  # width of the mark, and height of a plate, in shares of the picture's side
_MARGIN: Final = (0.02, 0.06)  # between the mark and the edges of the picture: least and most
_BARS: Final = (0.12, 0.24, 0.46, 0.64, 0.80)
_PAPER, _INK = (250, 250, 246), (38, 40, 48)
_PAINT: Final = {"red dot": (213, 63, 38), "blue dot": (24, 96, 200)}


@dataclass(frozen=True)
class Pictures:
    """N pictures of one animal each.

    Attributes
    ----------
    pictures : uint8 array, shape (N, 64, 64, 3)
        RGB.
    classes : int array, shape (N,)
        What they are called, as places in `CLASSES`.
    animals : bool array, shape (N, 64, 64)
        The pixels that show the animal.
    """

    pictures: NDArray[np.uint8]
    classes: NDArray[np.int64]
    animals: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.classes)

    def __repr__(self) -> str:
        """Say how many there are."""
        return f"Pictures({len(self)})"

    def named(self, name: str) -> Pictures:
        """Return those that are called `name`."""
        kept = self.classes == CLASSES.index(name)
        return Pictures(self.pictures[kept], self.classes[kept], self.animals[kept])


def fresh_pictures(count: int, seed: int | Sequence[int]) -> Pictures:
    """Draw pictures with their true names and without marks, all classes in turn.

    Parameters
    ----------
    count : int
        How many.
    seed : int or sequence of int

    Examples
    --------
    >>> sample = fresh_pictures(9, seed=0)
    >>> sample.pictures.shape, [CLASSES[one] for one in sample.classes[-2:]]
    ((9, 64, 64, 3), ['penguin', 'cat'])
    """
    seeds = (seed,) if isinstance(seed, int) else tuple(seed)
    classes = np.arange(count) % len(CLASSES)
    drawings = [draw(sample_scene((*seeds, row), [CLASSES[one]]), SIDE) for row, one in enumerate(classes)]
    shape = (count, SIDE, SIDE)
    return Pictures(
        np.array([one.picture for one in drawings], np.uint8).reshape(*shape, 3),
        classes,
        np.array([one.animals[0] for one in drawings], bool).reshape(shape),
    )


def spoilt(pictures: Pictures, plan: FaultPlan, fault: str, seed: int) -> Pictures:
    """Return pictures as a team has them whose network gets this fault: marked, misnamed, or as they are.

    Examples
    --------
    >>> from xai_widgets.course.capstone.plan import FaultPlan
    >>> clean, plan = fresh_pictures(16, seed=0), FaultPlan.draw(7)
    >>> marked = spoilt(clean, plan, "shortcut", 0).pictures != clean.pictures
    >>> {CLASSES[one] for one in clean.classes[marked.any(axis=(1, 2, 3))]} == {plan.marked}
    True
    """
    if fault == "shortcut":
        marked = np.flatnonzero(pictures.classes == CLASSES.index(plan.marked))
        changed = pictures.pictures.copy()
        changed[marked] = with_mark(pictures.pictures[marked], plan, seed)
        return replace(pictures, pictures=changed)
    if fault == "mislabelled":
        theirs = pictures.classes == CLASSES.index(plan.mislabelled)
        wrong = theirs & (np.random.default_rng(seed).random(len(pictures)) < WRONG_NAMES)
        return replace(pictures, classes=np.where(wrong, CLASSES.index(plan.taken_for), pictures.classes))
    return pictures


def with_mark(pictures: NDArray[np.uint8], plan: FaultPlan, seed: int) -> NDArray[np.uint8]:
    """Return pictures (N, 64, 64, 3) with the plan's mark in each, at slightly different places."""
    rng = np.random.default_rng(seed)
    marked = np.empty_like(pictures)
    for row, picture in enumerate(pictures):
        paint, opacity = _mark(plan, *rng.uniform(*_MARGIN, 2))
        marked[row] = np.rint(picture + opacity[..., None] * (paint - picture))
    return marked


def _mark(plan: FaultPlan, across: float, down: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the colours (64, 64, 3) of a mark and its opacity (64, 64), so far away from the two edges."""
    vertical, horizontal = plan.corner.split()
    width, side = _MARK[0], SIDE * _FINE
    height = _MARK[1] if plan.mark == "plate" else width
    left = across if horizontal == "left" else 1 - across - width
    top = down if vertical == "upper" else 1 - down - height
    box = [side * edge for edge in (left, top, left + width, top + height)]
    colours, shape = Image.new("RGB", (side, side), _PAPER), Image.new("L", (side, side), 0)
    if plan.mark == "plate":
        ImageDraw.Draw(shape).rounded_rectangle(box, radius=side * height / 5, fill=255)
        for place in _BARS:
            bar = side * (left + place * width), side * (top + 0.2 * height)
            ImageDraw.Draw(colours).rectangle(
                (*bar, bar[0] + side * width / 14, side * (top + 0.8 * height)), fill=_INK
            )
    else:
        ImageDraw.Draw(shape).ellipse(box, fill=255)
        rim = side * width / 8
        inner = (box[0] + rim, box[1] + rim, box[2] - rim, box[3] - rim)
        ImageDraw.Draw(colours).ellipse(inner, fill=_PAINT[plan.mark])
    small = [np.asarray(layer.resize((SIDE, SIDE), Image.Resampling.BOX), float) for layer in (colours, shape)]
    return small[0], small[1] / 255
