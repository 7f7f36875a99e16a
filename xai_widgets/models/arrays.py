"""From any array of pixels to uint8 RGB, by one rule per type, refusing what could mean two things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHITE = 255
# Floats above 1 but below this could be a dark picture of 0..255, or a bright one in another scale
# (scikit-learn's digits go to 16): they are refused.
_SURELY_BYTES = 16
_ROUNDING = 1e-6  # what interpolation may overshoot

GREY, GREY_ALPHA, RGB, RGBA = 1, 2, 3, 4  # channels
MATRIX, PICTURE, BATCH = 2, 3, 4  # axes


class PictureError(ValueError):
    """Something given as a picture is none, or cannot be read as one; the message says why and what to do."""


def from_array(array: NDArray[Any], label: str = "the array", *, max_pixels: int) -> NDArray[np.uint8]:
    """Turn an array of pixels into uint8 RGB.

    Parameters
    ----------
    array : ndarray, shape (H, W), (H, W, C) or (1, H, W, C), C in 1 (grey), 2 (grey, alpha), 3 (RGB), 4 (RGBA)
        bool: black and white. Integers: 0..255 if nothing is larger; uint16 with larger values: 0..65535.
        Floats: 0..1 if nothing is above 1; 0..255 if the maximum is above 16; in between they are ambiguous.
    label : str
        What error messages call it.
    max_pixels : int
        The largest H * W.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, a copy. What is transparent lies on white.

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
    xai_widgets.models.arrays.PictureError: the array holds floats up to 7, which could mean two things: ...
    """
    pixels = _with_channels(np.asarray(array), label)
    height, width, _ = pixels.shape
    if height * width > max_pixels:
        raise PictureError(f"{label} is too large: {width} x {height} pixels, the limit is {max_pixels} pixels in all")
    return _compose(grey_to_uint8(pixels, label))


def grey_to_uint8(values: NDArray[Any], label: str) -> NDArray[np.uint8]:
    """Bring the values of an array of any numeric type to 0..255, by the rule of `from_array`; the shape stays.

    Examples
    --------
    >>> grey_to_uint8(np.array([0, 65535], np.uint16), "two pixels").tolist()
    [0, 255]
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(_WHITE)
    if values.dtype.kind in "iu":
        return _integers(values, label)
    if values.dtype.kind == "f" or values.dtype.name == "bfloat16":
        return _floats(values.astype(np.promote_types(np.float32, values.dtype), copy=False), label)
    raise PictureError(f"{label} holds values of type {values.dtype}; a picture holds whole numbers or floats")


def _with_channels(array: NDArray[Any], label: str) -> NDArray[Any]:
    """Return the array as (H, W, C), or refuse its shape by name."""
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


def _integers(values: NDArray[Any], label: str) -> NDArray[np.uint8]:
    low, high = int(values.min()), int(values.max())
    if low < 0:
        raise PictureError(f"{label} holds negative values (down to {low}); a picture holds 0 to 255")
    if high <= _WHITE:
        return values.astype(np.uint8)
    if values.dtype.kind == "u" and values.dtype.itemsize == np.uint16().itemsize:
        return from_16_bits(values)
    raise PictureError(f"{label} holds whole numbers up to {high}; a picture holds 0 to 255, or 0 to 65535 as uint16")


def from_16_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale 0..65535 to 0..255, rounded.

    Examples
    --------
    >>> from_16_bits(np.array([0, 257, 65535])).tolist()
    [0, 1, 255]
    """
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _floats(values: NDArray[Any], label: str) -> NDArray[np.uint8]:
    if not np.isfinite(values).all():
        raise PictureError(f"{label} holds NaN or infinite values; replace them first, for instance by np.nan_to_num")
    low, high = float(values.min()), float(values.max())
    if low < -_ROUNDING:
        raise PictureError(f"{label} holds negative values (down to {low:g}); scale it to 0..1 first")
    if high <= 1 + _ROUNDING:
        return _rounded(np.clip(values, 0, 1) * _WHITE)
    if high <= _SURELY_BYTES:
        raise PictureError(
            f"{label} holds floats up to {high:g}, which could mean two things: "
            "divide by its white value to have 0..1, or pass uint8"
        )
    if high > _WHITE + _ROUNDING:
        raise PictureError(f"{label} holds floats up to {high:g}; a picture holds 0..1 or 0..255")
    return _rounded(np.clip(values, 0, _WHITE))


def _rounded(values: NDArray[Any]) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.rint(values).astype(np.uint8)
    return rounded


def _compose(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring 1 to 4 channels to RGB; what is transparent lies on white."""
    channels = pixels.shape[2]
    colour = pixels[..., : RGB if channels >= RGB else GREY]
    if channels in {GREY_ALPHA, RGBA}:
        alpha = pixels[..., -1:].astype(np.uint16)
        colour = ((colour * alpha + (_WHITE - alpha) * _WHITE + _WHITE // 2) // _WHITE).astype(np.uint8)
    return np.array(np.broadcast_to(colour, (*pixels.shape[:2], RGB)))
