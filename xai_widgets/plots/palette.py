"""Colours and second signs that colour-blind readers can distinguish; without matplotlib, for the browser too."""

from __future__ import annotations

from typing import NamedTuple

# Okabe and Ito (2008), "Color universal design", without yellow, which is too faint on white.
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
COLOURS = OKABE_ITO[:6]  # those that are seen on a light and on a dark page
MARKERS = "osD^v"
DASHES = ("", "6 4", "2 3", "10 3 2 3", "10 3 2 3 2 3")
HATCHES = ("", "/", ".", "x", "\\")
LOOKS = len(COLOURS) * len(MARKERS)
"""So many classes can be told apart without their names."""

_GREY = "#999999"


class Look(NamedTuple):
    """How a class looks wherever it is drawn: six have a colour each, and each further six another second sign.

    Attributes
    ----------
    colour : str
        Such as ``"#0072B2"``.
    marker : str
        Of its points: a marker of matplotlib.
    dash : str
        Of its lines: a dash pattern as SVG has it, in line widths of about 1; empty for a full line.
    hatch : str
        Of its bars: a hatch of matplotlib; empty for none.
    """

    colour: str
    marker: str
    dash: str
    hatch: str

    @property
    def linestyle(self) -> tuple[int, tuple[int, ...] | None]:
        """The dash pattern as matplotlib has it, for a line of width 1.5."""
        return 0, tuple(round(int(one) / 1.5) for one in self.dash.split()) or None


def look(number: int) -> Look:
    """Return how a class, or another group, looks by its number; a negative number is grey.

    Parameters
    ----------
    number : int
        The class. From 30 on, the looks come again.

    Returns
    -------
    Look
        The same for the same number, in every lab and figure.

    Examples
    --------
    >>> look(0).colour, look(6).colour, look(6).marker, look(6).hatch, look(-1).colour
    ('#0072B2', '#0072B2', 's', '/', '#999999')
    """
    if number < 0:
        return Look(_GREY, MARKERS[0], DASHES[0], HATCHES[0])
    second = number // len(COLOURS) % len(MARKERS)
    return Look(COLOURS[number % len(COLOURS)], MARKERS[second], DASHES[second], HATCHES[second])
