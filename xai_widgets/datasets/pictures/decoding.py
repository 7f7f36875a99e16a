"""Decoding picture files and Pillow images of any mode to uint8 RGB."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from xai_widgets.common.user_files import reason
from xai_widgets.datasets.pictures.inner_sizes import icon_sizes, tile_size
from xai_widgets.datasets.pictures.pixel_arrays import PictureError, from_16_bits, grey_scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# Common formats, without those that run a program (EPS) or that match arbitrary bytes (TGA).
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "ICO")

# Files that are often given instead of a picture, by their first bytes.
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

_PART = 1 << 19  # pixels that are converted at a time
_BYTES_A_PIXEL = 7  # of memory: up to 4 in the image of Pillow, 3 in the picture
_BYTES_OF_FILMS = 16  # of formats that are films too, whose decoders keep frames of their own
_FILMS = ("WEBP", "AVIF")
_FREE_OF_QUESTION = 100_000_000  # bytes for which nobody asks how many are free

_ORIENTATION = 0x112  # tag of EXIF
# Orientation: whether rows and columns are exchanged, and the steps over the upright picture's rows and columns.
_TURNED = {
    1: (False, 1, 1),
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, -1, 1),
    7: (True, -1, -1),
    8: (True, 1, -1),
}


def decode(source: Path | bytes, label: str, *, max_pixels: int, max_side: int | None) -> NDArray[np.uint8]:
    """Decode a picture file.

    Parameters
    ----------
    source : Path or bytes
        The file, or its content.
    label : str
        The name of the source in error messages.
    max_pixels : int
        The largest number of pixels (H * W) in the header; a larger file is refused before it is decoded.
    max_side : int or None
        The longer side, in pixels, to which the caller will reduce the picture. A large JPEG is then decoded at a
        fraction of its size, at least twice `max_side`. None decodes at full size.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, 0..255.

    Raises
    ------
    PictureError
        If the source is not a picture, or is broken, empty or too large.

    Examples
    --------
    >>> decode(b"<svg></svg>", "logo.svg", max_pixels=100, max_side=None)
    Traceback (most recent call last):
    ...
    xai_widgets.datasets.pictures.pixel_arrays.PictureError: logo.svg is an SVG drawing, not a grid of pixels; ...
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        _check_inner_sizes(source, label, max_pixels)
        with Image.open(file, formats=_known_formats()) as image:
            film = image.format in _FILMS
            _check_size(image.size, label, max_pixels, bytes_a_pixel=_BYTES_OF_FILMS if film else _BYTES_A_PIXEL)
            if max_side is not None:
                image.draft(None, (2 * max_side, 2 * max_side))  # a JPEG comes out at a half, a quarter or an eighth
            return from_pillow(image, label, max_pixels=max_pixels)
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError(f"{label} needs more memory than there is; reduce it first") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{label} is too large to be decoded safely: {error}") from error
    except Exception as error:  # on broken bytes Pillow's decoders raise nearly everything
        raise PictureError(_why_unreadable(source, label, error)) from error


def from_pillow(image: Image.Image, label: str, *, max_pixels: int) -> NDArray[np.uint8]:
    """Convert a Pillow image of any mode to uint8 RGB.

    Parameters
    ----------
    image : PIL.Image.Image
        The image; it may not have been read from its file yet.
    label : str
        The name of the image in error messages.
    max_pixels : int
        The largest number of pixels (H * W) that is accepted.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, 0..255.

    Raises
    ------
    PictureError
        If the image is empty or too large, or its values are ambiguous.

    Examples
    --------
    >>> from PIL import Image
    >>> from_pillow(Image.new("1", (4, 2), 1), "white", max_pixels=100).shape
    (2, 4, 3)
    """
    _check_size(image.size, label, max_pixels)
    _check_size(tile_size(image), label, max_pixels, may_be_none=True)
    image.load()
    _check_size(image.size, label, max_pixels)
    width, height = image.size
    # Parts of some rows are converted one after the other, straight into the picture as it stands upright: beside the
    # image of Pillow and the picture there is never a third copy.
    pixels, as_stored = _upright(width, height, _orientation(image))
    rows = max(1, _PART // width)
    parts = [(top, min(top + rows, height)) for top in range(0, height, rows)]
    convert = _conversion(image, label, parts)
    for top, bottom in parts:
        as_stored[top:bottom] = convert(image.crop((0, top, width, bottom)))
    return pixels


def _check_size(
    size: tuple[int, int],
    label: str,
    max_pixels: int,
    *,
    may_be_none: bool = False,
    bytes_a_pixel: int = _BYTES_A_PIXEL,
) -> None:
    """Raise an error if an image is empty or too large; Pillow reads the size from the header alone."""
    width, height = size
    if width * height == 0 and not may_be_none:
        raise PictureError(f"{label} has no pixels: {width} x {height}")
    if width * height > max_pixels:
        raise PictureError(
            f"{label} is too large: {width} x {height} = {width * height / 1e6:.1f} million pixels, "
            f"the limit is {max_pixels / 1e6:.1f} million; reduce it first, or raise max_pixels"
        )
    needed = bytes_a_pixel * width * height
    if needed > _FREE_OF_QUESTION and needed > (free := _free_memory()):
        raise PictureError(
            f"{label} needs {needed / 1e6:.0f} MB of memory to be read ({width} x {height} pixels), and "
            f"{free / 1e6:.0f} are free; reduce it first"
        )


def _free_memory() -> int:
    from xai_widgets.backend.memory import available_memory  # with it comes Keras, which small pictures can do without

    return available_memory()


def _check_inner_sizes(source: Path | bytes, label: str, max_pixels: int) -> None:
    """Refuse an icon with a large picture inside, which Pillow decodes as soon as it is opened."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        for size in icon_sizes(file):
            _check_size(size, label, max_pixels, may_be_none=True)


def _known_formats() -> list[str]:
    """Return the formats in `_FORMATS` that this build of Pillow reads."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def _orientation(image: Image.Image) -> int:
    """Return how a photograph is turned by its EXIF data, 1 (upright) to 8; unreadable EXIF turns nothing."""
    with contextlib.suppress(ValueError, TypeError, KeyError, SyntaxError, OSError, ArithmeticError, struct.error):
        found = image.getexif().get(_ORIENTATION, 1)
        return found if isinstance(found, int) and found in _TURNED else 1
    return 1


def _upright(width: int, height: int, orientation: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return an empty upright picture, and a view of it in which rows and columns are those of the file."""
    swapped, rows, columns = _TURNED[orientation]
    pixels = np.empty((width, height, 3) if swapped else (height, width, 3), np.uint8)
    stored = pixels.swapaxes(0, 1) if swapped else pixels
    return pixels, stored[::rows, ::columns]


def _conversion(
    image: Image.Image, label: str, parts: Sequence[tuple[int, int]]
) -> Callable[[Image.Image], NDArray[np.uint8]]:
    """Return what converts a part of an image to RGB; transparent pixels are composed with white."""
    if image.mode.startswith(("I", "F")):
        return _grey_conversion(image, label, parts)
    if image.mode == "CMYK":
        to_rgb = _cmyk_conversion(image)
        return lambda part: np.asarray(to_rgb(part))
    return lambda part: np.asarray(_rgb(part))


def _rgb(image: Image.Image) -> Image.Image:
    """Convert a mode of 8 bits to RGB; transparent pixels are composed with white."""
    if image.has_transparency_data:
        straight = image.convert("LA") if image.mode == "La" else image
        rgba = straight.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _grey_conversion(
    image: Image.Image, label: str, parts: Sequence[tuple[int, int]]
) -> Callable[[Image.Image], NDArray[np.uint8]]:
    """Return what scales a part of a grey picture of 16 or 32 bits, or of floats, to 8 bits, in three channels."""
    # Pillow reads PNG and PGM of 16 bits in its 32-bit mode; in these formats 65535 is white.
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in {"PNG", "PPM"}):
        return lambda part: from_16_bits(np.asarray(part))[..., np.newaxis]
    values = (np.asarray(image.crop((0, top, image.width, bottom))) for top, bottom in parts)
    scaled = grey_scaling(values, label)
    return lambda part: scaled(np.asarray(part))[..., np.newaxis]


def _cmyk_conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what converts CMYK by the profile in the file, or without one if there is none or it cannot be applied."""
    profile = image.info.get("icc_profile")
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            inks = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            transform = ImageCms.buildTransform(inks, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
            ImageCms.applyTransform(image.crop((0, 0, 1, 1)), transform)
            return lambda part: ImageCms.applyTransform(part, transform) or part.convert("RGB")
    return lambda part: part.convert("RGB")


def _why_unreadable(source: Path | bytes, label: str, error: Exception) -> str:
    """Return an error message for a file that Pillow refused, by the first bytes of the file."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{label} cannot be read: {reason(error)}"
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
