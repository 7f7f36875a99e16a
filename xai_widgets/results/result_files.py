"""Results in files: NumPy's ``.npz`` with the recipe as JSON text. No pickle is written or read."""

from __future__ import annotations

import contextlib
import itertools
import json
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.user_files import reason
from xai_widgets.results.recipe_text import recipe_from_text, recipe_to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe

    Arrays = dict[str, NDArray[Any]]

FORMAT = "xai_widgets result 1"
"""What the text of every file of this kind says of itself."""

_RECIPE = "recipe"
_SHOWN = 80  # characters of a name in an error message
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def write_result(file: IO[bytes], kind: str, fields: Mapping[str, Any], recipe: Recipe) -> None:
    """Write a result: each array under its name, a tuple of arrays end to end with their lengths, texts as JSON."""
    text, arrays = recipe_to_text(recipe)
    layout: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, np.ndarray):
            layout[name], arrays[name] = "array", value
        elif isinstance(value, tuple) and any(isinstance(one, np.ndarray) for one in value):
            layout[name] = {"arrays": [len(one) for one in value]}
            arrays[name] = np.concatenate(value)
        else:
            layout[name] = {"text": value}
    about = {"format": FORMAT, "kind": kind, "fields": layout, "recipe": json.loads(text)}
    np.savez(file, **{_RECIPE: np.array(json.dumps(about))}, **arrays)  # type: ignore[arg-type]


def read_result(path: Path, max_bytes: int) -> tuple[str, dict[str, Any], Recipe]:
    """Return the class, the fields and the recipe of a result in a file.

    Parameters
    ----------
    path : pathlib.Path
    max_bytes : int
        The largest size of all arrays in memory.

    Raises
    ------
    ValueError
        If it is another kind of file, damaged, or too large.
    OSError
        If it cannot be read.
    """
    try:
        arrays = _read_arrays(path, max_bytes)
        about = json.loads(str(arrays.pop(_RECIPE)))
        kind, layout, text = str(about["kind"]), dict(about["fields"]), json.dumps(about["recipe"])
        ours = about["format"] == FORMAT
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, _DamagedError) as error:
        raise ValueError(f"{str(path)!r} is damaged, or not a result that save() wrote: {error}") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError(f"{str(path)!r} is not a result that save() wrote") from None
    if not ours:
        raise ValueError(f"{str(path)!r} is of another version of this package: {about['format']!r}, not {FORMAT!r}")
    try:
        fields = {name: _field(name, how, arrays) for name, how in layout.items()}
        return kind, fields, recipe_from_text(text, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{str(path)!r} is damaged: {type(error).__name__} {error}") from None


class _DamagedError(Exception):
    """An array that is not as the file says."""


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Take what the system says of a place that an archive names, and that is not there, for the damage that it is."""
    try:
        yield
    except OSError as error:
        raise _DamagedError(reason(error)) from None


def _read_arrays(path: Path, max_bytes: int) -> Arrays:
    """Return all arrays of a file, whose sizes are looked at before anything is read."""
    with path.open("rb") as file, _reading(), zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > max_bytes:
            raise _DamagedError(f"its arrays take {size:,} bytes, more than max_bytes={max_bytes:,}")
        return {entry.filename.removesuffix(".npy"): _read_array(archive, entry) for entry in entries}


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    """Return one array, if its header says no more than what is there."""
    name = entry.filename[:_SHOWN]
    try:
        with archive.open(entry) as file:
            shape, _, dtype = _HEADERS[np.lib.format.read_magic(file)](file)
        fits = not dtype.hasobject and int(np.prod(shape, dtype=object)) * dtype.itemsize <= entry.file_size
        if fits:
            with archive.open(entry) as file:
                array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
                file.read()  # to the end, where the checksum is compared
                return array
    except Exception as error:  # noqa: BLE001  (of a broken header NumPy, zipfile and zlib raise nearly everything)
        raise _DamagedError(f"{name} cannot be read ({type(error).__name__})") from None
    raise _DamagedError(f"{name} is no array of plain numbers or text")


def _field(name: str, how: Any, arrays: Arrays) -> Any:
    """Return one field as `write_result` laid it out."""
    if how == "array":
        if arrays[name].dtype.kind not in "biuf":
            raise ValueError(f"{name} holds no numbers but {arrays[name].dtype}")
        return arrays[name]
    ((kind, content),) = how.items()
    if kind == "text":
        return _tuples(content)
    ends = np.cumsum([0, *content])
    if kind != "arrays" or ends[-1] != len(arrays[name]):
        raise ValueError(f"{name} has lengths that do not fit")
    return tuple(arrays[name][start:end] for start, end in itertools.pairwise(ends))


def _tuples(content: Any) -> Any:
    return tuple(map(_tuples, content)) if isinstance(content, list) else content
