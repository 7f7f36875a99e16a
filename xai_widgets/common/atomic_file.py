"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Locks on files, which Windows has not.
fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None

_ENDING: Final = ".part"
_ABANDONED: Final = 86_400  # seconds after which a part is a leftover, where a lock cannot tell


@contextlib.contextmanager
def replacing(target: Path, *, mode: int | None = None) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of `target` at the end; after an error, `target` is as it was.

    The content is written beside it, into a hidden file that ends in ``.part``. A process that is ended in the middle
    leaves that file behind; the next one that writes `target` removes it, and leaves those that are being written.

    Parameters
    ----------
    target : Path
        The file.
    mode : int, optional
        Its permissions; by default those that new files get.

    Yields
    ------
    file
        Binary, open for writing and reading.

    Raises
    ------
    OSError
        If the file cannot be written: no such folder, no permission, no room. The message names `target`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "note") as file:
    ...     _ = file.write(b"done")
    >>> [path.name for path in folder.iterdir()]
    ['note']
    """
    with _named(target):
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        _remove_leftovers(target)
        file = _locked_part(target)
    part = Path(file.name)
    try:
        with _named(target, only_of_writing=True):
            yield file
            file.flush()
        with _named(target):
            part.chmod(0o666 & ~_umask() if mode is None else mode)
            if fcntl is None:
                file.close()  # Windows moves no open file; elsewhere the lock is held until it is moved
            part.replace(target)
    finally:
        with contextlib.suppress(OSError):  # what could not be written was told above
            file.close()
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(target: Path, content: str | bytes) -> Path:
    r"""Write a file that is there whole or not at all, and return its path; text in UTF-8, its lines ending in ``\n``.

    Raises
    ------
    OSError
        If the file cannot be written. The message names `target`.

    Examples
    --------
    >>> import tempfile
    >>> write_whole(Path(tempfile.mkdtemp()) / "note", "done").read_text()
    'done'
    """
    with replacing(target) as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return target


@contextlib.contextmanager
def _named(target: Path, *, only_of_writing: bool = False) -> Iterator[None]:
    """Let an error of the system name `target`; one of a caller that writes may come from elsewhere and is left."""
    try:
        yield
    except OSError as error:
        if only_of_writing and (error.errno is None or error.filename is not None):
            raise
        raise OSError(error.errno, f"cannot write {str(target)!r}: {error.strerror or error}") from error


def _prefix(target: Path) -> str:
    return f".{target.name[:60]}."


def _locked_part(target: Path) -> Any:
    """Make a part, with a lock that is held as long as it is open and tells it from a leftover."""
    while True:
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115  (the caller closes it)
            dir=target.parent, prefix=_prefix(target), suffix=_ENDING, delete=False
        )
        if fcntl is None:
            return file
        with contextlib.suppress(OSError):  # some file systems have no locks
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # before it was locked, another process took it for a leftover


def _remove_leftovers(target: Path) -> None:
    """Remove the parts of `target` whose process was ended."""
    with contextlib.suppress(OSError):
        for part in target.parent.iterdir():
            if part.name.startswith(_prefix(target)) and part.name.endswith(_ENDING) and not _is_being_written(part):
                part.unlink(missing_ok=True)


def _is_being_written(part: Path) -> bool:
    """Tell whether a process still writes a part, by its lock, or where there are none by its age."""
    try:
        with part.open("rb") as file:
            if fcntl is None:
                return time.time() - os.fstat(file.fileno()).st_mtime < _ABANDONED
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except OSError:  # it is locked, or not ours, or gone
        return True


def _umask() -> int:
    """Return the permissions that new files do not get; there is no way to read them without setting them."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
