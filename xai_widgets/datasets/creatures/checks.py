"""Checks of the values in a scene; each error message says what was wrong and what to give instead."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PIL import ImageColor

from xai_widgets.common.name_matching import suggestion
from xai_widgets.datasets.creatures.classes import SceneError

if TYPE_CHECKING:
    from collections.abc import Collection

    from xai_widgets.datasets.creatures.palettes import Colour


def check_member(value: object, known: Collection[str], what: str) -> None:
    """Raise an error if a value is not one of the `known` ones."""
    if not isinstance(value, str) or value not in known:
        raise SceneError(f"there is no {what} {value!r:.99}; {suggestion(str(value)[:99], known)}")


def check_number(value: object, low: float, high: float, what: str) -> None:
    """Raise an error if a value is not a finite number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SceneError(f"{what} must be a finite number, not {value!r:.99}")
    if not low <= value <= high:
        raise SceneError(f"{what} must lie in {low:g}..{high:g}, not {value:g}")


def check_whole(value: object, what: str, low: int = 0, high: int | None = None) -> None:
    """Raise an error if a value is not an integer from `low` to `high`."""
    if type(value) is not int or value < low or (high is not None and value > high):
        upper = "" if high is None else f" to {high}"
        raise SceneError(f"{what} must be a whole number from {low}{upper}, not {value!r:.99}")


def check_colour(value: object, what: str) -> None:
    """Raise an error if a value is not a tuple (red, green, blue) of integers 0..255."""
    good = isinstance(value, tuple) and len(value) == 3 and all(type(v) is int and 0 <= v <= 255 for v in value)
    if not good:
        raise SceneError(f"{what} must be three whole numbers 0..255, not {value!r:.99}")


def as_colour(colour: Any) -> Colour:
    """Return (red, green, blue), 0..255, from three numbers, a CSS name or ``"#rrggbb"``.

    Raises
    ------
    SceneError
        If it is no colour.

    Examples
    --------
    >>> as_colour("tomato")
    (255, 99, 71)
    """
    if isinstance(colour, str):
        try:
            return ImageColor.getrgb(colour)[:3]
        except ValueError as error:
            raise SceneError(f"there is no colour {colour!r:.99}; give a CSS name, '#rrggbb' or (r, g, b)") from error
    try:
        found = tuple(int(v) if hasattr(v, "__index__") else v for v in colour)
    except TypeError:
        found = colour
    check_colour(found, "a colour")
    return found[0], found[1], found[2]
