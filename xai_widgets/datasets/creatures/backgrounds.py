"""Backgrounds: plain ones, wallpapers, a room, and four places outside. The unit is the picture's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from xai_widgets.datasets.creatures.animals import Group
from xai_widgets.datasets.creatures.palettes import WHITE, Colour, mix
from xai_widgets.datasets.creatures.shapes import Points, Shape, blob, ellipse, leaf, ribbon

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.datasets.creatures.ingredients import Background

_PART: Final = "background"
_LINE: Final = 0.005
_BARK: Final[Colour] = (112, 82, 66)
_SUN: Final[Colour] = (255, 232, 140)


def background_group(background: Background) -> Group:
    """Return the shapes of a background; the first one covers the picture."""
    rng = np.random.default_rng(background.seed)
    shapes = _MAKE[background.kind](*background.colours, rng)
    return Group(shapes, np.eye(2), np.zeros(2), _LINE)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """Return a rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=float)


def _area(points: Points, colour: Colour, fade: Colour | None = None, line: float = 0.0, grain: float = 0.04) -> Shape:
    return Shape(points, _PART, colour, line, 0.0, grain=grain, fade=fade)


def _all(colour: Colour, fade: Colour) -> Shape:
    return _area(box(-0.01, -0.01, 1.01, 1.01), colour, fade)


def _floor(colour: Colour, rng: np.random.Generator) -> list[Shape]:
    """Return a floor with a skirting board."""
    top = 0.68 + 0.1 * rng.random()
    return [
        _area(box(-0.01, top, 1.01, 1.01), mix(colour, (90, 70, 80), 0.12), colour),
        _area(box(-0.01, top - 0.022, 1.01, top + 0.004), mix(colour, WHITE, 0.6)),
    ]


def _plain(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    del second, rng
    return [_all(mix(first, WHITE, 0.12), mix(first, (60, 50, 80), 0.1))]


def _gradient(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    del rng
    return [_all(first, second)]


def _dots(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    step, size, tone = 0.13 + 0.08 * rng.random(), 0.02 + 0.016 * rng.random(), mix(first, second, 0.55)
    shapes = [_all(first, mix(first, (60, 50, 80), 0.08))]
    for row, y in enumerate(np.arange(step / 2, 1, step)):
        shapes += [
            _area(ellipse(x, y, size, size, corners=12), tone)
            for x in np.arange(step * (0.25 + 0.5 * (row % 2)), 1 + size, step)
        ]
    return shapes + (_floor(second, rng) if rng.random() < 0.6 else [])


def _stripes(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    step, lean, tone = 0.1 + 0.1 * rng.random(), rng.choice([0.0, 0.0, 0.5]), mix(first, second, 0.45)
    shapes = [_all(first, mix(first, (60, 50, 80), 0.08))]
    for x in np.arange(-0.5, 1, step):
        band = np.array([(x, 1.01), (x + lean, -0.01), (x + lean + step / 2, -0.01), (x + step / 2, 1.01)])
        shapes.append(_area(band, tone))
    return shapes + (_floor(second, rng) if rng.random() < 0.6 else [])


def _checks(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    count, tone = int(rng.integers(4, 7)), mix(first, second, 0.4)
    shapes = [_all(first, mix(first, (60, 50, 80), 0.08))]
    for row in range(count):
        shapes += [
            _area(box(column / count, row / count, (column + 1) / count, (row + 1) / count), tone)
            for column in range(row % 2, count, 2)
        ]
    return shapes + (_floor(second, rng) if rng.random() < 0.4 else [])


def _room(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    shapes = [_all(mix(first, WHITE, 0.2), first), *_floor(second, rng)]
    x, y = 0.06 + 0.5 * rng.random(), 0.08 + 0.06 * rng.random()
    shapes += _window(x, y) if rng.random() < 0.6 else _painting(x, y, mix(second, WHITE, 0.3))
    if rng.random() < 0.6:
        rug = mix(second, (180, 70, 80), 0.6)
        shapes += [
            _area(ellipse(0.5, 0.92, 0.46, 0.12), rug),
            _area(ellipse(0.5, 0.92, 0.38, 0.09), mix(rug, WHITE, 0.35)),
            _area(ellipse(0.5, 0.92, 0.34, 0.077), rug),
        ]
    if rng.random() < 0.6:
        shapes += _plant(0.9 if x < 0.35 else 0.1, 0.8)
    return shapes


def _window(x: float, y: float) -> list[Shape]:
    frame, right, low = (250, 246, 238), x + 0.36, y + 0.36
    return [
        _area(box(x, y, right, low), frame, line=0.7),
        _area(box(x + 0.025, y + 0.025, right - 0.025, low - 0.025), (150, 204, 240), (222, 240, 246)),
        _area(box(x + 0.17, y, x + 0.19, low), frame),
        _area(box(x, y + 0.17, right, y + 0.19), frame),
        _area(box(x - 0.025, low, right + 0.025, low + 0.03), frame, line=0.7),
    ]


def _painting(x: float, y: float, colour: Colour) -> list[Shape]:
    return [
        _area(box(x, y, x + 0.3, y + 0.24), (166, 120, 76), line=0.7),
        _area(box(x + 0.025, y + 0.025, x + 0.275, y + 0.215), (238, 232, 214), colour),
        _area(ellipse(x + 0.21, y + 0.08, 0.03, 0.03, corners=16), (240, 150, 90)),
        _area(
            np.array([(x + 0.03, y + 0.21), (x + 0.12, y + 0.09), (x + 0.2, y + 0.21)]), mix(colour, (70, 80, 110), 0.5)
        ),
    ]


def _plant(x: float, y: float) -> list[Shape]:
    green, shapes = (96, 150, 98), []
    for lean, high in ((-0.12, 0.2), (0.12, 0.2), (-0.06, 0.28), (0.06, 0.27), (0.0, 0.32)):
        blade = leaf((x - 0.02, y), (x + lean, y - high), (x + 0.02, y), 0.16)
        shapes.append(_area(blade, mix(green, WHITE, 0.15 + lean), line=0.5))
    pot = np.array([(x - 0.07, y - 0.02), (x + 0.07, y - 0.02), (x + 0.05, y + 0.11), (x - 0.05, y + 0.11)])
    return [*shapes, _area(pot, (204, 116, 84), line=0.7)]


def _sky(first: Colour, horizon: float) -> list[Shape]:
    return [_all(first, mix(first, WHITE, 0.4)), _area(box(-0.01, -0.01, 1.01, horizon), first, mix(first, WHITE, 0.7))]


def _clouds(rng: np.random.Generator, count: int) -> list[Shape]:
    shapes = []
    for _ in range(count):
        x, y, size = rng.random(), 0.06 + 0.22 * rng.random(), 0.05 + 0.03 * rng.random()
        puffs = ((-1.3, 0.25, 0.8), (0.0, 0.0, 1.15), (1.3, 0.25, 0.85))
        shapes += [
            _area(ellipse(x + size * a, y + size * b, size * c, size * c * 0.7), (252, 252, 250)) for a, b, c in puffs
        ]
    return shapes


def _hills(colour: Colour, top: float, rng: np.random.Generator) -> Shape:
    heights = top + 0.09 * rng.random(5)
    ridge = list(zip(np.linspace(-0.2, 1.2, 5), heights, strict=True))
    curve = blob([*ridge, (1.3, 1.3), (-0.3, 1.3)], 6)
    return _area(curve, colour, mix(colour, WHITE, 0.15))


def _meadow(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    horizon = 0.58 + 0.12 * rng.random()
    shapes = _sky(first, horizon + 0.1)
    shapes.append(_area(ellipse(0.12 + 0.76 * rng.random(), 0.14, 0.075, 0.075), _SUN))
    shapes += _clouds(rng, int(rng.integers(1, 4)))
    shapes.append(_hills(mix(second, first, 0.4), horizon - 0.1, rng))
    for x in rng.random(int(rng.integers(0, 3))):
        shapes += _tree(x, horizon + 0.05, second, rng)
    shapes.append(_hills(second, horizon + 0.02, rng))
    flower = mix(WHITE, (240, 120, 150), float(rng.random()))
    for x, y in zip(rng.random(9), horizon + 0.14 + 0.26 * rng.random(9), strict=True):
        shapes += [
            _area(ellipse(x, y, 0.013, 0.011, corners=10), flower),
            _area(ellipse(x, y, 0.005, 0.005, corners=8), _SUN),
        ]
    return shapes


def _tree(x: float, foot: float, green: Colour, rng: np.random.Generator) -> list[Shape]:
    high = 0.2 + 0.12 * rng.random()
    crown = mix(green, (50, 90, 80), 0.35)
    return [
        _area(ribbon([(x, foot + 0.06), (x, foot - high * 0.5)], [0.018, 0.014], 2), _BARK),
        Shape(ellipse(x, foot - high * 0.75, high * 0.36, high * 0.46), _PART, crown, 0.0, 0.5, grain=0.2),
    ]


def _beach(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    horizon = 0.45 + 0.12 * rng.random()
    sand = mix((240, 214, 160), second, 0.15)
    shapes = _sky(first, horizon)
    shapes += [_area(ellipse(0.15 + 0.7 * rng.random(), 0.13, 0.07, 0.07), _SUN), *_clouds(rng, 2)]
    sea = mix(first, (30, 130, 170), 0.65)
    shapes.append(_area(box(-0.01, horizon, 1.01, 1.01), mix(sea, WHITE, 0.25), sea))
    for y in horizon + np.array([0.03, 0.075]):
        x = 0.1 + 0.6 * rng.random()
        shapes.append(
            _area(ribbon([(x, y), (x + 0.1, y + 0.008), (x + 0.2, y)], [0.003, 0.006, 0.003], 3), mix(sea, WHITE, 0.7))
        )
    shapes += [
        _hills(mix(sand, WHITE, 0.75), horizon + 0.12, np.random.default_rng(0)),
        _hills(sand, horizon + 0.14, np.random.default_rng(0)),
    ]
    if rng.random() < 0.6:
        shapes += _parasol(float(rng.choice([0.14, 0.86])), horizon - 0.06, second)
    return shapes


def _parasol(x: float, y: float, colour: Colour) -> list[Shape]:
    shapes = [_area(ribbon([(x, y), (x, y + 0.4)], [0.008, 0.008], 2), (236, 226, 210), line=0.5)]
    cloth = mix(colour, (230, 80, 80), 0.6)
    cap = leaf((x - 0.2, y + 0.06), (x, y - 0.1), (x + 0.2, y + 0.06), 0.16)
    middle = leaf((x - 0.07, y + 0.06), (x, y - 0.1), (x + 0.07, y + 0.06), 0.12)
    return [*shapes, _area(cap, cloth, line=0.7), _area(middle, (250, 244, 232))]


def _forest(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    ground = 0.66 + 0.08 * rng.random()
    haze = mix(mix(first, second, 0.5), WHITE, 0.45)
    shapes = [_all(haze, mix(haze, WHITE, 0.3))]
    for depth in (0.35, 0.7):
        for x in np.sort(rng.random(4)) * 1.1 - 0.05:
            wide, tone = 0.022 + 0.03 * depth * rng.random() + 0.015 * depth, mix(haze, _BARK, depth)
            foot = ground + 0.03 + 0.05 * depth
            trunk = ribbon([(x, -0.05), (x + 0.01, 0.4), (x, foot)], [wide * 0.8, wide, wide * 1.3], 3, cap=False)
            shapes.append(_area(trunk, tone, mix(tone, haze, 0.3), grain=0.15))
        crowns = [(x, 0.02 - 0.04 * depth) for x in np.linspace(0, 1, 6)]
        tone = mix(haze, mix(second, (50, 100, 80), 0.4), depth)
        shapes += [_area(ellipse(x, y, 0.14, 0.1 + 0.05 * rng.random()), tone, grain=0.2) for x, y in crowns]
    return [*shapes, _hills(mix(second, (70, 90, 70), 0.25), ground, rng)]


def _night(first: Colour, second: Colour, rng: np.random.Generator) -> list[Shape]:
    sky = mix(first, (34, 38, 84), 0.8)
    shapes = [_all(sky, mix(sky, (150, 130, 180), 0.5))]
    for x, y, size in zip(rng.random(16), 0.6 * rng.random(16), 0.004 + 0.005 * rng.random(16), strict=True):
        shapes.append(_area(ellipse(x, y, size, size, corners=8), (250, 244, 210)))
    x = 0.15 + 0.7 * rng.random()
    shapes += [
        _area(ellipse(x, 0.16, 0.09, 0.09), (250, 240, 205)),
        _area(ellipse(x + 0.04, 0.14, 0.075, 0.075), mix(sky, WHITE, 0.04)),
    ]
    shapes.append(_hills(mix(second, (40, 44, 84), 0.72), 0.55, rng))
    return [*shapes, _hills(mix(second, (50, 54, 90), 0.55), 0.68, rng)]


_MAKE: Final[dict[str, Callable[[Colour, Colour, np.random.Generator], list[Shape]]]] = {
    "plain": _plain,
    "gradient": _gradient,
    "dots": _dots,
    "stripes": _stripes,
    "checks": _checks,
    "room": _room,
    "meadow": _meadow,
    "beach": _beach,
    "forest": _forest,
    "night": _night,
}
