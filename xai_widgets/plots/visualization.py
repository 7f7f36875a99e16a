"""Figures of pictures that were optimised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_ROW, _SHOWN = 6, 24  # pictures in a row, and in all
_SQUARE = 0.1  # side of the squares behind what is transparent, as a share of the picture's


def visualization_figure(
    pictures: NDArray[np.floating],
    names: Sequence[str],
    scores: NDArray[np.floating] | None = None,
    caption: str = "",
    columns: int | None = None,
) -> Figure:
    """Draw pictures in rows, each under its name and score.

    Parameters
    ----------
    pictures : (N, H, W, 3 or 4) array in [0, 1]
    names : N str
    scores : (N,) array, optional
    caption : str
        One line under the panels.
    columns : int, optional
        Pictures in a row; 6, or fewer where there are fewer, if left out.

    Examples
    --------
    >>> figure = visualization_figure(np.zeros((8, 4, 4, 4)), ["unit"] * 8, np.arange(8))
    >>> len([axes for axes in figure.axes if axes.images])
    8
    """
    count = min(len(pictures), _SHOWN)
    across = columns or min(count, _ROW)
    figure, axes = panel_grid(-(-count // across), across)
    for place, picture in enumerate(pictures[:count]):
        score = "" if scores is None else decimal(float(scores[place]), 2)
        title = " · ".join(part for part in (names[place], score) if part)
        draw_picture(axes.ravel()[place], on_squares(picture), title)
    add_caption(figure, caption)
    return figure


def on_squares(picture: NDArray[np.floating]) -> NDArray[np.floating]:
    """Lay a transparent picture (H, W, 4) on light grey squares; others stay as they are.

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
