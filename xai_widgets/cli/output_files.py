"""Where the command writes: names that are known, and found to be free, before anything is computed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xai_widgets.cli.errors import UsageError
from xai_widgets.common.user_files import user_path

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS: Final = ("png", "pdf", "svg", "npz")
_LONGEST = 80  # characters of a name


@dataclass(frozen=True)
class OutputFiles:
    """The files that a call writes.

    Attributes
    ----------
    each : tuple of tuple of Path
        For each picture, its files; none where `joined` takes all results.
    joined : Path or None
        One file with the results of all pictures.
    """

    each: tuple[tuple[Path, ...], ...]
    joined: Path | None = None


def plan_outputs(sources: Sequence[str], method: str, output: str | None, formats: Sequence[str] | None) -> OutputFiles:
    """Return the files for the results of some pictures.

    Parameters
    ----------
    sources : sequence of str
        Files, addresses, or ``-`` for the standard input.
    method : str
        The method, which is part of names that are chosen here. Such a name never replaces a file that is there: it
        gets a number.
    output : str or None
        A folder (it exists, or the text ends with a slash), a file, or None for the current folder.
    formats : sequence of str or None
        Endings, of `FORMATS`; PNG if None.

    Raises
    ------
    UsageError
        If the ending is none of these, the folder is not there, the file is one of the pictures, or there are several
        pictures and one file.

    Examples
    --------
    >>> [[path.name for path in paths] for paths in plan_outputs(["a/x.jpg", "b/x.jpg"], "lrp", None, None).each]
    [['x-lrp.png'], ['x-lrp-2.png']]
    """
    if output is None or output.endswith(("/", os.sep)) or user_path(output).is_dir():
        folder = user_path(output or ".")
        _check_folder(folder, may_be_made=output is not None)
        taken: set[Path] = set()
        endings = tuple(dict.fromkeys(formats or ("png",)))
        return OutputFiles(tuple(_free(folder, source, method, endings, taken) for source in sources))
    path = user_path(output)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        known = ", .".join(FORMATS)
        raise UsageError(f"{output!r} is no folder, nor does it end in .{known}; a new folder is {output + '/'!r}")
    if formats and list(formats) != [ending]:
        raise UsageError(
            f"--format {' '.join(formats)} does not go with --output {output!r}; give a folder, or no --format"
        )
    _check_folder(path.parent)
    if any(_same_file(path, source) for source in sources):
        raise UsageError(f"--output {output!r} is the picture itself; choose another file")
    if len(sources) == 1:
        return OutputFiles(((path,),))
    if ending == "npz":
        return OutputFiles(tuple(() for _ in sources), path)
    raise UsageError(
        f"{len(sources)} pictures do not go into one {ending.upper()} file; give a folder to --output, or a .npz"
    )


def _check_folder(folder: Path, *, may_be_made: bool = False) -> None:
    try:
        if folder.is_dir():
            if not os.access(folder, os.W_OK | os.X_OK):
                raise UsageError(f"nothing can be written into the folder {str(folder)!r}; choose another --output")
        elif not may_be_made:
            raise UsageError(f"there is no folder {str(folder)!r}; make it, or choose another --output")
        elif folder.exists():
            raise UsageError(f"{str(folder)!r} is a file, not a folder; choose another --output")
    except (OSError, ValueError) as error:
        raise UsageError(f"{str(folder)!r} cannot be a folder: {error}; choose another --output") from error


def _free(folder: Path, source: str, method: str, formats: Sequence[str], taken: set[Path]) -> tuple[Path, ...]:
    """Return names that no file and no other picture has."""
    number = 1
    while True:
        stem = f"{_stem(source)}-{method}" + (f"-{number}" if number > 1 else "")
        paths = tuple(folder / f"{stem}.{ending}" for ending in formats)
        if not any(path in taken or path.exists() for path in paths):
            taken.update(paths)
            return paths
        number += 1


def _stem(source: str) -> str:
    """Return the name of a file or an address without its folder and ending."""
    if source == "-":
        return "stdin"
    if source.lower().startswith("data:"):
        return "picture"
    name = Path(re.split(r"[?#]", source)[0] if "://" in source else source).stem
    return re.sub(r"[^\w. -]", "_", name)[:_LONGEST] or "picture"


def _same_file(path: Path, source: str) -> bool:
    try:
        return path.exists() and user_path(source).exists() and path.samefile(user_path(source))
    except OSError:
        return False
