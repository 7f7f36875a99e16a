"""The numbers that a lab shows: of its bars, curves, matrices, maps and points, as one table."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.widgets.components import (
    AtlasMap,
    Component,
    Curve,
    Heatmap,
    Matrix,
    PictureCanvas,
    PointMap,
    ScoreBars,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipywidgets import Widget

COLUMNS = ("view", "series", "x", "y", "value")
_POINT = 2  # numbers of a point of the plane

Row = dict[str, Any]


def shown_numbers(widgets: Iterable[Widget]) -> list[Row]:
    """Return the numbers that some widgets show, a row each.

    Parameters
    ----------
    widgets : iterable of Widget
        Those without numbers, and those that are not displayed, give no row.

    Returns
    -------
    list of dict
        With the keys of `COLUMNS`. ``view``: the title of the view, or its kind. ``series``: the class, the curve, the
        layer of a picture, the group of a point. ``x`` and ``y``: where the value stands, the column and the row for
        what is laid out in cells, from 0. ``value``: in the unit of the view; shares and probabilities from 0 to 1.
    """
    shown = (one for one in widgets if isinstance(one, Component) and one.layout.display != "none")
    return [dict(zip(COLUMNS, row, strict=True)) for one in shown for row in _rows(one)]


def numbered(view: str, series: str, place: int, value: float) -> Row:
    """Return a row for one of several values that stand in a line."""
    return dict(zip(COLUMNS, (view, series, place, "", value), strict=True))


def as_csv(rows: Iterable[Row]) -> bytes:
    """Return rows as a file of comma-separated values, in UTF-8 with a mark that spreadsheets know it by."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _safe(value: Any) -> Any:
    """Return a text as a spreadsheet shows it, and does not run it as a formula; numbers as they are."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


@functools.singledispatch
def _rows(_widget: Any) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a widget: none, of a kind that shows no numbers."""
    return iter(())


@_rows.register
def _of_bars(bars: ScoreBars) -> Iterator[tuple[Any, ...]]:
    view = _title(bars)
    before = f"{view} ({bars.reference_label or bars.words['before']})"
    for title, values in ((view, bars.values), (before, bars.reference)):
        for number, value in enumerate(values):
            yield title, str(bars.labels[number]) if bars.labels else str(number), number, "", float(value)


@_rows.register
def _of_curve(curve: Curve) -> Iterator[tuple[Any, ...]]:
    for line in curve.series:
        for x, value in zip(curve.x, line["values"], strict=False):
            if value is not None:
                yield _title(curve), line["label"], x, "", value


@_rows.register
def _of_matrix(matrix: Matrix) -> Iterator[tuple[Any, ...]]:
    if matrix.shown:
        yield from _of_array(_title(matrix), "", matrix.array)


@_rows.register
def _of_canvas(canvas: PictureCanvas) -> Iterator[tuple[Any, ...]]:
    for layer in canvas.layers:
        if isinstance(layer, Heatmap) and canvas.shown in {"", layer.name}:
            yield from _of_array(_title(canvas), layer.name, np.asarray(layer.values))


@_rows.register
def _of_points(points: PointMap) -> Iterator[tuple[Any, ...]]:
    places = np.frombuffer(points.points, np.float32).reshape(-1, _POINT)
    groups = np.frombuffer(points.groups, np.uint8)
    for number, (x, y) in enumerate(places):
        group = points.looks[groups[number]][-1] if number < len(groups) else ""
        yield _title(points), group, float(x), float(y), number


@_rows.register
def _of_atlas(atlas: AtlasMap) -> Iterator[tuple[Any, ...]]:
    for cell in atlas.cells:
        for label, value in zip(atlas.labels, cell["said"], strict=False):
            yield _title(atlas), label, cell["column"], cell["row"], value


def _of_array(view: str, series: str, values: np.ndarray) -> Iterator[tuple[Any, ...]]:
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            yield view, series, column, row, float(value)


def _title(widget: Any) -> str:
    """Return what a view is called: its title, or what it shows in words, or its kind."""
    return str(getattr(widget, "title", "") or getattr(widget, "alt", "") or type(widget).__name__)
