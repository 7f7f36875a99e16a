"""Bars that go left and right of a zero line, as HTML: for numbers that are no probabilities."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;line-height:1.3"
_LEFT = 2  # columns set flush left: the names, and the bars
_LINE = "var(--jp-border-color1,#bdbdbd)"


def bar(value: float, low: float, high: float, colour: str, *, height: int = 10, missing: float | None = None) -> str:
    """Draw one bar between two ends of a scale that holds 0.

    Parameters
    ----------
    value : float
    low, high : float
        Ends of the scale, low <= 0 <= high, not both 0.
    colour : str
    height : int
        In CSS pixels.
    missing : float, optional
        Where the bar would end if nothing were lost: from the value to there it is hatched.

    Returns
    -------
    str
        HTML, hidden from screen readers: the number stands beside it.
    """
    width = high - low
    zero = _share(-low, width)
    parts = [_span(value, 0.0, low, width, f"background:{colour}")]
    if missing is not None:
        parts.append(_span(missing, value, low, width, f"background:{_hatched()}"))
    mark = f'<span style="position:absolute;left:{zero};top:0;bottom:0;width:1px;background:{_LINE}"></span>'
    return (
        f'<div aria-hidden="true" style="position:relative;height:{height}px;margin:1px 0;overflow:hidden">'
        f"{''.join(parts)}{mark}</div>"
    )


def _span(end: float, start: float, low: float, width: float, look: str) -> str:
    left, right = sorted((start, end))
    box = f"left:{_share(left - low, width)};width:{_share(right - left, width)}"
    return f'<span style="position:absolute;top:1px;bottom:1px;{box};{look}"></span>'


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}%"


def _hatched() -> str:
    return "repeating-linear-gradient(135deg,#8a8a8a 0 2px,transparent 2px 5px)"


def table(head: Sequence[str], rows: Sequence[tuple[str, str, Sequence[str]]], *, bar_width: int) -> str:
    """Lay out bars as a table that can be read aloud.

    Parameters
    ----------
    head : sequence of str
        Names of the columns, one for the bars included.
    rows : sequence of (str, str, sequence of str)
        What each row is, its bars as HTML, and the texts beside them. All but the bars are untrusted text.
    bar_width : int
        In CSS pixels.
    """
    cell = "padding:2px 8px;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap"
    first = "padding:2px 8px 2px 0;text-align:left;font-weight:normal;white-space:nowrap"
    plain = "font-weight:normal;font-size:12px"
    titles = "".join(
        f'<th scope="col" style="{first if place < _LEFT else cell};{plain}">{html.escape(title)}</th>'
        for place, title in enumerate(head)
    )
    body = "".join(
        f'<tr style="border-top:1px solid {_LINE}"><th scope="row" style="{first}">{html.escape(name)}</th>'
        f'<td style="width:{bar_width}px;padding:2px 0">{bars}</td>'
        + "".join(f'<td style="{cell}">{html.escape(text)}</td>' for text in texts)
        + "</tr>"
        for name, bars, texts in rows
    )
    return (
        f'<table style="{_TEXT};border-collapse:collapse"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>'
    )
