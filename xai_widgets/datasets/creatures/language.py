"""A small language about scenes: captions of three words, and questions with their answers, from a fixed vocabulary.

A network with a second head is trained on it, so that each word of its output can be explained.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from xai_widgets.datasets.creatures.classes import LABELS, SceneError, one_of
from xai_widgets.datasets.creatures.ingredients import BACKGROUNDS
from xai_widgets.datasets.creatures.palettes import FUR

if TYPE_CHECKING:
    from xai_widgets.datasets.creatures.ingredients import Animal
    from xai_widgets.datasets.creatures.scene import Scene

RELATIONS: Final = ("left of", "right of", "alone")
NOTHING: Final = "nothing"
"""The third word of a caption with one animal."""

_NAMES: Final = (
    "orange", "orange", "brown", "brown", "beige", "beige", "yellow",
    "white", "grey", "grey", "black", "blue", "pink", "green",
)  # fmt: skip
COLOURS: Final = tuple(dict.fromkeys(_NAMES))
"""The names of the colours of fur; any other colour has the name of the nearest of them."""

QUESTIONS: Final = (
    "What is on the left?",
    "What is on the right?",
    "What colour is the animal on the left?",
    "What colour is the animal on the right?",
    "Does the animal on the left wear a collar?",
    "Does the animal on the right wear a collar?",
    "Where is this?",
)
ANSWERS: Final = (*LABELS, *COLOURS, "yes", "no", *BACKGROUNDS)


class Caption(NamedTuple):
    """A caption of three words; ``str()`` joins them to a phrase.

    Attributes
    ----------
    subject : str
        One of `LABELS`: of two animals the one that comes first in `LABELS`.
    relation : str
        One of `RELATIONS`.
    other : str
        The other animal, or `NOTHING`.
    """

    subject: str
    relation: str
    other: str

    def __str__(self) -> str:
        """Leave the third word out where there is nothing to name."""
        return " ".join(word for word in self if word != NOTHING)


def caption(scene: Scene) -> Caption:
    """Return the caption of a scene of one or two animals.

    Raises
    ------
    SceneError
        If there are none, or more than two.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import sample_scene
    >>> str(caption(sample_scene(0, ["dog", "cat"], animals=2))) in {"cat left of dog", "cat right of dog"}
    True
    >>> str(caption(sample_scene(0, ["owl"])))
    'owl alone'
    """
    left, right = _ends(scene)
    if left is right:
        return Caption(left.kind, "alone", NOTHING)
    if LABELS.index(left.kind) <= LABELS.index(right.kind):
        return Caption(left.kind, "left of", right.kind)
    return Caption(right.kind, "right of", left.kind)


def answer(scene: Scene, question: str) -> str:
    """Answer a question about a scene of one or two animals; one alone is both the left and the right one.

    Parameters
    ----------
    scene : Scene
    question : str
        One of `QUESTIONS`.

    Returns
    -------
    str
        One of `ANSWERS`.

    Raises
    ------
    SceneError
        If the question is unknown, or the scene has no animals, more than two, or the animal no body.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import sample_scene
    >>> answer(sample_scene(0, ["owl"], background="beach"), "Where is this?")
    'beach'
    """
    place = QUESTIONS.index(one_of(question, QUESTIONS, "question"))
    if place == len(QUESTIONS) - 1:
        return scene.background.kind
    animal = _ends(scene)[place % 2]
    return (_kind, _colour, _collar)[place // 2](animal)


def _ends(scene: Scene) -> tuple[Animal, Animal]:
    if not 1 <= len(scene.animals) <= 2:
        raise SceneError(f"there are words for scenes of one or two animals, not for {len(scene.animals)}")
    return scene.animals[0], scene.animals[-1]


def _kind(animal: Animal) -> str:
    return animal.kind


def _colour(animal: Animal) -> str:
    body = animal.part("body")
    if body is None:
        raise SceneError(f"the {animal.kind} has no body, and so no colour; ask another question")
    return _NAMES[min(range(len(FUR)), key=lambda fur: math.dist(FUR[fur], body.colour))]


def _collar(animal: Animal) -> str:
    return "no" if animal.part("collar") is None else "yes"
