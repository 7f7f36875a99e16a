"""A limit on the time that code of a student may take: a loop that does not end is ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN = 0.2  # seconds until code that has caught the exception gets another one
_SIGNALS_AFTER = 5  # exceptions that a wait in the system, as in `time.sleep`, has not noticed


class TimeIsUp(BaseException):
    """Raised in the code that has taken too long; no `except Exception` catches it."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` in the block if it takes longer, again and again until it ends.

    What does not come back to Python, such as one long product of matrices, is ended when it does.

    Parameters
    ----------
    seconds : float
        How long the block may take.

    Raises
    ------
    TimeIsUp
        If it takes longer.

    Examples
    --------
    >>> with limited(10):
    ...     sum(range(100))
    4950
    """
    watch = _Watch(seconds)
    try:
        yield
    except KeyboardInterrupt:
        if watch.rang:  # it was sent from here
            raise TimeIsUp from None
        raise
    finally:
        watch.stop()


class _Watch:
    """A thread that counts the time of the one that has made it."""

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self._watched = threading.get_ident()
        self._in_main = threading.current_thread() is threading.main_thread()
        self._ended, self._lock = threading.Event(), threading.Lock()
        threading.Thread(target=self._wait, args=(seconds,), daemon=True, name="time limit of a check").start()

    def stop(self) -> None:
        with self._lock:
            self._ended.set()
            if self.rang:
                _raise_in(self._watched, None)  # one that is on its way would come too late

    def _wait(self, seconds: float) -> None:
        if self._ended.wait(seconds):
            return
        sent = 0
        while not self._ended.wait(_AGAIN if sent else 0):
            with self._lock:
                if self._ended.is_set():
                    return
                self.rang = True
                sent += 1
                if sent > _SIGNALS_AFTER and self._in_main and os.name == "posix":
                    signal.pthread_kill(self._watched, signal.SIGINT)
                else:
                    _raise_in(self._watched, TimeIsUp)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)
