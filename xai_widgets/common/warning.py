"""Warnings that point at the reader's own line, however deep in the package they are given."""

from __future__ import annotations

import contextlib
import sys
import warnings
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKEN_FOR_GRANTED: ContextVar[bool] = ContextVar("doubts of results are taken for granted", default=False)


def warn_reader(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside this package that led here.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_reader("mind the step")
    >>> str(caught[0].message)
    'mind the step'
    """
    level, frame = 1, sys._getframe()  # noqa: SLF001  (the only way to look at who called)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "xai_widgets":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def warn_of_doubt(message: str) -> None:
    """Warn that a result may say nothing, unless whoever asked for it knows; see `without_doubts`.

    Examples
    --------
    >>> with without_doubts():
    ...     warn_of_doubt("the map is 0 everywhere")
    """
    if not _TAKEN_FOR_GRANTED.get():
        warn_reader(message)


@contextlib.contextmanager
def without_doubts() -> Iterator[None]:
    """Leave out the warnings of `warn_of_doubt` in this thread: a lab shows what it found."""
    token = _TAKEN_FOR_GRANTED.set(True)
    try:
        yield
    finally:
        _TAKEN_FOR_GRANTED.reset(token)
