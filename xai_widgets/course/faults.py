"""Checks of the sources: twins, headings, exercises, typography."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from xai_widgets.course.base import count_hints, missing_texts
from xai_widgets.course.comments import in_language, unbalanced
from xai_widgets.course.registry import list_exercises
from xai_widgets.course.source import LEADING, languages_of
from xai_widgets.course.typography import straight_quotes
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbformat import NotebookNode

    from xai_widgets.course.source import Source

_HEADING = re.compile(r"^(#{1,6}) \S", re.MULTILINE)
_NAMES = {"en": "English", "fr": "French"}
_FENCE = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """Something wrong, where, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{self.where}: {self.what}"


def source_faults(sources: Sequence[Source]) -> list[Fault]:
    """Return what is wrong in the sources of the course."""
    slugs = {source.slug for source in sources}
    found: list[Fault] = []
    for source in sources:
        missing = sorted(set(source.before) - slugs)
        found += [Fault(source.slug, f"comes after {slug!r}, which does not exist") for slug in missing]
        found += _twin_faults(source)
        found += _code_faults(source)
        found += _exercise_faults(source)
        found += _french_faults(source)
    return found


def headings(cells: Iterable[NotebookNode], language: str) -> list[int]:
    """Return the levels of the headings of one language, in their order."""
    texts = [cell.source for cell in cells if cell.cell_type == "markdown" and language in languages_of(cell)]
    return [len(mark) for text in texts for mark in _HEADING.findall(_FENCE.sub("", text))]


def _twin_faults(source: Source) -> Iterator[Fault]:
    """Between two code cells, each French cell has its twins just after it, and their headings are alike."""
    for kind, group in groupby(enumerate(source.cells, 1), key=lambda pair: pair[1].cell_type):
        if kind == "markdown":
            yield from _group_faults(source.slug, list(group))
        elif kind != "code":
            for number, _ in group:
                yield Fault(f"{source.slug}, cell {number}", f"a {kind} cell has no place here")


def _group_faults(slug: str, group: list[tuple[int, NotebookNode]]) -> Iterator[Fault]:
    waiting: tuple[int, NotebookNode] | None = None  # the French cell
    owed: set[str] = set()  # the languages that it has no twin in yet
    for number, cell in group:
        where, tags = f"{slug}, cell {number}", languages_of(cell)
        if len(tags) != 1:
            marks = " or ".join(f'tags=["{code}"]' for code in LANGUAGES)
            yield Fault(where, f"a Markdown cell is tagged {marks}")
        elif tags == {LEADING}:
            yield from _twinless(slug, waiting, owed)
            waiting, owed = (number, cell), set(LANGUAGES) - tags
        elif waiting is None or not tags <= owed:
            yield Fault(where, f"the {_named(tags)} cell has no French twin just before it")
        else:
            owed -= tags
            if headings([waiting[1]], LEADING) != headings([cell], *tags):
                yield Fault(where, "its headings are not those of its French twin")
    yield from _twinless(slug, waiting, owed)


def _twinless(slug: str, french: tuple[int, NotebookNode] | None, owed: set[str]) -> Iterator[Fault]:
    if french and owed:
        yield Fault(f"{slug}, cell {french[0]}", f"the French cell has no {_named(owed)} twin just after it")


def _named(codes: set[str]) -> str:
    return " and no ".join(_NAMES.get(code, code) for code in sorted(codes))


def _code_faults(source: Source) -> Iterator[Fault]:
    for number, cell in enumerate(source.cells, 1):
        if cell.cell_type != "code":
            continue
        where = f"{source.slug}, cell {number}"
        if unbalanced(cell.source):
            yield Fault(where, "comments tagged by language do not stand at the same places")
        if languages_of(cell):
            yield Fault(where, "code is shared by all languages: tag comments, not the cell")
        if "BEGIN SOLUTION" in cell.source and "exercise" not in cell.metadata:
            yield Fault(where, 'a solution stands in a cell marked exercise="NN.name"')
        if "BEGIN HIDDEN TESTS" in cell.source and "check" not in cell.metadata:
            yield Fault(where, 'hidden tests stand in a cell marked check="NN.name"')


def _exercise_faults(source: Source) -> Iterator[Fault]:
    checks = [cell for cell in source.cells if "check" in cell.metadata]
    checked = {cell.metadata["check"] for cell in checks}
    known = set(list_exercises())
    for name in sorted({*source.exercises(), *checked}):
        where = f"{source.slug}, exercise {name}"
        if name not in known:
            yield Fault(where, "no class is registered under this name in xai_widgets/course/exercises")
            continue
        if name not in checked:
            yield Fault(where, f'it has no cell marked check="{name}"')
        yield from (Fault(where, f"the catalogue lacks {text}") for text in missing_texts(name))
        if len({count_hints(name, code) for code in LANGUAGES}) > 1:
            yield Fault(where, "it has not as many hints in one language as in another")
        if name not in source.exercises() or not _does_something(source.solution(name)):
            yield Fault(where, f'it has no solution between its marks in a cell marked exercise="{name}"')
    for cell in checks:
        if "BEGIN HIDDEN TESTS" not in cell.source:
            name = cell.metadata["check"]
            yield Fault(f"{source.slug}, exercise {name}", "its check has no hidden test for nbgrader")


def _does_something(code: str) -> bool:
    """Tell whether code holds more than comments, ``pass`` and docstrings."""
    nodes = ast.walk(ast.parse(in_language(code, "en")))
    return any(isinstance(node, (ast.Return, ast.Call, ast.BinOp, ast.Compare, ast.For, ast.While)) for node in nodes)


def _french_faults(source: Source) -> Iterator[Fault]:
    for number, cell in enumerate(source.cells, 1):
        texts = [cell.source] if languages_of(cell) == {"fr"} else _french_comments(cell)
        for text in texts:
            for line in straight_quotes(text):
                what = f"French takes « » and ’, not straight quotes: {line.strip()!r}"
                yield Fault(f"{source.slug}, cell {number}", what)


def _french_comments(cell: NotebookNode) -> list[str]:
    if cell.cell_type != "code":
        return []
    lines = cell.source.split("\n")
    return [line.split("# fr:", 1)[1] for line in lines if line.lstrip().startswith("# fr:")]


def heading_jumps(levels: Sequence[int]) -> bool:
    """Tell whether a heading is more than one level below the one before it.

    Examples
    --------
    >>> heading_jumps([1, 2, 3, 2]), heading_jumps([1, 3])
    (False, True)
    """
    return any(below - above > 1 for above, below in pairwise(levels))
