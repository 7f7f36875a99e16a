"""Small matrices with their numbers written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from xai_widgets.plots.panels import SIGNED_MAP, add_caption, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_CELL = 0.36  # inches
_PALE = 0.6  # of the colours, so that numbers stay legible on the deepest


def matrices_figure(rows: Sequence[Sequence[tuple[str, NDArray[np.floating], float]]], caption: str = "") -> Figure:
    """Draw rows of matrices, each number in its cell, coloured by its sign.

    Parameters
    ----------
    rows : sequence of rows of (title, (H, W) array, limit)
        The limit is the size of a number that has the deepest colour; 0 takes the largest of the matrix.
    caption : str
        One line under the matrices.

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
    figure = Figure(figsize=size, layout="constrained", dpi=110)
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
        text = f"{value + 0.0:.3g}".replace("-", "−")
        axes.text(column, row, text, ha="center", va="center", fontsize=8)
