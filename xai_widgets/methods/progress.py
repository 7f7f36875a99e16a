"""How methods report their progress, and how they are stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tqdm.auto import tqdm

if TYPE_CHECKING:
    from collections.abc import Callable


def reporter(progress: Callable[[int, int], object] | bool | None) -> Callable[[int, int], object]:
    """Return a callback ``(done, total)``.

    Parameters
    ----------
    progress : callable, bool or None
        None or False: silent. True: a tqdm bar. A callable is called as it is, and may raise to stop the method.

    Examples
    --------
    >>> reporter(None)(1, 10)
    >>> reporter(lambda done, total: print(done, "of", total))(1, 10)
    1 of 10
    """
    if callable(progress):
        return progress
    return _bar() if progress else _silent


def _silent(done: int, total: int) -> None:
    """Report to nobody."""


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
