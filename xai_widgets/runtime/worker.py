"""One worker thread for a lab: the newest request wins, older ones stop at their next step.

A lab must never block the kernel. It hands each request to its worker, which computes in a thread of its own and hands
answers back to the kernel's event loop, where widgets may be changed safely.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Protocol

from xai_widgets.common.warning import without_doubts

if TYPE_CHECKING:
    from collections.abc import Callable

SYNC_VARIABLE = "XAI_WIDGETS_SYNC"
CLOSED = "this lab was closed and computes nothing any more; make a new one"


class Cancelled(Exception):  # noqa: N818  (no error: it ends a request that is out of date)
    """Raised inside a request that a newer one replaced, or that was stopped."""


def synchronous() -> bool:
    """Tell whether ``XAI_WIDGETS_SYNC`` asks labs to compute inline and to raise their errors.

    Notebooks are tested in this mode: an exception in a thread would pass unseen.
    """
    return os.environ.get(SYNC_VARIABLE, "") not in ("", "0")


class Painter(Protocol):
    """What a worker reports to, with the number of the request; every method is called on the kernel's event loop."""

    def requested(self, number: int) -> None:
        """Show that a request was handed over: what is on screen belongs to an older one."""

    def started(self, number: int) -> None:
        """Show that a request begins."""

    def progressed(self, number: int, done: int, total: int) -> None:
        """Show how many steps of a request are done."""

    def answered(self, number: int) -> None:
        """Show that a part of the answer, or all of it, was painted."""

    def finished(self, number: int) -> None:
        """Show that the answer is complete."""

    def stopped(self, number: int) -> None:
        """Show that the request was stopped before its answer was complete."""

    def failed(self, number: int, error: BaseException) -> None:
        """Show that the request ended with an exception, ``KeyboardInterrupt`` and ``SystemExit`` included."""


class Job:
    """The handle through which a running request reports its steps and shows its answers.

    Attributes
    ----------
    number : int
        Requests count up; the newest is the largest.
    """

    def __init__(self, worker: Worker, number: int) -> None:
        self._worker = worker
        self.number = number

    def progress(self, done: int, total: int) -> None:
        """Report a step; raise `Cancelled` if a newer request waits. Methods take this as their ``progress``."""
        self.check()
        self._worker.paint(self.number, lambda painter: painter.progressed(self.number, done, total))

    def check(self) -> None:
        """Raise `Cancelled` if the request is out of date."""
        if not self._worker.is_newest(self.number):
            raise Cancelled

    def show(self, paint: Callable[[], object]) -> None:
        """Run `paint` on the kernel's loop, unless the request is out of date by then."""
        self.check()

        def answer(painter: Painter) -> None:
            paint()
            painter.answered(self.number)

        self._worker.paint(self.number, answer)


class Worker:
    """Runs one request at a time and drops all waiting ones but the newest.

    Parameters
    ----------
    painter : Painter
        Gets the starts, steps, ends and errors of requests.
    inline : bool, optional
        Compute in the caller's thread and raise errors; `synchronous()` decides if left out.

    Examples
    --------
    >>> class Quiet:
    ...     def requested(self, number): ...
    ...     def started(self, number): ...
    ...     def progressed(self, number, done, total): ...
    ...     def answered(self, number): ...
    ...     def finished(self, number): ...
    ...     def stopped(self, number): ...
    ...     def failed(self, number, error): ...
    >>> worker = Worker(Quiet(), inline=True)
    >>> worker.submit(lambda job: job.show(lambda: print("painted")))
    painted
    """

    def __init__(self, painter: Painter, *, inline: bool | None = None) -> None:
        self._painter = painter
        self._inline = synchronous() if inline is None else inline
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="xai-lab")
        self._lock = threading.Lock()
        self._newest = 0
        self._open: int | None = None  # the request whose end was not painted yet
        self._closed = False
        self._waiting: set[Future[None]] = set()
        self._painting = threading.RLock()  # held where the worker's own thread paints: no loop puts the turns in a row
        self._turns: deque[Callable[[], object]] = deque()  # to be painted, oldest first
        self._loop = _running_loop()

    def submit(self, compute: Callable[[Job], object]) -> None:
        """Compute soon, instead of whatever is waiting or running.

        Parameters
        ----------
        compute : callable
            Gets the `Job`: it reports steps by ``job.progress`` and shows answers, partial ones too, by ``job.show``.

        Raises
        ------
        RuntimeError
            If the worker was closed.
        """
        if self._closed:
            raise RuntimeError(CLOSED)
        job = Job(self, self._next())
        self._open = job.number
        self._painter.requested(job.number)
        if self._inline:
            self._run_inline(job, compute)
            return
        future = self._executor.submit(self._run, job, compute)
        with self._lock:
            self._waiting.add(future)
        future.add_done_callback(self._discard)

    def cancel(self) -> None:
        """Stop what runs at its next step, and drop what waits; what was computed before is painted first."""
        if self._is_loop_here():
            self._take_turns()
        stopped = self._open
        if stopped is None:
            return
        self._open = None
        self.paint(self._next(), lambda painter: painter.stopped(stopped))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs or waits, for scripts and tests; False if `timeout` seconds passed first.

        Where the event loop runs in this very thread, as in a cell of a notebook, it has no turn while the cell waits:
        then the answers are painted here.
        """
        with self._lock:
            pending = set(self._waiting)
        ended = not wait(pending, timeout=timeout).not_done
        if self._is_loop_here():
            self._take_turns()
        return ended

    def close(self) -> None:
        """Cancel what runs at its next step, and end the thread; nothing is painted after this returns."""
        self._closed = True
        with self._painting:  # what is being painted now may still make widgets
            self._next()
        self._turns.clear()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def is_newest(self, number: int) -> bool:
        """Tell whether a request is the newest."""
        return number == self._newest

    def paint(self, number: int, call: Callable[[Painter], object]) -> None:
        """Run `call` on the kernel's loop if request `number` is still the newest when its turn comes.

        What cannot be painted ends the request: an answer with a piece missing would pass for a whole one.
        """

        def turn() -> None:
            if self.is_newest(number):
                call(self._painter)

        def turn_on_loop() -> None:
            try:
                turn()
            except Exception as error:  # noqa: BLE001  (nobody else on the loop would tell the reader)
                self._next()
                self._end(number, error)

        if self._inline or self._loop is None or self._loop.is_closed():
            with self._painting:
                turn()
        else:
            self._turns.append(turn_on_loop)
            self._loop.call_soon_threadsafe(self._take_turns)

    def _end(self, number: int, error: BaseException | None = None) -> None:
        """Report that a request is over."""
        self._open = None
        if error is None:
            self._painter.finished(number)
        else:
            self._painter.failed(number, error)

    def _is_loop_here(self) -> bool:
        """Tell whether this is the thread of the event loop."""
        return self._loop is not None and _running_loop() is self._loop

    def _take_turns(self) -> None:
        """Paint whatever was handed over so far; a turn that an interrupt has cut off is taken again."""
        while self._turns:
            turn = self._turns.popleft()
            try:
                turn()
            except BaseException:
                self._turns.appendleft(turn)
                self._loop.call_soon_threadsafe(self._take_turns)
                raise

    def _next(self) -> int:
        with self._lock:
            self._newest += 1
            return self._newest

    def _discard(self, future: Future[None]) -> None:
        with self._lock:
            self._waiting.discard(future)

    def _run(self, job: Job, compute: Callable[[Job], object]) -> None:
        """Run one request in the worker's thread; every exception is reported, so that no lab stays busy."""
        if not self.is_newest(job.number):
            return
        self.paint(job.number, lambda painter: painter.started(job.number))
        try:
            with without_doubts():
                compute(job)
        except Cancelled:
            return
        except BaseException as error:  # noqa: BLE001  (in a thread nobody else reports an interrupt or an exit)
            failure = error
            self.paint(job.number, lambda _painter: self._end(job.number, failure))
            return
        self.paint(job.number, lambda _painter: self._end(job.number))

    def _run_inline(self, job: Job, compute: Callable[[Job], object]) -> None:
        """Run one request here and now; errors are shown, and raised."""
        self._painter.started(job.number)
        try:
            with without_doubts():
                compute(job)
        except Cancelled:
            return
        except BaseException as error:
            self._end(job.number, error)
            raise
        self._end(job.number)


def _running_loop() -> Any:
    """Return the event loop of the thread that builds the lab: the kernel's. None in a plain script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
