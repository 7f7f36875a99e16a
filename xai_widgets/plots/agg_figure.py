"""`AggFigure`: a matplotlib figure that draws itself wherever it is: script, notebook, TensorBoard."""

from __future__ import annotations

import io
import os
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.lines import Line2D

GROUND = "#f3f3f3"
"""The card on which figures lie: their black text is legible on it, and it dazzles less than white on a dark page."""

EDGE = "#606060"
"""Around what is drawn in a pale colour."""

_LEAST_CONTRAST = 3.0  # of a line with the card; paler ones have an edge
_TITLE_ROOM = 0.95  # of the width of a panel
_EDGE_WIDTH = 0.9  # points, both sides together


class AggFigure(Figure):
    """A figure with an Agg canvas, which is not known to pyplot: labs draw in threads, where pyplot is not safe.

    A notebook shows it as PNG with or without ``%matplotlib inline``, and ``figure.canvas.buffer_rgba()`` gives its
    pixels. It lies on a light card, so that its text is legible on a light page and on a dark one; lines in pale
    colours have a dark edge.

    Parameters
    ----------
    *args, **kwargs
        Of `matplotlib.figure.Figure`.

    Attributes
    ----------
    displayed : bool
        Whether its picture was asked for, other than into a file with a name: a notebook does so to display it.

    Examples
    --------
    >>> import numpy as np
    >>> figure = AggFigure(figsize=(2, 1), dpi=50)
    >>> np.asarray(figure.canvas.buffer_rgba()).shape
    (50, 100, 4)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"facecolor": GROUND, **kwargs})
        self.displayed = False
        attach_agg(self)

    def add_subplot(self, *args: Any, **kwargs: Any) -> Any:
        """Add axes as a figure of matplotlib does, on the ground of the figure."""
        return super().add_subplot(*args, **{"facecolor": self.get_facecolor(), **kwargs})

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure: pale lines with an edge, titles on as many lines as their panels ask for."""
        for axes in self.axes:
            _wrap_title(axes, renderer)
        legends = [one for one in (*self.legends, *(axes.get_legend() for axes in self.axes)) if one is not None]
        for lines in (*(axes.lines for axes in self.axes), *(one.get_lines() for one in legends)):
            for line in lines:
                _give_edge(line)
        super().draw(renderer)

    def png(self) -> bytes:
        """Return the figure as the content of a PNG file, without a margin around what is drawn."""
        file = io.BytesIO()
        self.savefig(file, format="png", bbox_inches="tight", dpi=self.dpi)
        return file.getvalue()

    def __repr__(self) -> str:
        """Return what matplotlib says of a figure: its size, and how many axes it has."""
        return super().__repr__().replace(type(self).__name__, "Figure", 1)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return self.png()


def attach_agg(figure: Figure) -> None:
    """Give a figure an Agg canvas in place of the one that it has."""
    _DrawnCanvas(figure)


def contrast(one: Any, other: Any) -> float:
    """Return the contrast of two colours as the guidelines for accessible content (WCAG) define it, from 1 to 21.

    Parameters
    ----------
    one, other : colour
        Anything that matplotlib takes for a colour; how transparent it is does not count.

    Returns
    -------
    float
        The ratio of their luminances: text should have 4.5 at least, lines 3.

    Examples
    --------
    >>> contrast("white", "black"), contrast("white", "white")
    (21.0, 1.0)
    """
    dark, light = sorted(_luminance(colour) for colour in (one, other))
    return round((light + 0.05) / (dark + 0.05), 6)


def _luminance(colour: Any) -> float:
    values = np.asarray(to_rgb(colour))
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _wrap_title(axes: Axes, renderer: RendererBase) -> None:
    """Break a title that would reach into the panel beside its own."""
    cell, title, figure = axes.get_subplotspec(), axes.title, axes.get_figure(root=False)
    if cell is None or figure is None or not title.get_text():
        return
    columns = cell.get_gridspec().ncols
    room = _TITLE_ROOM * figure.bbox.width * len(cell.colspan) / columns
    width = title.get_window_extent(renderer).width
    if columns == 1 or width <= room:
        return
    longest = max(map(len, title.get_text().split("\n")))
    letters = max(8, int(longest * room / width))
    title.set_text("\n".join(textwrap.fill(line, letters) for line in title.get_text().split("\n")))


def _give_edge(line: Line2D) -> None:
    """Give a line in a pale colour that means something an edge; grey lines, such as axes, stay as they are."""
    red, green, blue = to_rgb(line.get_color())
    if red == green == blue or line.get_path_effects() or contrast(line.get_color(), GROUND) >= _LEAST_CONTRAST:
        return
    line.set_path_effects([withStroke(linewidth=line.get_linewidth() + _EDGE_WIDTH, foreground=EDGE)])


class _DrawnCanvas(FigureCanvasAgg):
    """A canvas whose pixels are those of the figure as it is now; matplotlib's are blank until ``draw()`` is called."""

    def buffer_rgba(self) -> memoryview:
        if self.figure.stale:
            self.draw()  # type: ignore[no-untyped-call]
        pixels: memoryview = super().buffer_rgba()  # type: ignore[no-untyped-call]
        return pixels

    def print_figure(self, filename: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(filename, (str, os.PathLike)) and isinstance(self.figure, AggFigure):
            self.figure.displayed = True
        return super().print_figure(filename, *args, **options)
