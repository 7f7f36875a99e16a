"""Read a source script: Markdown cells in two languages, shared code, exercises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jupytext
import nbformat
import yaml  # type: ignore[import-untyped]

from xai_widgets.course.authoring.fault import CourseError, Fault
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
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


class SourceError(CourseError):
    """Source scripts that cannot be read as notebooks of the course."""


def read_sources(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Read all scripts of a course.

    Raises
    ------
    SourceError
        With the faults of all of them.
    """
    sources: list[Source] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            sources.append(read_source(path))
        except SourceError as error:
            faults += error.faults
    if faults:
        raise SourceError(faults)
    return tuple(sources)


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
        If it is no such script; the message says what is wrong, and where.
    """
    notebook = _read_cells(path)
    header = notebook.metadata.get("course")
    faults = [Fault(path.stem, what) for what in _header_faults(header)]
    if faults:
        raise SourceError(faults)
    return Source(
        slug=path.stem,
        title=header["title"],
        minutes=header["minutes"],
        before=tuple(header["before"]),
        part=header["part"],
        level=header["level"],
        slides=header["slides"],
        cells=tuple(notebook.cells),
    )


def _read_cells(path: Path) -> NotebookNode:
    """Read the cells and the header, and say what hinders it."""
    try:
        # Editors of Windows put a mark of the encoding at the beginning.
        return jupytext.reads(path.read_text(encoding="utf-8-sig"), fmt="py:percent")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError([Fault(path.stem, f"line {line} is not UTF-8; save the file in that encoding")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 2}" if mark else ""  # the header begins on the second line of the file
        problem = getattr(error, "problem", None) or str(error)
        what = f"the header is not YAML: {problem}; put quotes around texts, and indent with spaces"
        raise SourceError([Fault(f"{path.stem}{place}", what)]) from None
    except (nbformat.ValidationError, ValueError, TypeError) as error:
        problem = getattr(error, "message", None) or str(error)
        what = f'a line "# %%" has marks that cannot be read: {problem}; tags are written tags=["fr"]'
        raise SourceError([Fault(path.stem, what)]) from None


def _header_faults(header: Any) -> Iterator[str]:
    """Say what is wrong with what stands under ``jupyter: course:``."""
    if header is None:
        yield "has no header with jupyter: course: between two lines # ---; copy that of 00_start"
        return
    if not isinstance(header, dict):
        yield f"the header has {header!r} under jupyter: course:, not a table; copy that of 00_start"
        return
    lacking = [key for key in _KEYS if key not in header]
    texts = [(key, code) for key in ("title", "slides") for code in LANGUAGES if key in header]
    lacking += [f"{key}: {code}" for key, code in texts if not _is_text(header[key], code)]
    if lacking:
        yield f"the header lacks, under jupyter: course:, {', '.join(lacking)}"
    if header.get("part", PARTS[0]) not in PARTS or header.get("level", 1) not in (1, 2, 3):
        yield f"part is one of {', '.join(PARTS)}, and level is 1, 2 or 3"
    minutes, before = header.get("minutes", 1), header.get("before", [])
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 1:
        yield f"minutes is a whole number, at least 1, not {minutes!r}"
    if not isinstance(before, list) or not all(isinstance(slug, str) for slug in before):
        yield f"before is a list of notebooks such as [00_start], or [], not {before!r}"


def _is_text(texts: Any, code: str) -> bool:
    return isinstance(texts, dict) and isinstance(texts.get(code), str) and bool(texts[code].strip())


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
