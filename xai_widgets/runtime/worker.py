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
    """What a worker reports to; every method is called on the kernel's event loop."""

    def started(self) -> None:
        """Show that a request begins."""

    def progressed(self, done: int, total: int) -> None:
        """Show how many steps of a request are done."""

    def finished(self) -> None:
        """Show that the request ended or was cancelled."""

    def failed(self, error: BaseException) -> None:
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
        self._worker.paint(self.number, lambda painter: painter.progressed(done, total))

    def check(self) -> None:
        """Raise `Cancelled` if the request is out of date."""
        if not self._worker.is_newest(self.number):
            raise Cancelled

    def show(self, paint: Callable[[], object]) -> None:
        """Run `paint` on the kernel's loop, unless the request is out of date by then."""
        self.check()
        self._worker.paint(self.number, lambda _painter: paint())


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
    ...     def started(self): ...
    ...     def progressed(self, done, total): ...
    ...     def finished(self): ...
    ...     def failed(self, error): ...
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
        if self._inline:
            self._run_inline(job, compute)
            return
        future = self._executor.submit(self._run, job, compute)
        with self._lock:
            self._waiting.add(future)
        future.add_done_callback(self._discard)

    def cancel(self) -> None:
        """Stop what runs at its next step, and drop what waits."""
        number = self._next()
        self.paint(number, lambda painter: painter.finished())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs or waits, for scripts and tests; False if `timeout` seconds passed first.

        Where the event loop runs in this very thread, as in a cell of a notebook, it has no turn while the cell waits:
        then the answers are painted here.
        """
        with self._lock:
            pending = set(self._waiting)
        ended = not wait(pending, timeout=timeout).not_done
        if self._loop is not None and _running_loop() is self._loop:
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
        """Run `call` on the kernel's loop if request `number` is still the newest when its turn comes."""

        def turn() -> None:
            if self.is_newest(number):
                call(self._painter)

        if self._inline or self._loop is None or self._loop.is_closed():
            with self._painting:
                turn()
        else:
            self._turns.append(turn)
            self._loop.call_soon_threadsafe(self._take_turns)

    def _take_turns(self) -> None:
        """Paint whatever was handed over so far; a turn that an interrupt has cut off is taken again."""
        while self._turns:
            turn = self._turns.popleft()
            try:
                turn()
            except Exception:
                raise
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
        self.paint(job.number, lambda painter: painter.started())
        try:
            with without_doubts():
                compute(job)
        except Cancelled:
            return
        except BaseException as error:  # noqa: BLE001  (in a thread nobody else reports an interrupt or an exit)
            failure = error
            self.paint(job.number, lambda painter: painter.failed(failure))
            return
        self.paint(job.number, lambda painter: painter.finished())

    def _run_inline(self, job: Job, compute: Callable[[Job], object]) -> None:
        """Run one request here and now; errors are shown, and raised."""
        self._painter.started()
        try:
            with without_doubts():
                compute(job)
        except Cancelled:
            return
        except BaseException as error:
            self._painter.failed(error)
            raise
        self._painter.finished()


def _running_loop() -> Any:
    """Return the event loop of the thread that builds the lab: the kernel's. None in a plain script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
