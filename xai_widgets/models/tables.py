"""A small table: rows that are records, shown as aligned text in a terminal and as HTML in a notebook."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from xai_widgets.i18n import message
from xai_widgets.models.names import match, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = TypeVar("Row")


class Table(Sequence[Row], Generic[Row]):
    """Rows of one dataclass, its first field being a unique name.

    Parameters
    ----------
    rows : iterable
        The records.
    headings : str
        Where the headings are in the message catalogue: the field ``size`` is headed by ``message(headings + "size")``.
    formats : dict, optional
        How fields are shown, by field name; ``str`` for the others.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Entry:
    ...     name: str
    ...     licence: str
    >>> table = Table([Entry("cat", "CC0"), Entry("coffee", "CC0")], "models.column_")
    >>> print(table)
    name    licence
    cat     CC0
    coffee  CC0
    >>> table["coffee"].licence, len(table)
    ('CC0', 2)
    """

    def __init__(
        self, rows: Iterable[Row], headings: str, formats: dict[str, Callable[[Any], str]] | None = None
    ) -> None:
        self._rows = tuple(rows)
        self._headings = headings
        self._formats = formats or {}

    @property
    def names(self) -> list[str]:
        """The names of the rows."""
        return [str(dataclasses.astuple(row)[0]) for row in self._rows]  # type: ignore[call-overload]

    @overload
    def __getitem__(self, key: int | str) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Row]: ...
    def __getitem__(self, key: int | str | slice) -> Row | Sequence[Row]:
        """Take a row by its place or its name; an unknown name raises KeyError with the nearest ones."""
        if not isinstance(key, str):
            return self._rows[key]
        found = match(key, self.names)
        if found is None:
            raise KeyError(f"{key!r}; {suggestion(key, self.names)}")
        return self._rows[self.names.index(found)]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        """Columns side by side, headings in the current language."""
        lines = [self._head(), *self._body()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join(line.rstrip() for line in padded)

    def _repr_html_(self) -> str:
        """Show an HTML table; whatever the cells hold is escaped."""
        head = "".join(f'<th scope="col" style="text-align: left">{html.escape(cell)}</th>' for cell in self._head())
        body = "".join(
            "<tr>" + "".join(f'<td style="text-align: left">{html.escape(cell)}</td>' for cell in line) + "</tr>"
            for line in self._body()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _fields(self) -> list[str]:
        return [field.name for field in dataclasses.fields(self._rows[0])] if self._rows else ["name"]  # type: ignore[arg-type]

    def _head(self) -> list[str]:
        return [message(self._headings + field) for field in self._fields()]

    def _body(self) -> list[list[str]]:
        return [[self._formats.get(field, str)(getattr(row, field)) for field in self._fields()] for row in self._rows]
