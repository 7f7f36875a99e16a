"""Figures of plain numbers: horizontal bars, one panel or several side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import add_caption, drawn_of, number_drawn, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

_BARS = 24  # of one panel; more could not be read
_PANELS = 100
_PANEL, _BAR = 2.6, 0.22  # inches


def bars_figure(
    panels: Mapping[str, tuple[Sequence[str], ArrayLike]],
    label: str = "",
    caption: str = "",
    *,
    shared: bool = True,
    count: int = _PANELS,
) -> Figure:
    """Draw numbers as bars: those for the first names at the top, positive and negative in two colours.

    Parameters
    ----------
    panels : mapping of str to (names, values)
        By their titles, B names and a (B,) array each; bars that are not finite are left out. Of more than 24 values
        those of the largest magnitude are shown.
    label : str
        What the values are, with their unit.
    caption : str
        One line under the panels.
    shared : bool
        Whether all panels have one scale.
    count : int, default 100
        How many panels are drawn, from the first on, at most 100. Where panels or bars are left out, it is said under
        the panels.

    Raises
    ------
    ValueError
        If there are no panels, or `count` is not from 1 to 100.

    Examples
    --------
    >>> figure = bars_figure({"cat": (["ears", "tail"], [1.0, -0.5])}, "score")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['ears', 'tail']
    """
    there, count = len(panels), number_drawn(len(panels), count)
    panels = dict(list(panels.items())[:count])
    longest = max(len(names) for names, _ in panels.values())
    notes = [drawn_of(count, there)]
    if longest > _BARS:
        notes.append(message("plots.largest_shown", drawn=_BARS, there=longest))
    most = max((min(len(names), _BARS) for names, _ in panels.values()), default=1)
    figure = AggFigure(figsize=(_PANEL * max(2, len(panels)), 0.9 + _BAR * max(most, 3)), layout="constrained", dpi=110)
    drawn = np.atleast_1d(np.asarray(figure.subplots(1, max(1, len(panels)), sharex=shared)))
    for axes, (title, (names, values)) in zip(drawn.tolist(), panels.items(), strict=False):
        numbers = np.asarray(values, "float64")
        kept = np.sort(np.argsort(-np.abs(np.nan_to_num(numbers)), kind="stable")[:_BARS])
        lengths = np.where(np.isfinite(numbers[kept]), numbers[kept], 0.0)
        colours = [OKABE_ITO[int(length < 0)] for length in lengths]
        axes.barh(range(len(kept)), lengths, color=colours)
        axes.set_yticks(range(len(kept)), [plain(str(names[place])) for place in kept], fontsize=8)
        axes.invert_yaxis()
        axes.axvline(0, color="0.6", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel(plain(label), fontsize=8)
        axes.set_title(plain(title), fontsize=9)
    add_caption(figure, caption, *notes)
    return figure
