"""The figures of adversarial examples: picture, perturbation and adversarial picture; accuracy against epsilon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import percent
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import add_caption, draw_picture, drawn_of, number_drawn, panel_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray


def adversarial_figure(
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    top_before: Sequence[tuple[str, float]],
    top_after: Sequence[tuple[str, float]],
    caption: str = "",
    *,
    count: int = 6,
) -> Figure:
    """Draw each picture, the perturbation magnified around grey, and the adversarial picture, with the predictions.

    Parameters
    ----------
    before : array, shape (N, H, W, 3)
        The original pictures, 0..1.
    after : array, shape (N, H, W, 3)
        The adversarial pictures, 0..1.
    top_before : sequence of (str, float)
        The predicted label and its probability for each original picture.
    top_after : sequence of (str, float)
        The predicted label and its probability for each adversarial picture.
    caption : str
        The text under the panels.
    count : int, default 6
        How many are drawn, from the first on, at most 100; under the panels it is said if there are more.

    Raises
    ------
    ValueError
        If there is none, or `count` is not from 1 to 100.

    Examples
    --------
    >>> import numpy as np
    >>> pictures = np.zeros((1, 4, 4, 3))
    >>> len(adversarial_figure(pictures, pictures, [("cat", 0.9)], [("dog", 0.6)]).axes)
    3
    """
    rows = number_drawn(len(before), count)
    figure, axes = panel_grid(rows, 3)
    for row in range(rows):
        magnified, factor = magnify(after[row] - before[row])
        draw_picture(axes[row, 0], before[row], _answer(*top_before[row]))
        added = message("plots.perturbation", factor=f"{factor:.0f}") if factor else message("plots.no_perturbation")
        draw_picture(axes[row, 1], magnified, added)
        draw_picture(axes[row, 2], after[row], _answer(*top_after[row]))
    add_caption(figure, caption, drawn_of(rows, len(before)))
    return figure


def magnify(difference: NDArray[np.floating]) -> tuple[NDArray[np.floating], float]:
    """Scale a difference of pictures to the whole range around mid-grey; return it with the factor."""
    largest = float(np.abs(difference).max())
    factor = 0.5 / largest if largest > 0 else 0.0
    return 0.5 + factor * difference, factor


def _answer(label: str, probability: float) -> str:
    return message("plots.answer", label=label, percent=percent(probability))


def robustness_figure(
    epsilons: NDArray[np.floating],
    accuracy: NDArray[np.floating],
    standard_error: NDArray[np.floating],
    caption: str = "",
) -> Figure:
    """Draw accuracy against epsilon with a band of two standard errors.

    Examples
    --------
    >>> import numpy as np
    >>> figure = robustness_figure(np.array([0, 0.1]), np.array([1.0, 0.4]), np.array([0, 0.02]))
    >>> figure.axes[0].get_ylabel()
    'accuracy'
    """
    figure = AggFigure(figsize=(5.2, 3.2), layout="constrained", dpi=110)
    axes = figure.subplots()
    low, high = np.clip([accuracy - 2 * standard_error, accuracy + 2 * standard_error], 0, 1)
    axes.fill_between(epsilons, low, high, color=OKABE_ITO[0], alpha=0.2, linewidth=0)
    axes.plot(epsilons, accuracy, color=OKABE_ITO[0], marker="o", markersize=4)
    axes.set(xlabel=message("plots.epsilon"), ylabel=message("plots.accuracy"), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    add_caption(figure, caption)
    return figure
