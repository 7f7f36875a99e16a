"""An animal as shapes in the picture: its body in its pose, and its head."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xai_widgets.datasets.creatures.bodies import body_shapes
from xai_widgets.datasets.creatures.classes import CLASSES
from xai_widgets.datasets.creatures.heads import head_shapes
from xai_widgets.datasets.creatures.poses import BIRDS, MAMMALS, Skeleton

if TYPE_CHECKING:
    from xai_widgets.datasets.creatures.ingredients import Animal
    from xai_widgets.datasets.creatures.shapes import Points, Shape


class Group(NamedTuple):
    """Shapes, the map from their units to the picture (``points @ matrix + offset``), and the line width."""

    shapes: list[Shape]
    matrix: Points
    offset: Points
    unit: float
    owner: int | None = None


def skeleton_of(animal: Animal) -> Skeleton:
    """Return the pose of an animal, which depends on its class and not on its remaining parts."""
    two_legged = CLASSES[animal.kind]["legs"] == "claws"
    return (BIRDS if two_legged else MAMMALS)[animal.pose]


def animal_groups(animal: Animal, owner: int) -> list[Group]:
    """Return the shapes of an animal, from back to front.

    Parameters
    ----------
    animal : Animal
    owner : int
        Its place in the scene, for the masks.

    Returns
    -------
    list of Group
        The body, then the head.
    """
    skeleton = skeleton_of(animal)
    chance = np.random.default_rng(animal.seed).random(24).tolist()
    body = np.diag([animal.facing * animal.size, animal.size])
    foot = np.array([animal.x, animal.y])
    x, y, radius, turn = skeleton.head
    tilt = np.radians(animal.tilt)
    turned = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    unit = max(0.0155 * animal.size, 0.007)
    return [
        Group(body_shapes(animal, skeleton, chance), body, foot, unit, owner),
        Group(head_shapes(animal, turn, chance), radius * turned @ body, np.array([x, y]) @ body + foot, unit, owner),
    ]
