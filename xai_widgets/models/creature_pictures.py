"""Sample pictures of creatures: one of each class, and the cat beside the dog that runs through the course."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from xai_widgets.models.creatures import LABELS, SceneError, draw, sample_scene
from xai_widgets.models.names import match, suggestion
from xai_widgets.models.sources import Picture, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.models.creatures import Scene
    from xai_widgets.models.download import Progress

SIDE: Final = 288  # three times what the model takes: sharp on a page
_PREFIX: Final = "creature-"
# The pair was chosen by eye: both in full view. No model has learnt from pictures of these seeds.
_SEEDS: Final[dict[tuple[str, ...], tuple[int, int]]] = {("cat", "dog"): (77, 9)} | {
    (name,): (78, place) for place, name in enumerate(LABELS)
}


def creature_names() -> tuple[str, ...]:
    """Return the names of the sample pictures of creatures.

    Examples
    --------
    >>> creature_names()[:2]
    ('creature-cat-dog', 'creature-cat')
    """
    return tuple(_PREFIX + "-".join(classes) for classes in _SEEDS)


def creature_scene(name: str) -> Scene:
    """Return the scene of a sample picture: with it come the masks of all parts, and it can be changed part by part.

    Parameters
    ----------
    name : str
        One of `creature_names`.

    Raises
    ------
    SceneError
        If there is none of that name; the nearest are given. It is a ValueError.

    Examples
    --------
    >>> from xai_widgets.models.creatures import draw
    >>> drawing = draw(creature_scene("creature-cat-dog"))
    >>> drawing.labels, bool(drawing.masks[0, "whiskers"].any())
    (('cat', 'dog'), True)
    """
    names = creature_names()
    found = match(name, names)
    if found is None:
        raise SceneError(f"there is no sample of creatures {name!r}; {suggestion(name, names)}")
    classes = tuple(_SEEDS)[names.index(found)]
    seed = _SEEDS[classes]
    pose = None if len(classes) > 1 else "three_quarter"
    return sample_scene(seed, classes, len(classes), pose=pose, noise=False, occluders=False)


def creature_pictures() -> Iterator[Picture]:
    """Give the drawings, for `sample_image`.

    Examples
    --------
    >>> len(list(creature_pictures()))
    13
    """
    for name in creature_names():
        sample = Sample(name, (SIDE, SIDE), "xai_widgets", "xai_widgets", "CC0 1.0")
        yield Picture(sample, functools.partial(_read, name))


def _read(name: str, progress: Progress) -> NDArray[np.uint8]:
    del progress  # it is drawn here
    return draw(creature_scene(name), SIDE).picture
