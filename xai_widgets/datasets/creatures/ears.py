"""Ears, in units of the head's radius: pointed, round, long, floppy and tufted ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xai_widgets.datasets.creatures.palettes import INK, PINK, Colour, mix
from xai_widgets.datasets.creatures.shapes import Shape, blob, ellipse, leaf, ribbon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.datasets.creatures.ingredients import Part

_TURNED = 0.3  # radians from which a hanging ear on the far side is behind the head


def ear_shapes(ears: Part, turn: float, chance: Sequence[float]) -> tuple[list[Shape], list[Shape]]:
    """Return the ears behind and the ears in front of a head that is turned to the right by `turn` radians.

    Ears sit at the sides, in the middle between front and back: turning brings the far one nearer to the middle.
    """
    make = {"pointed": _pointed, "round": _round, "long": _long, "floppy": _floppy, "tufted": _tufted}[ears.variant]
    placed = {}
    for side in (1, -1):  # the one on the right is the far one
        narrow = math.cos(0.9 * turn) if side > 0 else 1.0
        shift = -(0.2 if side > 0 else 0.06) * math.sin(turn)
        shapes = make(ears.colour, chance[4 + (side > 0)], side)
        placed[side] = [shape._replace(points=shape.points * (side * narrow, 1) + (shift, 0)) for shape in shapes]
    if ears.variant != "floppy":
        return placed[1] + placed[-1], []
    return (placed[1], placed[-1]) if turn > _TURNED else ([], placed[1] + placed[-1])


def _inner(colour: Colour) -> Colour:
    return mix(colour, PINK, 0.6)


def _pointed(colour: Colour, bend: float, side: int) -> list[Shape]:
    del side
    tip = (0.88 + 0.08 * bend, -1.42)
    return [
        Shape(leaf((0.14, -0.66), tip, (1.0, -0.22), 0.07), "ears", colour),
        Shape(
            leaf((0.36, -0.74), (tip[0] - 0.04, tip[1] + 0.24), (0.86, -0.42), 0.06), "ears", _inner(colour), 0.0, 0.6
        ),
    ]


def _round(colour: Colour, bend: float, side: int) -> list[Shape]:
    del bend, side
    return [
        Shape(ellipse(0.8, -0.76, 0.46, 0.46), "ears", colour),
        Shape(ellipse(0.82, -0.74, 0.29, 0.3, corners=22), "ears", _inner(colour), 0.0, 0.6),
    ]


def _long(colour: Colour, bend: float, side: int) -> list[Shape]:
    lean = 0.12 + 0.3 * bend if side > 0 else 0.16 + 0.12 * bend
    path = [(0.34, -0.72), (0.42, -1.2), (0.4 + lean, -1.62), (0.42 + 1.9 * lean, -1.9)]
    middle = [(0.36, -0.9), (0.43, -1.22), (0.4 + lean, -1.6), (0.42 + 1.7 * lean, -1.8)]
    return [
        Shape(ribbon(path, [0.17, 0.25, 0.24, 0.1]), "ears", colour),
        Shape(ribbon(middle, [0.08, 0.13, 0.12, 0.04]), "ears", _inner(colour), 0.0, 0.6),
    ]


def _floppy(colour: Colour, bend: float, side: int) -> list[Shape]:
    del side
    out = 0.12 * bend
    lobe = [
        (0.34, -0.88),
        (0.7, -0.9),
        (1.06 + out, -0.45),
        (1.16 + out, 0.15),
        (0.98 + out, 0.42),
        (0.76, 0.2),
        (0.68, -0.32),
    ]
    fold = ribbon([(0.42, -0.74), (0.64, -0.66), (0.76, -0.4)], [0.014, 0.022, 0.01], 4)
    return [
        Shape(blob(lobe), "ears", mix(colour, INK, 0.1)),
        Shape(fold, "ears", mix(colour, INK, 0.45), 0.0, 0.0, grain=0.0),
    ]


def _tufted(colour: Colour, bend: float, side: int) -> list[Shape]:
    del side
    tip = (1.0 + 0.08 * bend, -1.22)
    hairs = [
        leaf((0.62, -0.8), (tip[0] + 0.01 + 0.09 * step, tip[1] - 0.3 + 0.07 * abs(step)), (0.86, -0.7), -0.05)
        for step in (-1, 1)
    ]
    return [
        *(Shape(hair, "ears", mix(colour, INK, 0.35), 0.5, 0.4) for hair in hairs),
        Shape(leaf((0.26, -0.72), tip, (0.92, -0.34), 0.02), "ears", colour),
        Shape(leaf((0.46, -0.74), (tip[0] - 0.08, tip[1] + 0.2), (0.82, -0.5), 0.02), "ears", _inner(colour), 0.0, 0.6),
    ]
