"""Read a source script: Markdown cells in two languages, shared code, exercises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jupytext

from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbformat import NotebookNode


LEADING = "fr"  # the language that each text is first written in: its cell comes before its twins
PARTS = ("begin", "explain", "inside", "conclude")
_KEYS = ("title", "minutes", "before", "part", "level", "slides")


@dataclass(frozen=True)
class Source:
    """One notebook of the course, in both languages.

    Attributes
    ----------
    slug : str
        The file's name without its ending, such as ``"03_adversarial"``.
    title : Mapping
        The title in each language.
    minutes : int
        How long a reader needs.
    before : tuple of str
        The slugs of what should be read first.
    part : str
        The part of the course that it belongs to: one of `PARTS`.
    level : int
        1 for everyone, 2 for those who know how a network is trained, 3 for those who want the mathematics.
    slides : Mapping
        What the slides call its topic, in each language.
    cells : tuple of NotebookNode
        The cells as they stand in the script.
    """

    slug: str
    title: Mapping[str, str]
    minutes: int
    before: tuple[str, ...]
    part: str
    level: int
    slides: Mapping[str, str]
    cells: tuple[NotebookNode, ...]

    def exercises(self) -> list[str]:
        """Return the exercises in their order."""
        return [cell.metadata["exercise"] for cell in self.cells if "exercise" in cell.metadata]

    def solution(self, name: str) -> str:
        """Return the solution cell of an exercise, with the comments of both languages and without nbgrader's marks."""
        cell = next(cell for cell in self.cells if cell.metadata.get("exercise") == name)
        return without_marks(cell.source)


class SourceError(ValueError):
    """A source script that cannot be read as a notebook of the course."""


def read_source(path: Path) -> Source:
    """Read a script in the percent format.

    Parameters
    ----------
    path : Path
        Its header holds, under ``jupyter: course:``, ``title`` and ``slides`` (``fr`` and ``en``), ``minutes``,
        ``before``, ``part`` and ``level``.

    Raises
    ------
    SourceError
        If the header lacks something; the message says what.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    header: dict[str, Any] = dict(notebook.metadata.get("course", {}))
    lacking = [key for key in _KEYS if key not in header]
    lacking += [
        f"{key}: {code}" for key in ("title", "slides") for code in LANGUAGES if code not in header.get(key, {})
    ]
    if lacking:
        raise SourceError(f"{path.name}: the header lacks, under jupyter: course:, {', '.join(lacking)}")
    if header["part"] not in PARTS or header["level"] not in (1, 2, 3):
        raise SourceError(f"{path.name}: part is one of {', '.join(PARTS)}, and level is 1, 2 or 3")
    return Source(
        slug=path.stem,
        title=header["title"],
        minutes=int(header["minutes"]),
        before=tuple(header["before"]),
        part=header["part"],
        level=int(header["level"]),
        slides=header["slides"],
        cells=tuple(notebook.cells),
    )


def languages_of(cell: NotebookNode) -> set[str]:
    """Return the languages that a cell is tagged with."""
    return set(cell.metadata.get("tags", [])) & set(LANGUAGES)


def without_marks(code: str) -> str:
    r"""Remove the lines of nbgrader's solution marks and keep what is between them.

    Examples
    --------
    >>> without_marks("### BEGIN SOLUTION\nx = 1\n### END SOLUTION")
    'x = 1'
    """
    lines = code.split("\n")
    return "\n".join(line for line in lines if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line)
