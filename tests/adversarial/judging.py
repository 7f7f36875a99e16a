"""What became of a hostile input: answered rightly, refused in one clear sentence, or one of five faults.

A refusal is clear when our own code raised it, on purpose, in a few lines that hold no address of an object. Whatever a
library raised and we let through is a raw error, however friendly its words are.
"""

from __future__ import annotations

import resource
import sys
import threading
import traceback
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

import xai_widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = str(Path(xai_widgets.__file__).parent)
OUTCOMES = ("right", "refused", "wrong", "raw", "hang", "memory")
FAULTS = OUTCOMES[2:]
LINES, LETTERS = 6, 1500  # of a clear refusal; a message that lists a model's layers may take some lines
MEMORY = 600e6  # bytes that one input may take; a model and its compiled functions are among them
SECONDS = 60  # after which a case hangs; the slowest takes some seconds
CLEAR = (ValueError, TypeError, LookupError, OSError, RuntimeError)


@dataclass(frozen=True)
class Case:
    """A hostile input and what is right.

    Attributes
    ----------
    kind, name : str
        What is attacked, and with what.
    act : callable
        What a user would call.
    right : callable, optional
        Tells whether an answer is right; without it no answer is, and the input must be refused.
    may_refuse : bool
        Whether a clear refusal is right too.
    quick : bool
        Whether it is among those of every run of the tests.
    """

    kind: str
    name: str
    act: Callable[[], object]
    right: Callable[[object], object] | None = None
    may_refuse: bool = True
    quick: bool = True


@dataclass(frozen=True)
class Finding:
    """What became of a case: one of `OUTCOMES`, what was said, and the megabytes that it took at most."""

    outcome: str
    said: str
    megabytes: float


def judge(case: Case) -> Finding:
    """Run a case in this process."""
    with _watched_memory() as peak:
        outcome, said = _outcome(case)
    if peak[0] > MEMORY and outcome not in FAULTS:
        outcome, said = "memory", f"{peak[0] / 1e6:.0f} MB"
    return Finding(outcome, said, peak[0] / 1e6)


def _outcome(case: Case) -> tuple[str, str]:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            answer = case.act()
    except Exception as error:  # noqa: BLE001  (whatever comes out is judged)
        fault = unclear(error)
        if fault:
            return "raw", fault
        return ("refused", str(error)) if case.may_refuse else ("wrong", f"refused: {error}")
    try:
        good = case.right is not None and case.right(answer)
    except Exception as error:  # noqa: BLE001  (an answer that cannot be used)
        return "wrong", f"answered {_short(answer)}, of which {_short(error)}"
    return ("right", "") if good else ("wrong", f"answered {_short(answer)}")


def unclear(error: BaseException) -> str:
    """Return what makes an error a raw one; nothing if it is a clear refusal."""
    text = str(error)
    frames = traceback.extract_tb(error.__traceback__)
    inside = frames[-1].filename if frames else "?"
    told = f"{type(error).__name__}: {_short(text)}"
    if not isinstance(error, CLEAR):
        return f"of an odd kind: {told}"
    if not inside.startswith(PACKAGE):
        return f"raised in {Path(inside).name}: {told}"
    if not text.strip() or len(text) > LETTERS or text.count("\n") >= LINES:
        return f"{len(text)} letters in {text.count(chr(10)) + 1} lines: {told}"
    return f"an address of an object: {told}" if " at 0x" in text else ""


def _short(value: object) -> str:
    try:
        text = value if isinstance(value, str) else repr(value)
    except Exception:  # noqa: BLE001  (hostile objects)
        text = f"a {type(value).__name__} that cannot be written"
    return text.encode("ascii", "backslashreplace").decode()[:300]


@contextmanager
def _watched_memory() -> Iterator[list[float]]:
    """Give a list whose only number grows to the most bytes that the process took beyond those at the beginning.

    A thread looks every 10 ms; what came and went while no other thread had a turn is in the system's own record, as
    far as the process was never larger before.
    """
    process, peak, over = psutil.Process(), [0.0], threading.Event()
    before, record = process.memory_info().rss, _largest_ever()

    def watch() -> None:
        while not over.wait(0.01):
            peak[0] = max(peak[0], float(process.memory_info().rss - before))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
        if _largest_ever() > record:
            peak[0] = max(peak[0], float(_largest_ever() - before))


def _largest_ever() -> int:
    """Return the most bytes of memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
