"""Eyes, in units of the head's radius: dots, round ones, almonds with a slit, and big ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xai_widgets.datasets.creatures.faces import Face, flat
from xai_widgets.datasets.creatures.palettes import INK, WHITE, Colour, mix
from xai_widgets.datasets.creatures.shapes import Shape, blob, ellipse, ribbon

if TYPE_CHECKING:
    from xai_widgets.datasets.creatures.ingredients import Part


class _Place(NamedTuple):
    """The position of an eye, its apparent width, and its side (-1 left, 1 right)."""

    x: float
    y: float
    narrow: float
    side: int


def eye_shapes(eyes: Part, face: Face, gaze: float) -> list[Shape]:
    """Return both eyes.

    Parameters
    ----------
    eyes : Part
        Its colour is that of the iris; a dot has it as a gleam on black.
    face : Face
    gaze : float
        Where they look, -1 to 1.
    """
    make = {"dot": _dot, "round": _round, "slit": _slit, "big": _big}[eyes.variant]
    shapes = []
    for side in (-1, 1):
        x, y, narrow = face.at(0.45 * side, -0.1, 0.92)
        shapes += make(_Place(x, y, 0.35 + 0.65 * narrow, side), eyes.colour, gaze)
    return shapes


def _gleam(x: float, y: float, size: float) -> Shape:
    return flat(ellipse(x, y, size, size, corners=12), "eyes", WHITE)


def _dot(at: _Place, colour: Colour, gaze: float) -> list[Shape]:
    x, y, narrow, _ = at
    ball = ellipse(x, y + 0.02, 0.125 * narrow, 0.14, corners=18)
    return [
        Shape(ball, "eyes", mix(INK, colour, 0.22), 0.0, 0.3, grain=0.0),
        _gleam(x - 0.035 + 0.02 * gaze, y - 0.035, 0.045),
    ]


def _round(at: _Place, colour: Colour, gaze: float) -> list[Shape]:
    x, y, narrow, side = at
    ball, shift = ellipse(x, y, 0.2 * narrow, 0.22), round(0.03 * gaze, 3)
    wide = narrow * side
    arch = [(x - 0.15 * wide, y - 0.35), (x + 0.04 * wide, y - 0.4), (x + 0.16 * wide, y - 0.34)]
    brow = ribbon(arch, [0.02, 0.028, 0.016], 3)
    return [
        flat(ball, "eyes", INK),
        Shape(ellipse(x + shift, y + 0.03, 0.155 * narrow, 0.165, corners=20), "eyes", colour, 0.0, 0.0, grain=0.0),
        flat(ellipse(x + 1.4 * shift, y + 0.01, 0.105 * narrow, 0.13, corners=18), "eyes", INK),
        _gleam(x - 0.06 + shift, y - 0.075, 0.065),
        _gleam(x + 0.06 + shift, y + 0.09, 0.03),
        flat(brow, "eyes", mix(INK, colour, 0.3)),
    ]


def _slit(at: _Place, colour: Colour, gaze: float) -> list[Shape]:
    x, y, narrow, side = at
    wide = 0.25 * narrow
    inner, outer = (x - side * wide, y + 0.08), (x + side * wide, y - 0.09)
    almond = blob([inner, (x - 0.03 * side, y - 0.14), outer, (x + 0.04 * side, y + 0.14)], 6)
    lid = ribbon([inner, (x - 0.03 * side, y - 0.15), (x + side * (wide + 0.07), y - 0.14)], [0.025, 0.05, 0.02], 4)
    return [
        flat(almond, "eyes", colour, line=0.9),
        flat(ellipse(x + 0.05 * gaze, y, 0.055 * narrow, 0.135, corners=16), "eyes", INK),
        _gleam(x - 0.05 + 0.05 * gaze, y - 0.06, 0.042),
        flat(lid, "eyes", INK),
    ]


def _big(at: _Place, colour: Colour, gaze: float) -> list[Shape]:
    x, y, narrow, _ = at
    shift = round(0.05 * gaze, 3)
    return [
        Shape(ellipse(x, y, 0.35 * narrow, 0.36), "eyes", mix(WHITE, colour, 0.08), 0.9, 0.2, grain=0.0),
        flat(ellipse(x + shift, y + 0.01, 0.275 * narrow, 0.285, corners=24), "eyes", colour),
        flat(ellipse(x + 1.5 * shift, y + 0.01, 0.17 * narrow, 0.19, corners=20), "eyes", INK),
        _gleam(x - 0.08 + shift, y - 0.1, 0.078),
        _gleam(x + 0.07 + shift, y + 0.11, 0.034),
    ]
