"""Figures of 14_debug_a_model, each with a text alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from xai_widgets.course.capstone.plan import CLASSES
from xai_widgets.course.display.described_figures import DescribedFigure
from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.i18n import message
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_COLOURS: Final = "Blues"
_WORTH_A_NUMBER: Final = 0.2  # smaller shares are left to the colour


def show_confusions(tables: Mapping[str, NDArray[np.floating]]) -> DescribedFigure:
    """Draw confusion matrices side by side, in one scale of colours.

    Parameters
    ----------
    tables : Mapping
        From a title to shares (8, 8): a row for each true
        class, a column for each name given.

    Examples
    --------
    >>> show_confusions({"A": np.eye(8)})
    Confusion matrices: A, least sure of cat (100% right).
    """
    figure = AggFigure(figsize=(2.6 * len(tables) + 0.9, 3.3), layout="constrained", dpi=110)
    found: list[str] = []
    for axes, (key, table) in zip(figure.subplots(1, len(tables), squeeze=False)[0], tables.items(), strict=True):
        axes.imshow(table, cmap=_COLOURS, vmin=0, vmax=1)
        for row, column in zip(*np.nonzero(np.asarray(table) >= _WORTH_A_NUMBER), strict=True):
            if row != column:
                colour = "white" if table[row, column] > 0.5 else "black"
                text = f"{100 * table[row, column]:.0f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
        axes.set_title(plain(key), fontsize=11)
        axes.set_xticks(range(len(CLASSES)), CLASSES, rotation=60, ha="right", rotation_mode="anchor", fontsize=8)
        axes.set_yticks(range(len(CLASSES)), CLASSES if not found else [""] * len(CLASSES), fontsize=8)
        axes.set_xlabel(message("course.14.called"), fontsize=9)
        if not found:
            axes.set_ylabel(message("course.14.is"), fontsize=9)
        known = np.asarray(table).diagonal()
        weakest = {"label": CLASSES[int(known.argmin())], "share": f"{LocalizedNumber(known.min()):.0%}"}
        found.append(message("course.14.weakest", title=key, **weakest))
    scale = ScalarMappable(Normalize(0, 1), _COLOURS)
    bar = figure.colorbar(scale, ax=figure.axes, shrink=0.8, pad=0.01)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.0%}")
    bar.ax.tick_params(labelsize=8)
    return DescribedFigure(figure, message("course.14.confusions", found="; ".join(found)))


def show_dead(shares: Mapping[str, Mapping[str, float]]) -> DescribedFigure:
    """Draw the share of dead units of networks, layer by layer.

    Parameters
    ----------
    shares : Mapping
        From the letter of a network to a mapping from a layer to a share.

    Examples
    --------
    >>> show_dead({"A": {"conv1": 0.0, "conv2": 0.5}})
    Units that never answer: A, conv1 0%, conv2 50%.
    """
    figure = AggFigure(figsize=(6.4, 2.9), layout="constrained", dpi=110)
    axes, told, width = figure.subplots(), [], 0.8 / len(shares)
    for place, (letter, layers) in enumerate(shares.items()):
        across = np.arange(len(layers)) + (place - (len(shares) - 1) / 2) * width
        axes.bar(across, list(layers.values()), 0.9 * width, color=OKABE_ITO[place], label=plain(letter))
        for x, share in zip(across, layers.values(), strict=True):
            axes.annotate(
                f"{LocalizedNumber(share):.0%}", (x, share), (0, 2), textcoords="offset points", ha="center", fontsize=7
            )
        told.append(
            f"{letter}, " + ", ".join(f"{layer} {LocalizedNumber(share):.0%}" for layer, share in layers.items())
        )
    axes.set_xticks(range(len(layers)), list(layers))
    axes.set(ylim=(0, 1), ylabel=message("course.14.dead_share"))
    axes.yaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.0%}")
    axes.legend(frameon=False, ncols=len(shares))
    axes.spines[["top", "right"]].set_visible(False)
    return DescribedFigure(figure, message("course.14.dead_text", found="; ".join(told)))
