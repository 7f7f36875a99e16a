"""The figures of activation atlases: icons on a map, icons on a picture, groups of neurons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle
from PIL import Image

from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.panels import MARK, UNSIGNED_MAP, add_caption, panel_grid, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_PAPER = 1.0  # value of the background
_SMALLEST = 0.25  # smallest side of an icon, as a share of the largest
_CELL = 0.55  # inches


def canvas(
    icons: NDArray[np.floating],
    rows: NDArray[np.integer],
    columns: NDArray[np.integer],
    grid: int,
    strength: NDArray[np.floating] | None = None,
) -> NDArray[np.uint8]:
    """Return a white picture, uint8 (grid * side, grid * side, 3), with icons (M, side, side, 3) in their cells.

    `strength` (M,) is the opacity of each icon, 0 to 1.

    Examples
    --------
    >>> sheet = canvas(np.zeros((1, 4, 4, 3)), np.array([1]), np.array([0]), 2)
    >>> sheet.shape, sheet[::4, ::4, 0].tolist()
    ((8, 8, 3), [[255, 255], [0, 255]])
    """
    side = icons.shape[1]
    sheet = np.full((grid * side, grid * side, 3), _PAPER, "float32")
    opaque = np.ones(len(icons)) if strength is None else strength
    for icon, row, column, share in zip(icons, rows, columns, opaque, strict=True):
        here = sheet[row * side : (row + 1) * side, column * side : (column + 1) * side]
        here += share * (icon - here)
    return np.round(255 * np.clip(sheet, 0, 1)).astype("uint8")


def sized_canvas(icons: NDArray[np.floating], strength: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return a white picture with icons (rows, columns, side, side, 3), their areas scaled by strength (rows, columns).

    Examples
    --------
    >>> sheet = sized_canvas(np.zeros((1, 2, 8, 8, 3)), np.array([[1.0, 0.0]]))
    >>> sheet.shape, int((sheet[:, :8] == 0).all(axis=-1).sum()), int((sheet[:, 8:] == 0).all(axis=-1).sum())
    ((8, 16, 3), 64, 4)
    """
    rows, columns, side = icons.shape[:3]
    sheet = np.full((rows * side, columns * side, 3), 255, "uint8")
    relative = np.sqrt(strength / max(float(strength.max()), 1e-12))
    for row in range(rows):
        for column in range(columns):
            width = max(1, round(side * max(_SMALLEST, float(relative[row, column]))))
            pixels = np.round(255 * np.clip(icons[row, column], 0, 1)).astype("uint8")
            small = Image.fromarray(pixels).resize((width, width), Image.Resampling.BOX)
            top, left = row * side + (side - width) // 2, column * side + (side - width) // 2
            sheet[top : top + width, left : left + width] = np.asarray(small)
    return sheet


def atlas_figure(
    sheet: NDArray[np.uint8],
    grid: int,
    places: Sequence[tuple[int, int]],
    names: Sequence[str],
    caption: str = "",
    *,
    marked: int | None = None,
) -> Figure:
    """Draw a map of icons with the name of a class on each cell.

    Parameters
    ----------
    sheet : ndarray of uint8, shape (S, S, 3)
        The result of `canvas`.
    grid : int
        Number of rows, and of columns, of the map.
    places : sequence of (int, int)
        Row and column of each of the M cells.
    names : sequence of str
        The name of the class on each cell.
    caption : str
        The text under the map.
    marked : int, optional
        The cell that gets a frame.

    Examples
    --------
    >>> sheet = np.zeros((8, 8, 3), "uint8")
    >>> figure = atlas_figure(sheet, 2, [(1, 0)], ["cat"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['cat']
    """
    width = min(_CELL * grid + 1.2, 8.5)
    figure = AggFigure(figsize=(width, width), layout="constrained", dpi=110)
    axes = figure.subplots()
    axes.imshow(sheet)
    axes.set_axis_off()
    side = sheet.shape[0] / grid
    for (row, column), name in zip(places, names, strict=True):
        box = {"facecolor": "white", "alpha": 0.75, "pad": 0.6, "linewidth": 0}
        at = ((column + 0.5) * side, (row + 1) * side - 0.06 * side)
        axes.text(*at, plain(name), fontsize=6.5, ha="center", va="bottom", bbox=box)
    if marked is not None:
        row, column = places[marked]
        axes.add_patch(
            Rectangle((column * side - 0.5, row * side - 0.5), side, side, fill=False, edgecolor=MARK, linewidth=3)
        )
    add_caption(figure, caption)
    return figure


def grid_figure(picture: NDArray[np.floating], sheet: NDArray[np.uint8], caption: str = "") -> Figure:
    """Draw a picture beside the icons of the activations at its positions.

    Examples
    --------
    >>> figure = grid_figure(np.zeros((8, 8, 3)), np.zeros((16, 16, 3), "uint8"))
    >>> len(figure.axes)
    2
    """
    figure, axes = panel_grid(1, 2)
    figure.set_size_inches(8.0, 4.2)
    for panel, shown in zip(axes[0], (picture, sheet), strict=True):
        panel.imshow(shown)
    add_caption(figure, caption)
    return figure


def sheet_figure(sheet: NDArray[np.uint8], caption: str = "") -> Figure:
    """Draw a sheet of icons alone.

    Examples
    --------
    >>> len(sheet_figure(np.zeros((16, 16, 3), "uint8")).axes)
    1
    """
    figure, axes = panel_grid(1, 1)
    figure.set_size_inches(4.2, 4.4)
    axes[0, 0].imshow(sheet)
    add_caption(figure, caption)
    return figure


def groups_figure(
    picture: NDArray[np.floating],
    maps: NDArray[np.floating],
    icons: NDArray[np.floating],
    names: Sequence[str],
    caption: str = "",
) -> Figure:
    """Draw groups of neurons: the activation map of each group above, its icon below.

    Parameters
    ----------
    picture : array, shape (H, W, 3)
        RGB, 0..1.
    maps : array, shape (G, h, w)
        The activation of each group at each position.
    icons : array, shape (G, side, side, 3)
        RGB, 0..1.
    names : sequence of str
        The title of each group.
    caption : str
        The text under the panels.

    Examples
    --------
    >>> figure = groups_figure(np.zeros((8, 8, 3)), np.ones((2, 4, 4)), np.zeros((2, 4, 4, 3)), ["cat", "dog"])
    >>> [axes.get_title() for axes in figure.axes[:2]]
    ['cat', 'dog']
    """
    figure, axes = panel_grid(2, len(maps))
    figure.set_size_inches(1.6 * len(maps), 3.9)
    grey = np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1)
    most = max(float(maps.max()), 1e-12)
    for place, (where, icon, name) in enumerate(zip(maps, icons, names, strict=True)):
        height, width = picture.shape[:2]
        above, below = axes[:, place]
        above.imshow(grey, extent=(0, width, height, 0))
        above.imshow(
            where,
            cmap=UNSIGNED_MAP,
            vmin=0,
            vmax=most,
            alpha=0.65,
            extent=(0, width, height, 0),
            interpolation="bilinear",
        )
        above.set_title(plain(name), fontsize=9)
        below.imshow(np.clip(icon, 0, 1))
    add_caption(figure, caption)
    return figure
