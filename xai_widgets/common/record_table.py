"""A small table: rows that are records, shown as aligned text in a terminal and as HTML in a notebook."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = TypeVar("Row")


class RecordTable(Sequence[Row], Generic[Row]):
    """Rows of one dataclass whose first field is a unique name.

    Parameters
    ----------
    rows : iterable of dataclass
        The records.
    headings : str
        Where the headings are in the message catalogue: the field ``size`` is headed by ``message(headings + "size")``.
    formats : dict, optional
        How fields are shown, by field name; ``str`` for the others.
    columns : sequence of str, optional
        Which fields and properties are shown, the name first; all fields if left out.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Entry:
    ...     name: str
    ...     licence: str
    >>> table = RecordTable([Entry("cat", "CC0"), Entry("coffee", "CC0")], "models.column_")
    >>> print(table)
    name    licence
    cat     CC0
    coffee  CC0
    >>> table["coffee"].licence, len(table)
    ('CC0', 2)
    """

    def __init__(
        self,
        rows: Iterable[Row],
        headings: str,
        formats: dict[str, Callable[[Any], str]] | None = None,
        *,
        columns: Sequence[str] | None = None,
    ) -> None:
        self._rows = tuple(rows)
        self._headings = headings
        self._formats = formats or {}
        self._columns = columns

    @property
    def names(self) -> list[str]:
        """The names of the rows."""
        return [str(getattr(row, self._fields()[0])) for row in self._rows]

    @overload
    def __getitem__(self, key: int | str) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Row]: ...
    def __getitem__(self, key: int | str | slice) -> Row | Sequence[Row]:
        """Return a row by its index or its name; an unknown name raises KeyError with similar names."""
        if not isinstance(key, str):
            return self._rows[key]
        found = match(key, self.names)
        if found is None:
            raise KeyError(f"{key!r}; {suggestion(key, self.names)}")
        return self._rows[self.names.index(found)]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        """Return the table as aligned text, with headings in the current language."""
        lines = [self._head(), *self._body()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join(line.rstrip() for line in padded)

    def to_markdown(self) -> str:
        """Return the table in Markdown; a bar in a cell is escaped.

        Examples
        --------
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Entry:
        ...     name: str
        ...     licence: str
        >>> print(RecordTable([Entry("cat", "CC0")], "models.column_").to_markdown())
        | name | licence |
        |---|---|
        | cat | CC0 |
        """
        rows = [self._head(), *self._body()]
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
        return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])

    def _repr_html_(self) -> str:
        """Return the table as HTML; the text of the cells is escaped."""
        head = "".join(f'<th scope="col" style="text-align: left">{html.escape(cell)}</th>' for cell in self._head())
        body = "".join(
            "<tr>" + "".join(f'<td style="text-align: left">{html.escape(cell)}</td>' for cell in line) + "</tr>"
            for line in self._body()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _fields(self) -> list[str]:
        if self._columns is not None:
            return list(self._columns)
        return [field.name for field in dataclasses.fields(self._rows[0])] if self._rows else ["name"]  # type: ignore[arg-type]

    def _head(self) -> list[str]:
        return [message(self._headings + field) for field in self._fields()]

    def _body(self) -> list[list[str]]:
        return [[self._formats.get(field, str)(getattr(row, field)) for field in self._fields()] for row in self._rows]
