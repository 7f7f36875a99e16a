"""HTTP that no server can hold up: one deadline and one budget of bytes over names, redirects, headers and content.

Which addresses are read
------------------------
- ``http`` and ``https`` alone, without a user name or a password in the address.
- The address that is asked for is read wherever it is, on this machine and in its own network too, where the mirror of
  a classroom may be.
- Up to five redirects are followed. None leads from ``https`` to ``http``. None leads from a public address to this
  machine, to a private network or to another address that is not public; this is looked at once the name is resolved,
  so a public name does not hide a private address.
- The proxy of the environment (``http_proxy``, ``https_proxy``, ``no_proxy``) is used. It then resolves the names, and
  here only addresses written in digits, and ``localhost``, are known not to be public.

What a server may take
----------------------
- A wait for its next bytes ends after `timeout` seconds, and everything together (resolving names, connecting,
  redirects, headers, content) after `deadline` seconds.
- All bytes count, whatever they are: status lines, headers, interim answers, sizes of chunks, trailers. Before the
  content, 256 KiB may come; from then on, twice the largest content and 256 KiB.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMES: Final = ("http", "https")
_MOST_REDIRECTS: Final = 5
_BESIDE_THE_CONTENT: Final = 1 << 18  # bytes
_CHUNKS: Final = 2  # times the content: what sizes of chunks may add to it


class DownloadError(OSError):
    """A file cannot be downloaded or kept: no network, no file, too large, too slow, incomplete, or a wrong hash."""


class Visit:
    """One reading of an address: what was asked for, where it led, and what is left of its time and its bytes.

    Parameters
    ----------
    address : str
        What the caller asked for.
    max_bytes : int
        The largest content, in bytes.
    timeout : float
        The longest wait for the next bytes, in seconds.
    deadline : float
        The longest time for everything, in seconds.

    Attributes
    ----------
    address : str
        Where the redirects led so far.
    """

    def __init__(self, address: str, *, max_bytes: int, timeout: float, deadline: float) -> None:
        self.asked = self.address = address
        self.max_bytes, self.timeout, self.deadline = max_bytes, timeout, deadline
        self._end = time.monotonic() + deadline
        self._left = _BESIDE_THE_CONTENT
        self._content_has_begun = False
        self._from_public: bool | None = None  # not known before the first name is resolved
        self._redirects = 0

    def open(self) -> http.client.HTTPResponse:
        """Return the answer of the server, of which only the content is left to be read.

        Raises
        ------
        DownloadError
            If there is none within the limits, or the address is none of those that are read.
        """
        # Some servers refuse the default user agent of Python.
        headers = {"User-Agent": "xai_widgets (Python)"}
        with self.explained():
            request = urllib.request.Request(quoted(self.asked), headers=headers)  # noqa: S310  (quoted checks the scheme)
            response: http.client.HTTPResponse = _opener(self).open(request, timeout=self.timeout)
        self._content_has_begun = True
        self._left = _CHUNKS * self.max_bytes + _BESIDE_THE_CONTENT
        return response

    def read(self, response: http.client.HTTPResponse, size: int) -> bytes:
        """Return up to `size` bytes that have arrived; wait for them if there are none."""
        with self.explained():
            return response.read1(size)

    def patience(self) -> float:
        """Return how many seconds the next wait may take; raise DownloadError if the time is over."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise DownloadError(f"{self.place} was too slow: not complete after {self.deadline:g} s; {_BY_HAND}")
        return min(self.timeout, left)

    def spend(self, count: int) -> None:
        """Count bytes that came; raise DownloadError if they are too many."""
        self._left -= count
        if self._left >= 0:
            return
        if self._content_has_begun:
            raise DownloadError(f"{self.place} is larger than the limit of {self.max_bytes / 1e6:g} MB")
        raise DownloadError(f"{self.place} sends headers without end; check the address")

    def goes_to(self, address: str) -> None:
        """Note that a request is made to an address, which gets a budget of its own for its headers."""
        self.address, self._left = address, _BESIDE_THE_CONTENT

    def redirected(self, address: str) -> None:
        """Refuse a redirect too many, and one to an address without encryption."""
        self._redirects += 1
        if self._redirects > _MOST_REDIRECTS:
            raise DownloadError(f"{self.asked} leads on more than {_MOST_REDIRECTS} times; give the address at its end")
        before, after = (urllib.parse.urlsplit(one).scheme.lower() for one in (self.address, address))
        if (before, after) == ("https", "http"):
            raise DownloadError(f"{self.asked} leads from https to {address}, which is not followed; {_BY_HAND}")

    def check_public(self, host: str) -> None:
        """Refuse a redirect that leads from a public address to one that is not; `host` is a name or has digits."""
        public = is_public(host)
        if self._from_public is None:
            self._from_public = public
        elif self._from_public and not public:
            raise DownloadError(
                f"{self.asked} leads to {_host(self.address)}, an address of this machine or of a private network, "
                "which is not followed; give that address itself if it is meant"
            )

    @property
    def place(self) -> str:
        """The address as error messages name it: where it led, and what was asked for."""
        return self.address if self.address == self.asked else f"{self.address} (to which {self.asked} leads)"

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Convert the exceptions of the standard library to a `DownloadError` that says what to do."""
        try:
            yield
        except DownloadError:
            raise
        except urllib.error.HTTPError as error:
            error.close()
            raise self._error(
                f"{{host}} answered {error.code} ({error.reason}) to {{place}}; check the address"
            ) from error
        except TimeoutError as error:
            raise self._late("sent nothing for") from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, DownloadError):
                raise error.reason from error
            if isinstance(error.reason, TimeoutError):
                raise self._late("did not answer within") from error
            reason = f"cannot reach {{host}} ({error.reason}); check the connection, or save the file by hand"
            raise self._error(reason) from error
        except (http.client.HTTPException, OSError, UnicodeError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise self._error(f"cannot read {{place}}: {reason}; check the address") from error

    def _late(self, how: str) -> DownloadError:
        try:
            self.patience()
        except DownloadError as error:
            return error
        return self._error(f"{{host}} {how} {self.timeout:g} s; check the connection and try again")

    def _error(self, text: str) -> DownloadError:
        return DownloadError(text.replace("{host}", _host(self.address)).replace("{place}", self.place))


_BY_HAND: Final = "save the file by hand instead"


def quoted(address: str) -> str:
    """Return `address` with spaces and accents percent-encoded, as in a request.

    Raises
    ------
    DownloadError
        If it is no ``http`` or ``https`` address, or holds a user name.

    Examples
    --------
    >>> quoted("http://pictures.example/my cat.png")
    'http://pictures.example/my%20cat.png'
    """
    try:
        parts = urllib.parse.urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise DownloadError(f"{address[:200]!r} is no address: {error}") from None
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        raise DownloadError(f"only http and https addresses are read, not {address[:200]!r}")
    if parts.username is not None:
        raise DownloadError(f"an address with a user name is not read; give that of {parts.hostname} without it")
    path, query = (urllib.parse.quote(part, safe="/%:=&?~+!$,;'@()*[]") for part in (parts.path, parts.query))
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    return urllib.parse.urlunsplit((parts.scheme, netloc, path, query, ""))


def is_public(host: str) -> bool:
    """Tell whether an address in digits can be reached from everywhere. A name counts as public, but for ``localhost``.

    Examples
    --------
    >>> [is_public(host) for host in ("8.8.8.8", "192.168.1.2", "::1", "::ffff:127.0.0.1", "localhost", "a.example")]
    [True, False, False, False, False, True]
    """
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        name = host.rstrip(".").lower()
        return name != "localhost" and not name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc.rpartition("@")[2]


class _Counted(io.RawIOBase):
    """What a server sends: each wait ends with the visit, and each byte counts."""

    def __init__(self, raw: Any, line: socket.socket, visit: Visit) -> None:
        self._raw, self._line, self._visit = raw, line, visit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._line.settimeout(self._visit.patience())
        count: int | None = self._raw.readinto(buffer)
        self._visit.spend(count or 0)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Line:
    """The part of a socket that `http.client` uses; each wait ends with the visit."""

    def __init__(self, line: socket.socket, visit: Visit) -> None:
        self.line, self._visit = line, visit

    def sendall(self, content: bytes, /) -> None:
        self.line.settimeout(self._visit.patience())
        self.line.sendall(content)

    def makefile(self, *_mode: Any, **_options: Any) -> io.BufferedReader:
        # As for a socket, what was made here can be read after `close`.
        return io.BufferedReader(_Counted(self.line.makefile("rb", buffering=0), self.line, self._visit))

    def setsockopt(self, *option: Any) -> None:
        self.line.setsockopt(*option)

    def close(self) -> None:
        self.line.close()


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, *, visit: Visit, proxied: bool, **options: Any) -> None:
        super().__init__(host, **options)
        self.visit, self._proxied = visit, proxied
        self._create_connection = self._connected

    def _connected(self, where: tuple[str, int], *_options: Any) -> _Line:
        return _Line(_connected(where, self.visit, proxied=self._proxied), self.visit)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, *, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(host, **options)
        self._context, self._behind_proxy = context, ""

    def set_tunnel(self, host: str, *args: Any, **options: Any) -> None:
        super().set_tunnel(host, *args, **options)
        self._behind_proxy = urllib.parse.urlsplit(f"//{host}").hostname or host

    def connect(self) -> None:
        super().connect()
        line: socket.socket = cast("Any", self.sock).line
        line.settimeout(self.visit.patience())  # of the whole handshake
        name = self._behind_proxy or self.host
        self.sock = _Line(self._context.wrap_socket(line, server_hostname=name), self.visit)


class _Handler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens connections of a visit."""

    def __init__(self, visit: Visit) -> None:
        urllib.request.AbstractHTTPHandler.__init__(self)
        self._visit = visit

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(_Connection, request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(functools.partial(_SecureConnection, context=ssl.create_default_context()), request)

    def _open(self, connection: Any, request: urllib.request.Request) -> http.client.HTTPResponse:
        there = urllib.parse.urlsplit(request.full_url)
        proxied = request.host != there.netloc
        if proxied:
            self._visit.check_public(there.hostname or "")
        return self.do_open(functools.partial(connection, visit=self._visit, proxied=proxied), request)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect as the policy says; the handler it is derived from refuses other schemes."""

    max_redirections = max_repeats = 2 * _MOST_REDIRECTS  # the visit ends it before

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def redirect_request(  # noqa: PLR0917  (as in the handler that this one is derived from)
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        self._visit.redirected(newurl)
        request = super().redirect_request(req, fp, code, msg, headers, quoted(newurl))
        self._visit.goes_to(newurl)
        return request


def _opener(visit: Visit) -> urllib.request.OpenerDirector:
    """Build an opener for HTTP and HTTPS alone, which does not follow a redirection to file: or ftp:."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Handler(visit),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(visit),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _connected(where: tuple[str, int], visit: Visit, *, proxied: bool) -> socket.socket:
    """Return a connection to the first address of a host that answers."""
    refused: OSError | None = None
    for family, kind, protocol, _, place in _resolved(where, visit):
        if not proxied:
            visit.check_public(str(place[0]).partition("%")[0])
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(visit.patience())
            line.connect(place)
        except OSError as error:
            line.close()
            if isinstance(error, DownloadError):
                raise
            refused = error
        else:
            return line
    raise refused or OSError(f"{where[0]} has no address")


def _resolved(where: tuple[str, int], visit: Visit) -> list[Any]:
    """Return the addresses of a host. The system sets no limit on the time for a name, so a thread waits for it."""
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(*where, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001  (raised below, where it is waited for)
            answers.put(error)

    threading.Thread(target=ask, name="xai-widgets-resolve", daemon=True).start()
    try:
        found = answers.get(timeout=visit.patience())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return found
