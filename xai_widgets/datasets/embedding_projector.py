"""`write_projector`: vectors, names and thumbnails as files of TensorBoard's Embedding Projector."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xai_widgets.common.atomic_file import replacing, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

_LARGEST: Final = 8192  # longest side of a sprite, in pixels, that browsers load
# Characters that end a field or a line of a table, and other control characters.
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def write_projector(
    folder: Path | str,
    vectors: ArrayLike,
    columns: Mapping[str, Sequence[object]],
    pictures: NDArray[np.uint8] | None = None,
    *,
    name: str = "vectors",
) -> list[Path]:
    r"""Write ``vectors.tsv``, ``metadata.tsv``, ``sprite.png`` and ``projector_config.json`` into a folder.

    Parameters
    ----------
    folder : str or path
        The folder, which is created if it does not exist; files of these names are replaced.
    vectors : array, shape (N, D)
        The vectors, one a row.
    columns : mapping of str to sequence
        From a heading to N values. Tabs and line breaks in a value are replaced by spaces.
    pictures : ndarray of uint8, shape (N, S, S, 3), optional
        Square thumbnails, RGB.
    name : str, default "vectors"
        The name of the vectors in the projector.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ValueError
        If the lengths differ, there is no column, or the sprite would be larger than 8,192 pixels.
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_projector(folder, np.eye(2), {"name": ["a\tb", "c"]})
    ...     [file.name for file in files], files[1].read_text()
    (['vectors.tsv', 'metadata.tsv', 'projector_config.json'], 'a b\nc\n')
    """
    table = np.asarray(vectors, np.float64)
    _check(table, columns, pictures)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    texts = {"vectors.tsv": _vectors_text(table), "metadata.tsv": metadata_text(columns)}
    written = [write_whole(place / file, text) for file, text in texts.items()]
    if pictures is not None:
        from PIL import Image

        with replacing(place / "sprite.png") as file:
            Image.fromarray(sprite(pictures)).save(file, format="PNG")
        written.append(place / "sprite.png")
    config = {"embeddings": [_entry(table, pictures, name)]}
    return [
        *written,
        write_whole(place / "projector_config.json", json.dumps(config, indent=2, ensure_ascii=False) + "\n"),
    ]


def metadata_text(columns: Mapping[str, Sequence[object]]) -> str:
    r"""Return the table of names; a single column has no heading, as the projector requires.

    Examples
    --------
    >>> metadata_text({"name": ["a\nb", ""], "group": [1, 2]})
    'name\tgroup\na b\t1\n-\t2\n'
    """
    rows = [[field(value) for value in row] for row in zip(*columns.values(), strict=True)]
    heads = [[field(head) for head in columns]] if len(columns) > 1 else []
    return "".join("\t".join(row) + "\n" for row in [*heads, *rows])


def field(value: object) -> str:
    r"""Write a value as one field, without tabs and line breaks; an empty field is written as a dash.

    Examples
    --------
    >>> field("<b>cat\t\r\ndog</b>"), field("  ")
    ('<b>cat dog</b>', '-')
    """
    return _BREAKS.sub(" ", str(value)).strip() or "-"


def sprite(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Arrange N square pictures row by row in a square grid; cells without a picture are white.

    Examples
    --------
    >>> sprite(np.zeros((5, 4, 4, 3), np.uint8)).shape
    (12, 12, 3)
    """
    count, side = pictures.shape[:2]
    across = math.ceil(math.sqrt(count))
    if across * side > _LARGEST:
        raise ValueError(
            f"{count} pictures of {side} pixels make a sprite {across * side} pixels wide; the limit is {_LARGEST}"
        )
    whole = np.full((across * across, side, side, 3), 255, np.uint8)
    whole[:count] = pictures
    return whole.reshape(across, across, side, side, 3).swapaxes(1, 2).reshape(across * side, across * side, 3)


def _check(table: NDArray[np.float64], columns: Mapping[str, Sequence[object]], pictures: Any) -> None:
    if table.ndim != 2:
        raise ValueError(f"vectors are a table (N, D), got the shape {table.shape}")
    if not columns:
        raise ValueError("give at least one column of names")
    for head, values in columns.items():
        if len(values) != len(table):
            raise ValueError(f"{len(table)} vectors need as many values of {head!r}, got {len(values)}")
    square = pictures is None or (pictures.ndim == 4 and pictures.shape[1] == pictures.shape[2])
    if pictures is not None and not (square and pictures.shape[3] == 3 and len(pictures) == len(table)):
        raise ValueError(f"pictures are ({len(table)}, S, S, 3), not {pictures.shape}")


def _vectors_text(table: NDArray[np.float64]) -> str:
    return "".join("\t".join(f"{value:.7g}" for value in row) + "\n" for row in table)


def _entry(table: NDArray[np.float64], pictures: NDArray[np.uint8] | None, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "tensorName": field(name),
        "tensorShape": list(table.shape),
        "tensorPath": "vectors.tsv",
        "metadataPath": "metadata.tsv",
    }
    if pictures is not None:
        entry["sprite"] = {"imagePath": "sprite.png", "singleImageDim": list(pictures.shape[1:3])}
    return entry
