"""The sizes of the pictures inside of a file, where the header of the file may say less than is decoded."""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

_ICON: Final = b"\0\0\1\0"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OLD_BITMAP: Final = 12  # bytes of the oldest header of a bitmap
_TILE_WIDTH, _TILE_LENGTH = 322, 323  # tags of TIFF


def icon_sizes(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield width and height of each picture in an icon (ICO); none if the file is no icon.

    The list at the beginning of an icon holds sizes too, which are not those that are decoded.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> icon = io.BytesIO()
    >>> Image.new("RGB", (16, 16)).save(icon, format="ICO")
    >>> list(icon_sizes(icon))
    [(16, 16)]
    """
    file.seek(0)
    head = file.read(6)
    if not head.startswith(_ICON) or len(head) < 6:
        return
    entries = file.read(16 * struct.unpack_from("<H", head, 4)[0])
    for place in range(0, len(entries) - 15, 16):
        file.seek(struct.unpack_from("<I", entries, place + 12)[0])
        start = file.read(24)
        if start.startswith(_PNG) and len(start) == 24:
            yield struct.unpack_from(">II", start, 16)
        elif len(start) >= 12 and struct.unpack_from("<I", start)[0] == _OLD_BITMAP:
            width, height = struct.unpack_from("<HH", start, 4)
            yield width, height // 2  # a picture and its mask
        elif len(start) >= 12:
            width, height = struct.unpack_from("<ii", start, 4)
            yield abs(width), abs(height) // 2


def tile_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of the tiles of a TIFF, which are decoded one at a time; 0 and 0 where there are none."""
    tags = getattr(image, "tag_v2", {})
    width, height = tags.get(_TILE_WIDTH, 0), tags.get(_TILE_LENGTH, 0)
    return (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)
