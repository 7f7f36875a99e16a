"""Measuring jobs side by side: in turns, so that whatever else the machine does slows all of them down."""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Job = Callable[[], Any]

_REST = 0.003  # seconds between two jobs, in which the threads of the one before stop looking for work


@dataclass
class Times:
    """What one job took: seconds on the clock and of the processors, first call apart."""

    first: float
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        """Least seconds on the clock: that of a turn in which nothing else was at work."""
        return min(self.clock)

    @property
    def work(self) -> float:
        """Least seconds of processor time."""
        return min(self.processor)


def in_turns(jobs: dict[Any, Job], repeats: int, seconds: float = 120) -> dict[Any, Times]:
    """Run all jobs once, then up to `repeats` times one after the other, no new turn being begun after some seconds.

    One that fails is named and left out.
    """
    found: dict[Any, Times] = {}
    for name, job in jobs.items():
        begun = time.perf_counter()
        try:
            job()
        except Exception as error:  # noqa: BLE001  (another library may fail in any way)
            print(f"{name} fails: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr, flush=True)
        else:
            found[name] = Times(time.perf_counter() - begun)
    begun = time.perf_counter()
    for turn in range(repeats):
        if turn and time.perf_counter() - begun > seconds:
            break
        for name, times in found.items():
            time.sleep(_REST)
            started, worked = time.perf_counter(), time.process_time()
            jobs[name]()
            times.clock.append(time.perf_counter() - started)
            times.processor.append(time.process_time() - worked)
    return found


def milliseconds(seconds: float) -> str:
    """Write a duration with three digits."""
    value = 1000 * seconds
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def verdict(on_the_clock: bool, in_work: bool) -> str:
    """Say whether an aim is met by both ways to take the time."""
    if on_the_clock == in_work:
        return "met" if in_work else "missed"
    return "met in processor time alone" if in_work else "met on the clock alone"


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table; all columns but the first are aligned right."""
    heads = [str(head) for head in heads]
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *[[str(cell) for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def circumstances(*packages: str) -> str:
    """Name the machine and the versions that took part."""
    named = []
    for package in ("tensorflow-cpu", "keras", "numpy", *packages):
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            named.append(f"{package} not installed")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{cores} cores, Python {platform.python_version()}, {', '.join(named)}{load}"
