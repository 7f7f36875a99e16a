"""How much memory a notebook takes: its kernel is another process, and Binder gives it 2 GB."""

from __future__ import annotations

import threading
from typing import Self

import psutil

PERIOD = 0.05  # seconds between two sums


class Peak(threading.Thread):
    """The largest resident memory, in bytes, of all processes together that this one starts while it measures.

    The system's own account of a process's children is of no use here: a child starts as a copy of its
    parent, and is counted as large as that.

    Examples
    --------
    >>> import subprocess, sys
    >>> with Peak() as peak:
    ...     _ = subprocess.run([sys.executable, "-c", "kept = b'x' * 10**8; import time; time.sleep(0.5)"])
    >>> 1e8 < peak.bytes < 1e9
    True
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes, self._ended = 0, threading.Event()

    def __enter__(self) -> Self:
        self._before = set(psutil.Process().children(recursive=True))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Sum again and again until the end, and keep the largest sum."""
        while not self._ended.wait(PERIOD):
            started = set(psutil.Process().children(recursive=True)) - self._before
            self.bytes = max(self.bytes, sum(map(_resident, started)))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it ended between two sums
        return 0
