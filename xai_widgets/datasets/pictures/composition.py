"""`compose`: pictures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_widgets.datasets.pictures.picture_array import as_picture
from xai_widgets.datasets.pictures.picture_reading import load_image

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compose(
    first: Any, second: Any, *more: Any, height: int | None = None, gap: int = 0, fill: int = 255
) -> NDArray[np.uint8]:
    """Put pictures side by side, scaled to one height with their proportions.

    Parameters
    ----------
    first : str, path, bytes, file object, array, PIL.Image.Image or upload
        The picture on the left; anything that `load_image` reads.
    second : str, path, bytes, file object, array, PIL.Image.Image or upload
        The picture to its right.
    *more : str, path, bytes, file object, array, PIL.Image.Image or upload
        Further pictures, from left to right.
    height : int, optional
        Height of the result in pixels, at least 1. By default it is the height of the lowest picture, so that none is
        enlarged.
    gap : int, default 0
        Width of the space between two pictures, in pixels.
    fill : int, default 255
        Grey value of that space, from 0 (black) to 255 (white).

    Returns
    -------
    ndarray of uint8, shape (height, W, 3)
        RGB, 0..255. The pixels of a picture that already has this height are unchanged.

    Raises
    ------
    PictureError
        If one of the arguments is not a picture.
    ValueError
        If the height, the gap or the grey value is out of range.

    See Also
    --------
    xai_widgets.sample_image : Pictures by name.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> cat, coffee = xai.sample_image("cat"), xai.sample_image("coffee")
    >>> compose(cat, coffee, gap=10).shape
    (300, 911, 3)
    """
    if height is not None and height < 1:
        raise ValueError(f"height is a count of pixels, at least 1, not {height}")
    if gap < 0:
        raise ValueError(f"gap is a count of pixels, not {gap}")
    if not 0 <= fill <= 255:
        raise ValueError(f"fill is a grey from 0 to 255, not {fill}")
    pictures = [load_image(one) for one in (first, second, *more)]
    common = height or min(len(picture) for picture in pictures)
    space = np.full((common, gap, 3), fill, np.uint8)
    parts = [part for picture in pictures for part in (space, _at_height(picture, common))]
    return as_picture(np.concatenate(parts[1:], axis=1))


def _at_height(picture: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """Scale a picture to a height; its width is rounded to the nearest pixel."""
    if len(picture) == height:
        return picture
    width = max(1, round(picture.shape[1] * height / len(picture)))
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))
