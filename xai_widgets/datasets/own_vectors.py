"""`own_vectors`: a set of vectors of the reader's own, from an array, labels and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_widgets.common.arrays import as_array
from xai_widgets.datasets.pictures.picture_reading import load_image
from xai_widgets.datasets.vectors import THUMBNAIL, VectorSet, thumbnails

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

OWN = "own"
_FEWEST = 10  # vectors: t-SNE looks at three times as many neighbours as its perplexity, which is at least 2
_BATCH = (3, 4)  # axes of an array of pictures


def own_vectors(vectors: ArrayLike, *, labels: Sequence[Any] | None = None, pictures: Any = None) -> VectorSet:
    """Return vectors of your own as a set that `EmbeddingLab` lays out.

    Parameters
    ----------
    vectors : array, shape (N, D)
        One vector a row, at least 10; further axes are flattened.
    labels : sequence of N str or int, optional
        The group of each vector. Points of one group have one colour.
    pictures : array or sequence of N pictures, optional
        Shown for the points that are chosen: an array (N, H, W) or (N, H, W, C), uint8 or floats 0..1, or anything that
        `load_image` reads, such as paths.

    Returns
    -------
    VectorSet
        Its `name` is "own"; the name of a vector is its label and its number.

    Raises
    ------
    ValueError
        If the vectors are too few, no finite numbers, or not as many as labels or pictures.

    Examples
    --------
    >>> own_vectors(np.eye(10), labels=["cat", "dog"] * 5)
    VectorSet('own', 10x10, 2 groups)
    """
    values = np.asarray(as_array(vectors))
    if values.ndim < 2 or len(values) < _FEWEST:
        raise ValueError(f"at least {_FEWEST} vectors are laid out, one a row, not an array of shape {values.shape}")
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise ValueError("the vectors must be finite numbers")
    rows = values.reshape(len(values), -1).astype(np.float32)
    groups, names = _groups(len(rows), labels)
    called = [f"{names[group]} " if labels is not None else "" for group in groups]
    shown = None if pictures is None else _thumbnails(pictures)
    return VectorSet(OWN, rows, tuple(f"{one}{place}" for place, one in enumerate(called)), groups, names, shown)


def _groups(count: int, labels: Sequence[Any] | None) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the group of each vector, and the names of the groups; one without a name where there are no labels."""
    if labels is None:
        return np.zeros(count, np.int64), ("",)
    found = np.asarray(as_array(labels))
    if found.shape != (count,):
        raise ValueError(f"{count} vectors need as many labels, got an array of shape {found.shape}")
    names, groups = np.unique(found, return_inverse=True)
    return groups.astype(np.int64), tuple(map(str, names.tolist()))


def _thumbnails(pictures: Any) -> NDArray[np.uint8]:
    """Return small squares of pictures, which may differ in size."""
    given = as_array(pictures)
    if isinstance(given, np.ndarray) and given.ndim in _BATCH and given.dtype.kind in "uf":
        return thumbnails(given)
    small = [Image.fromarray(load_image(one)).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX) for one in given]
    return np.stack([np.asarray(one) for one in small])
