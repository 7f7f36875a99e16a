"""What labs made of matrices share: signs between them, names of rows, numbers in words."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n.numbers import decimal

if TYPE_CHECKING:
    from numpy.typing import NDArray


def number_text(value: float, language: str) -> str:
    """Write a number with at most two digits after the mark.

    Examples
    --------
    >>> number_text(-1.5, "fr"), number_text(12.0, "en")
    ('−1,5', '12')
    """
    mark = "," if language == "fr" else "."
    return decimal(value, 2, language).rstrip("0").rstrip(mark)


def cells_of(mask: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Return row and column of each cell that is marked.

    Examples
    --------
    >>> cells_of(np.eye(2, dtype=bool))
    ((0, 0), (1, 1))
    """
    return tuple((row, column) for row, column in np.argwhere(mask).tolist())


def sign(text: str) -> widgets.HTML:
    """Write what stands between two matrices."""
    style = "font-size:16px;padding-top:16px;color:var(--jp-ui-font-color2,#595959);text-align:center"
    return widgets.HTML(f'<div aria-hidden="true" style="{style}">{html.escape(text)}</div>')


def label(text: str) -> widgets.HTML:
    """Write the name of a row of matrices."""
    return widgets.HTML(f'<div style="font-size:12px;font-weight:600;line-height:1.3">{html.escape(text)}</div>')


def status(text: str) -> str:
    """Return the line that says what is seen, as HTML that is read aloud when it changes."""
    return f'<div role="status" style="line-height:20px;font-size:13px">{html.escape(text)}</div>'
