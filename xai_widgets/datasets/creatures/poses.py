"""Poses: where head, legs, tail and wings go. The unit is the animal's height; (0, 0) lies between its feet, y down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A pose of an animal that faces right.

    Attributes
    ----------
    head : (x, y, radius, turn)
        Its middle, size, and how far it is turned from the viewer (radians).
    body : tuple of (x, y)
        What the outline of the body goes through.
    belly : (x, y, half width, half height)
    tail : (x, y, direction)
        Where it starts and where to (radians, 0 to the left, positive upwards).
    legs : tuple of (hip x, hip y, foot x, foot y, nearness)
        Nearness 0: behind the body and in its shade; 1: in front of it.
    haunches : tuple of (x, y, half width, half height)
        Thighs and hind feet, in front of the body.
    neck : tuple of (x, y)
        Where a collar runs.
    wings : tuple of (x, y, half width, half height, turn, nearness)
    """

    head: tuple[float, float, float, float]
    body: tuple[Point, ...]
    belly: tuple[float, float, float, float]
    tail: tuple[float, float, float]
    legs: tuple[tuple[float, float, float, float, int], ...]
    haunches: tuple[tuple[float, float, float, float], ...]
    neck: tuple[Point, ...]
    wings: tuple[tuple[float, float, float, float, float, int], ...] = ()


_SITTING_BODY: Final = (
    (0.0, -0.57),
    (0.13, -0.48),
    (0.2, -0.29),
    (0.25, -0.12),
    (0.17, -0.01),
    (0.0, 0.0),
    (-0.17, -0.01),
    (-0.25, -0.12),
    (-0.2, -0.29),
    (-0.13, -0.48),
)
_TURNED_BODY: Final = (
    (0.06, -0.57),
    (0.17, -0.46),
    (0.19, -0.3),
    (0.16, -0.1),
    (0.1, -0.01),
    (-0.1, 0.0),
    (-0.29, -0.03),
    (-0.32, -0.16),
    (-0.23, -0.31),
    (-0.08, -0.48),
)
_STANDING_BODY: Final = (
    (0.2, -0.54),
    (0.36, -0.47),
    (0.36, -0.3),
    (0.24, -0.18),
    (0.0, -0.15),
    (-0.24, -0.17),
    (-0.36, -0.28),
    (-0.35, -0.42),
    (-0.22, -0.5),
    (0.0, -0.5),
)
_LYING_BODY: Final = (
    (0.1, -0.38),
    (0.28, -0.3),
    (0.36, -0.14),
    (0.31, -0.01),
    (0.0, 0.0),
    (-0.34, -0.01),
    (-0.44, -0.12),
    (-0.39, -0.26),
    (-0.22, -0.36),
    (-0.05, -0.39),
)
_PERCHED_BODY: Final = (
    (0.1, -0.6),
    (0.22, -0.46),
    (0.22, -0.25),
    (0.08, -0.09),
    (-0.12, -0.08),
    (-0.27, -0.15),
    (-0.29, -0.28),
    (-0.19, -0.44),
    (-0.06, -0.56),
)
_EGG: Final = (
    (0.0, -0.6),
    (0.15, -0.5),
    (0.24, -0.31),
    (0.23, -0.13),
    (0.11, -0.05),
    (0.0, -0.04),
    (-0.11, -0.05),
    (-0.23, -0.13),
    (-0.24, -0.31),
    (-0.15, -0.5),
)

MAMMALS: Final[dict[str, Skeleton]] = {
    "front": Skeleton(
        head=(0.0, -0.7, 0.285, 0.0),
        body=_SITTING_BODY,
        belly=(0.0, -0.29, 0.125, 0.2),
        tail=(-0.17, -0.1, 0.1),
        legs=((0.062, -0.3, 0.07, -0.03, 1), (-0.062, -0.3, -0.07, -0.03, 1)),
        haunches=((0.205, -0.045, 0.095, 0.05), (-0.205, -0.045, 0.095, 0.05)),
        neck=((-0.14, -0.475), (0.0, -0.425), (0.14, -0.475)),
    ),
    "three_quarter": Skeleton(
        head=(0.1, -0.7, 0.28, 0.36),
        body=_TURNED_BODY,
        belly=(0.11, -0.31, 0.075, 0.18),
        tail=(-0.26, -0.09, 0.2),
        legs=((0.15, -0.31, 0.19, -0.03, 0), (0.06, -0.31, 0.07, -0.03, 1)),
        haunches=((-0.15, -0.15, 0.13, 0.13), (-0.07, -0.04, 0.12, 0.045)),
        neck=((-0.07, -0.47), (0.08, -0.43), (0.2, -0.475)),
    ),
    "side": Skeleton(
        head=(0.34, -0.62, 0.25, 0.43),
        body=_STANDING_BODY,
        belly=(0.28, -0.34, 0.075, 0.12),
        tail=(-0.34, -0.4, 0.7),
        legs=(
            (0.13, -0.3, 0.13, -0.03, 0),
            (-0.17, -0.3, -0.18, -0.03, 0),
            (0.24, -0.3, 0.25, -0.02, 1),
            (-0.27, -0.3, -0.29, -0.02, 1),
        ),
        haunches=(),
        neck=((0.14, -0.49), (0.26, -0.41), (0.4, -0.42)),
    ),
    "lying": Skeleton(
        head=(0.16, -0.45, 0.27, 0.22),
        body=_LYING_BODY,
        belly=(0.19, -0.14, 0.12, 0.1),
        tail=(-0.38, -0.1, 0.35),
        legs=((0.13, -0.09, 0.27, -0.035, 1), (0.0, -0.09, 0.09, -0.03, 1)),
        haunches=((-0.27, -0.12, 0.125, 0.105), (-0.17, -0.035, 0.11, 0.04)),
        neck=((0.0, -0.235), (0.15, -0.19), (0.3, -0.225)),
    ),
}
"""The poses of those with four legs."""

BIRDS: Final[dict[str, Skeleton]] = {
    "front": Skeleton(
        head=(0.0, -0.69, 0.285, 0.0),
        body=_EGG,
        belly=(0.0, -0.27, 0.15, 0.2),
        tail=(-0.13, -0.13, -0.3),
        legs=((0.09, -0.1, 0.1, -0.02, 1), (-0.09, -0.1, -0.1, -0.02, 1)),
        haunches=(),
        neck=((-0.14, -0.465), (0.0, -0.42), (0.14, -0.465)),
        wings=((0.235, -0.29, 0.075, 0.19, -0.22, 1), (-0.235, -0.29, 0.075, 0.19, 0.22, 1)),
    ),
    "three_quarter": Skeleton(
        head=(0.06, -0.7, 0.28, 0.36),
        body=_EGG,
        belly=(0.08, -0.27, 0.13, 0.19),
        tail=(-0.19, -0.12, -0.25),
        legs=((0.13, -0.1, 0.15, -0.02, 1), (-0.02, -0.1, -0.01, -0.02, 1)),
        haunches=(),
        neck=((-0.1, -0.475), (0.06, -0.43), (0.18, -0.475)),
        wings=((0.24, -0.29, 0.05, 0.17, -0.2, 0), (-0.14, -0.29, 0.105, 0.2, 0.18, 1)),
    ),
    "side": Skeleton(
        head=(0.13, -0.69, 0.265, 0.43),
        body=_PERCHED_BODY,
        belly=(0.13, -0.3, 0.085, 0.18),
        tail=(-0.24, -0.17, 0.05),
        legs=((0.03, -0.12, 0.05, -0.02, 0), (-0.08, -0.12, -0.07, -0.02, 1)),
        haunches=(),
        neck=((-0.04, -0.49), (0.12, -0.43), (0.23, -0.46)),
        wings=((-0.1, -0.29, 0.115, 0.2, 0.5, 1),),
    ),
    "lying": Skeleton(
        head=(0.14, -0.46, 0.27, 0.22),
        body=_LYING_BODY,
        belly=(0.19, -0.15, 0.13, 0.11),
        tail=(-0.37, -0.16, 0.35),
        legs=((0.22, -0.05, 0.25, -0.015, 1), (0.08, -0.05, 0.1, -0.015, 1)),
        haunches=(),
        neck=((0.0, -0.235), (0.14, -0.19), (0.28, -0.225)),
        wings=((-0.17, -0.18, 0.22, 0.12, 0.12, 1),),
    ),
}
"""The poses of those with two."""
