"""Downloads over HTTP with limits on time and size, a check of the content, and no incomplete files.

A mirror
--------
If the environment variable ``XAI_WIDGETS_MIRROR`` is the base address of a folder (for instance on a server in the
classroom), model files are downloaded from there, each by its bare name. Downloaded files are stored in
``XAI_WIDGETS_CACHE`` (by default the user's cache folder) and not downloaded again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import urllib.parse
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol

import platformdirs

from xai_widgets.common.atomic_file import replacing
from xai_widgets.common.bounded_http import DownloadError, Visit
from xai_widgets.common.user_files import reason, user_path

if TYPE_CHECKING:
    import http.client
    from collections.abc import Callable, Iterator

    Progress = bool | Callable[[int, int], None] | None

__all__ = ["DownloadError", "cache_directory", "download", "fetch", "is_expected", "mirror_address"]

MIRROR_VARIABLE = "XAI_WIDGETS_MIRROR"
CACHE_VARIABLE = "XAI_WIDGETS_CACHE"

_CHUNK = 1 << 16
_BIG = 1 << 20  # bytes from which a progress bar is shown
_READABLE = 0o644  # temporary files are private, but a cache may be shared by several users
_DIGITS = 18  # of the longest length that is read


class _Sink(Protocol):
    def write(self, block: bytes, /) -> object: ...


def cache_directory() -> Path:
    """Return the folder of downloaded files: ``XAI_WIDGETS_CACHE``, or the user's cache folder if it is not set.

    Examples
    --------
    >>> cache_directory().is_absolute()
    True
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    folder = user_path(chosen) if chosen else platformdirs.user_cache_path("xai_widgets")
    return folder.absolute()


def mirror_address(file_name: str) -> str | None:
    """Return the address of `file_name` on the mirror, or None if ``XAI_WIDGETS_MIRROR`` is not set.

    Examples
    --------
    >>> import os
    >>> os.environ["XAI_WIDGETS_MIRROR"] = "http://classroom.example/models/"
    >>> mirror_address("weights.h5")
    'http://classroom.example/models/weights.h5'
    >>> del os.environ["XAI_WIDGETS_MIRROR"]
    """
    base = os.environ.get(MIRROR_VARIABLE, "").strip()
    return f"{base.rstrip('/')}/{urllib.parse.quote(file_name)}" if base else None


def download(
    address: str,
    path: str | os.PathLike[str],
    *,
    digest: str | None = None,
    max_bytes: int = 2 << 30,
    timeout: float = 30.0,
    deadline: float = 3600.0,
    progress: Progress = True,
) -> Path:
    """Download `address` to the file `path`, unless a file with the right digest exists already.

    The content is written to a temporary file in the same folder, which is renamed once it is complete and checked, and
    removed after an error. What an earlier process left when it was ended in the middle is removed too.

    Parameters
    ----------
    address : str
        An ``http`` or ``https`` address, read as `xai_widgets.common.bounded_http` says.
    path : str or path
        The file to write; its folder is created if it does not exist.
    digest : str, optional
        The hash of the content, as ``"sha256:..."`` or ``"md5:..."``. Without it, an existing file is accepted
        unchecked, and a new one is checked by the length in the header of the response alone.
    max_bytes : int, default 2 GiB
        The largest content that is accepted, in bytes.
    timeout : float, default 30
        The longest wait for the next bytes of the server, in seconds.
    deadline : float, default 3600
        The longest time for everything from the name of the server to the last byte, in seconds.
    progress : bool or callable, default True
        Whether to show a bar for files of more than one mebibyte. A callable is called with ``(done, total)``, in bytes
        (total is 0 if unknown), and may raise an exception to stop the download.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DownloadError
        If the file cannot be downloaded within the limits, has another hash, or cannot be stored.

    Examples
    --------
    >>> download("http://127.0.0.1:9/weights.h5", "weights.h5", timeout=1)
    Traceback (most recent call last):
    ...
    xai_widgets.common.bounded_http.DownloadError: cannot reach 127.0.0.1:9 ...
    """
    target = user_path(path)
    if is_expected(target, digest):
        return target
    visit = Visit(address, max_bytes=max_bytes, timeout=timeout, deadline=deadline)
    with _storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target, mode=_READABLE) as file:
            hashed = _Hashed(file, digest)
            _copy(visit, hashed, progress)
            if not hashed.is_expected():
                raise DownloadError(
                    f"the file at {address} is not the expected one (its {hashed.name} is {hashed.found()}, not "
                    f"{hashed.wanted}); it was not stored"
                )
    return target


def fetch(
    address: str,
    *,
    max_bytes: int,
    timeout: float = 15.0,
    deadline: float = 120.0,
    progress: Progress = True,
) -> bytes:
    """Download `address` into memory.

    Parameters
    ----------
    address : str
        An ``http`` or ``https`` address, read as `xai_widgets.common.bounded_http` says.
    max_bytes : int
        The largest content that is accepted, in bytes.
    timeout : float, default 15
        The longest wait for the next bytes of the server, in seconds.
    deadline : float, default 120
        The longest time for everything from the name of the server to the last byte, in seconds.
    progress : bool or callable, default True
        Whether to show a bar for contents of more than one mebibyte. A callable is called with ``(done, total)``, in
        bytes (total is 0 if unknown), and may raise an exception to stop the download.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    DownloadError
        If the content cannot be downloaded within the limits.

    Examples
    --------
    >>> fetch("ftp://127.0.0.1/cat.png", max_bytes=1000)
    Traceback (most recent call last):
    ...
    xai_widgets.common.bounded_http.DownloadError: only http and https addresses are read, not 'ftp://127.0.0.1/cat.png'
    """
    content = io.BytesIO()
    _copy(Visit(address, max_bytes=max_bytes, timeout=timeout, deadline=deadline), content, progress)
    return content.getvalue()


def is_expected(path: Path, digest: str | None) -> bool:
    """Tell whether there is a file with a hash, ``"sha256:..."`` or ``"md5:..."``; without one, any file.

    Raises
    ------
    DownloadError
        If there is a file and it cannot be read.
    """
    try:
        if digest is None:
            return path.is_file()
        algorithm, _, wanted = digest.partition(":")
        with path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest() == wanted.lower()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise DownloadError(f"cannot read {str(path)!r}: {reason(error)}; {_ELSEWHERE}") from error


_ELSEWHERE: Final = f"set {CACHE_VARIABLE} to a folder that can be written, or give the file room and permissions"


@contextlib.contextmanager
def _storing(target: Path) -> Iterator[None]:
    """Convert the errors of the disk to a `DownloadError`."""
    try:
        yield
    except DownloadError:
        raise
    except OSError as error:
        named = "" if str(target) in str(error.strerror) else f"{str(target)!r} cannot be stored: "
        where = f" ({str(error.filename)!r})" if error.filename not in {None, str(target)} else ""
        raise DownloadError(f"{named}{reason(error)}{where}; {_ELSEWHERE}") from error


class _Hashed:
    """A file that is written and hashed in one pass."""

    def __init__(self, file: IO[bytes], digest: str | None) -> None:
        self._file = file
        self.name, _, self.wanted = (digest or "sha256:").partition(":")
        self._hash = hashlib.new(self.name)

    def write(self, block: bytes, /) -> None:
        self._hash.update(block)
        self._file.write(block)

    def found(self) -> str:
        return self._hash.hexdigest()

    def is_expected(self) -> bool:
        return not self.wanted or self.found() == self.wanted.lower()


def _copy(visit: Visit, sink: _Sink, progress: Progress) -> None:
    """Copy what is at an address to `sink` block by block; raise an error beyond a limit."""
    done, largest = 0, visit.max_bytes
    with visit.open() as response:
        announced = _announced(response)
        with _reporter(progress, visit.address, announced) as report:
            # Checked before the first block too: a file with a too large length in its header is refused at once.
            while max(done, announced) <= largest and (block := visit.read(response, _CHUNK)):
                done += len(block)
                if done <= largest:
                    sink.write(block)
                report(done, announced)
    if max(done, announced) > largest:
        raise DownloadError(f"{visit.place} is larger than the limit of {largest / 1e6:g} MB")
    if announced and done != announced:
        raise DownloadError(f"{visit.place} broke off after {done} of {announced} bytes; try again")


def _announced(response: http.client.HTTPResponse) -> int:
    """Return the length in the header of the response, in bytes; 0 if there is no valid one."""
    length = response.headers.get("Content-Length", "").strip()
    if not (length.isascii() and length.isdigit()):
        return 0
    return int(length) if len(length) < _DIGITS else 10**_DIGITS  # Python reads no number of thousands of digits


@contextlib.contextmanager
def _reporter(progress: Progress, address: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback ``(done, total)``: the caller's, a progress bar for a large file, or one without effect."""
    if callable(progress):
        yield progress
    elif progress and (total > _BIG or not total):
        from tqdm.auto import tqdm

        label = Path(urllib.parse.urlsplit(address).path).name
        with tqdm(total=total or None, unit="B", unit_scale=True, desc=label, delay=0.5) as bar:
            yield lambda done, _total: bar.update(done - bar.n)
    else:
        yield lambda _done, _total: None
