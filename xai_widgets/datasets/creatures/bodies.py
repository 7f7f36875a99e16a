"""Bodies, legs, tails, wings and collars of animals, as shapes in the units of their pose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from xai_widgets.datasets.creatures.palettes import INK, WHITE, Colour, mix
from xai_widgets.datasets.creatures.patterns import on_fur, rings
from xai_widgets.datasets.creatures.shapes import Points, Shape, blob, ellipse, mirrored, moved, ribbon, turned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.datasets.creatures.ingredients import Animal, Part
    from xai_widgets.datasets.creatures.poses import Skeleton

_WIDTH: Final = {"slim": 0.9, "pear": 1.0, "ball": 1.1}
_SHADE = (70, 54, 84)


def body_shapes(animal: Animal, skeleton: Skeleton, chance: Sequence[float]) -> list[Shape]:
    """Return everything below the head, from back to front.

    Parameters
    ----------
    animal : Animal
    skeleton : Skeleton
        Its pose.
    chance : sequence of float
        Random numbers, 0..1, that stay the same whatever parts the animal has.

    Returns
    -------
    list of Shape
    """
    parts = {part.name: part for part in animal.parts}
    pattern = parts.get("pattern")
    shapes: list[Shape] = []
    if "tail" in parts:
        shapes += _tail(parts["tail"], skeleton, pattern, chance)
    if "legs" in parts:
        shapes += _legs(parts["legs"], skeleton, nearness=0)
    if "wings" in parts:
        shapes += _wings(parts["wings"], skeleton, nearness=0)
    if "body" in parts:
        shapes += _trunk(parts["body"], skeleton, pattern, chance)
    if "belly" in parts:
        shapes.append(_belly(parts["belly"], skeleton))
    if "legs" in parts:
        shapes += _haunches(parts["legs"], skeleton) + _legs(parts["legs"], skeleton, nearness=1)
    if "wings" in parts:
        shapes += _wings(parts["wings"], skeleton, nearness=1)
    if "collar" in parts:
        shapes += _collar(parts["collar"], skeleton)
    return shapes


def _trunk(body: Part, skeleton: Skeleton, pattern: Part | None, chance: Sequence[float]) -> list[Shape]:
    width = _WIDTH[body.variant]
    points = np.array(skeleton.body)
    low = np.clip(-points[:, 1] / 0.5, 0, 1)  # a ball is broad in the middle, a slim body narrow
    spread = 1 + (width - 1) * (1.6 * np.sin(np.pi * low) + 0.3)
    outline = blob(points * np.stack([spread, np.ones_like(spread)], axis=1))
    shapes = [Shape(outline, "body", body.colour)]
    if pattern:
        shapes += on_fur(pattern, outline, "body", chance)
    return shapes


def _belly(belly: Part, skeleton: Skeleton) -> Shape:
    x, y, across, down = skeleton.belly
    half = [(0.0, -1.0), (0.62, -0.85), (0.8, -0.1), (1.0, 0.5), (0.55, 0.97), (0.0, 1.05)]
    points = moved(mirrored(half) * (across, down), x, y)
    return Shape(points, "belly", belly.colour, line=0.0, volume=0.35, host="body")


def _legs(legs: Part, skeleton: Skeleton, nearness: int) -> list[Shape]:
    colour = legs.colour if nearness else mix(legs.colour, _SHADE, 0.28)
    shapes = []
    for hip_x, hip_y, foot_x, foot_y, near in skeleton.legs:
        if near == nearness:
            shapes += _LEG[legs.variant]((hip_x, hip_y), (foot_x, foot_y), colour, nearness)
    return shapes


def _pawed(hip: tuple[float, float], foot: tuple[float, float], colour: Colour, near: int) -> list[Shape]:
    leg = ribbon([hip, ((hip[0] + foot[0]) / 2, (hip[1] + foot[1]) / 2), foot], [0.06, 0.056, 0.05])
    shapes = [Shape(leg, "legs", colour, volume=0.5)]
    x, y = foot
    shapes.append(
        Shape(ellipse(x + 0.012, y - 0.012, 0.072, 0.044), "legs", mix(colour, WHITE, 0.12 * near), volume=0.5)
    )
    for toe in (-0.016, 0.034):
        line = ribbon([(x + toe, y - 0.002), (x + toe + 0.002, y + 0.024)], [0.007, 0.005], 2)
        shapes.append(_flat(line, "legs", mix(colour, INK, 0.6)))
    return shapes


def _hooved(hip: tuple[float, float], foot: tuple[float, float], colour: Colour, near: int) -> list[Shape]:
    middle = ((hip[0] + foot[0]) / 2, (hip[1] + foot[1]) / 2)
    leg = ribbon([hip, middle, (foot[0], foot[1] - 0.02)], [0.06, 0.05, 0.052])
    x, y = foot
    hoof = np.array([(x - 0.05, y - 0.045), (x + 0.05, y - 0.045), (x + 0.064, y + 0.03), (x - 0.064, y + 0.03)])
    dark = mix(colour, INK, 0.72 if near else 0.8)
    cleft = np.array([(x, y - 0.02), (x + 0.012, y + 0.03), (x - 0.012, y + 0.03)])
    return [
        Shape(leg, "legs", colour, volume=0.5),
        Shape(hoof, "legs", dark, volume=0.4, grain=0.0),
        _flat(cleft, "legs", mix(dark, INK, 0.7)),
    ]


def _clawed(hip: tuple[float, float], foot: tuple[float, float], colour: Colour, near: int) -> list[Shape]:
    x, y = foot
    shank = ribbon([hip, (x, y)], [0.024, 0.022], 2)
    shapes = [Shape(shank, "legs", mix(colour, INK, 0.12), volume=0.3, grain=0.0)]
    toes = blob(
        [
            (-0.01, -0.045),
            (0.045, -0.025),
            (0.105, 0.012),
            (0.05, 0.02),
            (0.012, 0.03),
            (-0.03, 0.02),
            (-0.075, 0.012),
            (-0.045, -0.02),
        ],
        4,
    )
    shapes.append(Shape(moved(toes, x, y), "legs", mix(colour, WHITE, 0.06 * near), volume=0.4, grain=0.0))
    return shapes


_LEG: Final = {"paws": _pawed, "hooves": _hooved, "claws": _clawed}


def _haunches(legs: Part, skeleton: Skeleton) -> list[Shape]:
    if legs.variant == "claws":
        return []
    shapes = []
    for x, y, across, down in skeleton.haunches:
        foot = down < 0.08
        tone = mix(legs.colour, INK, 0.7) if foot and legs.variant == "hooves" else legs.colour
        shapes.append(Shape(ellipse(x, y, across, down), "legs", tone, volume=0.5, line=1.0 if foot else 0.6))
    return shapes


def _wings(wings: Part, skeleton: Skeleton, nearness: int) -> list[Shape]:
    shapes = []
    for x, y, across, down, turn, near in skeleton.wings:
        if near != nearness:
            continue
        wing = mirrored([(0.0, -1.0), (0.85, -0.6), (1.0, 0.0), (0.6, 0.65), (0.0, 1.08)])
        place = _Placed(x, y, across, down, turn)
        shapes.append(Shape(place(wing), "wings", mix(wings.colour, _SHADE, 0.1), volume=0.7, host="body"))
        for height in (0.1, 0.45):
            line = ribbon(
                [
                    (-0.55, height - 0.1),
                    (-0.25, height + 0.14),
                    (0.0, height),
                    (0.25, height + 0.14),
                    (0.55, height - 0.1),
                ],
                [0.05] * 5,
                3,
            )
            shapes.append(_flat(place(line), "wings", mix(wings.colour, INK, 0.42), host="body"))
    return shapes


class _Placed:
    """Maps a shape of the unit square to its position."""

    def __init__(self, x: float, y: float, across: float, down: float, turn: float) -> None:
        self.middle, self.size, self.turn = (x, y), (across, down), turn

    def __call__(self, points: Points) -> Points:
        return turned(points * self.size, self.turn) + self.middle


def _collar(collar: Part, skeleton: Skeleton) -> list[Shape]:
    _, middle, end = skeleton.neck
    if collar.variant == "bell":
        band = ribbon(skeleton.neck, [0.026, 0.028, 0.026])
        bell = ellipse(middle[0], middle[1] + 0.042, 0.036, 0.036)
        gold = (246, 202, 72)
        slit = ribbon([(middle[0], middle[1] + 0.044), (middle[0], middle[1] + 0.07)], [0.008, 0.008], 2)
        return [
            Shape(band, "collar", collar.colour, volume=0.5, host="body", grain=0.0),
            Shape(bell, "collar", gold, volume=0.9, line=0.8, host="body", grain=0.0),
            _flat(slit, "collar", (120, 84, 24), host="body"),
        ]
    band = ribbon(skeleton.neck, [0.044, 0.05, 0.044])
    x, y = (middle[0] * 0.6 + end[0] * 0.4, middle[1] * 0.8 + end[1] * 0.2)
    loose = ribbon([(x, y), (x + 0.02, y + 0.08), (x + 0.015, y + 0.17)], [0.036, 0.042, 0.048], cap=False)
    stripe = ribbon([(x - 0.03, y + 0.125), (x + 0.065, y + 0.125)], [0.011, 0.011], 2, cap=False)
    return [
        Shape(loose, "collar", mix(collar.colour, INK, 0.08), volume=0.5, host="body"),
        _flat(stripe, "collar", mix(collar.colour, WHITE, 0.6), host="body"),
        Shape(band, "collar", collar.colour, volume=0.6, host="body"),
    ]


def _tail(tail: Part, skeleton: Skeleton, pattern: Part | None, chance: Sequence[float]) -> list[Shape]:
    x, y, direction = skeleton.tail
    path, widths = _TAIL[tail.variant]
    line = _Placed(x, y, 1.0, 1.0, direction)(np.array(path) * (-1.0, 1.0) * (1, 0.92 + 0.16 * chance[0]))
    colour = tail.colour
    if tail.variant == "feathers":
        return [Shape(_feather(x, y, direction + turn), "tail", colour, volume=0.6) for turn in (-0.34, 0.3, 0.0)]
    if tail.variant == "puff":
        return [Shape(_puff(x, y - 0.02), "tail", mix(colour, WHITE, 0.25), volume=0.6)]
    shapes = [Shape(ribbon(line, widths), "tail", colour, volume=0.7)]
    if tail.variant == "bushy":
        tip = ribbon(line[-3:], [widths[-3] * 0.72, widths[-2] * 0.82, widths[-1] * 0.9])
        shapes.append(Shape(tip, "tail", mix(colour, WHITE, 0.62), line=0.0, volume=0.5))
    if pattern and pattern.variant == "stripes":
        shapes += rings(pattern, line, widths)
    return shapes


_TAIL: Final[dict[str, tuple[tuple[tuple[float, float], ...], tuple[float, ...]]]] = {
    # a path to the right, its half widths; y up to the tip
    "long": (
        ((-0.04, 0.02), (0.12, 0.02), (0.24, -0.06), (0.25, -0.2), (0.19, -0.31)),
        (0.042, 0.038, 0.034, 0.03, 0.024),
    ),
    "bushy": (
        ((-0.06, 0.02), (0.1, 0.0), (0.2, -0.1), (0.22, -0.27), (0.18, -0.43), (0.19, -0.55), (0.27, -0.61)),
        (0.04, 0.075, 0.115, 0.13, 0.12, 0.09, 0.02),
    ),
    "curly": (
        ((-0.04, 0.02), (0.07, 0.01), (0.17, -0.05), (0.19, -0.16), (0.11, -0.22), (0.04, -0.17), (0.08, -0.12)),
        (0.034, 0.034, 0.032, 0.03, 0.026, 0.021, 0.014),
    ),
    "puff": (((0.0, 0.0), (0.1, 0.0)), (0.1, 0.1)),
    "feathers": (((0.0, 0.0), (0.1, 0.0)), (0.1, 0.1)),
}


def _feather(x: float, y: float, direction: float) -> Points:
    plume = blob(
        [(0.02, -0.035), (0.12, -0.055), (0.22, -0.04), (0.25, 0.0), (0.22, 0.04), (0.12, 0.055), (0.02, 0.035)], 4
    )
    return moved(turned(plume * (-1, 1), direction), x, y)


def _puff(x: float, y: float) -> Points:
    count = 9
    ring = [
        ((0.1 + 0.016 * (corner % 2)) * math.cos(angle), (0.095 + 0.016 * (corner % 2)) * math.sin(angle))
        for corner, angle in enumerate(np.linspace(0, 2 * math.pi, 2 * count, endpoint=False))
    ]
    return moved(blob(ring, 3), x - 0.035, y)


def _flat(points: Points, part: str, colour: Colour, host: str = "") -> Shape:
    return Shape(points, part, colour, line=0.0, volume=0.0, host=host, grain=0.0)
