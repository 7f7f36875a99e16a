"""Undo and redo: the states that a lab has been in."""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython import get_ipython

from xai_widgets.widgets.base.lab_state import State, put_back, same, state_names, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xai_widgets.widgets.base.lab import Lab

MOST = 100  # states that are kept
_DRAG = 1.0  # seconds: changes of one trait that follow each other faster are one step, as when a slider is dragged

_numbers = itertools.count()


class StateHistory:
    """The states before and after the present one.

    What one message from the page, or one cell, changes is one step; so is a slider's way from where it was taken to
    where it was left. Changes that the lab makes while it paints are no steps.

    Parameters
    ----------
    lab : Lab
        Is observed; its history begins with `begin`, when it is whole.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, lab: Lab, clock: Callable[[], float] = time.monotonic) -> None:
        self._lab = lab
        self._clock = clock
        self._past: list[State] = []
        self._future: list[State] = []
        self._first: State | None = None
        self._event: object = None
        self._trait, self._at = "", -_DRAG
        self._restoring = False
        self._listener: Callable[[], object] | None = None
        lab.observe(self._note, state_names(lab))  # before all others: they see the state before a change

    def begin(self) -> None:
        """Keep the present state as the first one; changes before it are no steps."""
        self._first = state_of(self._lab)

    def on_step(self, function: Callable[[], object]) -> None:
        """Call a function, without arguments, when a step was made."""
        self._listener = function

    @property
    def can_undo(self) -> bool:
        """Whether there is a state before."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone, and nothing changed since."""
        return bool(self._future)

    def undo(self) -> None:
        """Go back one step; do nothing where there is none.

        Raises
        ------
        ValueError
            If the lab refuses what it had before; that state is dropped.
        """
        self._go(self._past, self._future)

    def redo(self) -> None:
        """Take back the last undo; do nothing where there is none.

        Raises
        ------
        ValueError
            If the lab refuses what it had; that state is dropped.
        """
        self._go(self._future, self._past)

    def reset(self) -> None:
        """Go back to the state in which the lab was made; it is a step that can be undone.

        Raises
        ------
        ValueError
            If the lab refuses what it had.
        """
        if self._first is not None:
            before = state_of(self._lab)
            self.go_to(self._first)
            if any(not same(before[name], value) for name, value in state_of(self._lab).items()):
                self._push(before)

    def go_to(self, state: State) -> None:
        """Give the lab a state without noting a step."""
        with self._restores():
            put_back(self._lab, state)

    def visit(self, state: State) -> None:
        """Give the lab a state, as a step that can be undone."""
        before = state_of(self._lab)
        self.go_to(state)
        self._push(before)

    def _go(self, source: list[State], target: list[State]) -> None:
        if not source:
            return
        state, before = source.pop(), state_of(self._lab)
        self.go_to(state)
        target.append(before)

    @contextmanager
    def _restores(self) -> Iterator[None]:
        self._restoring, self._trait, self._event = True, "", None
        try:
            yield
        finally:
            self._restoring = False

    def _note(self, change: dict[str, Any]) -> None:
        """Keep the state before a change that is the reader's."""
        if self._first is None or self._restoring or self._lab.is_painting:
            return
        before = state_of(self._lab) | {change["name"]: change["old"]}
        event, now = _present_event(), self._clock()
        dragged = change["name"] == self._trait and now - self._at < _DRAG
        if not (dragged or event == self._event):
            self._push(before)
        self._event, self._trait, self._at = event, change["name"], now

    def _push(self, state: State) -> None:
        self._past.append(state)
        del self._past[:-MOST]
        self._future.clear()
        if self._listener is not None:
            self._listener()


def _present_event() -> object:
    """Return what stands for the message that the kernel works on, or, without a kernel, for each change."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent() if kernel is not None else {}
    return parent.get("header", {}).get("msg_id") or next(_numbers)
