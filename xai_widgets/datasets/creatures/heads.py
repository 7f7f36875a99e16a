"""The head of an animal with everything on it, from back to front, in units of its radius around its middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from xai_widgets.datasets.creatures.ears import ear_shapes
from xai_widgets.datasets.creatures.eyes import eye_shapes
from xai_widgets.datasets.creatures.faces import Face, beak_shapes, cheek_shapes, muzzle_shapes, whisker_shapes
from xai_widgets.datasets.creatures.palettes import PINK, mix
from xai_widgets.datasets.creatures.patterns import on_fur
from xai_widgets.datasets.creatures.shapes import Shape, ellipse, mirrored, moved, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.datasets.creatures.ingredients import Animal, Part

_OUTLINE: Final = {  # the right half
    "round": ((0.0, -0.95), (0.55, -0.82), (0.92, -0.38), (0.98, 0.1), (0.78, 0.62), (0.4, 0.87), (0.0, 0.93)),
    "wide": ((0.0, -0.84), (0.52, -0.8), (0.88, -0.4), (1.1, 0.2), (0.86, 0.58), (0.42, 0.83), (0.0, 0.88)),
    "oval": ((0.0, -1.0), (0.5, -0.9), (0.78, -0.45), (0.8, 0.1), (0.8, 0.52), (0.52, 0.92), (0.0, 1.04)),
}


def head_shapes(animal: Animal, turn: float, chance: Sequence[float]) -> list[Shape]:
    """Return the head and everything on it, from back to front.

    Parameters
    ----------
    animal : Animal
    turn : float
        How far the head is turned to the right, in radians.
    chance : sequence of float
        Random numbers, 0..1, that stay the same whatever parts the animal has.

    Returns
    -------
    list of Shape
    """
    parts = {part.name: part for part in animal.parts}
    face = Face(turn)
    shapes: list[Shape] = []
    behind, before = ear_shapes(parts["ears"], turn, chance) if "ears" in parts else ([], [])
    shapes += behind
    if "head" in parts:
        shapes += _skull(parts, face, chance)
    if "muzzle" in parts:
        shapes += muzzle_shapes(parts["muzzle"], face, animal.mouth)
    if "beak" in parts:
        shapes += beak_shapes(parts["beak"], face, animal.mouth)
    if "eyes" in parts:
        shapes += eye_shapes(parts["eyes"], face, animal.gaze)
    if "whiskers" in parts:
        shapes += whisker_shapes(parts["whiskers"], face, chance)
    shapes += before
    return [shape if shape.part == "head" else shape._replace(host="head") for shape in shapes]


def _skull(parts: dict[str, Part], face: Face, chance: Sequence[float]) -> list[Shape]:
    head = parts["head"]
    outline = moved(mirrored(_OUTLINE[head.variant]), 0.05 * face.turn, 0)
    shapes = [Shape(outline, "head", head.colour)]
    places = [face.at(0.72 * side, 0.34) for side in (-1, 1)]
    blush = np.concatenate([ellipse(x, y, 0.17 * narrow, 0.1, corners=16) for x, y, narrow in places])
    rosy = Shape(outline, "head", mix(head.colour, PINK, 0.4), line=0.0, volume=0.3, grain=0.0)
    shapes += [rosy._replace(points=points) for points in np.split(within(blush, outline), 2)]
    if "pattern" in parts:
        shapes += on_fur(parts["pattern"], outline, "head", chance)
    if "cheeks" in parts:
        shapes += cheek_shapes(parts["cheeks"], outline, face)
    return shapes
