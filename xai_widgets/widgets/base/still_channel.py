"""Renew the stills of labs in an open notebook: the page is told of a change, and asks for the still when it suits.

The page is that of the extension in ``widgets/labextensions``. It opens a comm and says which version of each still its
notebook holds; the kernel answers which have changed since. A still is drawn in a thread of its own, when its lab has
been at rest for a second, so that no answer of a lab waits for it.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import comm
import ipywidgets as widgets
import traitlets

from xai_widgets.runtime.worker import synchronous
from xai_widgets.widgets.base.still_bundle import still_bundle

if TYPE_CHECKING:
    from xai_widgets.widgets.base.lab import Lab

TARGET: Final = "xai-widgets.stills"
REST: Final = 1.0  # seconds without a change
_SHOWS_NOTHING = frozenset(widgets.VBox.class_trait_names()) | {"error", "language"}


@dataclass
class _Changes:
    """How often a lab has changed, when last (by the monotonic clock), and whether the pages know."""

    count: int = 0
    last: float = -REST
    told: bool = False


class StillChannel:
    """Tells the pages which labs have changed, and sends them the stills that they ask for.

    A message of a page is ``{"ask": model_id}``; what it is told is ``{"changed": model_id}``,
    ``{"still": model_id, "data": bundle}``, ``{"later": model_id}`` while the lab is not at rest,
    ``{"gone": model_id}`` once the lab is closed, or ``{"failed": model_id, "reason": text}``.
    """

    def __init__(self) -> None:
        self._labs: weakref.WeakValueDictionary[str, Lab] = weakref.WeakValueDictionary()
        self._changes: weakref.WeakKeyDictionary[Lab, _Changes] = weakref.WeakKeyDictionary()
        self._pages: list[Any] = []
        self._drawing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="xai-stills")
        comm.get_comm_manager().register_target(TARGET, self._opened)

    def follow(self, lab: Lab) -> int:
        """Note the changes of a lab from now on; return how many there were.

        Parameters
        ----------
        lab : Lab
            A lab that is shown; nothing happens if it is followed already.

        Returns
        -------
        int
            The version of its still.
        """
        if lab not in self._changes:
            self._labs[lab.model_id] = lab
            self._changes[lab] = _Changes()
            lab.observe(self._note, traitlets.All)
        return self._changes[lab].count

    def _note(self, change: Any) -> None:
        """Note a change of a trait: of a control, or the end of a computation."""
        if change.name in _SHOWS_NOTHING or (change.name == "busy" and change.new):
            return
        lab, changes = change.owner, self._changes[change.owner]
        changes.count += 1
        changes.last = time.monotonic()
        if not changes.told and lab.comm is not None:
            changes.told = bool(self._pages)
            for page in self._pages:
                page.send({"changed": lab.model_id})

    def _opened(self, page: Any, message: dict[str, Any]) -> None:
        """Take a page, and tell it which of its stills are out of date."""
        self._pages.append(page)
        page.on_msg(lambda asked: self._asked(page, asked["content"]["data"]["ask"]))
        page.on_close(lambda _message: self._pages.remove(page))
        for model_id, version in message["content"]["data"]["have"].items():
            lab = self._labs.get(model_id)
            if lab is not None and self._changes[lab].count != version:
                page.send({"changed": model_id})

    def _asked(self, page: Any, model_id: str) -> None:
        """Draw the still of a lab that is at rest."""
        lab = self._labs.get(model_id)
        if lab is None or lab.comm is None:
            page.send({"gone": model_id})
            return
        changes = self._changes[lab]
        if lab.busy or time.monotonic() - changes.last < REST:
            page.send({"later": model_id})
            return
        changes.told = False
        loop = _running_loop()
        if loop is None or synchronous():
            page.send(self._drawn(lab, model_id))
            return
        self._drawing.submit(lambda: loop.call_soon_threadsafe(page.send, self._drawn(lab, model_id)))

    def _drawn(self, lab: Lab, model_id: str) -> dict[str, Any]:
        """Draw a still, beside the kernel's loop; return what the page is told."""
        changes = self._changes[lab]
        version = changes.count
        answer: dict[str, Any]
        try:
            answer = {"still": model_id, "data": still_bundle(lab, version)}
        except Exception as error:  # noqa: BLE001  (in a thread: the page is told)
            answer = {"failed": model_id, "reason": f"{type(error).__name__}: {error}"}
        if lab.comm is None:
            return {"gone": model_id}
        if changes.count != version:  # it may be half of one state and half of the next
            return {"later": model_id}
        return answer


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


_CHANNELS: list[StillChannel] = []


def still_channel() -> StillChannel:
    """Return the channel of this kernel, made when the first lab is shown."""
    if not _CHANNELS:
        _CHANNELS.append(StillChannel())
    return _CHANNELS[0]
