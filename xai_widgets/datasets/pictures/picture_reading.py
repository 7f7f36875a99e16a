"""Reading pictures: from a file, an address, bytes, an array, Pillow or an upload button, always to uint8 RGB."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_widgets.common.arrays import as_array
from xai_widgets.common.download import DownloadError, fetch
from xai_widgets.common.user_files import fault_of_file, reason, user_path
from xai_widgets.datasets.pictures.decoding import decode, from_pillow
from xai_widgets.datasets.pictures.picture_array import as_picture
from xai_widgets.datasets.pictures.pixel_arrays import PictureError, from_array

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["MAX_PIXELS", "PictureError", "load_image"]

MAX_PIXELS = 64_000_000  # 192 MB of RGB: above a telephone's camera, and within 2 GB of memory beside a network
_MAX_BYTES = 100_000_000  # of a picture from the network
_MAX_CONTENT = 500_000_000  # bytes of a file object
_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]+://|data:)", re.IGNORECASE)


def load_image(
    source: Any, *, max_pixels: int = MAX_PIXELS, max_side: int | None = None, timeout: float = 15.0
) -> NDArray[np.uint8]:
    """Read one picture from a file, an address, bytes, an array, Pillow or an upload, as uint8 RGB.

    Photographs are turned upright by their EXIF orientation. Transparent pixels are composed with white. Grey values of
    16 bits are scaled to 8. CMYK values are converted by the colour profile in the file; RGB values are returned as
    stored, which is the form in which networks are trained. Of an animation, the first frame is taken.

    Parameters
    ----------
    source : str, path, bytes, file object, array, PIL.Image.Image or upload
        A file name; an ``http`` or ``https`` address; the content of a file; anything NumPy reads as an array of
        shape (H, W) or (H, W, C), C from 1 to 4; a Pillow image; an ipywidgets ``FileUpload`` or its value.

        The range of an array follows from its type and maximum. bool: black and white. Integers: 0..255; uint16 with
        values above 255: 0..65535. Floats: 0..1 if no value is above 1, 0..255 if the maximum is above 16; a maximum
        in between is ambiguous and refused.
    max_pixels : int, default 64,000,000
        The largest picture that is accepted, in pixels (H * W). The size is read from the header before decoding.
    max_side : int, optional
        Length of the longer side, in pixels, to which a larger picture is reduced. By default the size is unchanged.
    timeout : float, default 15
        The longest wait for the next bytes of a server, in seconds. The whole download may take eight times as long.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, 0..255. As the last line of a cell it is drawn; what is computed from it is a plain array.

    Raises
    ------
    PictureError
        If there is no picture, or it is broken, empty, too large, ambiguous, or of a format that is not read
        (SVG, PDF, HEIC). It is a ValueError, and its message says what to do.
    ValueError
        If `max_side` is less than 1.

    See Also
    --------
    xai_widgets.sample_image : Pictures by name, most of which need no network.

    Examples
    --------
    >>> import numpy as np
    >>> load_image(np.zeros((4, 6))).shape
    (4, 6, 3)
    >>> load_image("no_such_cat.png")
    Traceback (most recent call last):
    ...
    xai_widgets.datasets.pictures.pixel_arrays.PictureError: there is no file 'no_such_cat.png' ...
    """
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side is a count of pixels, not {max_side}")
    picture = _read(source, max_pixels=max_pixels, max_side=max_side, timeout=timeout)
    if max_side is not None and max(picture.shape[:2]) > max_side:
        picture = _reduced(picture, max_side)
    return as_picture(picture)


def check_source(source: str) -> None:
    """Refuse the name of a file that is not there; what an address or a file holds is not looked at.

    Raises
    ------
    PictureError
        If there is no such file; it names files with similar names.

    Examples
    --------
    >>> check_source("https://example.org/cat.png")
    """
    if not _ADDRESS.match(source):
        _existing(source)


def _reduced(picture: NDArray[np.uint8], max_side: int) -> NDArray[np.uint8]:
    """Reduce a picture so that its longer side has `max_side` pixels and its shorter side at least one."""
    sides = picture.shape[:2]
    height, width = (max(1, round(side * max_side / max(sides))) for side in sides)
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def _read(source: Any, *, max_pixels: int, max_side: int | None, timeout: float) -> NDArray[np.uint8]:
    """Read a picture by the kind of its source."""
    if isinstance(source, str) and _ADDRESS.match(source):
        content = _from_network(source, timeout)
        return decode(content, f"what {source} holds", max_pixels=max_pixels, max_side=max_side)
    if isinstance(source, str | os.PathLike):
        return decode(_existing(source), repr(os.fspath(source)), max_pixels=max_pixels, max_side=max_side)
    if isinstance(source, Image.Image):
        return _from_pillow(source, max_pixels=max_pixels)
    if hasattr(source, "read"):
        source = _content(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return decode(bytes(source), "the content given", max_pixels=max_pixels, max_side=max_side)
    if (uploads := _uploads(source)) is not None:
        name, content = _only(uploads)
        return decode(content, f"the upload {name!r}", max_pixels=max_pixels, max_side=max_side)
    return from_array(_as_array(source), max_pixels=max_pixels)


def _content(file: Any) -> Any:
    """Read a file object, which may be a pipe that never ends."""
    try:
        content = file.read(_MAX_CONTENT + 1)
    except UnicodeDecodeError as error:
        raise PictureError("the file object gives text, not bytes; open it with 'rb'") from error
    except (OSError, ValueError) as error:
        raise PictureError(f"the file object cannot be read: {reason(error)}") from error
    if isinstance(content, str):
        raise PictureError("the file object gives text, not bytes; open it with 'rb'")
    if len(content) > _MAX_CONTENT:
        raise PictureError(f"the file object holds more than {_MAX_CONTENT / 1e6:g} MB, which no picture needs")
    return content


def _from_network(address: str, timeout: float) -> bytes:
    try:
        return fetch(address, max_bytes=_MAX_BYTES, timeout=timeout, deadline=8 * timeout)
    except DownloadError as error:
        raise PictureError(str(error)) from error


def _existing(source: str | os.PathLike[str]) -> Path:
    """Return the path of an existing file, or raise an error that names files with similar names."""
    path = user_path(source)
    fault = fault_of_file(path)
    if fault is None:
        return path
    hint = "; sample_image(name) needs no file" if fault.startswith("there is no file") and "?" not in fault else ""
    raise PictureError(f"{fault}{hint}")


def _from_pillow(image: Image.Image, *, max_pixels: int) -> NDArray[np.uint8]:
    """Convert a Pillow image, which may still have to be read from its file."""
    try:
        return from_pillow(image, "the image", max_pixels=max_pixels)
    except PictureError:
        raise
    except Exception as error:  # on broken files Pillow's decoders raise nearly everything
        raise PictureError(f"the image cannot be read: {error or type(error).__name__}") from error


def _uploads(source: Any) -> list[tuple[str, bytes]] | None:
    """Return the files of an ipywidgets upload as (name, content), or None if `source` is no upload.

    Known forms: the widget; since ipywidgets 8 a tuple of ``{"name": ..., "content": memoryview}``, or one of these;
    before, ``{name: {"metadata": ..., "content": bytes}}``.
    """
    if hasattr(source, "trait_names") and source.has_trait("value"):
        source = source.value
    if isinstance(source, dict):
        entries = [source] if "content" in source else [{"name": key, **entry} for key, entry in _dicts(source)]
    elif isinstance(source, tuple | list) and all(isinstance(entry, dict) for entry in source):
        entries = list(source)
    else:
        return None
    try:
        return [(str(entry.get("name", "picture")), bytes(entry["content"])) for entry in entries]
    except (KeyError, TypeError) as error:
        raise PictureError("this dictionary is not the value of a FileUpload: it has no content") from error


def _dicts(source: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(key, entry) for key, entry in source.items() if isinstance(entry, dict)]


def _only(uploads: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return the one file of an upload."""
    if not uploads:
        raise PictureError("there is no picture: the list is empty, or nothing has been uploaded yet")
    if len(uploads) > 1:
        raise PictureError(f"{len(uploads)} files were uploaded; pass one of them, as in load_image(upload.value[0])")
    return uploads[0]


def _as_array(source: Any) -> NDArray[Any]:
    """Convert a tensor or a nested list to an array."""
    if hasattr(source, "__array__") or isinstance(source, tuple | list):
        array = as_array(source)
        try:
            return np.asarray(array)
        except (ValueError, TypeError, RuntimeError) as error:
            raise PictureError(f"NumPy cannot convert this {type(source).__name__} to an array: {error}") from error
    raise PictureError(
        f"a {type(source).__name__} is not a picture; give a file name, an address, bytes, an array or a Pillow image"
    )
