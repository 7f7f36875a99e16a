"""From a picture file, or a Pillow image, to uint8 RGB: whatever the file holds, or one clear error."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from xai_widgets.models.arrays import PictureError, from_16_bits, grey_to_uint8

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# What people have. The list leaves out formats that run a program (EPS) or that any bytes would match (TGA).
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "ICO")

# What people give instead of a picture, by how it begins.
_NOT_PICTURES = (
    (b"<!doctype html", "is a web page, not a picture; use the address of the picture itself"),
    (b"<html", "is a web page, not a picture; use the address of the picture itself"),
    (b"<svg", "is an SVG drawing, not a grid of pixels; export it as PNG first"),
    (b"%PDF", "is a PDF; export the page as PNG first"),
    (b"ftypheic", "is a HEIC photograph, which Pillow does not read; save it as JPEG first"),
    (b"ftypheix", "is a HEIC photograph, which Pillow does not read; save it as JPEG first"),
    (b"ftypmif1", "is a HEIF photograph, which Pillow does not read; save it as JPEG first"),
)
_HEAD = 1024  # bytes looked at for the table above


def decode(source: Path | bytes, label: str, *, max_pixels: int, max_side: int | None) -> NDArray[np.uint8]:
    """Decode a picture file.

    Parameters
    ----------
    source : Path or bytes
        The file, or its content.
    label : str
        What error messages call it.
    max_pixels : int
        The most pixels the header may announce; beyond, the file is refused before it is decoded.
    max_side : int or None
        If given, the picture will be reduced to this longer side, so a large JPEG may be decoded at a fraction of
        its size, at least twice `max_side`.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB.

    Raises
    ------
    PictureError
        If it is no picture, or broken, empty or too large.

    Examples
    --------
    >>> decode(b"<svg></svg>", "logo.svg", max_pixels=100, max_side=None)
    Traceback (most recent call last):
    ...
    xai_widgets.models.arrays.PictureError: logo.svg is an SVG drawing, not a grid of pixels; export it as PNG first
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(file, formats=_known_formats()) as image:
            _check_size(image, label, max_pixels)
            if max_side is not None:
                image.draft(None, (2 * max_side, 2 * max_side))  # a JPEG comes out at a half, a quarter or an eighth
            return from_pillow(image, label, max_pixels=max_pixels)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{label} is too large to be decoded safely: {error}") from error
    except Exception as error:  # on broken bytes Pillow's decoders raise nearly everything
        raise PictureError(_why_unreadable(source, label, error)) from error


def from_pillow(image: Image.Image, label: str, *, max_pixels: int) -> NDArray[np.uint8]:
    """Turn a Pillow image of any mode into uint8 RGB; parameters and errors as for `decode`.

    Examples
    --------
    >>> from PIL import Image
    >>> from_pillow(Image.new("1", (4, 2), 1), "white", max_pixels=100).shape
    (2, 4, 3)
    """
    _check_size(image, label, max_pixels)
    image.load()
    upright = _upright(image)
    upright.format = image.format  # a copy forgets it, and what a value means may depend on it
    return np.array(_rgb(upright, label))


def _check_size(image: Image.Image, label: str, max_pixels: int) -> None:
    """Refuse what is empty or huge; Pillow knows the size from the header alone."""
    width, height = image.size
    if width * height == 0:
        raise PictureError(f"{label} has no pixels: {width} x {height}")
    if width * height > max_pixels:
        raise PictureError(
            f"{label} is too large: {width} x {height} = {width * height / 1e6:.1f} million pixels, "
            f"the limit is {max_pixels / 1e6:.1f} million; reduce it first, or raise max_pixels"
        )


def _known_formats() -> list[str]:
    """Return the formats of our list that this build of Pillow reads."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def _upright(image: Image.Image) -> Image.Image:
    """Turn a photograph as its EXIF orientation says; unreadable EXIF says nothing."""
    with contextlib.suppress(ValueError, TypeError, KeyError, SyntaxError, OSError, ArithmeticError, struct.error):
        return ImageOps.exif_transpose(image)
    return image


def _rgb(image: Image.Image, label: str) -> Image.Image:
    """Convert any mode to RGB; what is transparent lies on white."""
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_deep_grey(image, label)).convert("RGB")
    if image.mode == "CMYK":
        return _cmyk_to_rgb(image)
    if image.has_transparency_data:
        straight = image.convert("LA") if image.mode == "La" else image
        rgba = straight.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _deep_grey(image: Image.Image, label: str) -> NDArray[np.uint8]:
    """Scale a grey picture of 16 or 32 bits, or of floats, to 8 bits."""
    values: NDArray[Any] = np.asarray(image)
    # PNG and PGM keep 16 bits in Pillow's 32-bit mode, and the file itself says that 65535 is white.
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in {"PNG", "PPM"}):
        return from_16_bits(values)
    return grey_to_uint8(values, label)


def _cmyk_to_rgb(image: Image.Image) -> Image.Image:
    """Convert inks to RGB by the profile in the file, or by the plain formula when there is none that works."""
    profile = image.info.get("icc_profile")
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            inks = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, inks, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGB")


def _why_unreadable(source: Path | bytes, label: str, error: Exception) -> str:
    """Say what a file that Pillow refused is instead, as far as its first bytes tell."""
    head = _head(source)
    if not head:
        return f"{label} is empty"
    for mark, meaning in _NOT_PICTURES:
        if mark.lower() in head.lower():
            return f"{label} {meaning}"
    if isinstance(error, UnidentifiedImageError):
        return f"{label} is not a picture that can be read; JPEG, PNG, GIF, BMP, TIFF and WebP can"
    return f"{label} is broken or incomplete: {error or type(error).__name__}"


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:_HEAD]
    with source.open("rb") as file:
        return file.read(_HEAD)
