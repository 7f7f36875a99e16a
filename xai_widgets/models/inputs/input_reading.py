"""Reading what people have: pictures, paths, tensors, batches of a data set; and telling pictures from inputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_widgets.common.arrays import as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Shape = tuple[int | None, ...]

_ENDLESS = -1  # what TensorFlow says of the length of a data set that repeats for ever


def read_given(given: Any, shape: Shape | None) -> Any:
    """Return arrays, pictures or lists of them from whatever was given for an input of a shape (without batch axis).

    Paths are loaded; tensors become arrays; of a pair (images, labels), as data sets give them, the images are taken;
    a whole ``tf.data.Dataset`` is read into one batch.

    Raises
    ------
    ValueError
        If a data set has no end.
    """
    if _is_dataset(given):
        return _all_batches(given, shape)
    if _is_labelled_batch(given, shape):
        given = given[0]
    if isinstance(given, (str, os.PathLike)):
        return _loaded([given])
    given = as_array(given)
    if isinstance(given, np.ndarray) and given.dtype.kind in "UO" and given.ndim == 1:
        given = given.tolist()
    if isinstance(given, (list, tuple)) and given and all(isinstance(one, (str, os.PathLike)) for one in given):
        return _loaded(given)
    return given


def _loaded(paths: Sequence[Any]) -> list[NDArray[np.uint8]]:
    from xai_widgets.datasets.pictures.picture_reading import load_image

    return [load_image(path) for path in paths]


def _is_dataset(given: Any) -> bool:
    return hasattr(given, "element_spec") and hasattr(given, "cardinality")


def _all_batches(dataset: Any, shape: Shape | None) -> Any:
    """Read a data set of batches, or of single examples, with or without labels."""
    if int(dataset.cardinality()) == _ENDLESS:
        msg = "the data set repeats for ever; take a part of it: dataset.take(10)"
        raise ValueError(msg)
    parts = [as_array(one[0] if isinstance(one, tuple) else one) for one in dataset]
    if not parts:
        msg = "the data set is empty"
        raise ValueError(msg)
    single = shape is not None and parts[0].ndim == len(shape)
    return np.stack(parts) if single else np.concatenate(parts)


def _is_labelled_batch(given: Any, shape: Shape | None) -> bool:
    """Tell whether this is a pair (images, labels) of a data set."""
    if not isinstance(given, (list, tuple)) or len(given) != 2 or shape is None:
        return False
    images, labels = (as_array(one) for one in given)
    if not isinstance(images, np.ndarray) or not isinstance(labels, np.ndarray):
        return False
    return images.ndim > labels.ndim and labels.ndim in (1, 2) and len(images) == len(labels) and images.ndim > 1


def is_picture(images: Any) -> bool:
    """Tell pictures (uint8 arrays, PIL images, sequences of them) from arrays in the input space."""
    if isinstance(images, Image.Image):
        return True
    if isinstance(images, np.ndarray):
        return bool(images.dtype == np.uint8)
    return isinstance(images, (list, tuple)) and len(images) > 0 and all(is_picture(one) for one in images)


def as_pictures(pictures: Any, size: tuple[int | None, int | None] = (None, None)) -> list[NDArray[np.uint8]]:
    """Return a list of uint8 (H, W, 3) arrays.

    Parameters
    ----------
    pictures : uint8 array, PIL image, or a sequence of them
        (H, W, 3), or grey as (H, W) or (H, W, 1), or batches of these.
    size : (int or None, int or None)
        The model's own height and width, which tell a grey batch (N, H, W) from a picture of W channels.

    Raises
    ------
    ValueError
        For any other shape, such as four channels.

    Examples
    --------
    >>> [one.shape for one in as_pictures(np.zeros((5, 28, 28), "uint8"))] == [(28, 28, 3)] * 5
    True
    """
    if isinstance(pictures, Image.Image):
        pictures = [pictures]
    if isinstance(pictures, np.ndarray):
        pictures = _cut_apart(pictures, size)
    return [_in_colour(np.asarray(one.convert("RGB") if isinstance(one, Image.Image) else one)) for one in pictures]


def _cut_apart(array: NDArray[Any], size: tuple[int | None, int | None]) -> list[NDArray[Any]]:
    """Return the pictures of an array, which may be one."""
    channels = array.shape[-1] if array.ndim else 0
    if array.ndim == 2:
        return [array]
    if array.ndim == 3:
        fits = None not in size and array.shape[1:] == size
        return list(array) if fits or channels not in (1, 3, 4) else [array]
    return list(array)


def _in_colour(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a picture with three channels."""
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[-1] not in (1, 3) or 0 in array.shape:
        msg = (
            f"a picture is uint8 (H, W, 3), or grey (H, W) or (H, W, 1), not {array.dtype} {array.shape}; load_image "
            "makes one of anything, and picture[..., :3] leaves out a fourth channel"
        )
        raise ValueError(msg)
    coloured: NDArray[np.uint8] = np.repeat(array, 3, axis=-1) if array.shape[-1] == 1 else array
    return coloured
