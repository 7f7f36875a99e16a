"""What a lab tells of its requests: to its own views, and to the line that dims what is out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import whole
from xai_widgets.widgets.components import RequestLine

if TYPE_CHECKING:
    import ipywidgets as widgets

    from xai_widgets.widgets.base.lab import Lab


class RequestReport:
    """Shows in a lab what its worker reports; it is the `Painter` of that worker.

    Parameters
    ----------
    lab : Lab
    language : str
        ``"en"`` or ``"fr"``.

    Attributes
    ----------
    line : RequestLine
        What dims the lab's answers in the browser, with the buttons that stop a request and compute it again.
    """

    def __init__(self, lab: Lab, language: str) -> None:
        self._lab = lab
        self._steps: tuple[int, int] | None = None
        self.line = RequestLine(language=language)
        self.line.observe(lambda _change: lab.stop(), "stops")
        self.line.observe(lambda _change: lab.compute_again(), "computes")

    def silence(self, *controls: widgets.Widget) -> None:
        """Let changes of some controls dim nothing: they lead to no request."""
        self.line.silent = [*self.line.silent, *(f"IPY_MODEL_{one.model_id}" for one in controls)]

    def answered_at_once(self) -> None:
        """Say that what is shown is whole, where it was painted without a request; what was stopped is answered."""
        if self.line.outcome != "finished" and self.line.requested == self.line.ended:
            self._lab.partial = False
            with self.line.hold_sync():
                self.line.outcome, self.line.stopped = "finished", ""

    def requested(self, number: int) -> None:
        """Announce a request: what is on screen belongs to an older one, and the last error is answered."""
        self._steps = None
        self._lab.busy, self._lab.partial = True, False
        with self.line.hold_sync():
            self.line.requested, self.line.stopped = number, ""

    def started(self, _number: int) -> None:
        """Clear the last error; the bar waits for the first step, since most answers come before it could be seen."""
        self._lab.show_error("")

    def progressed(self, _number: int, done: int, total: int) -> None:
        """Move the bar."""
        self._steps = done, total
        self._lab.on_progress(done / max(total, 1))

    def answered(self, _number: int) -> None:
        """Say that what is shown is a part of the answer, until the request is finished."""
        self._lab.partial = True

    def finished(self, number: int) -> None:
        """Put the bar away: the answer is whole."""
        self._lab.partial = False
        self._end(number, "finished")

    def stopped(self, number: int) -> None:
        """Say how far the request came; the recipe of what was shown before does not stand beside it."""
        self._lab.clear_recipe()
        self._end(number, "stopped", self._how_far())

    def failed(self, number: int, error: BaseException) -> None:
        """Show the error; what was shown before stays, dimmed."""
        self._end(number, "failed")
        self._lab.show_error(f"{type(error).__name__}: {error}")

    def _end(self, number: int, outcome: str, stopped: str = "") -> None:
        self._lab.busy = False
        self._lab.on_progress(None)
        with self.line.hold_sync():
            self.line.ended, self.line.outcome, self.line.stopped = number, outcome, stopped

    def _how_far(self) -> str:
        """Return how many steps of the request were taken."""
        language = self._lab.language
        if self._steps is None:
            return message("lab.stopped", language)
        done, total = (whole(steps, language) for steps in self._steps)
        return message("lab.stopped_at", language, done=done, total=total)
