"""The method ``show`` of results, made of their method ``figure``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

Arguments = ParamSpec("Arguments")


def shown(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Return a method that draws a figure as `draw` does, shows it, and returns it.

    A notebook displays it under the cell, a script opens it in a window; where there is no window, a line says how to
    keep it. ``figure()`` draws without showing.

    Examples
    --------
    >>> from xai_widgets.plots.agg_figure import AggFigure
    >>> class Result:
    ...     def figure(self):
    ...         return AggFigure(figsize=(2, 1))
    ...
    ...     show = shown(figure)
    >>> Result().show()
    <Figure size 200x100 with 0 Axes>
    """

    @functools.wraps(draw)
    def show(*args: Arguments.args, **options: Arguments.kwargs) -> Figure:
        from xai_widgets.plots.showing import show_figure

        return show_figure(draw(*args, **options))

    show.__name__, show.__qualname__ = "show", draw.__qualname__.removesuffix("figure") + "show"
    return show
