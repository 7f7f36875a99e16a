"""`PictureArray`: a NumPy array of pixels that a notebook shows as a picture."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from xai_widgets.i18n import message

_FEW, _MANY = 256, 640  # pixels of the longer side: shorter ones are enlarged, longer ones reduced
_AXES, _RGB = 3, 3


class PictureArray(np.ndarray[Any, np.dtype[np.uint8]]):
    """A picture as `sample_image` and `load_image` return it: a NumPy array that a notebook draws.

    It is an ndarray in everything else. What is computed from it (``picture / 255``, ``picture > 100``) is a plain
    array, which is shown as numbers: nothing would say which of its values are black and white. A part of it, such as
    ``picture[:100]``, is drawn as long as it is uint8 with three channels. Pickled, it is a plain array.
    ``load_image(array)`` makes a picture of an array of pixels.

    Examples
    --------
    >>> picture = np.zeros((4, 6, 3), "uint8").view(PictureArray)
    >>> type(picture[:2]).__name__, type(picture / 255).__name__
    ('PictureArray', 'ndarray')
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute with the plain arrays; what is written into a picture in place stays that picture."""
        given = options.get("out")
        if given is not None:
            options["out"] = tuple(map(_plain, given))
        plain = {name: _plain(value) for name, value in options.items()}
        found = getattr(ufunc, method)(*map(_plain, inputs), **plain)
        return given[0] if given is not None and len(given) == 1 else found

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle a plain array: who reads the file needs no package but NumPy."""
        return np.asarray(self).__reduce_ex__(protocol)

    def __repr__(self) -> str:
        """Return what NumPy writes of an array."""
        return repr(np.asarray(self))

    def _repr_png_(self) -> tuple[bytes, dict[str, str]] | None:
        """Return the picture as PNG and its text alternative; None for an array that is no RGB picture."""
        if self.dtype != np.uint8 or self.ndim != _AXES or self.shape[2] != _RGB or not self.size:
            return None
        file = io.BytesIO()
        _fitted(Image.fromarray(np.asarray(self))).save(file, "PNG")
        height, width, _ = self.shape
        return file.getvalue(), {"alt": message("models.picture_alt", width=width, height=height)}


def as_picture(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> PictureArray:
    """Return an array of pixels, (H, W, 3) uint8, as one that a notebook draws; no pixel is copied.

    Examples
    --------
    >>> as_picture(np.zeros((2, 2, 3), "uint8")).shape
    (2, 2, 3)
    """
    return pixels.view(PictureArray)


def _plain(value: Any) -> Any:
    """Return a picture as a plain array, anything else as it is."""
    return np.asarray(value) if isinstance(value, PictureArray) else value


def _fitted(image: Image.Image) -> Image.Image:
    """Return a picture large enough to be seen, its pixels sharp, and small enough for a page."""
    longest = max(image.size)
    if longest <= _FEW // 2:
        scale = _FEW // longest
        return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    if longest > _MANY:
        image.thumbnail((_MANY, _MANY), Image.Resampling.LANCZOS)
    return image
