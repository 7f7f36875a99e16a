"""The picture of a lab's still: its figure, and below it the bars that stand beside it on the page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import percent
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.panels import plain
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.widgets.components import ScoreBars

if TYPE_CHECKING:
    from xai_widgets.widgets.base.lab import Lab

_WIDTH, _ROW, _DPI = 4.6, 0.26, 110  # inches, inches, dots per inch: those of the figures
_TRACK = "#ececec"


def still_picture(lab: Lab) -> bytes:
    """Return the picture of a lab's present state, as the content of a PNG file.

    Parameters
    ----------
    lab : Lab

    Returns
    -------
    bytes
        The figure of the lab; where it has bars of scores, they follow, the explained class marked.

    Raises
    ------
    ValueError
        If the lab has nothing to draw.
    """
    parts = [figure_png(lab.figure())]
    bars = getattr(lab, "bars", None)
    if isinstance(bars, ScoreBars) and bars.rows:
        parts.append(figure_png(bars_figure(bars)))
    return parts[0] if len(parts) == 1 else _stacked(parts)


def bars_figure(bars: ScoreBars) -> AggFigure:
    """Return bars of scores as a figure: sorted as on the page, in the colours of the classes.

    Parameters
    ----------
    bars : ScoreBars
        At least one row is shown.

    Returns
    -------
    AggFigure
        One axes with a bar for each row, from 0 to 1; the explained class has a square before its name, and a line in
        each bar is the earlier score, where there is one.
    """
    rows = list(bars.rows)
    figure = AggFigure(figsize=(_WIDTH, _ROW * len(rows) + 0.5), layout="constrained", dpi=_DPI)
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xticks=[])
    axes.spines[:].set_visible(False)
    axes.barh(range(len(rows)), 1, 0.7, color=_TRACK)
    axes.barh(range(len(rows)), [row["value"] for row in rows], 0.7, color=[row["colour"] for row in rows])
    axes.set_yticks(range(len(rows)), [_name(row, bars.selected) for row in rows], fontsize=8)
    axes.tick_params(length=0)
    for place, (row, label) in enumerate(zip(rows, axes.get_yticklabels(), strict=True)):
        label.set_fontweight("bold" if row["index"] == bars.selected else "normal")
        axes.text(1.02, place, percent(row["value"], bars.language), va="center", fontsize=8)
        if row["reference"] is not None:
            axes.vlines(row["reference"], place - 0.42, place + 0.42, colors="black", linewidth=1.5)
    axes.set_title(plain(_legend(bars)), loc="left", fontsize=9)
    return figure


def _legend(bars: ScoreBars) -> str:
    """Say what the bars are, and their marks."""
    marks = [f"■ {bars.words['explained']}"] if bars.selected is not None else []
    if bars.reference:
        marks.append(f"| {bars.reference_label or bars.words['before']}")
    return " · ".join([message("lab.still_scores", bars.language), *marks])


def _name(row: dict[str, Any], selected: int | None) -> str:
    mark = "■ " if row["index"] == selected else ""
    return plain(mark + " ".join(filter(None, (row["label"], row["note"]))))


def _stacked(parts: list[bytes]) -> bytes:
    """Return pictures one below the other, on white."""
    pictures = [Image.open(io.BytesIO(part)).convert("RGB") for part in parts]
    sheet = Image.new("RGB", (max(one.width for one in pictures), sum(one.height for one in pictures)), "white")
    top = 0
    for one in pictures:
        sheet.paste(one, (0, top))
        top += one.height
    file = io.BytesIO()
    sheet.save(file, format="PNG")
    return file.getvalue()
