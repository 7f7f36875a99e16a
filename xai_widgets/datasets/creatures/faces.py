"""Faces: cheeks, muzzles, beaks and whiskers, in units of the head's radius, x to the right and y down.

A face lies on a ball: a head that is turned moves eyes and nose along it, and what lies further round gets narrower.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.datasets.creatures.palettes import INK, PINK, WHITE, Colour, mix
from xai_widgets.datasets.creatures.shapes import Points, Shape, blob, ellipse, leaf, mirrored, moved, ribbon, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.datasets.creatures.ingredients import Part

_TONGUE: Colour = (232, 108, 116)


class Face:
    """Positions on a turned head, which is modelled as a ball."""

    def __init__(self, turn: float) -> None:
        self.turn = turn

    def at(self, along: float, down: float, out: float = 1.0) -> tuple[float, float, float]:
        """Return x, y and the foreshortening there, `along` radians from the middle of the face.

        Examples
        --------
        >>> Face(0.0).at(0.0, 0.3)
        (0.0, 0.3, 1.0)
        """
        return out * math.sin(along + self.turn), down, max(math.cos(along + self.turn), 0.45)


def flat(points: Points, part: str, colour: Colour, line: float = 0.0) -> Shape:
    """Return a shape in one even colour."""
    return Shape(points, part, colour, line=line, volume=0.0, grain=0.0)


def cheek_shapes(cheeks: Part, outline: Points, face: Face) -> list[Shape]:
    """Return the light fur of a face, inside the outline of its head."""
    x, _, _ = face.at(0.0, 0.0, 0.8)
    if cheeks.variant == "disc":
        heart = mirrored([(0.0, -0.3), (0.36, -0.62), (0.74, -0.4), (0.82, 0.05), (0.6, 0.5), (0.0, 0.78)])
    else:
        heart = mirrored([(0.0, 0.02), (0.2, -0.02), (0.42, 0.22), (0.8, 0.1), (1.3, 0.3), (0.8, 0.9), (0.0, 1.1)])
    inside = within(moved(heart, x, 0.02), outline, 0.96)
    return [Shape(inside, "cheeks", cheeks.colour, line=0.0, volume=0.35)]


def muzzle_shapes(muzzle: Part, face: Face, mouth: str) -> list[Shape]:
    """Return muzzle, nose and mouth."""
    return {"button": _button, "pointed": _pointed, "broad": _broad, "snout": _snout}[muzzle.variant](
        muzzle.colour, face, mouth
    )


def _button(colour: Colour, face: Face, mouth: str) -> list[Shape]:
    x, y, _ = face.at(0.0, 0.3, 1.02)
    shapes = [
        Shape(ellipse(x + 0.17 * side, y + 0.17, 0.24, 0.18), "muzzle", colour, 0.0, 0.3, grain=0.0) for side in (-1, 1)
    ]
    nose = blob(
        [
            (x - 0.15, y - 0.06),
            (x, y - 0.09),
            (x + 0.15, y - 0.06),
            (x + 0.06, y + 0.06),
            (x, y + 0.1),
            (x - 0.06, y + 0.06),
        ],
        4,
    )
    shapes.append(Shape(nose, "muzzle", mix(PINK, (200, 70, 90), 0.35), 0.5, 0.4, grain=0.0))
    return shapes + _mouth(x, y + 0.1, 0.16, mouth, "muzzle")


def _pointed(colour: Colour, face: Face, mouth: str) -> list[Shape]:
    x, y, _ = face.at(0.0, 0.5, 1.0)
    out = x * 1.3  # it is in front of the ball, so a turn moves it further
    cone = blob(
        [
            (x * 0.5 - 0.3, 0.14),
            (x * 0.5 + 0.3, 0.14),
            (out + 0.24, y),
            (out + 0.13, y + 0.2),
            (out, y + 0.24),
            (out - 0.13, y + 0.2),
            (out - 0.24, y),
        ]
    )
    nose = ellipse(out, y - 0.03, 0.17, 0.13, corners=18)
    gleam = ellipse(out - 0.05, y - 0.08, 0.05, 0.03, corners=10)
    return [
        Shape(cone, "muzzle", colour, 0.35, 0.4, grain=0.0),
        *_mouth(out, y + 0.09, 0.12, mouth, "muzzle"),
        Shape(nose, "muzzle", INK, 0.0, 0.3, grain=0.0),
        flat(gleam, "muzzle", mix(INK, WHITE, 0.6)),
    ]


def _broad(colour: Colour, face: Face, mouth: str) -> list[Shape]:
    x, y, narrow = face.at(0.0, 0.4, 1.05)
    pad = mirrored([(0.0, -0.34), (0.3, -0.28), (0.5, 0.06), (0.36, 0.36), (0.0, 0.42)])
    pad = moved(pad * (0.6 + 0.4 * narrow, 1), x, y)
    nose = blob(
        [
            (x - 0.23, y - 0.2),
            (x, y - 0.27),
            (x + 0.23, y - 0.2),
            (x + 0.14, y - 0.03),
            (x, y + 0.02),
            (x - 0.14, y - 0.03),
        ],
        4,
    )
    gleam = ellipse(x - 0.07, y - 0.18, 0.07, 0.03, corners=10)
    return [
        Shape(pad, "muzzle", colour, 0.6, 0.45, grain=0.0),
        *_mouth(x, y + 0.02, 0.21, mouth, "muzzle"),
        Shape(nose, "muzzle", INK, 0.0, 0.3, grain=0.0),
        flat(gleam, "muzzle", mix(INK, WHITE, 0.6)),
    ]


def _snout(colour: Colour, face: Face, mouth: str) -> list[Shape]:
    x, y, narrow = face.at(0.0, 0.36, 1.1)
    disc = ellipse(x, y, 0.46 * (0.6 + 0.4 * narrow), 0.31)
    holes = [ellipse(x + 0.17 * side, y - 0.02, 0.07, 0.11, corners=16) for side in (-1, 1)]
    return [
        *_mouth(x, y + 0.24, 0.24, mouth, "muzzle", line=False),
        Shape(disc, "muzzle", mix(colour, PINK, 0.4), 0.8, 0.5, grain=0.0),
        *(flat(hole, "muzzle", mix(mix(colour, PINK, 0.4), INK, 0.7)) for hole in holes),
    ]


def _mouth(x: float, y: float, width: float, kind: str, part: str, *, line: bool = True) -> list[Shape]:
    """Return a mouth under a nose at (x, y): two arcs like a w, closed or with a tongue."""
    shapes = []
    low = y + 0.12
    if kind == "open":
        gape = blob(
            [
                (x - width * 0.6, low),
                (x + width * 0.6, low),
                (x + width * 0.4, low + 0.17),
                (x, low + 0.23),
                (x - width * 0.4, low + 0.17),
            ],
            4,
        )
        shapes.append(flat(gape, part, mix(INK, (130, 30, 50), 0.5)))
        shapes.append(flat(ellipse(x, low + 0.15, width * 0.36, 0.08, corners=12), part, _TONGUE))
    rise = {"smile": 0.09, "calm": 0.02, "open": 0.09}[kind]
    if line:
        shapes.append(flat(ribbon([(x, y - 0.04), (x, low)], [0.025, 0.025], 2), part, INK))
    for side in (-1, 1):
        arc = [(x, low), (x + side * width * 0.55, low + 0.07), (x + side * width * 1.1, low - rise)]
        shapes.append(flat(ribbon(arc, [0.028, 0.032, 0.02], 4), part, INK))
    return shapes


def beak_shapes(beak: Part, face: Face, mouth: str) -> list[Shape]:
    """Return a beak, its lower half first."""
    x, y, _ = face.at(0.0, 0.26, 1.05)
    out = x * 1.25
    drop = 0.1 if mouth == "open" else 0.0
    lower = leaf((x - 0.17, y + 0.04), (out, y + 0.36 + drop), (x + 0.17, y + 0.04), 0.1)
    upper = leaf((x - 0.25, y - 0.02), (out, y + 0.3), (x + 0.25, y - 0.02), 0.12)
    crown = leaf((x + 0.25, y - 0.02), (x, y - 0.2), (x - 0.25, y - 0.02), 0.1)
    whole = np.concatenate([upper, crown[1:-1]])
    nostrils = [ellipse(x + 0.08 * side, y - 0.02, 0.022, 0.03, corners=10) for side in (-1, 1)]
    return [
        Shape(lower, "beak", mix(beak.colour, INK, 0.3), 0.7, 0.3, grain=0.0),
        Shape(whole, "beak", beak.colour, 0.7, 0.7, grain=0.0),
        *(flat(nostril, "beak", mix(beak.colour, INK, 0.7)) for nostril in nostrils),
    ]


def whisker_shapes(whiskers: Part, face: Face, chance: Sequence[float]) -> list[Shape]:
    """Return three hairs on each side."""
    shapes = []
    x, y, _ = face.at(0.0, 0.46, 1.02)
    for side in (-1, 1):
        reach = 1.0 + 0.22 * side * math.sin(face.turn)
        for hair, lift in enumerate((-0.2, 0.0, 0.19)):
            droop = lift + 0.08 * (chance[hair] - 0.5)
            middle = (x + side * 0.75 * reach, y + 0.75 * droop - 0.03)
            line = [(x + side * 0.27, y + 0.3 * lift), middle, (x + side * 1.2 * reach, y + 1.5 * droop + 0.05)]
            shapes.append(flat(ribbon(line, [0.034, 0.032, 0.016], 4), "whiskers", whiskers.colour))
    return shapes
