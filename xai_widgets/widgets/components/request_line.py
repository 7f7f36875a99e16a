"""The line of a lab that says in which state its newest request is, and dims what belongs to an older one."""

from __future__ import annotations

from typing import ClassVar

import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

OUTCOMES = ("finished", "stopped", "failed")


class RequestLine(Component):
    """Dims, in the browser, whatever a lab shows of an older request than the newest.

    It needs no word from the kernel for it: a change on any control of the lab dims the answers at once, also while the
    kernel is busy with something else, and then it says so. What the kernel paints after that belongs to the newest
    request and is bright. A change that leads to no request leaves everything as it was once the kernel has seen it.
    What the reader has set is kept until the kernel has heard of it, whatever it sends meanwhile. While a computation
    runs there is a button that stops it, and Esc does wherever the focus is; after that, one that computes it again.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.

    Examples
    --------
    >>> RequestLine(requested=3, ended=2)
    RequestLine(request 3, computing)
    """

    _esm = assets.module("request_line")
    _css = assets.style("request_line")
    answers: ClassVar[bool] = False

    lab = traitlets.Unicode("").tag(sync=True)
    """The lab, as ``IPY_MODEL_`` and the number of its model."""

    silent = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Controls whose changes lead to no request, in the same way (default: none)."""

    requested = traitlets.Int(0).tag(sync=True)
    """Number of the newest request."""

    ended = traitlets.Int(0).tag(sync=True)
    """Number of the last request that came to an end."""

    outcome = traitlets.Enum(OUTCOMES, default_value="finished").tag(sync=True)
    """How that one ended."""

    stopped = traitlets.Unicode("").tag(sync=True)
    """How far the newest request came, if it was stopped; empty otherwise."""

    stops = traitlets.Int(0).tag(sync=True)
    """How many times the reader has asked to stop."""

    computes = traitlets.Int(0).tag(sync=True)
    """How many times the reader has asked to compute again what was stopped."""

    def __repr__(self) -> str:
        """Return the newest request and its state."""
        return f"RequestLine(request {self.requested}, {'computing' if self.requested > self.ended else self.outcome})"
