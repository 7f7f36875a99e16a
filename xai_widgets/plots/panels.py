"""What all figures share: rows of pictures, colour maps, the caption line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

SIGNED_MAP = "RdBu_r"  # diverging, white at zero
UNSIGNED_MAP = "inferno"  # perceptually uniform, sequential
_FEW_PIXELS = 64  # a picture this small is drawn with hard pixels
_PANEL = 2.4  # inches
_LETTERS = 14  # of the caption in an inch


def plain(text: str) -> str:
    """Make a label safe for matplotlib, which reads what stands between dollar signs as a formula."""
    return text.replace("$", r"\$")


def panel_grid(rows: int, columns: int, *, extra: float = 0.0) -> tuple[Figure, NDArray[np.object_]]:
    """Make a figure of `rows` times `columns` square panels without ticks; `extra` inches for a colour bar."""
    figure = Figure(figsize=(_PANEL * columns + extra, _PANEL * rows + 0.5), layout="constrained", dpi=110)
    axes = np.asarray(figure.subplots(rows, columns, squeeze=False))
    for panel in axes.ravel().tolist():
        panel.set_axis_off()
    return figure, axes


def draw_picture(axes: Axes, picture: NDArray[np.floating], title: str) -> None:
    """Draw an RGB picture in [0, 1]; few pixels stay sharp squares."""
    axes.imshow(np.clip(picture, 0, 1), interpolation=interpolation(picture))
    axes.set_title(plain(title), fontsize=10)


def interpolation(picture: NDArray[np.floating]) -> str:
    """Choose hard pixels for small pictures, smooth ones for photographs."""
    return "nearest" if max(picture.shape[:2]) <= _FEW_PIXELS else "antialiased"


def add_caption(figure: Figure, caption: str) -> None:
    """Write the recipe in small type under the panels, in as many lines as the figure's width asks for."""
    if caption:
        letters = max(24, round(_LETTERS * figure.get_figwidth()))
        figure.supxlabel(plain(textwrap.fill(caption, letters)), fontsize=8, color="0.35")
