"""Conversion of pixel arrays to uint8 RGB, by one rule for each type; ambiguous ranges are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.arrays import as_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

_WHITE = 255
# Floats above 1 but below this could be a dark picture of 0..255, or a bright one in another scale
# (scikit-learn's digits go to 16): they are refused.
_SURELY_BYTES = 16
_PART = 1 << 19  # pixels that are converted at a time
_ROUNDING = 1e-6  # overshoot of interpolation that is accepted

GREY, GREY_ALPHA, RGB, RGBA = 1, 2, 3, 4  # channels
MATRIX, PICTURE, BATCH = 2, 3, 4  # axes


class PictureError(ValueError):
    """An argument is not a picture or cannot be read as one; the message says why and what to do."""


def from_array(array: NDArray[Any], label: str = "the array", *, max_pixels: int) -> NDArray[np.uint8]:
    """Convert an array of pixels to uint8 RGB.

    Parameters
    ----------
    array : ndarray, shape (H, W), (H, W, C) or (1, H, W, C)
        C is 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA). The range follows from the type. bool: black and white.
        Integers: 0..255 if no value is larger; uint16 with larger values: 0..65535. Floats: 0..1 if no value is above
        1; 0..255 if the maximum is above 16; a maximum in between is ambiguous and refused.
    label : str, default "the array"
        The name of the array in error messages.
    max_pixels : int
        The largest number of pixels (H * W) that is accepted.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, 0..255, a copy. Transparent pixels are composed with white.

    Raises
    ------
    PictureError
        If the shape or the values are not those of a picture.

    Examples
    --------
    >>> from_array(np.full((2, 2), 0.5), max_pixels=100)[0, 0].tolist()
    [128, 128, 128]
    >>> from_array(np.full((2, 2), 7.0), max_pixels=100)
    Traceback (most recent call last):
    ...
    xai_widgets.datasets.pictures.pixel_arrays.PictureError: the array holds floats up to 7, ...
    """
    pixels = _with_channels(np.asarray(as_array(array)), label)
    height, width, _ = pixels.shape
    if height * width > max_pixels:
        raise PictureError(f"{label} is too large: {width} x {height} pixels, the limit is {max_pixels} pixels in all")
    rows = max(1, _PART // width)
    parts = [pixels[top : top + rows] for top in range(0, height, rows)]
    scaled = grey_scaling(parts, label)
    result = np.empty((height, width, RGB), np.uint8)
    for place, part in enumerate(parts):
        result[place * rows : (place + 1) * rows] = _compose(scaled(part))
    return result


def grey_scaling(parts: Iterable[NDArray[Any]], label: str) -> Callable[[NDArray[Any]], NDArray[np.uint8]]:
    """Return what scales the parts of an array of any numeric type to 0..255.

    Whole numbers are scaled from the range of their type; floats from 0..1 or 0..255, whichever holds the values.

    Examples
    --------
    >>> pair = [np.array([0], np.uint16), np.array([65535], np.uint16)]
    >>> scaled = grey_scaling(pair, "two pixels")
    >>> [scaled(part).tolist() for part in pair]
    [[0], [255]]
    """
    kind, ends = np.dtype(np.uint8), []
    for part in parts:
        kind = part.dtype
        if kind == np.uint8:
            return lambda values: values
        if kind.kind == "b":
            return lambda values: values.astype(np.uint8) * np.uint8(_WHITE)
        if kind.kind not in "iuf" and kind.name != "bfloat16":
            raise PictureError(f"{label} holds values of type {kind}; a picture holds whole numbers or floats")
        ends += [part.min(), part.max()]  # NaN where one value is
    if kind.kind in "iu":
        return _scaling_of_integers(kind, int(min(ends)), int(max(ends)), label)
    return _scaling_of_floats(np.array(ends, np.float64), label)


def _with_channels(array: NDArray[Any], label: str) -> NDArray[Any]:
    """Return the array in the shape (H, W, C), or raise an error that names its shape."""
    given = array.shape
    if array.ndim == BATCH and given[0] == 1:
        array = array[0]
    if array.ndim == MATRIX:
        array = array[..., np.newaxis]
    if array.ndim != PICTURE:
        many = "; give one picture at a time" if array.ndim == BATCH else ""
        raise PictureError(f"{label} has shape {given}, not (H, W) or (H, W, channels){many}")
    if array.size == 0:
        raise PictureError(f"{label} has no pixels: its shape is {given}")
    if array.shape[2] not in {GREY, GREY_ALPHA, RGB, RGBA}:
        first = array.shape[0] in {GREY, RGB, RGBA}
        hint = "; it looks channels-first, np.moveaxis(array, 0, -1) turns it" if first else ""
        raise PictureError(f"{label} has shape {given}: the last axis must hold 1 to 4 channels{hint}")
    return array


def _scaling_of_integers(
    kind: np.dtype[Any], low: int, high: int, label: str
) -> Callable[[NDArray[Any]], NDArray[np.uint8]]:
    if low < 0:
        raise PictureError(f"{label} holds negative values (down to {low}); a picture holds 0 to 255")
    if high <= _WHITE:
        return lambda values: values.astype(np.uint8)
    if kind.kind == "u" and kind.itemsize == np.uint16().itemsize:
        return from_16_bits
    raise PictureError(f"{label} holds whole numbers up to {high}; a picture holds 0 to 255, or 0 to 65535 as uint16")


def from_16_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale 0..65535 to 0..255, rounded.

    Examples
    --------
    >>> from_16_bits(np.array([0, 257, 65535])).tolist()
    [0, 1, 255]
    """
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _scaling_of_floats(ends: NDArray[np.float64], label: str) -> Callable[[NDArray[Any]], NDArray[np.uint8]]:
    if not np.isfinite(ends).all():
        raise PictureError(f"{label} holds NaN or infinite values; replace them first, for instance by np.nan_to_num")
    low, high = float(ends.min()), float(ends.max())
    if low < -_ROUNDING:
        raise PictureError(f"{label} holds negative values (down to {low:g}); scale it to 0..1 first")
    if high <= 1 + _ROUNDING:
        return lambda values: _rounded(np.clip(_wide(values), 0, 1) * _WHITE)
    if high <= _SURELY_BYTES:
        raise PictureError(
            f"{label} holds floats up to {high:g}, which could mean two things: "
            "divide by its white value to have 0..1, or pass uint8"
        )
    if high > _WHITE + _ROUNDING:
        raise PictureError(f"{label} holds floats up to {high:g}; a picture holds 0..1 or 0..255")
    return lambda values: _rounded(np.clip(_wide(values), 0, _WHITE))


def _wide(values: NDArray[Any]) -> NDArray[Any]:
    """Return floats of at least 32 bits."""
    return values.astype(np.promote_types(np.float32, values.dtype), copy=False)


def _rounded(values: NDArray[Any]) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.rint(values).astype(np.uint8)
    return rounded


def _compose(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert 1 to 4 channels to RGB; transparent pixels are composed with white."""
    channels = pixels.shape[2]
    colour = pixels[..., : RGB if channels >= RGB else GREY]
    if channels in {GREY_ALPHA, RGBA}:
        alpha = pixels[..., -1:].astype(np.uint16)
        colour = ((colour * alpha + (_WHITE - alpha) * _WHITE + _WHITE // 2) // _WHITE).astype(np.uint8)
    return np.array(np.broadcast_to(colour, (*pixels.shape[:2], RGB)))
