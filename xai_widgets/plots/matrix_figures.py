"""The figure of small matrices with their values in the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n.numbers import with_minus
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.panels import SIGNED_MAP, add_caption, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_CELL = 0.36  # inches
_PALE = 0.6  # opacity of the colours, so that the numbers are legible on all of them


def matrices_figure(rows: Sequence[Sequence[tuple[str, NDArray[np.floating], float]]], caption: str = "") -> Figure:
    """Draw rows of matrices with the values in the cells, coloured by sign and magnitude.

    Parameters
    ----------
    rows : sequence of sequence of (str, array of shape (H, W), float)
        For each matrix of a row, its title, its values, and the magnitude of the strongest colour; 0 stands for the
        largest magnitude in the matrix.
    caption : str
        The text under the matrices.

    Examples
    --------
    >>> import numpy as np
    >>> figure = matrices_figure([[("z", np.eye(3), 0.0), ("a", np.eye(2), 0.0)]])
    >>> [axes.get_title() for axes in figure.axes]
    ['z', 'a']
    """
    columns = max(len(row) for row in rows)
    highest = sum(max(matrix.shape[0] for _, matrix, _ in row) for row in rows)
    widest = max(sum(max(matrix.shape[1], 4) for _, matrix, _ in row) for row in rows)
    size = (_CELL * widest + 0.4 * columns, _CELL * highest + 0.45 * len(rows) + 0.3)
    figure = AggFigure(figsize=size, layout="constrained", dpi=110)
    heights = [max(matrix.shape[0] for _, matrix, _ in row) for row in rows]
    parts = figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, row in zip(parts, rows, strict=True):
        widths = [max(matrix.shape[1], 3) for _, matrix, _ in row]
        panels = part.subplots(1, len(row), squeeze=False, width_ratios=widths)[0]
        for axes, (title, matrix, limit) in zip(panels, row, strict=True):
            _draw(axes, title, matrix, limit)
    add_caption(figure, caption)
    return figure


def _draw(axes: Axes, title: str, matrix: NDArray[np.floating], limit: float) -> None:
    """Draw one matrix."""
    most = limit or float(np.abs(matrix).max()) or 1.0
    axes.imshow(matrix, cmap=SIGNED_MAP, vmin=-most, vmax=most, alpha=_PALE)
    axes.set_title(plain(title), fontsize=9)
    axes.set_xticks(np.arange(-0.5, matrix.shape[1]), labels=[])
    axes.set_yticks(np.arange(-0.5, matrix.shape[0]), labels=[])
    axes.grid(color="0.7", linewidth=0.5)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(matrix):
        text = with_minus(f"{value:.3g}")
        axes.text(column, row, text, ha="center", va="center", fontsize=8)
