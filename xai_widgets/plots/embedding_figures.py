"""The figure of embeddings in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patheffects import withStroke

from xai_widgets.plots.agg_figure import EDGE, GROUND, AggFigure
from xai_widgets.plots.palette import look
from xai_widgets.plots.panels import add_caption, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_ROW = 3  # panels in a row
_PANEL = 3.1  # inches
_BIG = 600  # points from which the markers are small


def embedding_figure(
    layouts: Mapping[str, NDArray[np.floating]],
    groups: Sequence[int] | NDArray[np.integer] | None = None,
    names: Sequence[str] = (),
    marked: Sequence[bool] | NDArray[np.bool_] | None = None,
    caption: str = "",
) -> Figure:
    """Draw layouts side by side, each in its own units.

    Parameters
    ----------
    layouts : mapping of str to array, shape (N, 2)
        For the title of each panel, its points.
    groups : array of int, shape (N,), optional
        The group of each point. A group has one colour and one marker in all panels; -1 is grey.
    names : sequence of str, optional
        The names of the groups, for the legend.
    marked : array of bool, shape (N,), optional
        Whether a point has a black ring.
    caption : str
        The text under the panels.

    Examples
    --------
    >>> figure = embedding_figure({"one": np.eye(2), "two": np.eye(2)}, [0, 1], ["cat", "dog"])
    >>> [axes.get_title() for axes in figure.axes]
    ['one', 'two']
    """
    columns = min(len(layouts), _ROW)
    rows = -(-len(layouts) // columns)
    extra = 1.2 if len(names) else 0.0
    figure = AggFigure(figsize=(_PANEL * columns + extra, _PANEL * rows + 0.3), layout="constrained", dpi=110)
    panels = np.asarray(figure.subplots(rows, columns, squeeze=False)).ravel()
    for panel, (title, points) in zip(panels, layouts.items(), strict=False):
        kept = np.zeros(len(points), int) if groups is None else np.asarray(groups)
        _draw_points(panel, np.asarray(points), kept, names)
        if marked is not None:
            ringed = np.asarray(points)[np.asarray(marked, bool)]
            panel.scatter(*ringed.T, s=60, facecolors="none", edgecolors="black", linewidths=1.2)
        panel.set_title(plain(title), fontsize=10)
    for panel in panels[len(layouts) :]:
        panel.set_axis_off()
    if len(names):
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False, fontsize=8, markerscale=2)
    add_caption(figure, caption)
    return figure


def _draw_points(panel: Axes, points: NDArray[np.floating], groups: NDArray[np.integer], names: Sequence[str]) -> None:
    style: dict[str, Any] = {"s": 5 if len(points) > _BIG else 12, "linewidths": 0.3, "edgecolors": EDGE, "alpha": 0.85}
    for group in np.unique(groups):
        drawn = look(int(group))
        label = plain(names[group]) if 0 <= group < len(names) else ""
        inside = points[groups == group]
        panel.scatter(*inside.T, color=drawn.colour, marker=drawn.marker, label=label, **style)
        if label:
            centre = np.median(inside, axis=0)
            written = panel.annotate(label, centre.tolist(), ha="center", va="center", fontsize=7, fontweight="bold")
            written.set_path_effects([withStroke(linewidth=2, foreground=GROUND)])
    panel.set_aspect("equal", adjustable="datalim")
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_color("0.8")
