"""Files that a user names: their paths, and in one line what is wrong where there is none to be read."""

from __future__ import annotations

import contextlib
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xai_widgets.common.name_matching import nearest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_SHOWN: Final = 300  # characters of a path, or of what an error says, in an error message


def user_path(path: str | os.PathLike[str]) -> Path:
    """Return a path in which ``~`` is the folder of the user; a ``~`` that stands for nobody is a part of the name.

    Examples
    --------
    >>> user_path("~$cat.png").name
    '~$cat.png'
    >>> user_path("~/cat.png") == Path.home() / "cat.png"
    True
    """
    given = Path(path)
    try:
        return given.expanduser()
    except RuntimeError:
        return given


def fault_of_file(path: Path, what: str = "file") -> str | None:
    """Return why a path is no file that can be read, or None if it is one; `what` names the file that is not there.

    Examples
    --------
    >>> fault_of_file(Path("/"))
    "'/' is a folder"
    """
    shown = repr(str(path)[:_SHOWN])
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return f"{shown} is a folder"
        if not stat.S_ISREG(mode):
            return f"{shown} is a pipe or a device, not a file: keep its content in a file first"
        with path.open("rb"):
            return None
    except (FileNotFoundError, NotADirectoryError):
        return f"there is no {what} {shown} (seen from {_here()}){_similar(path)}"
    except (OSError, ValueError) as error:
        return f"{shown} cannot be read: {reason(error)}"


def reason(error: Exception) -> str:
    """Return in one line, of 300 characters at most, what an error of the system says.

    Examples
    --------
    >>> reason(PermissionError(13, "Permission denied", "cat.png"))
    'Permission denied'
    """
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:_SHOWN]


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder that is there for a while.

    Raises
    ------
    OSError
        If there is no place for one, or no room in it. The message says what to do.

    Examples
    --------
    >>> with temporary_folder() as folder:
    ...     folder.is_dir()
    True
    """
    try:
        made = tempfile.TemporaryDirectory()
    except OSError as error:
        raise _no_temporary(error) from error
    with made as name:
        try:
            yield Path(name)
        except OSError as error:
            if str(error.filename or "").startswith(name):
                raise _no_temporary(error) from error
            raise


@contextlib.contextmanager
def temporary_file(name: str, content: bytes) -> Iterator[Path]:
    """Give a file that is there for a while, in a folder of its own.

    Raises
    ------
    OSError
        If there is no place for one, or no room in it. The message says what to do.

    Examples
    --------
    >>> with temporary_file("note", b"done") as path:
    ...     path.name, path.read_bytes()
    ('note', b'done')
    """
    with temporary_folder() as folder:
        path = folder / name
        try:
            path.write_bytes(content)
        except OSError as error:
            raise _no_temporary(error) from error
        yield path


def _no_temporary(error: OSError) -> OSError:
    text = f"no temporary file can be written ({reason(error)}); set TMPDIR to a folder with room that can be written"
    return OSError(error.errno, text)


def _here() -> str:
    try:
        return repr(str(Path.cwd()))
    except OSError:
        return "a folder that is gone"


def _similar(path: Path) -> str:
    """Name the files beside a missing one whose names are like its own."""
    try:
        close = nearest(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    except (OSError, ValueError):
        return ""
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
