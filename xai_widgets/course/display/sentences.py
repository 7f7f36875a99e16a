"""Sentences and tables of the course, with figures computed in the notebook, in the reader's language."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from IPython import get_ipython
from IPython.display import display

from xai_widgets.i18n import language, message
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


def say(key: str, **fields: object) -> None:
    """Show a sentence of the course with its figures: as a paragraph in a notebook, printed elsewhere.

    Parameters
    ----------
    key : str
        A key of the area "course" of the catalogue.
    **fields
        Its figures; floats are written as the language has them.
    """
    text = message(f"course.{key}", **{name: _localized(value) for name, value in fields.items()})
    if get_ipython() is None:
        print(text)  # noqa: T201
    else:  # printed text is set in a font of fixed width, and broken in the middle of words
        code = _CODE.sub(r"<code>\1</code>", html.escape(text))
        display({"text/plain": text, "text/html": f"<p>{code}</p>"}, raw=True)  # type: ignore[no-untyped-call]


def _localized(value: object) -> object:
    """Convert floats, also those of NumPy, to numbers in the reader's language; return other values unchanged."""
    if isinstance(value, str) or hasattr(value, "__index__"):
        return value
    try:
        return LocalizedNumber(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value


def _cell(value: object, spec: str) -> str:
    return message(f"course.{value}") if spec == "key" else format(_localized(value), spec)


@dataclass(frozen=True)
class Table:
    """A small table of figures: text in a terminal, HTML in a notebook.

    Parameters
    ----------
    columns : Mapping
        For each column, the key of its heading in the area "course" of the catalogue, and its values.
    formats : Sequence of str
        For each column, how a value is written: a format such as ``".0%"``, ``""`` for as it is, or ``"key"`` for texts
        of the catalogue.
    caption : str
        The key of a line over the table; none if empty.

    Examples
    --------
    >>> Table({"table.epsilon": [0.0, 0.1], "table.error": [0.02, 0.5]}, [".2f", ".0%"])
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
            [_cell(value, spec) for value in values]
            for values, spec in zip(self.columns.values(), formats, strict=True)
        ]
        heads = [message(f"course.{key}") for key in self.columns]
        return [heads, *(list(row) for row in zip(*cells, strict=True))]

    def __repr__(self) -> str:
        """Align the columns."""
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [" | ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows[1:]]
        head = " | ".join(c.ljust(w) for c, w in zip(rows[0], widths, strict=True)).rstrip()
        title = [message(f"course.{self.caption}")] if self.caption else []
        return "\n".join([*title, head, *lines])

    def _repr_html_(self) -> str:
        rows = self.rows()
        over = html.escape(message(f"course.{self.caption}")) if self.caption else ""
        title = f"<caption {_CAPTION}>{over}</caption>" if over else ""
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in rows[0])
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
