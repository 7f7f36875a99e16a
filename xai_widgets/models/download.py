"""Fetching files over HTTP: bounded in time and size, checked, and never left half-written.

A mirror
--------
With the environment variable ``XAI_WIDGETS_MIRROR`` set to the base address of a folder (for instance a server in the
classroom), model files are asked from there, each by its bare name. What was fetched is kept under
``XAI_WIDGETS_CACHE`` (default: the user's cache folder), and the network is not asked twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = bool | Callable[[int, int], None] | None

MIRROR_VARIABLE = "XAI_WIDGETS_MIRROR"
CACHE_VARIABLE = "XAI_WIDGETS_CACHE"

_CHUNK = 1 << 16
_BIG = 1 << 20  # a bar is worth its place from one mebibyte on
_READABLE = 0o644  # temporary files are private, a cache may be shared by a class
_SCHEMES = ("http", "https")


class DownloadError(OSError):
    """A file could not be fetched: no network, no such file, too large, too slow, or not what was announced."""


class _Sink(Protocol):
    def write(self, block: bytes, /) -> object: ...


def cache_directory() -> Path:
    """Return the folder that keeps downloaded files: ``XAI_WIDGETS_CACHE``, else the user's cache folder.

    Examples
    --------
    >>> cache_directory().is_absolute()
    True
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("xai_widgets")
    return folder.absolute()


def mirror_address(file_name: str) -> str | None:
    """Return where the mirror keeps `file_name`, or None when ``XAI_WIDGETS_MIRROR`` is not set.

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
    progress: Progress = True,
) -> Path:
    """Fetch `address` into the file `path`, unless a file with the right digest is there already.

    The file appears under its name only when it is whole and checked; before that it has a temporary name in the same
    folder, which is removed whatever happens.

    Parameters
    ----------
    address : str
        An ``http`` or ``https`` address.
    path : path
        The file to write; its folder is made if need be.
    digest : str, optional
        What the content must hash to, as ``"sha256:..."`` or ``"md5:..."``. Without it, a file that is already
        there is taken as it is, and a new one is checked by its announced length alone.
    max_bytes : int
        The largest content that is accepted, in bytes.
    timeout : float
        The longest wait for the server's next bytes, in seconds.
    progress : bool or callable, optional
        True draws a bar for files of more than one mebibyte; a callable is called with ``(done, total)`` in bytes
        (total 0: unknown) and may raise to stop.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DownloadError
        If the file cannot be fetched, or is not what it should be.

    Examples
    --------
    >>> download("http://127.0.0.1:9/weights.h5", "weights.h5", timeout=1)
    Traceback (most recent call last):
    ...
    xai_widgets.models.download.DownloadError: cannot reach 127.0.0.1:9 ...
    """
    target = Path(path).expanduser()
    if target.exists() and _is_expected(target, digest):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _temporary_beside(target) as (part, name):
        _copy(address, part, max_bytes=max_bytes, timeout=timeout, deadline=None, progress=progress)
        part.close()
        if not _is_expected(name, digest):
            msg = f"what came from {address} is not the file that was expected (wrong {digest}); nothing was kept"
            raise DownloadError(msg)
        name.chmod(_READABLE)
        name.replace(target)
    return target


def fetch(
    address: str,
    *,
    max_bytes: int,
    timeout: float = 15.0,
    deadline: float | None = 120.0,
    progress: Progress = True,
) -> bytes:
    """Fetch `address` into memory.

    Parameters
    ----------
    address : str
        An ``http`` or ``https`` address.
    max_bytes : int
        The largest content that is accepted, in bytes.
    timeout, deadline : float
        The longest wait for the server's next bytes, and for the whole content, in seconds.
    progress : bool or callable, optional
        As for `download`.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    DownloadError
        If it cannot be fetched within the limits.

    Examples
    --------
    >>> fetch("ftp://127.0.0.1/cat.png", max_bytes=1000)
    Traceback (most recent call last):
    ...
    xai_widgets.models.download.DownloadError: only http and https addresses are read, not 'ftp://127.0.0.1/cat.png'
    """
    content = bytearray()
    sink = _Collector(content)
    _copy(address, sink, max_bytes=max_bytes, timeout=timeout, deadline=deadline, progress=progress)
    return bytes(content)


class _Collector:
    """A bytearray with a file's ``write``."""

    def __init__(self, content: bytearray) -> None:
        self._content = content

    def write(self, block: bytes, /) -> None:
        self._content += block


@contextlib.contextmanager
def _temporary_beside(target: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Give an open file in the folder of `target`, removed at the end unless it was renamed."""
    prefix = f".{target.name}."
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=prefix, suffix=".part", delete=False) as part:
        name = Path(part.name)
        try:
            yield part, name
        finally:
            part.close()
            name.unlink(missing_ok=True)


def _is_expected(path: Path, digest: str | None) -> bool:
    """Whether the file hashes to `digest` (no digest: whether it is a file at all)."""
    if digest is None:
        return path.is_file()
    algorithm, _, wanted = digest.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == wanted.lower()


def _copy(
    address: str,
    sink: _Sink,
    *,
    max_bytes: int,
    timeout: float,
    deadline: float | None,
    progress: Progress,
) -> None:
    """Stream `address` into `sink` and hold every limit."""
    end = None if deadline is None else time.monotonic() + deadline
    done = 0
    with _opened(address, timeout) as response:
        announced = _announced(response)
        with _reporter(progress, address, announced) as report:
            # Checked before the first block too: an honest giant is refused at once.
            while max(done, announced) <= max_bytes and (block := _read(response, address, timeout)):
                done += len(block)
                if end is not None and time.monotonic() > end:
                    msg = f"{address} was too slow: not complete after {deadline:g} s; save the file by hand instead"
                    raise DownloadError(msg)
                sink.write(block)
                report(done, announced)
    if max(done, announced) > max_bytes:
        msg = f"{address} is larger than the limit of {max_bytes / 1e6:g} MB"
        raise DownloadError(msg)
    if announced and done != announced:
        msg = f"{address} broke off after {done} of {announced} bytes; try again"
        raise DownloadError(msg)


def _announced(response: http.client.HTTPResponse) -> int:
    """Return the length the server announced, in bytes; 0 if it announced none that makes sense."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _read(response: http.client.HTTPResponse, address: str, timeout: float) -> bytes:
    """Read what has come so far; wait for at most `timeout` seconds when nothing has."""
    with _explained(address, timeout):
        return response.read1(_CHUNK)


def _opened(address: str, timeout: float) -> http.client.HTTPResponse:
    """Open `address`; whatever it redirects to must be http or https too."""
    # Some servers refuse Python's own name.
    headers = {"User-Agent": "xai_widgets (Python)"}
    with _explained(address, timeout):
        request = urllib.request.Request(_quoted(address), headers=headers)  # noqa: S310  (_quoted checks the scheme)
        response: http.client.HTTPResponse = _opener().open(request, timeout=timeout)
        return response


def _quoted(address: str) -> str:
    """Return `address` as it goes over the wire: one copied from a browser may hold spaces and accents."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        msg = f"only http and https addresses are read, not {address!r}"
        raise DownloadError(msg)
    path, query = (urllib.parse.quote(part, safe="/%:=&?~+!$,;'@()*[]") for part in (parts.path, parts.query))
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    return urllib.parse.urlunsplit((parts.scheme, netloc, path, query, ""))


def _opener() -> urllib.request.OpenerDirector:
    """Build an opener that knows HTTP alone: a redirection to file: or ftp: finds nobody to follow it."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


@contextlib.contextmanager
def _explained(address: str, timeout: float) -> Iterator[None]:
    """Turn what the standard library raises into one `DownloadError` that says what to do."""
    try:
        yield
    except DownloadError:
        raise
    except urllib.error.HTTPError as error:
        error.close()
        msg = f"{_host(address)} answered {error.code} ({error.reason}) to {address}; check the address"
        raise DownloadError(msg) from error
    except TimeoutError as error:
        msg = f"{_host(address)} sent nothing for {timeout:g} s; check the connection and try again"
        raise DownloadError(msg) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            msg = f"{_host(address)} did not answer within {timeout:g} s; check the connection and try again"
        else:
            msg = f"cannot reach {_host(address)} ({error.reason}); check the connection, or save the file by hand"
        raise DownloadError(msg) from error
    except (http.client.HTTPException, ConnectionError, UnicodeError, ValueError) as error:
        msg = f"cannot read {address!r}: {error or type(error).__name__}; check the address"
        raise DownloadError(msg) from error


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc.rpartition("@")[2]


@contextlib.contextmanager
def _reporter(progress: Progress, address: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Give a callback ``(done, total)``: the caller's own, a bar for what is big, or silence."""
    if callable(progress):
        yield progress
    elif progress and (total > _BIG or not total):
        from tqdm.auto import tqdm

        label = Path(urllib.parse.urlsplit(address).path).name
        with tqdm(total=total or None, unit="B", unit_scale=True, desc=label, delay=0.5) as bar:
            yield lambda done, _total: bar.update(done - bar.n)
    else:
        yield lambda _done, _total: None
