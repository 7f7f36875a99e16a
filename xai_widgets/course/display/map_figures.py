"""Figures that compare maps, pictures and importances, each with a text alternative."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.course.display.described_figures import DescribedFigure
from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.i18n import message
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import SIGNED_MAP, draw_picture, panel_grid, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Array = NDArray[np.floating]

_MARKERS = "os^D"


def show_pictures(pictures: Mapping[str, NDArray[np.uint8]]) -> DescribedFigure:
    """Draw pictures (H, W, 3) side by side.

    Parameters
    ----------
    pictures : Mapping
        From a title to a picture of uint8.

    Examples
    --------
    >>> show_pictures({"before": np.zeros((4, 4, 3), "uint8"), "after": np.ones((4, 4, 3), "uint8")})
    Pictures: before, after.
    """
    figure, axes = panel_grid(1, len(pictures))
    titles = list(pictures)
    for panel, title, picture in zip(axes[0], titles, pictures.values(), strict=True):
        draw_picture(panel, np.asarray(picture) / 255, title)
    return DescribedFigure(figure, message("course.pictures", titles=", ".join(titles)))


def compare_maps(
    maps: Mapping[str, Array], picture: NDArray[np.uint8] | None = None, *, shared: bool = True
) -> DescribedFigure:
    """Draw signed maps (H, W) side by side, over a grey copy of a picture if one is given.

    Parameters
    ----------
    maps : Mapping
        From a title to a map.
    picture : (H, W, 3) array of uint8, optional
    shared : bool
        Whether all maps have one scale; else each has its own, written under it.

    Returns
    -------
    DescribedFigure
        Its text says where each map is largest.

    Examples
    --------
    >>> compare_maps({"one": np.eye(2), "two": np.array([[0.0, 3.0], [0.0, 0.0]])})
    Maps: one, largest (1.0) at row 0, column 0; two, largest (3.0) at row 0, column 1.
    """
    figure, axes = panel_grid(1, len(maps), extra=0.6 if shared else 0.0)
    largest = max(float(np.abs(values).max()) for values in maps.values()) or 1.0
    found, drawn = [], None
    for panel, (key, values) in zip(axes[0], maps.items(), strict=True):
        limit = largest if shared else float(np.abs(values).max()) or 1.0
        if picture is not None:
            height, width = values.shape
            panel.imshow(np.asarray(picture).mean(axis=-1), cmap="gray", extent=(-0.5, width - 0.5, height - 0.5, -0.5))
        alpha = 1.0 if picture is None else 0.72
        drawn = panel.imshow(values, cmap=SIGNED_MAP, vmin=-limit, vmax=limit, alpha=alpha)
        scale = "" if shared else f" (±{LocalizedNumber(limit):.1f})"
        panel.set_title(plain(key + scale), fontsize=10)
        found.append(_largest(key, values))
    if shared and drawn is not None:
        figure.colorbar(drawn, ax=list(axes[0]), shrink=0.8, format=lambda value, _: f"{LocalizedNumber(value):.3g}")
    return DescribedFigure(figure, message("course.maps", found="; ".join(found)))


def compare_importances(
    names: Sequence[str], true: Sequence[float], claimed: Mapping[str, Sequence[float]]
) -> DescribedFigure:
    """Draw the importance of some parts according to explanations against their true importance.

    Parameters
    ----------
    names : sequence of P str
        The parts.
    true : sequence of P floats
    claimed : Mapping
        From a title to P floats.

    Returns
    -------
    DescribedFigure
        Its text gives the mean distance from the diagonal.

    Examples
    --------
    >>> compare_importances(["ears", "tail"], [2.0, 0.0], {"grey": [1.0, 0.0], "black": [2.0, 3.0]})
    Claimed against true importance of 2 parts; mean distance: grey 0.50, black 1.50.
    """
    figure = AggFigure(figsize=(6.4, 4.2), layout="constrained", dpi=110)
    axes: Axes = figure.subplots()
    values = np.concatenate([np.asarray(true), *map(np.asarray, claimed.values())])
    ends = (float(values.min()) - 0.5, float(values.max()) + 0.5)
    axes.plot(ends, ends, color="0.6", linewidth=1, zorder=0)
    distances = []
    for number, (key, found) in enumerate(claimed.items()):
        marker, colour = _MARKERS[number % len(_MARKERS)], OKABE_ITO[number % len(OKABE_ITO)]
        axes.scatter(true, found, marker=marker, color=colour, label=plain(key), alpha=0.85)
        away = float(np.mean(np.abs(np.asarray(found) - np.asarray(true))))
        distances.append(f"{key} {LocalizedNumber(away):.2f}")
    last = np.asarray(list(claimed.values())[-1])
    for place, (across, up, name) in enumerate(sorted(zip(true, last, names, strict=True))):
        offset = (6, 4) if place % 2 else (6, -11)  # the labels of neighbours do not overlap
        axes.annotate(plain(name), (across, up), xytext=offset, textcoords="offset points", fontsize=8)
    axes.set(xlabel=message("course.importance.true"), ylabel=message("course.importance.claimed"))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    text = message("course.importance.text", count=len(names), distances=", ".join(distances))
    return DescribedFigure(figure, text)


def draw_lines(
    x: Sequence[float], lines: Mapping[str, Sequence[float]], *, x_label: str, y_label: str, log: bool = True
) -> DescribedFigure:
    """Draw lines over a common axis.

    Parameters
    ----------
    x : sequence of n floats
    lines : Mapping
        From a title to n floats.
    x_label, y_label : str
        Texts.
    log : bool
        Whether equal distances of x are equal ratios.

    Returns
    -------
    DescribedFigure
        Its text gives both ends of each line.

    Examples
    --------
    >>> draw_lines([10, 100], {"overlap": [0.2, 0.9]}, x_label="samples", y_label="share")
    share against samples: overlap, from 0.20 at 10 to 0.90 at 100.
    """
    figure = AggFigure(figsize=(6.4, 3.4), layout="constrained", dpi=110)
    axes: Axes = figure.subplots()
    told = []
    for number, (key, y) in enumerate(lines.items()):
        axes.plot(x, y, color=OKABE_ITO[number], marker=_MARKERS[number % 4], markersize=4, label=plain(key))
        ends = {"low": LocalizedNumber(y[0]), "high": LocalizedNumber(y[-1]), "first": x[0], "last": x[-1]}
        told.append(message("course.line_ends", title=key, **ends))
    if log:
        axes.set_xscale("log")
        axes.set_xticks(list(x), labels=[str(value) for value in x])
        axes.minorticks_off()
    axes.set(xlabel=x_label, ylabel=y_label)
    axes.yaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.2g}")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return DescribedFigure(figure, message("course.lines", y=y_label, x=x_label, found="; ".join(told)))


def show_words(words: Sequence[str], weights: Sequence[float], answer: str) -> Words:
    """Show a text whose words are coloured by their weights.

    Examples
    --------
    >>> show_words(["not", "bad"], [0.5, -1.0], "good")
    good: not +0.50, bad −1.00
    """
    return Words(tuple(words), tuple(map(float, weights)), answer)


@dataclass(frozen=True)
class Words:
    """Words with weights: positive weights are red, negative ones blue."""

    words: tuple[str, ...]
    weights: tuple[float, ...]
    answer: str

    def __repr__(self) -> str:
        """Write each word with its weight."""
        return f"{self.answer}: " + ", ".join(
            f"{word} {LocalizedNumber(weight):+.2f}" for word, weight in zip(self.words, self.weights, strict=True)
        )

    def _repr_html_(self) -> str:
        largest = max(map(abs, self.weights), default=0.0) or 1.0
        cells = "".join(self._cell(*pair, largest) for pair in zip(self.words, self.weights, strict=True))
        return f'<div style="line-height:2.6"><b>{html.escape(self.answer)}</b>: {cells}</div>'

    @staticmethod
    def _cell(word: str, weight: float, largest: float) -> str:
        """Write the weight under the word, so that it does not depend on colour alone."""
        red, green, blue = (178, 24, 43) if weight > 0 else (33, 102, 172)
        alpha = 0.55 * abs(weight) / largest
        style = f"background:rgba({red},{green},{blue},{alpha:.2f});padding:2px 5px;border-radius:3px;margin:0 2px"
        return f'<span style="{style}">{html.escape(word)} <small>{LocalizedNumber(weight):+.2f}</small></span>'


def _largest(title: str, values: Array) -> str:
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return message(
        "course.map_largest",
        title=title,
        value=f"{LocalizedNumber(values.max()):.1f}",
        row=int(row),
        column=int(column),
    )
