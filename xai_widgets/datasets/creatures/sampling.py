"""Random scenes: poses, colours, backgrounds and light are drawn independently of the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from xai_widgets.datasets.creatures.checks import check_whole
from xai_widgets.datasets.creatures.classes import CLASSES, LABELS, PARTS, VARIANTS, SceneError, one_of
from xai_widgets.datasets.creatures.ingredients import (
    BACKGROUNDS,
    MOUTHS,
    OCCLUDERS,
    POSES,
    Animal,
    Background,
    Light,
    Occluder,
    Part,
)
from xai_widgets.datasets.creatures.palettes import CLOTH, FUR, HORN, IRIS, LIGHT, WHITE, Colour, luminance, mix
from xai_widgets.datasets.creatures.poses import MAMMALS
from xai_widgets.datasets.creatures.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

Rng = np.random.Generator
_T = TypeVar("_T")

_PAPERS: Final[tuple[Colour, ...]] = (
    (236, 226, 206), (206, 222, 232), (240, 206, 200), (208, 226, 204), (224, 212, 236), (250, 226, 170),
    (176, 204, 206), (196, 176, 158), (150, 166, 190), (228, 170, 140),
)  # fmt: skip
_SKIES: Final[tuple[Colour, ...]] = (
    (132, 192, 234),
    (160, 206, 236),
    (244, 186, 150),
    (176, 190, 226),
    (196, 216, 222),
)
_GROUNDS: Final[tuple[Colour, ...]] = (
    (136, 186, 104),
    (164, 196, 112),
    (106, 160, 110),
    (202, 190, 120),
    (170, 176, 140),
)
_FLOORS: Final[tuple[Colour, ...]] = (
    (196, 150, 110),
    (168, 124, 96),
    (214, 190, 160),
    (150, 150, 160),
    (190, 130, 120),
)
_TINTS: Final[tuple[Colour, ...]] = ((255, 255, 255), (255, 246, 226), (236, 244, 255), (255, 236, 214))
_PLANTS: Final[tuple[Colour, ...]] = ((110, 164, 88), (146, 178, 82), (78, 136, 96), (206, 168, 84), (196, 112, 66))
_WOOD: Final[tuple[Colour, ...]] = ((206, 160, 110), (170, 124, 88), (226, 200, 160), (120, 132, 150), (190, 92, 76))
_TOYS: Final[tuple[Colour, ...]] = ((214, 72, 76), (70, 130, 196), (240, 186, 70), (90, 168, 130), (160, 110, 190))
_THINGS: Final = {"grass": _PLANTS, "leaf": _PLANTS, "ball": _TOYS, "box": _WOOD, "post": _WOOD}
_FUR_PARTS: Final = ("tail", "body", "wings", "legs", "head", "ears")


def sample_scene(
    rng: int | Sequence[int] | Rng,
    classes: Sequence[str] | None = None,
    animals: int = 1,
    *,
    pose: str | None = None,
    background: str | None = None,
    pattern: str | None = None,
    noise: bool = True,
    occluders: bool = True,
) -> Scene:
    """Draw a random scene.

    Parameters
    ----------
    rng : int, sequence of int, or numpy Generator
        A seed gives the same scene every time; a generator the next one.
    classes : sequence of str, optional
        The classes to draw from, by default all of `LABELS`. The animals of a picture differ in class while there
        are classes enough.
    animals : int
        How many, 1 to 4, side by side.
    pose, background, pattern : str, optional
        One of `POSES`, of `BACKGROUNDS`, and "plain" or one of ``VARIANTS["pattern"]``; by default drawn by lot.
    noise, occluders : bool
        Whether there may be any.

    Returns
    -------
    Scene

    Raises
    ------
    SceneError
        If a name is unknown (the nearest are given) or a number out of range.

    Examples
    --------
    >>> sample_scene(7) == sample_scene(7)
    True
    >>> sample_scene(7, classes=["cat", "dog"], animals=2).labels in {("cat", "dog"), ("dog", "cat")}
    True
    """
    check_whole(animals, "the number of animals", 1, max(_SIZES))
    wish = (
        pose and one_of(pose, POSES, "pose"),
        background and one_of(background, BACKGROUNDS, "background"),
        pattern and one_of(pattern, ("plain", *VARIANTS["pattern"]), "pattern"),
    )
    kinds = _known(classes)
    rng = _generator(rng)
    chosen = _choose(rng, kinds, animals)
    centres = _centres(rng, animals)
    return Scene(
        animals=tuple(
            _animal(rng, kind, x, _SIZES[animals], pose=wish[0], pattern=wish[2])
            for kind, x in zip(chosen, centres, strict=True)
        ),
        background=_background(rng, wish[1]),
        light=_light(rng),
        occluders=_occluders(rng, centres) if occluders and rng.random() < 0.3 else (),
        noise=_between(rng, 1, 8) if noise and rng.random() < 0.5 else 0.0,
        seed=_seed(rng),
    )


def _known(classes: Sequence[str] | None) -> tuple[str, ...]:
    if classes is None:
        return LABELS
    if isinstance(classes, str):
        classes = (classes,)
    if len(classes) == 0:
        raise SceneError("classes is empty; leave it out for all of them")
    return tuple(one_of(name, LABELS, "class") for name in classes)


def _generator(rng: int | Sequence[int] | Rng) -> Rng:
    if isinstance(rng, Rng):
        return rng
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise SceneError(
            f"the seed must be a whole number from 0, some of them, or a Generator, not {rng!r:.99}"
        ) from error


def _pick(rng: Rng, choices: Sequence[_T]) -> _T:
    return choices[int(rng.random() * len(choices))]


def _seed(rng: Rng) -> int:
    return int(rng.random() * 2**31)


def _between(rng: Rng, low: float, high: float) -> float:
    return round(low + (high - low) * rng.random(), 4)


def _choose(rng: Rng, kinds: tuple[str, ...], count: int) -> list[str]:
    """Return random classes, all different if there are enough."""
    distinct = tuple(dict.fromkeys(kinds))
    if count > len(distinct):
        return [_pick(rng, kinds) for _ in range(count)]
    return [distinct[place] for place in np.argsort(rng.random(len(distinct)))[:count]]


def _centres(rng: Rng, count: int) -> list[float]:
    free = 0.07 if count == 1 else 0.12 / count
    return [round((place + 0.5) / count + free * (2 * rng.random() - 1), 4) for place in range(count)]


_SIZES: Final = {1: (0.52, 0.72), 2: (0.4, 0.52), 3: (0.33, 0.4), 4: (0.26, 0.32)}


def _animal(
    rng: Rng, kind: str, x: float, sizes: tuple[float, float], *, pose: str | None, pattern: str | None
) -> Animal:
    pose = _pick(rng, POSES) if pose is None else pose
    size, facing = _between(rng, *sizes), _pick(rng, (-1, 1))
    return Animal(
        kind=kind,
        pose=pose,
        x=_inside(x, pose, size * facing),
        y=_between(rng, 0.84, 0.95),
        size=size,
        facing=facing,
        parts=_parts(rng, kind, pattern),
        tilt=_between(rng, -11, 11),
        gaze=_between(rng, -1, 1),
        mouth=_pick(rng, MOUTHS),
        seed=_seed(rng),
    )


def _inside(x: float, pose: str, scale: float) -> float:
    """Return the place nearest to `x` where the picture's edge cuts neither head nor body."""
    skeleton = MAMMALS[pose]  # for birds too: where an animal stands shall not depend on its class
    middle, _, radius, _ = skeleton.head
    ends = [middle - 1.15 * radius, middle + 1.15 * radius, *(across for across, _ in skeleton.body)]
    reach = sorted((scale * min(ends), scale * max(ends)))
    return round(min(max(x, -reach[0]), 1 - reach[1]), 4)


def _parts(rng: Rng, kind: str, pattern: str | None) -> tuple[Part, ...]:
    """Return the parts of a class in colours that are independent of the class.

    Every number is drawn for every class, used or not: what is drawn afterwards does not depend on the class either.
    """
    fur, light, accent = _pick(rng, FUR), _pick(rng, LIGHT), _pick(rng, FUR)
    fur = _jittered(rng, fur)
    accent = accent if abs(luminance(accent) - luminance(fur)) > 0.15 else mix(fur, _opposite(fur), 0.45)
    colours = dict.fromkeys(_FUR_PARTS, fur)
    for name, chance in (("ears", 0.2), ("tail", 0.15), ("legs", 0.2), ("wings", 0.25)):
        if rng.random() < chance:
            colours[name] = accent
    horn, iris, cloth, coat = _pick(rng, HORN), _pick(rng, IRIS), _pick(rng, CLOTH), rng.random()
    if CLASSES[kind]["legs"] == "claws":
        colours["legs"] = horn
    light = light if luminance(fur) < 0.8 else mix(light, (226, 196, 160), 0.55)
    colours |= {"belly": light, "cheeks": light, "muzzle": light, "beak": horn, "eyes": iris}
    colours["whiskers"] = WHITE if luminance(fur) < 0.62 else (84, 66, 70)
    have = dict(CLASSES[kind])
    worn = {"collar": _pick(rng, VARIANTS["collar"]), "pattern": _pick(rng, VARIANTS["pattern"])}
    colours |= {"collar": cloth, "pattern": accent}
    if rng.random() < 0.3:
        have["collar"] = worn["collar"]
    if (pattern is None and coat < 0.5) or pattern not in {None, "plain"}:
        have["pattern"] = worn["pattern"] if pattern is None else pattern
    return tuple(Part(name, have[name], colours[name]) for name in PARTS if name in have)


def _jittered(rng: Rng, colour: Colour) -> Colour:
    red, green, blue = (min(255, max(0, round(value + 12 * (rng.random() - 0.5)))) for value in colour)
    return red, green, blue


def _opposite(colour: Colour) -> Colour:
    return (52, 40, 48) if luminance(colour) > 0.5 else (252, 240, 220)


def _background(rng: Rng, kind: str | None) -> Background:
    kind = _pick(rng, BACKGROUNDS) if kind is None else kind
    first = _pick(rng, _SKIES if kind in {"meadow", "beach", "forest", "night"} else _PAPERS)
    second = _pick(rng, _GROUNDS if kind in {"meadow", "beach", "forest", "night"} else _FLOORS)
    if kind == "gradient":
        second = _pick(rng, _PAPERS)
    return Background(kind, (_jittered(rng, first), _jittered(rng, second)), _seed(rng))


def _light(rng: Rng) -> Light:
    return Light(
        angle=_between(rng, -60, 60),
        brightness=_between(rng, 0.9, 1.12),
        tint=_pick(rng, _TINTS),
        falloff=_between(rng, 0.05, 0.3),
    )


def _occluders(rng: Rng, centres: list[float]) -> tuple[Occluder, ...]:
    kind = _pick(rng, OCCLUDERS)
    side = _pick(rng, (-1, 1))
    x = _pick(rng, centres) + side * _between(rng, 0.12, 0.28)
    low, high = {
        "grass": (0.14, 0.3),
        "leaf": (0.3, 0.45),
        "ball": (0.14, 0.24),
        "box": (0.16, 0.26),
        "post": (0.5, 0.9),
    }[kind]
    size = _between(rng, low, high)
    return (
        Occluder(
            kind, round(x, 4), _between(rng, 0.96, 1.02), size, _jittered(rng, _pick(rng, _THINGS[kind])), _seed(rng)
        ),
    )
