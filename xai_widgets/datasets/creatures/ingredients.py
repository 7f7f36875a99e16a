"""The elements of a scene: parts, animals, background, light and occluders.

All lengths are shares of the picture's side: (0, 0) is its upper left corner, (1, 1) its lower right one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from xai_widgets.datasets.creatures.checks import check_colour, check_member, check_number, check_whole
from xai_widgets.datasets.creatures.classes import LABELS, PARTS, VARIANTS, SceneError

if TYPE_CHECKING:
    from xai_widgets.datasets.creatures.palettes import Colour

POSES: Final = ("front", "three_quarter", "side", "lying")
"""Sitting and facing us, sitting turned, standing, lying down."""

MOUTHS: Final = ("smile", "calm", "open")
BACKGROUNDS: Final = ("plain", "gradient", "dots", "stripes", "checks", "room", "meadow", "beach", "forest", "night")
OCCLUDERS: Final = ("grass", "leaf", "ball", "box", "post")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an animal: its name, which variant of it, and its colour (red, green, blue; 0..255).

    Examples
    --------
    >>> Part("ears", "pointed", (226, 134, 66)).variant
    'pointed'
    """

    name: str
    variant: str
    colour: Colour

    def __post_init__(self) -> None:
        check_member(self.name, PARTS, "part")
        check_member(self.variant, VARIANTS[self.name], f"variant of {self.name}")
        check_colour(self.colour, f"the colour of {self.name}")


@dataclass(frozen=True, slots=True)
class Animal:
    """An animal and its pose.

    Attributes
    ----------
    kind : str
        Its class, one of `LABELS`.
    pose : str
        One of `POSES`.
    x, y : float
        Where it stands: the middle of its feet.
    size : float
        Height from its feet to the top of its head (without ears) when it sits up.
    facing : int
        1: towards the right of the picture, -1: towards the left.
    parts : tuple of Part
        What it has; at most one of each name.
    tilt : float
        Of the head, in degrees.
    gaze : float
        Where the eyes look, -1 (backwards) to 1 (the way it faces).
    mouth : str
        One of `MOUTHS`.
    seed : int
        Of details, such as the places of spots and the bend of an ear.
    """

    kind: str
    pose: str
    x: float
    y: float
    size: float
    facing: int
    parts: tuple[Part, ...]
    tilt: float = 0.0
    gaze: float = 0.0
    mouth: str = "smile"
    seed: int = 0

    def __post_init__(self) -> None:
        check_member(self.kind, LABELS, "class")
        check_member(self.pose, POSES, "pose")
        check_member(self.mouth, MOUTHS, "mouth")
        check_number(self.x, -1, 2, "x")
        check_number(self.y, -1, 2, "y")
        check_number(self.size, 0.05, 3, "size")
        check_number(self.tilt, -45, 45, "tilt")
        check_number(self.gaze, -1, 1, "gaze")
        check_whole(self.seed, "seed")
        if self.facing not in {-1, 1}:
            raise SceneError(f"facing must be 1 (right) or -1 (left), not {self.facing!r:.99}")
        names = [part.name for part in self.parts]
        if len(set(names)) < len(names):
            raise SceneError(f"an animal has at most one part of each name, not {', '.join(names)}")

    def part(self, name: str) -> Part | None:
        """Return the part of a name, or None if the animal has none."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class Background:
    """The background: one of `BACKGROUNDS`, two colours, and the seed of its details."""

    kind: str
    colours: tuple[Colour, Colour]
    seed: int = 0

    def __post_init__(self) -> None:
        check_member(self.kind, BACKGROUNDS, "background")
        if not isinstance(self.colours, tuple) or len(self.colours) != 2:
            raise SceneError(f"a background has two colours, not {self.colours!r:.99}")
        for colour in self.colours:
            check_colour(colour, "a background's colour")
        check_whole(self.seed, "seed")


@dataclass(frozen=True, slots=True)
class Light:
    """The light.

    Attributes
    ----------
    angle : float
        Where it comes from: degrees from straight above, positive from the right.
    brightness : float
        What it multiplies colours by.
    tint : (int, int, int)
    falloff : float
        How much darker the side away from it is; 0: not at all.
    """

    angle: float = -35.0
    brightness: float = 1.0
    tint: Colour = (255, 255, 255)
    falloff: float = 0.15

    def __post_init__(self) -> None:
        check_number(self.angle, -90, 90, "the angle of the light")
        check_number(self.brightness, 0.2, 2, "brightness")
        check_number(self.falloff, 0, 1, "falloff")
        check_colour(self.tint, "the light's tint")


@dataclass(frozen=True, slots=True)
class Occluder:
    """An occluder: one of `OCCLUDERS`, the position of its foot, its height, its colour, the seed of its details."""

    kind: str
    x: float
    y: float
    size: float
    colour: Colour
    seed: int = 0

    def __post_init__(self) -> None:
        check_member(self.kind, OCCLUDERS, "occluder")
        check_number(self.x, -1, 2, "x")
        check_number(self.y, -1, 2, "y")
        check_number(self.size, 0.01, 3, "size")
        check_colour(self.colour, "an occluder's colour")
        check_whole(self.seed, "seed")
