"""Pictures beside their attribution maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.plots.panels import (
    SIGNED_MAP,
    UNSIGNED_MAP,
    add_caption,
    draw_picture,
    interpolation,
    panel_grid,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from numpy.typing import NDArray

_SHOWN = 6  # rows; more would not fit a screen


def attribution_figure(
    maps: NDArray[np.floating],
    pictures: NDArray[np.floating] | None,
    titles: Sequence[str],
    caption: str = "",
) -> Figure:
    """Draw each picture beside its map, all maps on one scale with a colour bar.

    Parameters
    ----------
    maps : (N, H, W) array
        Signed maps get a diverging colour map, white at zero; others a sequential one.
    pictures : (N, H, W, 3) array in [0, 1], or None
    titles : sequence of N str
    caption : str
        One line under the panels.

    Examples
    --------
    >>> import numpy as np
    >>> figure = attribution_figure(np.ones((1, 4, 4)), None, ["cat"])
    >>> len(figure.axes)  # the map and its colour bar
    2
    """
    rows, columns = min(len(maps), _SHOWN), 1 if pictures is None else 2
    figure, axes = panel_grid(rows, columns, extra=0.6)
    signed, limit = bool((maps < 0).any()), float(np.abs(maps).max()) or 1.0
    for row in range(rows):
        if pictures is not None:
            draw_picture(axes[row, 0], pictures[row], titles[row])
        drawn = _draw_map(axes[row, -1], maps[row], limit, signed=signed)
        if pictures is None:
            axes[row, -1].set_title(plain(titles[row]), fontsize=10)
    figure.colorbar(drawn, ax=list(axes[:, -1]), shrink=0.8)
    add_caption(figure, caption)
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
