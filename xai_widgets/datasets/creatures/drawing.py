"""`draw`: the picture and the masks of a scene."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xai_widgets.datasets.creatures.animals import animal_groups
from xai_widgets.datasets.creatures.backgrounds import background_group
from xai_widgets.datasets.creatures.checks import check_whole
from xai_widgets.datasets.creatures.classes import CARRIES, PARTS, SceneError, one_of
from xai_widgets.datasets.creatures.occluders import occluder_group
from xai_widgets.datasets.creatures.painting import FINE, Floats, Surfaces, develop, rasterise

if TYPE_CHECKING:
    from xai_widgets.datasets.creatures.animals import Group
    from xai_widgets.datasets.creatures.ingredients import Animal, Light
    from xai_widgets.datasets.creatures.scene import Scene

SCENERY: Final = ("background", "occluder")
"""The parts of the picture outside of the animals; in `Drawing.masks` their animal is None."""

LEAST, MOST = 16, 2048
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture with the mask of each part.

    Attributes
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        RGB.
    scene : Scene
        What it was drawn from.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import draw, sample_scene
    >>> drawing = draw(sample_scene(0, classes=["cat"], occluders=False))
    >>> drawing.picture.shape, drawing.labels
    ((96, 96, 3), ('cat',))
    >>> bool(drawing.masks[0, "head"].any())
    True
    """

    picture: NDArray[np.uint8]
    scene: Scene
    _surfaces: Surfaces

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes of the animals, from left to right."""
        return self.scene.labels

    @functools.cached_property
    def masks(self) -> dict[tuple[int | None, str], Mask]:
        """The pixels whose centre shows a part, (H, W), by animal and part.

        Every animal has every part of `PARTS`, empty where it lacks it or something hides it; (None, "background") and
        (None, "occluder") are the rest. Each pixel is in exactly one mask.
        """
        keys: list[tuple[int | None, str]] = [(None, part) for part in SCENERY]
        keys += [(index, part) for index in range(len(self.scene.animals)) for part in PARTS]
        number = {key: place for place, key in enumerate(keys)}
        place = np.array([number[animal, part] for animal, part, _ in self._surfaces.owner])
        shown = place[self._surfaces.at[FINE // 2 :: FINE, FINE // 2 :: FINE]]
        return {key: shown == number[key] for key in keys}

    @functools.cached_property
    def animals(self) -> NDArray[np.bool_]:
        """The pixels that show each animal, (A, H, W): the union of its parts' masks."""
        count, size = len(self.scene.animals), self.picture.shape[:2]
        owner = np.array([-1 if animal is None else animal for animal, _, _ in self._surfaces.owner])
        shown = owner[self._surfaces.at[FINE // 2 :: FINE, FINE // 2 :: FINE]]
        return np.array([shown == index for index in range(count)], dtype=bool).reshape(count, *size)

    def footprint(self, animal: int, part: str, *, carried: bool = True) -> Mask:
        """Return the pixels that a part covers at least partly: all that can change if the part is removed.

        Parameters
        ----------
        animal : int
            Its place from the left, from 0.
        part : str
            One of `PARTS`.
        carried : bool
            Whether what sits on the part counts too, such as ears and pattern on a head: with it, what
            `Scene.without` can change; without it, what `Scene.recoloured` can.

        Returns
        -------
        ndarray of bool, shape (H, W)

        Raises
        ------
        SceneError
            If there is no such animal or part.
        """
        if animal not in range(len(self.scene.animals)):
            raise SceneError(f"there is no animal {animal!r:.99}: this scene has {len(self.scene.animals)}, from 0")
        part = one_of(part, PARTS, "part")
        gone = {part, *CARRIES[part]} if carried else {part}
        touched = np.array(
            [
                owner == animal and (name in gone or (carried and host in gone))
                for owner, name, host in self._surfaces.owner
            ]
        )
        size = len(self.picture)
        fine = touched[self._surfaces.at].reshape(size, FINE, size, FINE)
        return np.asarray(fine.any(axis=(1, 3)), dtype=bool)


def draw(scene: Scene, size: int = 96) -> Drawing:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
    size : int
        Side of the picture in pixels, 16..2048.

    Returns
    -------
    Drawing
        The picture, and on demand its masks. The same scene and size give the same picture, to the bit.

    Raises
    ------
    SceneError
        If the size is out of range.

    Notes
    -----
    In the spirit of FunnyBirds: A Synthetic Vision Dataset for a Part-Based Analysis of Explainable AI Methods
    (R. Hesse, S. Schaub-Meyer, S. Roth, ICCV 2023).

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import sample_scene
    >>> scene = sample_scene(3, classes=["fox"])
    >>> with_tail, without_tail = draw(scene), draw(scene.without(0, "tail"))
    >>> changed = (with_tail.picture != without_tail.picture).any(axis=-1)
    >>> bool((changed <= with_tail.footprint(0, "tail")).all())
    True
    """
    check_whole(size, "the size", LEAST, MOST)
    surfaces = rasterise(_groups(scene), scene.light, size)
    grain, noise = _texture(scene.seed, size), _noise(scene, size)
    picture = develop(surfaces, grain, _shadow(scene.animals, size))
    picture *= _lighting(scene.light, size)
    picture += noise
    return Drawing(np.clip(picture + 0.5, 0, 255).astype(np.uint8), scene, surfaces)


def _groups(scene: Scene) -> list[Group]:
    groups = [background_group(scene.background)]
    nearest_last = sorted(range(len(scene.animals)), key=lambda index: scene.animals[index].y)
    for index in nearest_last:
        groups += animal_groups(scene.animals[index], index)
    return groups + [occluder_group(one) for one in scene.occluders]


def _texture(seed: int, size: int) -> Floats:
    """Return a soft texture around 0, the same at every size."""
    rng = np.random.default_rng([seed, 1])
    coarse = Image.fromarray(rng.standard_normal((24, 24), dtype=np.float32))
    grain: Floats = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float32).clip(-2, 2)
    return grain


def _noise(scene: Scene, size: int) -> Floats | float:
    if not scene.noise:
        return 0.0
    rng = np.random.default_rng([scene.seed, 2])
    return rng.standard_normal((size, size, 3), dtype=np.float32) * np.float32(scene.noise)


def _shadow(animals: tuple[Animal, ...], size: int) -> Floats:
    """Return the darkness of the shadow under the animals, which does not depend on their parts."""
    middle = ((np.arange(size) + 0.5) / size).astype(np.float32)
    shadow = np.zeros((size, size), dtype=np.float32)
    for animal in animals:
        across = np.exp(-(((middle - animal.x) / (0.36 * animal.size)) ** 2) * 1.3)
        down = np.exp(-(((middle - animal.y + 0.01 * animal.size) / (0.06 * animal.size)) ** 2))
        np.maximum(shadow, 0.42 * down[:, None] * across[None, :], out=shadow)
    return shadow


def _lighting(light: Light, size: int) -> Floats:
    """Return the factor of the light for each colour, (H, W, 3): tinted, and brighter towards its source."""
    middle = (np.arange(size) + 0.5) / size - 0.5
    angle = np.radians(light.angle)
    towards = middle[None, :] * np.sin(angle) - middle[:, None] * np.cos(angle)
    level = light.brightness * (1 + light.falloff * towards)
    lit: Floats = (level[..., None] * (np.array(light.tint) / 255)).astype(np.float32)
    return lit
