"""Showing a figure: under the cell of a notebook, or in a window of a script."""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

from xai_widgets.i18n import message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_waiting: list[Figure] = []
"""Figures that were shown in the cell that runs; those that it does not display itself are displayed at its end."""


def show_figure(figure: Figure) -> Figure:
    """Show a figure where the reader looks, and return it.

    In a notebook it is displayed at the end of the cell, unless the cell displays it itself, for instance as its last
    value. In a script, or in a terminal, it opens in a window; until that is closed, a script waits. Where no window
    can be opened, a line on the standard error says so, once a process. In a thread nothing is shown.

    Examples
    --------
    >>> from xai_widgets.plots.agg_figure import AggFigure
    >>> figure = AggFigure()
    >>> show_figure(figure) is figure
    True
    """
    if threading.current_thread() is not threading.main_thread():
        return figure
    shell = _notebook()
    if shell is None:
        if not _opened(figure):
            _say_once()
        return figure
    _listen(shell)
    _waiting.append(figure)
    return figure


def _notebook() -> Any:
    """Return the IPython shell behind a notebook; None in a script and in a terminal."""
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    return None if type(shell).__name__ in {"NoneType", "TerminalInteractiveShell"} else shell


@functools.lru_cache(maxsize=1)
def _listen(shell: Any) -> None:
    """Display what is waiting at the end of each cell."""
    shell.events.register("post_execute", _display_waiting)


def _display_waiting() -> None:
    from IPython.display import display

    figures = [figure for figure in _waiting if not getattr(figure, "displayed", False)]
    _waiting.clear()
    for figure in {id(figure): figure for figure in figures}.values():
        display(figure)  # type: ignore[no-untyped-call]


def _opened(figure: Figure) -> bool:
    """Show a figure in a window of pyplot; return False if there is none to be had."""
    from matplotlib import pyplot as plt
    from matplotlib.backend_bases import FigureManagerBase

    from xai_widgets.plots.agg_figure import attach_agg

    try:
        window = plt.figure(figsize=figure.get_size_inches(), dpi=figure.dpi)
    except Exception:  # noqa: BLE001  (each toolkit of windows fails in its own way where there is no screen)
        return False
    manager = window.canvas.manager
    try:
        if manager is None or type(manager).start_main_loop == FigureManagerBase.start_main_loop:
            return False
        manager.canvas.figure = figure
        figure.set_canvas(manager.canvas)
        plt.show()
        return True
    finally:
        plt.close(window)
        attach_agg(figure)


@functools.lru_cache(maxsize=1)
def _say_once() -> None:
    print(message("plots.no_window"), file=sys.stderr)  # noqa: T201
