"""Colours: the palettes that scenes draw from, and mixing. A colour is (red, green, blue), 0 to 255."""

from __future__ import annotations

from typing import Final

Colour = tuple[int, int, int]

FUR: Final[tuple[Colour, ...]] = (
    (226, 134, 66),  # ginger
    (196, 106, 56),  # rust
    (150, 102, 70),  # hazel
    (108, 74, 58),  # chocolate
    (242, 220, 182),  # cream
    (218, 180, 128),  # sand
    (236, 190, 92),  # honey
    (244, 240, 232),  # snow
    (168, 168, 172),  # silver
    (112, 116, 128),  # slate
    (72, 70, 82),  # charcoal
    (126, 148, 176),  # dusk blue
    (232, 166, 162),  # rose
    (154, 178, 142),  # sage
)
"""Colours of fur and feathers; their distribution is the same in every class."""

LIGHT: Final[tuple[Colour, ...]] = ((252, 246, 236), (248, 232, 208), (244, 222, 196), (238, 236, 238))
"""Colours of bellies, cheeks and muzzles."""

IRIS: Final[tuple[Colour, ...]] = ((224, 168, 46), (120, 170, 78), (88, 152, 200), (142, 92, 52), (176, 132, 200))
"""Colours of eyes."""

HORN: Final[tuple[Colour, ...]] = ((244, 166, 50), (232, 126, 60), (222, 182, 92), (140, 132, 132))
"""Colours of beaks and of the feet of birds."""

CLOTH: Final[tuple[Colour, ...]] = (
    (214, 62, 70),
    (52, 124, 190),
    (54, 152, 118),
    (246, 184, 48),
    (146, 94, 176),
    (238, 120, 60),
)
"""Colours of collars and scarves."""

INK: Final[Colour] = (46, 36, 44)
PINK: Final[Colour] = (240, 142, 146)
WHITE: Final[Colour] = (255, 255, 255)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with a `share` (0..1) of `other` in it.

    Examples
    --------
    >>> mix((0, 0, 0), (200, 100, 50), 0.5)
    (100, 50, 25)
    """
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Return the luminance of a colour, 0 (black) to 1 (white).

    Examples
    --------
    >>> luminance((255, 255, 255))
    1.0
    """
    red, green, blue = colour
    return round((0.299 * red + 0.587 * green + 0.114 * blue) / 255, 6)
