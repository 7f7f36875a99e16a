"""How methods report their progress, and how they are stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tqdm.auto import tqdm

from xai_widgets.common.warning import warn_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.common.option_types import Progress


_LONG: Final = 600.0  # seconds from which a method says how long it will take
_SURE: Final = 2.0  # seconds after which its speed is known
_TRIAL: Final = 1000  # samples


def reporter(progress: Progress) -> Callable[[int, int], object]:
    """Return a callback ``(done, total)``.

    Parameters
    ----------
    progress : callable, bool or None
        None or False: silent, but for a warning that says how long it will take if that is more than ten minutes.
        True: a tqdm bar. A callable is called as it is, and may raise to stop the method.

    Examples
    --------
    >>> reporter(None)(1, 10)
    >>> reporter(lambda done, total: print(done, "of", total))(1, 10)
    1 of 10
    """
    if callable(progress):
        return progress
    return _bar() if progress else _forecast()


def forecast_by_trial(run: Callable[[int], object], samples: int, times: int = 1) -> None:
    """Run something that reports nothing with few samples, to warn if it will take long with many.

    Parameters
    ----------
    run : callable
        Takes how many samples; the time it takes is taken to grow with them.
    samples : int
        How many it will be run with; ten thousand and fewer are not tried.
    times : int, default 1
        How often it will be run.

    Examples
    --------
    >>> forecast_by_trial(print, 10_000)
    """
    if samples <= 10 * _TRIAL:
        return
    start = time.monotonic()
    run(_TRIAL)
    seconds = (time.monotonic() - start) * times * samples / _TRIAL
    if seconds > _LONG:
        _warn_of(seconds, f"{samples:,} samples")


def _forecast() -> Callable[[int, int], None]:
    """Report to nobody, but warn once, as soon as the speed is known, if it will take long."""
    first: tuple[float, int] | None = None
    known = False

    def report(done: int, total: int) -> None:
        nonlocal first, known
        if known:
            return
        now = time.monotonic()
        if first is None:  # what came before was also compiling
            first = now, done
            return
        began, before = first
        if now - began >= _SURE and done > before:
            known = True
            seconds = (now - began) / (done - before) * (total - done)
            if seconds > _LONG:
                _warn_of(seconds, f"{done:,} of {total:,} done")

    return report


def _warn_of(seconds: float, of: str) -> None:
    warn_reader(
        f"this will take about {_duration(seconds)} ({of}); progress=True shows a bar, an interrupt stops it, and "
        "fewer samples or steps take less"
    )


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"


def _bar() -> Callable[[int, int], object]:
    """Make a bar that appears with the first report and closes with the last."""
    bar: tqdm[None] | None = None

    def report(done: int, total: int) -> None:
        nonlocal bar
        bar = bar or tqdm(total=total)
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return report
