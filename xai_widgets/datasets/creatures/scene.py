"""A scene: the complete description of a picture as plain data, which can be saved, loaded and changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from xai_widgets.datasets.creatures.checks import as_colour, check_number, check_whole
from xai_widgets.datasets.creatures.classes import CARRIES, CLASSES, LABELS, PARTS, SceneError, one_of
from xai_widgets.datasets.creatures.ingredients import Animal, Background, Light, Occluder, Part
from xai_widgets.datasets.creatures.palettes import HORN, LIGHT, Colour

MOST_ANIMALS: Final = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """The complete description of a picture, from which `draw` makes the picture.

    Attributes
    ----------
    animals : tuple of Animal
        From left to right. Those whose feet are lower in the picture are nearer.
    background : Background
    light : Light
    occluders : tuple of Occluder
        In front of the animals.
    noise : float
        Standard deviation of the camera's noise, 0..64 of 255 levels.
    seed : int
        Of the noise and of the fine texture.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import sample_scene
    >>> scene = sample_scene(0, classes=["cat"])
    >>> Scene.from_json(scene.to_json()) == scene
    True
    >>> scene.without(0, "whiskers").animals[0].part("whiskers") is None
    True
    """

    animals: tuple[Animal, ...]
    background: Background
    light: Light = field(default_factory=Light)
    occluders: tuple[Occluder, ...] = ()
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.animals) > MOST_ANIMALS:
            raise SceneError(f"a scene has at most {MOST_ANIMALS} animals, not {len(self.animals)}")
        check_number(self.noise, 0, 64, "noise")
        check_whole(self.seed, "seed")

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes of the animals, from left to right."""
        return tuple(animal.kind for animal in self.animals)

    def without(self, animal: int, part: str) -> Scene:
        """Return the same scene without one part and the parts on it (with a head, its ears are removed).

        Parameters
        ----------
        animal : int
            Its place from the left, from 0.
        part : str
            One of `PARTS`, and one that this animal has.

        Returns
        -------
        Scene

        Raises
        ------
        SceneError
            If there is no such animal, or it has no such part.
        """
        owner, gone = self._find(animal, part)
        carried = {gone.name, *CARRIES[gone.name]}
        return self._with(animal, tuple(p for p in owner.parts if p.name not in carried))

    def recoloured(self, animal: int, part: str, colour: Any) -> Scene:
        """Return the same scene with one part in another colour, (r, g, b), a CSS name or ``"#rrggbb"``.

        Raises
        ------
        SceneError
            If there is no such animal, part or colour.
        """
        owner, old = self._find(animal, part)
        new = replace(old, colour=as_colour(colour))
        return self._with(animal, tuple(new if p is old else p for p in owner.parts))

    def replaced(self, animal: int, part: str, with_class: str) -> Scene:
        """Return the same scene with one part as another class has it, in the colour it had.

        The animal keeps its class (`kind`): the question is what a model predicts for it. A part that the
        animal did not have is added, in the colour of its fur, or for beaks, cheeks and bellies a usual one.

        Raises
        ------
        SceneError
            If there is no such animal, part or class, or if that class has no such part.

        Examples
        --------
        >>> from xai_widgets.datasets.creatures import sample_scene
        >>> sample_scene(0, classes=["cat"]).replaced(0, "ears", "rabbit").animals[0].part("ears").variant
        'long'
        """
        owner = self._animal(animal)
        part, source = one_of(part, PARTS, "part"), one_of(with_class, LABELS, "class")
        if part not in CLASSES[source]:
            have = ", ".join(name for name, parts in CLASSES.items() if part in parts) or "no class"
            raise SceneError(
                f"a {source} has no {part} of its own; with {part}: {have}. To take it away, use without()"
            )
        old = owner.part(part)
        new = Part(part, CLASSES[source][part], old.colour if old else _usual_colour(owner, part))
        rest = tuple(p for p in owner.parts if p.name != part)
        return self._with(animal, tuple(sorted((*rest, new), key=lambda p: PARTS.index(p.name))))

    def to_json(self) -> str:
        """Return the scene as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """Return the scene that `to_json` wrote.

        Raises
        ------
        SceneError
            If the text is no JSON, or describes no scene that can be drawn.
        """
        try:
            data = json.loads(text)
            return cls(
                animals=tuple(_animal(one) for one in data["animals"]),
                background=Background(**_tuples(data["background"])),
                light=Light(**_tuples(data["light"])),
                occluders=tuple(Occluder(**_tuples(one)) for one in data["occluders"]),
                noise=data["noise"],
                seed=data["seed"],
            )
        except SceneError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SceneError(f"this is not the JSON of a scene ({type(error).__name__}: {error})") from error

    def _animal(self, index: int) -> Animal:
        if isinstance(index, bool) or not hasattr(index, "__index__") or not 0 <= int(index) < len(self.animals):
            raise SceneError(f"there is no animal {index!r:.99}: this scene has {len(self.animals)}, counted from 0")
        return self.animals[index]

    def _find(self, animal: int, part: str) -> tuple[Animal, Part]:
        owner = self._animal(animal)
        found = owner.part(one_of(part, PARTS, "part"))
        if found is None:
            have = ", ".join(p.name for p in owner.parts)
            raise SceneError(f"animal {animal}, a {owner.kind}, has no {part}; it has {have}")
        return owner, found

    def _with(self, index: int, parts: tuple[Part, ...]) -> Scene:
        animals = list(self.animals)
        animals[index] = replace(animals[index], parts=parts)
        return replace(self, animals=tuple(animals))


def _usual_colour(animal: Animal, part: str) -> Colour:
    if part == "beak":
        return HORN[0]
    fur = animal.part("body") or animal.part("head")
    return LIGHT[0] if part in {"belly", "cheeks"} or fur is None else fur.colour


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in data.items()}


def _tuple(value: Any) -> Any:
    return tuple(_tuple(one) for one in value) if isinstance(value, list) else value


def _animal(data: dict[str, Any]) -> Animal:
    parts = tuple(Part(**_tuples(part)) for part in data["parts"])
    return Animal(**{**data, "parts": parts})
