"""Pictures for training, each of which can be reproduced from its seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xai_widgets.datasets.creatures.checks import check_whole
from xai_widgets.datasets.creatures.classes import LABELS
from xai_widgets.datasets.creatures.drawing import LEAST, MOST, draw
from xai_widgets.datasets.creatures.sampling import sample_scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Batch(NamedTuple):
    """Pictures for training.

    Attributes
    ----------
    pictures : ndarray of uint8, shape (N, H, W, 3)
        RGB.
    labels : ndarray of int64, shape (N, A)
        The classes of the animals from left to right, as places in `LABELS`.
    targets : ndarray of float32, shape (N, 12)
        1 for each class in the picture, otherwise 0.
    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]
    targets: NDArray[np.float32]


def sample_batch(
    count: int, seed: int, size: int = 96, *, start: int = 0, classes: Sequence[str] | None = None, animals: int = 1
) -> Batch:
    """Draw pictures for training, without masks.

    Picture i of a seed is always the same, whatever the batch: it is ``draw(sample_scene((seed, i), ...), size)``.

    Parameters
    ----------
    count : int
        How many, 1 or more.
    seed : int
        Seed of the pictures, 0 or more.
    size : int
        Side of the pictures in pixels.
    start : int
        The number of the first one, 0 or more.
    classes : sequence of str, optional
        The classes to draw from, by default all of `LABELS`. The animals of a picture differ in class while there
        are classes enough.
    animals : int
        How many in a picture, 1 to 4, side by side.

    Returns
    -------
    Batch
        ``.pictures`` (N, size, size, 3) uint8; ``.labels`` (N, animals); ``.targets`` (N, 12), 1 for each class in
        the picture.

    Raises
    ------
    SceneError
        If a number is out of range or a class unknown.

    Examples
    --------
    >>> batch = sample_batch(3, seed=0, size=32)
    >>> batch.pictures.shape, batch.labels.shape, batch.targets.sum(axis=1).tolist()
    ((3, 32, 32, 3), (3, 1), [1.0, 1.0, 1.0])
    """
    check_whole(count, "count", 1)
    check_whole(seed, "seed")
    check_whole(start, "start")
    check_whole(size, "the size", LEAST, MOST)
    check_whole(animals, "the number of animals", 1)
    pictures = np.empty((count, size, size, 3), dtype=np.uint8)
    labels = np.empty((count, animals), dtype=np.int64)
    for place in range(count):
        scene = sample_scene((seed, start + place), classes, animals)
        pictures[place] = draw(scene, size).picture
        labels[place] = [LABELS.index(name) for name in scene.labels]
    targets = np.zeros((count, len(LABELS)), dtype=np.float32)
    np.put_along_axis(targets, labels, 1.0, axis=1)
    return Batch(pictures, labels, targets)
