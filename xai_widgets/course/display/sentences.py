"""Sentences and tables of the course, with figures computed in the notebook, in the reader's language."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from IPython import get_ipython
from IPython.display import display

from xai_widgets.i18n import language
from xai_widgets.i18n.numbers import percent, with_minus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PERCENTAGE = re.compile(r"\.(?P<digits>\d)%")
_CODE = re.compile(r"`([^`]+)`")
_CAPTION = 'style="text-align:left;white-space:nowrap"'  # a table may be narrower than its caption


class LocalizedNumber(float):
    """A number that is written as the reader's language has it: 0.5 and 12% in English, 0,5 and 12 % in French.

    Examples
    --------
    >>> f"{LocalizedNumber(0.125):.1%}"
    '12.5%'
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """Format as a float does, but with the language's marks, and no share that is rounded to none or to all."""
        found = _PERCENTAGE.fullmatch(spec)
        if found and 0 <= self <= 1:
            return percent(self, digits=int(found["digits"]))
        text = with_minus(super().__format__(spec))
        return text.replace(".", ",").replace("%", "\u202f%") if language() == "fr" else text


def say(sentence: str, **fields: object) -> None:
    """Show a sentence with its figures: as a paragraph in a notebook, printed elsewhere.

    Parameters
    ----------
    sentence : str
        A text with fields in braces, such as ``"{share:.0%} lies on the animal."``; what stands between grave accents
        is set as code.
    **fields
        Its figures; floats are written as the reader's language has them.

    Raises
    ------
    KeyError
        If a field has no figure.

    Examples
    --------
    >>> say("{share:.0%} lies on the animal.", share=0.183)
    18% lies on the animal.
    """
    text = filled(sentence, fields)
    if get_ipython() is None:
        print(text)  # noqa: T201
    else:  # printed text is set in a font of fixed width, and broken in the middle of words
        display({"text/plain": text, "text/html": f"<p>{as_html(text)}</p>"}, raw=True)  # type: ignore[no-untyped-call]


def filled(sentence: str, fields: Mapping[str, object]) -> str:
    """Return a sentence with its figures, written as the reader's language has them.

    Examples
    --------
    >>> filled("{share:.0%} of {count}", {"share": 0.5, "count": 8})
    '50% of 8'
    """
    return sentence.format(**{name: _localized(value) for name, value in fields.items()})


def as_html(text: str) -> str:
    """Return a text as HTML, escaped; what stands between grave accents is set as code.

    Examples
    --------
    >>> as_html("`x` < 1")
    '<code>x</code> &lt; 1'
    """
    return _CODE.sub(r"<code>\1</code>", html.escape(text))


def _localized(value: object) -> object:
    """Convert floats, also those of NumPy, to numbers in the reader's language; return other values unchanged."""
    if isinstance(value, str) or hasattr(value, "__index__"):
        return value
    try:
        return LocalizedNumber(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value


@dataclass(frozen=True)
class Table:
    """A small table of figures: text in a terminal, HTML in a notebook.

    Parameters
    ----------
    columns : Mapping
        From each column's heading to its values.
    formats : Sequence of str
        For each column, how a value is written: a format such as ``".0%"``, or ``""`` for as it is.
    caption : str
        A line over the table; none if empty.

    Examples
    --------
    >>> Table({"ε": [0.0, 0.1], "error": [0.02, 0.5]}, [".2f", ".0%"])
    ε    | error
    0.00 |    2%
    0.10 |   50%
    """

    columns: Mapping[str, Sequence[object]]
    formats: Sequence[str] = field(default=())
    caption: str = ""

    def __post_init__(self) -> None:
        """Raise an error if the columns have different lengths."""
        lengths = {len(values) for values in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of a table have one length, got {sorted(lengths)}")

    def rows(self) -> list[list[str]]:
        """Return the headings, then the rows, as text."""
        formats = list(self.formats) or [""] * len(self.columns)
        cells = [
            [format(_localized(value), spec) for value in values]
            for values, spec in zip(self.columns.values(), formats, strict=True)
        ]
        return [list(self.columns), *(list(row) for row in zip(*cells, strict=True))]

    def __repr__(self) -> str:
        """Align the columns."""
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [" | ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows[1:]]
        head = " | ".join(c.ljust(w) for c, w in zip(rows[0], widths, strict=True)).rstrip()
        return "\n".join([*filter(None, [self.caption]), head, *lines])

    def _repr_html_(self) -> str:
        rows = self.rows()
        title = f"<caption {_CAPTION}>{html.escape(self.caption)}</caption>" if self.caption else ""
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in rows[0])
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
