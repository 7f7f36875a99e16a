"""The figures of evaluations: masking curves, cascading randomisation, claimed against true importance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import add_caption, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_CURVES = 7  # the largest number of distinguishable lines
_NOTABLE = 0.1  # share of the largest importance below which a part has no label, because the labels would overlap


def curve_figure(
    shares: NDArray[np.floating],
    scores: NDArray[np.floating],
    areas: NDArray[np.floating],
    names: Sequence[str],
    caption: str = "",
) -> Figure:
    """Draw scores against the share that is hidden or shown, one line for each example, with areas in the legend.

    Parameters
    ----------
    shares : array, shape (S,)
        From 0 to 1.
    scores : array, shape (N, S)
        The scores of each example.
    areas : array, shape (N,)
        The area under each curve.
    names : sequence of str
        The name of each example.
    caption : str
        The text under the axes.

    Examples
    --------
    >>> figure = curve_figure(np.array([0, 1]), np.array([[1.0, 0.0]]), np.array([0.5]), ["cat"])
    >>> figure.axes[0].get_legend_handles_labels()[1]
    ['cat: area 0.50']
    """
    figure, axes = _axes()
    for place in range(min(len(scores), _CURVES)):
        label = message("evaluation.area", name=names[place], area=decimal(float(areas[place]), 2))
        axes.plot(shares, scores[place], color=OKABE_ITO[place], marker=".", label=plain(label))
        if len(scores) == 1:
            axes.fill_between(shares, 0, scores[place], color=OKABE_ITO[0], alpha=0.12, linewidth=0)
    axes.set(xlabel=message("evaluation.share"), ylabel=message("evaluation.score"), xlim=(0, 1))
    axes.legend(frameon=False, fontsize=9)
    add_caption(figure, caption)
    return figure


def road_figure(
    shares: NDArray[np.floating],
    most_first: NDArray[np.floating],
    least_first: NDArray[np.floating],
    names: Sequence[str],
    caption: str = "",
) -> Figure:
    """Draw the scores of both orders: solid where the most relevant pixels go first, dashed where the least do.

    Parameters
    ----------
    shares : (S,) array
    most_first, least_first : (N, S) arrays
    names : sequence of N str
    caption : str

    Examples
    --------
    >>> figure = road_figure(np.array([0.1, 0.9]), np.array([[0.5, 0.1]]), np.array([[0.9, 0.6]]), ["cat"])
    >>> len(figure.axes[0].lines)
    2
    """
    figure, axes = _axes()
    for place in range(min(len(most_first), _CURVES)):
        for scores, end, style in ((most_first, "most_first", "-"), (least_first, "least_first", "--")):
            label = message("evaluation.one_curve", name=names[place], end=message(f"evaluation.{end}"))
            axes.plot(shares, scores[place], style, color=OKABE_ITO[place], marker=".", label=plain(label))
    axes.set(xlabel=message("evaluation.share"), ylabel=message("evaluation.score"), xlim=(0, 1))
    axes.legend(frameon=False, fontsize=8)
    add_caption(figure, caption)
    return figure


def randomisation_figure(stages: Sequence[str], similarity: NDArray[np.floating], caption: str = "") -> Figure:
    """Draw the similarity to the map of the trained network against the stages, for each example and their mean.

    Examples
    --------
    >>> figure = randomisation_figure(["scores", "conv1"], np.array([[0.5], [0.1]]))
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['–', 'scores', 'conv1']
    """
    figure, axes = _axes()
    values = np.concatenate([np.ones((1, similarity.shape[1])), similarity])
    places = np.arange(len(values))
    axes.axhline(0, color="0.6", linewidth=0.8)
    axes.plot(places, values, color=OKABE_ITO[0], alpha=0.25, linewidth=1)
    axes.plot(places, values.mean(axis=1), color=OKABE_ITO[0], marker="o", markersize=4)
    axes.set_xticks(places, ["–", *map(plain, stages)], rotation=30, ha="right", fontsize=8)
    axes.set(
        xlabel=message("evaluation.randomised"),
        ylabel=message("evaluation.similarity"),
        ylim=(min(-0.1, values.min()), 1.05),
    )
    add_caption(figure, caption)
    return figure


def parts_figure(
    names: Sequence[str], true: NDArray[np.floating], claimed: NDArray[np.floating], caption: str = ""
) -> Figure:
    """Draw the importance of each part according to a map against its true importance.

    Examples
    --------
    >>> figure = parts_figure(["ears", "tail"], np.array([1.0, 0.2]), np.array([0.7, 0.1]))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['ears', 'tail']
    """
    figure, axes = _axes()
    axes.axvline(0, color="0.8", linewidth=0.8)
    axes.axhline(0, color="0.8", linewidth=0.8)
    axes.scatter(true, claimed, color=OKABE_ITO[0], s=18)
    notable = np.maximum(*(np.abs(one) / (np.abs(one).max() or 1) for one in (true, claimed))) > _NOTABLE
    for name, x, y in zip(*(np.asarray(one)[notable] for one in (names, true, claimed)), strict=True):
        axes.annotate(plain(str(name)), (x, y), xytext=(4, 3), textcoords="offset points", fontsize=8)
    axes.set(xlabel=message("evaluation.true_importance"), ylabel=message("evaluation.claimed_importance"))
    add_caption(figure, caption)
    return figure


def _axes() -> tuple[Figure, Axes]:
    figure = AggFigure(figsize=(5.2, 3.4), layout="constrained", dpi=110)
    axes = figure.subplots()
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
