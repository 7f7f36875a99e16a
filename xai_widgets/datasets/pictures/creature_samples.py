"""Sample pictures of creatures: one of each class, and the cat beside the dog that is used throughout the course."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.datasets.creatures import LABELS, SceneError, draw, sample_scene
from xai_widgets.datasets.pictures.sample_sources import Picture, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.common.download import Progress
    from xai_widgets.datasets.creatures import Scene

SIDE: Final = 288  # pixels: three times the input of the model, so that the picture is sharp on a page
_PREFIX: Final = "creature-"
# The seed of the pair was chosen so that both animals are in full view. These seeds are in no training set.
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
    """Return the scene of a sample picture, from which `draw` makes the picture and the masks of its parts.

    Parameters
    ----------
    name : str
        One of `creature_names`; case and punctuation are ignored.

    Returns
    -------
    Scene
        The description of the picture, part by part.

    Raises
    ------
    SceneError
        If there is no sample of this name; the message gives similar names. It is a ValueError.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import draw
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
    """Yield the drawings, for `sample_image`.

    Examples
    --------
    >>> len(list(creature_pictures()))
    13
    """
    for name in creature_names():
        sample = Sample(name, (SIDE, SIDE), "xai_widgets", "xai_widgets", "CC0 1.0")
        yield Picture(sample, functools.partial(_read, name))


def _read(name: str, progress: Progress) -> NDArray[np.uint8]:
    del progress  # nothing is downloaded
    return draw(creature_scene(name), SIDE).picture
