"""Figures of the course, each with a text alternative."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.i18n import message
from xai_widgets.moved_modules import renamed_names
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from xai_widgets.results.adversarial_results import RobustnessCurve

__getattr__ = renamed_names(__name__, {"Drawing": "DescribedFigure"})

_DASHES = ("-", "--", ":", "-.")
_MARKERS = "os^D"


@dataclass(frozen=True)
class DescribedFigure:
    """A figure and the text that stands for it where it cannot be seen.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    text : str
        What it shows, in the reader's language.

    Examples
    --------
    >>> DescribedFigure(AggFigure(), "An empty figure.")
    An empty figure.
    """

    figure: Figure
    text: str

    def __repr__(self) -> str:
        """Say what the figure shows."""
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the picture, and its text as alternative."""
        file = io.BytesIO()
        self.figure.savefig(file, format="png", bbox_inches="tight", dpi=self.figure.dpi)
        return {"image/png": file.getvalue(), "text/plain": self.text}, {"image/png": {"alt": self.text}}


def compare_curves(curves: Mapping[str, RobustnessCurve]) -> DescribedFigure:
    """Draw the error against epsilon of several attacks or networks, with bands of two standard errors.

    Parameters
    ----------
    curves : Mapping
        From a name to a robustness curve.

    Returns
    -------
    DescribedFigure
        Its text says from which epsilon on each curve is above one half.
    """
    figure = AggFigure(figsize=(6.4, 3.6), layout="constrained", dpi=110)
    axes = figure.subplots()
    sentences = []
    for number, (name, curve) in enumerate(curves.items()):
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        style: dict[str, Any] = {"linestyle": _DASHES[number % 4], "marker": _MARKERS[number % 4], "markersize": 4}
        low, high = curve.error - 2 * curve.standard_error, curve.error + 2 * curve.standard_error
        axes.fill_between(curve.epsilons, low.clip(0, 1), high.clip(0, 1), color=colour, alpha=0.15, linewidth=0)
        axes.plot(curve.epsilons, curve.error, color=colour, label=name, **style)
        sentences.append(_half_way(name, curve))
    axes.set(xlabel="ε", ylabel=message("course.table.error"), ylim=(-0.02, 1.02))
    axes.yaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.0%}")
    axes.xaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.2g}")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return DescribedFigure(figure, message("course.curve.title", what=", ".join(sentences)))


def _half_way(name: str, curve: RobustnessCurve) -> str:
    """Say from which epsilon on half of the pictures are misread; errors grow with epsilon."""
    if curve.error.max() < 0.5:
        return message("course.curve.under", name=name, epsilon=LocalizedNumber(curve.epsilons.max()))
    above = int(np.argmax(curve.error >= 0.5))
    nearby = slice(max(0, above - 1), above + 1)
    return message(
        "course.curve.half",
        name=name,
        epsilon=LocalizedNumber(np.interp(0.5, curve.error[nearby], curve.epsilons[nearby])),
    )
