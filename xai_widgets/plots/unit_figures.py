"""The figures of units: patches in rows, and statistics during training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from xai_widgets.i18n.numbers import percent
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.dissection_figures import mosaic
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import add_caption, draw_picture, drawn_of, number_drawn, panel_grid, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

_DASHES = ("-", "--", ":", "-.")
_WIDTH, _HEIGHT = 4.2, 3.2  # inches of one chart
_ROWS = _FILTERS = 100
_IN_A_ROW = 10


def patches_figure(
    rows: Mapping[str, Sequence[NDArray[np.floating]]], caption: str = "", *, count: int = _ROWS
) -> Figure:
    """Draw patches in rows, one row for each unit with its name as title.

    Parameters
    ----------
    rows : mapping of str to sequence of array, shape (h, w, 3)
        For the name of each unit, its patches, 0..1; sizes may differ.
    caption : str
        One line under the panels.
    count : int, default 100
        How many rows are drawn, from the first on, at most 100. Where rows are left out, it is said under the panels.

    Raises
    ------
    ValueError
        If there are no rows, or `count` is not from 1 to 100.

    Examples
    --------
    >>> figure = patches_figure({"unit 1": [np.zeros((3, 3, 3))] * 4, "unit 2": [np.zeros((3, 2, 3))]})
    >>> len([axes for axes in figure.axes if axes.images])
    5
    """
    there, count = len(rows), number_drawn(len(rows), count)
    rows = dict(list(rows.items())[:count])
    figure, axes = panel_grid(count, max(1, *map(len, rows.values())))
    for line, (name, patches) in zip(axes, rows.items(), strict=True):
        for place, (panel, patch) in enumerate(zip(line, patches, strict=False)):
            draw_picture(panel, patch, name if place == 0 else "")
    add_caption(figure, caption, drawn_of(count, there))
    return figure


def filters_figure(pictures: NDArray[np.floating], caption: str = "", *, count: int = _FILTERS) -> Figure:
    """Draw filters as small pictures on one sheet, ten in a row.

    Parameters
    ----------
    pictures : array, shape (F, h, w, 3)
        One picture of each filter, 0..1.
    caption : str
        One line under the sheet.
    count : int, default 100
        How many are drawn, from the first on, at most 100. Where some are left out, it is said under the sheet.

    Raises
    ------
    ValueError
        If there are no filters, or `count` is not from 1 to 100.

    Examples
    --------
    >>> len(filters_figure(np.zeros((3, 5, 5, 3))).axes)
    1
    """
    drawn = number_drawn(len(pictures), count)
    sheet = mosaic((255 * np.clip(pictures[:drawn], 0, 1)).astype("uint8"), min(drawn, _IN_A_ROW), gap=1)
    figure, axes = panel_grid(1, 1)
    figure.set_size_inches(4.2, 0.6 + 4.2 * sheet.shape[0] / sheet.shape[1])
    axes[0, 0].imshow(sheet, interpolation="nearest")
    add_caption(figure, caption, drawn_of(drawn, len(pictures)))
    return figure


def boxes_figure(size: tuple[int, int], boxes: Mapping[str, ArrayLike], title: str, caption: str = "") -> Figure:
    """Draw boxes in the frame of a picture, such as receptive fields.

    Parameters
    ----------
    size : (int, int)
        Height and width of the picture, in pixels.
    boxes : mapping of str to (4,) array
        For the name of each box: top, left, bottom, right; the last two are the first row and column outside.
    title : str
        The title of the figure.
    caption : str
        One line under the frame.

    Examples
    --------
    >>> figure = boxes_figure((8, 8), {"(0, 0)": [0, 0, 3, 3], "(7, 7)": [5, 5, 8, 8]}, "conv")
    >>> len(figure.axes[0].patches)
    2
    """
    figure = AggFigure(figsize=(_WIDTH, _WIDTH), layout="constrained", dpi=110)
    axes = figure.subplots()
    for number, (name, box) in enumerate(boxes.items()):
        top, left, bottom, right = np.asarray(box, "float64")
        colour, dash = OKABE_ITO[number % len(OKABE_ITO)], _DASHES[number % len(_DASHES)]
        frame = Rectangle((left, top), right - left, bottom - top, fill=False, linewidth=2, label=plain(name))
        frame.set(edgecolor=colour, linestyle=dash)
        axes.add_patch(frame)
    axes.set(xlim=(0, size[1]), ylim=(size[0], 0), aspect="equal", title=plain(title))
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    add_caption(figure, caption)
    return figure


def shares_figure(
    x: ArrayLike, charts: Mapping[str, Mapping[str, ArrayLike]], x_label: str, caption: str = ""
) -> Figure:
    """Draw shares, 0 to 1, against a common axis, several charts side by side.

    Parameters
    ----------
    x : array, shape (T,)
        Values from 0 on; the scale is linear up to the second value and logarithmic beyond it.
    charts : mapping of str to mapping of str to array, shape (T,)
        For the title of each chart, its lines: for the name of each line, its values.
    x_label : str
        The label of the common axis.
    caption : str
        One line under the charts.

    Examples
    --------
    >>> len(shares_figure([0, 10, 100], {"zeros": {"conv": [0.1, 0.2, 0.3]}}, "batches").axes)
    1
    """
    figure = AggFigure(figsize=(_WIDTH * len(charts), _HEIGHT), layout="constrained", dpi=110)
    for axes, (title, lines) in zip(figure.subplots(1, len(charts), squeeze=False)[0], charts.items(), strict=True):
        for number, (name, values) in enumerate(lines.items()):
            colour, dash = OKABE_ITO[number % len(OKABE_ITO)], _DASHES[number % len(_DASHES)]
            axes.plot(x, values, dash, color=colour, label=plain(name), marker="o", markersize=3)
        axes.set(title=plain(title), xlabel=plain(x_label), ylim=(0, None))
        axes.set_xscale("symlog", linthresh=max(float(np.asarray(x)[:2][-1]), 1.0))
        axes.set_xticks(np.asarray(x), [f"{int(one)}" for one in np.asarray(x)], fontsize=8, rotation=45)
        axes.set_xlim(0, max(float(np.max(np.asarray(x))), 1.0) * 1.1)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: percent(float(np.clip(value, 0, 1)), digits=0))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[-1].legend(frameon=False, fontsize=8)
    add_caption(figure, caption)
    return figure
