"""Things in front of the animals: grass, a leaf, a ball, a box, a post. The unit is the picture's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from xai_widgets.datasets.creatures.animals import Group
from xai_widgets.datasets.creatures.palettes import INK, WHITE, mix
from xai_widgets.datasets.creatures.shapes import Shape, ellipse, leaf, ribbon

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.datasets.creatures.ingredients import Occluder
    from xai_widgets.datasets.creatures.palettes import Colour

_PART: Final = "occluder"
_LINE: Final = 0.009


def occluder_group(occluder: Occluder) -> Group:
    """Return the shapes of an occluder, in units of its height above its foot."""
    rng = np.random.default_rng(occluder.seed)
    shapes = _MAKE[occluder.kind](occluder.colour, rng)
    return Group(shapes, np.eye(2) * occluder.size, np.array([occluder.x, occluder.y]), _LINE)


def _grass(colour: Colour, rng: np.random.Generator) -> list[Shape]:
    shapes = []
    for x in np.linspace(-0.5, 0.5, 9):
        high, lean, tone = 0.55 + 0.45 * rng.random(), 0.4 * (rng.random() - 0.5), 0.25 * rng.random()
        blade = leaf((x - 0.06, 0.15), (x + lean, -high), (x + 0.06, 0.15), 0.06)
        shapes.append(Shape(blade, _PART, mix(colour, WHITE, tone), 0.6, 0.4))
    return shapes


def _leaf(colour: Colour, rng: np.random.Generator) -> list[Shape]:
    side = float(rng.choice([-1, 1]))
    foot, tip = (-0.5 * side, 0.15), (0.45 * side, -0.85)
    bow = [(-0.14 * side, -0.26), (0.12 * side, -0.52)]
    blade = ribbon([foot, *bow, tip], [0.02, 0.2, 0.19, 0.004], 7, cap=False)
    vein = ribbon([foot, *bow, (0.36 * side, -0.76)], [0.018, 0.014, 0.01, 0.004], 5)
    return [Shape(blade, _PART, colour), Shape(vein, _PART, mix(colour, WHITE, 0.35), 0.0, 0.0, grain=0.0)]


def _ball(colour: Colour, rng: np.random.Generator) -> list[Shape]:
    turn = 3 * rng.random()
    band = ribbon(
        [
            (-0.46 * np.cos(turn), -0.5 - 0.46 * np.sin(turn)),
            (0.1, -0.42),
            (0.46 * np.cos(turn), -0.5 + 0.46 * np.sin(turn)),
        ],
        [0.1, 0.13, 0.1],
        cap=False,
    )
    return [
        Shape(ellipse(0, -0.5, 0.5, 0.5, corners=36), _PART, colour, grain=0.0),
        Shape(band, _PART, mix(colour, WHITE, 0.75), 0.0, 0.5, grain=0.0),
        Shape(ellipse(-0.17, -0.72, 0.1, 0.07, -0.5), _PART, mix(colour, WHITE, 0.8), 0.0, 0.0, grain=0.0),
    ]


def _box(colour: Colour, rng: np.random.Generator) -> list[Shape]:
    half = 0.55 + 0.2 * rng.random()
    front = np.array([(-half, -0.8), (half, -0.8), (half * 0.96, 0.1), (-half * 0.96, 0.1)])
    flap = np.array([(-half, -0.8), (half, -0.8), (half * 1.12, -0.62), (-half * 1.12, -0.62)])
    tape = np.array([(-0.09, -0.62), (0.09, -0.62), (0.09, -0.2), (-0.09, -0.2)])
    return [
        Shape(front, _PART, colour, 1.0, 0.35),
        Shape(tape, _PART, mix(colour, WHITE, 0.45), 0.0, 0.2),
        Shape(flap, _PART, mix(colour, WHITE, 0.18), 0.8, 0.2),
    ]


def _post(colour: Colour, rng: np.random.Generator) -> list[Shape]:
    half = 0.07 + 0.03 * rng.random()
    plank = np.array([(-half, -0.92), (0.0, -1.0), (half, -0.92), (half, 0.3), (-half, 0.3)])
    knot = ellipse(half * 0.2, -0.5, half * 0.24, half * 0.4, corners=14)
    lines = [ribbon([(half * at, -0.86), (half * at * 0.8, 0.3)], [0.006, 0.006], 3) for at in (-0.45, 0.5)]
    dark = mix(colour, INK, 0.35)
    return [Shape(plank, _PART, colour, 1.0, 0.5), *(Shape(one, _PART, dark, 0.0, 0.0) for one in (knot, *lines))]


_MAKE: Final[dict[str, Callable[[Colour, np.random.Generator], list[Shape]]]] = {
    "grass": _grass,
    "leaf": _leaf,
    "ball": _ball,
    "box": _box,
    "post": _post,
}
