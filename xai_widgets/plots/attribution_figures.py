"""The figure of attributions: pictures beside their maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import (
    SIGNED_MAP,
    UNSIGNED_MAP,
    add_caption,
    draw_picture,
    drawn_of,
    interpolation,
    number_drawn,
    panel_grid,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from numpy.typing import NDArray

_SLICES = 6  # side by side
_WIDE, _LINE = 7.0, 1.3  # inches of a panel of a sequence


def attribution_figure(
    maps: NDArray[np.floating],
    pictures: NDArray[np.floating] | None,
    titles: Sequence[str],
    caption: str = "",
    *,
    count: int = 6,
) -> Figure:
    """Draw each picture beside its map, all maps on one scale with a colour bar.

    Parameters
    ----------
    maps : array, shape (N, H, W)
        Maps with negative values are drawn with a diverging colour map, white at zero; others with a sequential one.
    pictures : array, shape (N, H, W, 3), or None
        RGB, 0..1.
    titles : sequence of str
        The title of each of the N pictures.
    caption : str
        The text under the panels.
    count : int, default 6
        How many are drawn, from the first on, at most 100; under the panels it is said if there are more. Six fit on a
        screen.

    Raises
    ------
    ValueError
        If there is no map, or `count` is not from 1 to 100.

    Examples
    --------
    >>> import numpy as np
    >>> figure = attribution_figure(np.ones((1, 4, 4)), None, ["cat"])
    >>> len(figure.axes)  # the map and its colour bar
    2
    """
    rows, columns = number_drawn(len(maps), count), 1 if pictures is None else 2
    figure, axes = panel_grid(rows, columns, extra=0.6)
    signed, limit = bool((maps < 0).any()), float(np.abs(maps).max()) or 1.0
    note = drawn_of(rows, len(maps))
    for row in range(rows):
        if pictures is not None:
            draw_picture(axes[row, 0], pictures[row], titles[row])
        drawn = _draw_map(axes[row, -1], maps[row], limit, signed=signed)
        if pictures is None:
            axes[row, -1].set_title(plain(titles[row]), fontsize=10)
    figure.colorbar(drawn, ax=list(axes[:, -1]), shrink=0.8)
    add_caption(figure, caption, note)
    return figure


def sequence_figure(
    values: NDArray[np.floating], titles: Sequence[str], caption: str = "", *, count: int = 6
) -> Figure:
    """Draw a bar for each step of each sequence, a panel a sequence, all on one scale.

    Parameters
    ----------
    values : array, shape (N, T)
        Positive and negative ones are drawn in two colours.
    titles : sequence of str
        The title of each of the N sequences.
    caption : str
        The text under the panels.
    count : int, default 6
        How many are drawn, from the first on, at most 100; under the panels it is said if there are more.

    Raises
    ------
    ValueError
        If there is no sequence, or `count` is not from 1 to 100.

    Examples
    --------
    >>> import numpy as np
    >>> figure = sequence_figure(np.ones((2, 30)), ["up", "down"])
    >>> [len(panel.patches) for panel in figure.axes]
    [30, 30]
    """
    rows = number_drawn(len(values), count)
    figure = AggFigure(figsize=(_WIDE, _LINE * rows + 0.6), layout="constrained", dpi=110)
    panels = np.atleast_1d(np.asarray(figure.subplots(rows, 1, sharex=True, sharey=True))).tolist()
    for panel, steps, title in zip(panels, values, titles, strict=False):
        panel.bar(range(len(steps)), steps, width=1.0, color=[OKABE_ITO[int(one < 0)] for one in steps])
        panel.axhline(0, color="0.6", linewidth=0.8)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_title(plain(title), fontsize=10)
    add_caption(figure, caption, drawn_of(rows, len(values)))
    return figure


def volume_figure(values: NDArray[np.floating], titles: Sequence[str], caption: str = "", *, count: int = 6) -> Figure:
    """Draw slices of each volume, or frames of each film, in a row, all on one scale with a colour bar.

    Parameters
    ----------
    values : array, shape (N, D, H, W)
        Of D slices, six at most are drawn, evenly spaced from the first to the last.
    titles : sequence of str
        The title of each of the N volumes; the number of the slice stands behind it.
    caption : str
        The text under the panels.
    count : int, default 6
        How many volumes are drawn, from the first on, at most 100; under the panels it is said if there are more.

    Raises
    ------
    ValueError
        If there is no volume, or `count` is not from 1 to 100.

    Examples
    --------
    >>> import numpy as np
    >>> figure = volume_figure(np.ones((1, 11, 4, 4)), ["cat"])
    >>> [panel.get_title() for panel in figure.axes[:3]]
    ['cat · 0', 'cat · 2', 'cat · 4']
    """
    rows, depth = number_drawn(len(values), count), values.shape[1]
    slices = np.unique(np.linspace(0, depth - 1, min(depth, _SLICES)).round().astype(int))
    figure, axes = panel_grid(rows, len(slices), extra=0.6)
    signed, limit = bool((values < 0).any()), float(np.abs(values).max()) or 1.0
    for row in range(rows):
        for panel, place in zip(axes[row], slices, strict=True):
            drawn = _draw_map(panel, values[row, place], limit, signed=signed)
            panel.set_title(plain(f"{titles[row]} · {place}"), fontsize=10)
    figure.colorbar(drawn, ax=list(axes[:, -1]), shrink=0.8)
    add_caption(figure, caption, drawn_of(rows, len(values)))
    return figure


def _draw_map(axes: Axes, values: NDArray[np.floating], limit: float, *, signed: bool) -> AxesImage:
    """Draw one map on the common scale."""
    return axes.imshow(
        values,
        cmap=SIGNED_MAP if signed else UNSIGNED_MAP,
        vmin=-limit if signed else 0,
        vmax=limit,
        interpolation=interpolation(values),
    )
