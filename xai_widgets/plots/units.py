"""Figures of units: patches in rows, and shares while a network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from xai_widgets.i18n.numbers import percent
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import draw_picture, panel_grid, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

_DASHES = ("-", "--", ":", "-.")
_WIDTH, _HEIGHT = 4.2, 3.2  # inches of one chart


def patches_figure(rows: Mapping[str, Sequence[NDArray[np.floating]]]) -> Figure:
    """Draw patches in rows, one row for each unit, under its name.

    Parameters
    ----------
    rows : mapping
        From a name to pictures (h, w, 3) in [0, 1]; sizes may differ.

    Examples
    --------
    >>> figure = patches_figure({"unit 1": [np.zeros((3, 3, 3))] * 4, "unit 2": [np.zeros((3, 2, 3))]})
    >>> len([axes for axes in figure.axes if axes.images])
    5
    """
    figure, axes = panel_grid(len(rows), max(map(len, rows.values())))
    for line, (name, patches) in zip(axes, rows.items(), strict=True):
        for place, (panel, patch) in enumerate(zip(line, patches, strict=False)):
            draw_picture(panel, patch, name if place == 0 else "")
    return figure


def shares_figure(x: ArrayLike, charts: Mapping[str, Mapping[str, ArrayLike]], x_label: str) -> Figure:
    """Draw shares, 0 to 1, against a common axis, several charts side by side.

    Parameters
    ----------
    x : (T,) array
        From 0 on; drawn on a scale that is logarithmic beyond its first step.
    charts : mapping
        From the title of a chart to its lines: from the name of a line to (T,) values.
    x_label : str

    Examples
    --------
    >>> len(shares_figure([0, 10, 100], {"zeros": {"conv": [0.1, 0.2, 0.3]}}, "batches").axes)
    1
    """
    figure = Figure(figsize=(_WIDTH * len(charts), _HEIGHT), layout="constrained", dpi=110)
    for axes, (title, lines) in zip(figure.subplots(1, len(charts), squeeze=False)[0], charts.items(), strict=True):
        for number, (name, values) in enumerate(lines.items()):
            colour, dash = OKABE_ITO[number % len(OKABE_ITO)], _DASHES[number % len(_DASHES)]
            axes.plot(x, values, dash, color=colour, label=plain(name), marker="o", markersize=3)
        axes.set(title=plain(title), xlabel=plain(x_label), ylim=(0, None))
        axes.set_xscale("symlog", linthresh=max(float(np.asarray(x)[1]), 1.0))
        axes.set_xticks(np.asarray(x), [f"{int(one)}" for one in np.asarray(x)], fontsize=8, rotation=45)
        axes.set_xlim(0, float(np.max(np.asarray(x))) * 1.1)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: percent(float(np.clip(value, 0, 1)), digits=0))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[-1].legend(frameon=False, fontsize=8)
    return figure
