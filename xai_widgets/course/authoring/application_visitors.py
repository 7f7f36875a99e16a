"""Who may open a page of an application: readers of this server's own pages, a few at a time."""

from __future__ import annotations

import asyncio
import copy
import html
import ipaddress
from typing import Any, ClassVar

from tornado.web import HTTPError
from voila.tornado.execution_request_handler import ExecutionRequestHandler
from voila.tornado.handler import TornadoVoilaHandler

from xai_widgets.backend.memory import available_memory
from xai_widgets.i18n import message

THEMES = ("light", "dark")
_MEMORY = 1.1e9  # bytes that the kernel of one page takes at the most, 14_debug_a_model (benchmarks/visitors.py)
_SERVER = 0.5e9  # bytes of the server itself
_MOST = 20
EVERY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  (what a teacher may ask for; then a token is needed)
_WAIT = 10  # seconds between two tries of a page that waits
_PAGE = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{seconds}">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title></head>'
    '<body style="font-family: system-ui, sans-serif; max-width: 40em; margin: 15vh auto; padding: 0 1em">'
    "<h1>{title}</h1><p>{text}</p></body></html>"
)


def visitors_that_fit(free: int | None = None) -> int:
    """Return how many pages the memory is enough for: at least 1, at most 20.

    Parameters
    ----------
    free : int, optional
        Bytes that can be allocated; those of this machine if left out.

    Examples
    --------
    >>> visitors_that_fit(2_000_000_000), visitors_that_fit(8_000_000_000), visitors_that_fit(10**12)
    (1, 6, 20)
    """
    left = (available_memory() if free is None else free) - _SERVER
    return max(1, min(_MOST, int(left / _MEMORY)))


def is_reached(ip: str) -> bool:
    """Tell whether other machines reach a server that listens at an address.

    Raises
    ------
    ValueError
        If it is no address.

    Examples
    --------
    >>> is_reached("127.0.0.1"), is_reached("0.0.0.0")
    (False, True)
    """
    if ip == "localhost":
        return False
    try:
        return not ipaddress.ip_address(ip).is_loopback
    except ValueError:
        raise ValueError(f"ip must be an address of this machine, or 0.0.0.0 for all of them, not {ip!r}") from None


class CoursePage(TornadoVoilaHandler):
    """A page of the course for one reader, with a kernel of its own.

    Refused are pages asked for by other sites, themes that are neither light nor dark, and more readers than there is
    memory for: they get a page that tries again by itself. Jupyter Server compares the name of the host, or the token.
    """

    most: ClassVar[int] = _MOST
    loading: ClassVar[set[CoursePage]] = set()

    def initialize(self, **about: Any) -> None:
        """Take the theme of the address, where it is one of the two."""
        theme = self.get_query_argument("theme", "")
        if theme in THEMES:
            own = copy.copy(about["voila_configuration"])
            own.theme, own.resources = theme, {}
            about = {**about, "voila_configuration": own}
        super().initialize(**about)

    async def prepare(self, **options: Any) -> None:
        """Refuse what is no visit of a reader."""
        if self.get_query_argument("theme", THEMES[0]) not in THEMES:
            raise HTTPError(400, "the theme of a page is light or dark")
        fetched = self.request.headers.get("Sec-Fetch-Site") == "cross-site"
        if fetched and self.request.headers.get("Sec-Fetch-Dest") != "document":
            raise HTTPError(403, "a page of the course is opened by itself, not from inside another site")
        await super().prepare(**options)
        if self._finished or self.current_user is None:  # who shows no token is sent to the page that asks for it
            return
        if len(self.loading) + len(self.kernel_manager.list_kernel_ids()) >= self.most:
            self._ask_to_wait()
        else:
            self.loading.add(self)

    def on_finish(self) -> None:
        """Make room for the next reader's page to load; the kernel goes on until the page is left."""
        self.loading.discard(self)
        super().on_finish()

    def _ask_to_wait(self) -> None:
        language = "fr" if "/fr/" in self.request.path else "en"
        words = {key: html.escape(message(f"course.application.{key}", language)) for key in ("full", "full_text")}
        self.set_status(503)
        self.set_header("Retry-After", str(_WAIT))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_PAGE.format(language=language, seconds=_WAIT, title=words["full"], text=words["full_text"]))


class CourseCells(ExecutionRequestHandler):
    """Runs the cells of a page, and sends each as soon as it has run.

    Voila's own hears nothing of the page until all cells have run, so that the server takes a page whose cells need
    longer than a minute and a half for one that was left.
    """

    _executor = None
    _cells: asyncio.Task[None] | None = None

    def on_message(self, message_str: str | bytes) -> None:
        """Begin to run the cells, and go on listening.

        Parameters
        ----------
        message_str : str or bytes
            What the page asks for, as JSON.
        """
        self._cells = asyncio.ensure_future(super().on_message(message_str))

    def on_close(self) -> None:
        """Run no further cell: the page was left."""
        if self._cells is not None:
            self._cells.cancel()
        super().on_close()
