"""Common parts of the figures: panels, colour maps, captions."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from xai_widgets.i18n import message
from xai_widgets.plots.agg_figure import AggFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

SIGNED_MAP = "RdBu_r"  # diverging, white at zero
UNSIGNED_MAP = "inferno"  # perceptually uniform, sequential
MARK = "#1976d2"  # the frame of what is chosen
_FEW_PIXELS = 64  # a picture up to this side is drawn without interpolation
_PANEL = 2.4  # inches
_MOST_PANELS = 100  # of one figure; above 250, matplotlib's limit of pixels is reached
_LETTERS = 14  # characters of the caption per inch


def plain(text: str) -> str:
    """Escape the dollar signs of a label, between which matplotlib reads a formula."""
    return text.replace("$", r"\$")


def panel_grid(rows: int, columns: int, *, extra: float = 0.0) -> tuple[Figure, NDArray[np.object_]]:
    """Return a figure of `rows` times `columns` square panels without axes, with `extra` inches for a colour bar."""
    figure = AggFigure(figsize=(_PANEL * columns + extra, _PANEL * rows + 0.5), layout="constrained", dpi=110)
    axes = np.asarray(figure.subplots(rows, columns, squeeze=False))
    for panel in axes.ravel().tolist():
        panel.set_axis_off()
    return figure, axes


def draw_picture(axes: Axes, picture: NDArray[np.floating], title: str) -> None:
    """Draw an RGB picture in [0, 1], a small one without interpolation."""
    axes.imshow(np.clip(picture, 0, 1), interpolation=interpolation(picture))
    axes.set_title(plain(title), fontsize=10)


def mark_panel(axes: Axes) -> None:
    """Frame a panel that is the chosen one among several."""
    frame = Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor=MARK, linewidth=3)
    frame.set_clip_on(False)
    axes.add_patch(frame)
    axes.title.set_fontweight("bold")


def draw_refusal(axes: Axes, reason: str, title: str) -> None:
    """Write in a panel why there is nothing to draw."""
    axes.set_title(plain(title), fontsize=10)
    wrapped = textwrap.fill(reason, round(_PANEL * _LETTERS))
    axes.text(0.5, 0.5, plain(wrapped), ha="center", va="center", fontsize=7, transform=axes.transAxes)


def interpolation(picture: NDArray[np.floating]) -> str:
    """Return the interpolation for a picture: none for a small one, antialiasing for a photograph."""
    return "nearest" if max(picture.shape[:2]) <= _FEW_PIXELS else "antialiased"


def number_drawn(there: int, count: int) -> int:
    """Return how many of the examples that are there a figure draws.

    Raises
    ------
    ValueError
        If there is none, or `count` is not a whole number from 1 to 100.

    Examples
    --------
    >>> number_drawn(500, 6), number_drawn(2, 6)
    (6, 2)
    """
    if not isinstance(count, (int, np.integer)) or not 1 <= count <= _MOST_PANELS:
        raise ValueError(f"a figure shows from 1 to {_MOST_PANELS} examples, not {count!r}; draw parts of the result")
    if not there:
        raise ValueError("there is nothing to draw: the result has no examples")
    return min(there, int(count))


def drawn_of(drawn: int, there: int) -> str:
    """Say how many examples are drawn if that is not all of them.

    Examples
    --------
    >>> drawn_of(6, 500)
    '6 of 500 shown'
    """
    return "" if drawn >= there else message("plots.shown", drawn=drawn, there=there)


def add_caption(figure: Figure, caption: str, *notes: str) -> None:
    """Write a caption in small type under the panels, wrapped to their width, and above it each note on its line."""
    letters = max(24, round(_LETTERS * figure.get_figwidth()))
    lines = [textwrap.fill(line, letters) for line in (*notes, caption) if line]
    if lines:
        figure.supxlabel(plain("\n".join(lines)), fontsize=8, color="0.35")
