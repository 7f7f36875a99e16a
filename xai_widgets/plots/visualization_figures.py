"""The figure of optimised pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.panels import add_caption, draw_picture, drawn_of, number_drawn, panel_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_ROW = 6  # the largest number of pictures in a row
_SQUARE = 0.1  # side of the squares behind transparent pixels, as a share of the side of the picture


def visualization_figure(
    pictures: NDArray[np.floating],
    names: Sequence[str],
    scores: NDArray[np.floating] | None = None,
    caption: str = "",
    columns: int | None = None,
    *,
    count: int = 24,
) -> Figure:
    """Draw pictures in rows, each with its name and score as title.

    Parameters
    ----------
    pictures : array, shape (N, H, W, 3) or (N, H, W, 4)
        RGB, or RGB and opacity, 0..1.
    names : sequence of str
        The name of each picture.
    scores : array, shape (N,), optional
        The score of each picture.
    caption : str
        The text under the panels.
    columns : int, optional
        Number of pictures in a row. By default it is 6, or N if that is smaller.
    count : int, default 24
        How many are drawn, from the first on, at most 100; under the panels it is said if there are more.

    Raises
    ------
    ValueError
        If there is none, or `count` is not from 1 to 100.

    Examples
    --------
    >>> figure = visualization_figure(np.zeros((8, 4, 4, 4)), ["unit"] * 8, np.arange(8))
    >>> len([axes for axes in figure.axes if axes.images])
    8
    """
    count = number_drawn(len(pictures), count)
    across = columns or min(count, _ROW)
    figure, axes = panel_grid(-(-count // across), across)
    for place, picture in enumerate(pictures[:count]):
        score = "" if scores is None else decimal(float(scores[place]), 2)
        title = " · ".join(part for part in (names[place], score) if part)
        draw_picture(axes.ravel()[place], on_squares(picture), title)
    add_caption(figure, caption, drawn_of(count, len(pictures)))
    return figure


def on_squares(picture: NDArray[np.floating]) -> NDArray[np.floating]:
    """Compose a transparent picture (H, W, 4) with light grey squares; return other pictures unchanged.

    Examples
    --------
    >>> on_squares(np.zeros((20, 20, 4)))[0, [0, 3], 0].round(2).tolist()
    [0.95, 0.8]
    """
    if picture.shape[-1] != 4:
        return picture
    height, width = picture.shape[:2]
    side = max(1, round(_SQUARE * max(height, width)))
    dark = np.add.outer(np.arange(height) // side, np.arange(width) // side) % 2
    squares = np.where(dark, 0.8, 0.95)[..., np.newaxis]
    opaque = picture[..., 3:]
    laid: NDArray[np.floating] = picture[..., :3] * opaque + squares * (1 - opaque)
    return laid
