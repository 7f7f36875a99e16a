"""Checks of the sources: what comes before what, twins, headings, marks, code, exercises, typography."""

from __future__ import annotations

import ast
import difflib
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from IPython.core.inputtransformer2 import TransformerManager

from xai_widgets.course.authoring.cell_sentences import unknown_keys
from xai_widgets.course.authoring.fault import Fault
from xai_widgets.course.authoring.source import LEADING, languages_of
from xai_widgets.course.authoring.typography import straight_quotes
from xai_widgets.course.exercises.comments import in_language, unbalanced
from xai_widgets.course.exercises.exercise import count_hints, missing_texts
from xai_widgets.course.exercises.exercise_registry import list_exercises
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbformat import NotebookNode

    from xai_widgets.course.authoring.source import Source

_HEADING = re.compile(r"^(#{1,6}) \S", re.MULTILINE)
_NAMES = {"en": "English", "fr": "French"}
_MARKS = {"exercise", "check", "points", "tags", "slideshow"}
_UNREAD = "incorrectly_encoded_metadata"  # where jupytext puts what it cannot read
_JUPYTEXTS = {_UNREAD, "title", "cell_marker", "cell_depth", "lines_to_next_cell", "lines_to_end_of_cell_marker"}
_REGION_MARKS = tuple(f"{word} {region}" for region in ("SOLUTION", "HIDDEN TESTS") for word in ("BEGIN", "END"))
_FENCE = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)


def source_faults(sources: Sequence[Source]) -> list[Fault]:
    """Return what is wrong in the sources of the course."""
    found = [*_order_faults(sources), *_repeated_exercises(sources)]
    for source in sources:
        found += _mark_faults(source)
        found += _twin_faults(source)
        found += _code_faults(source)
        found += _exercise_faults(source)
        found += _french_faults(source)
    return found


def _order_faults(sources: Sequence[Source]) -> Iterator[Fault]:
    """Find what comes before a notebook and does not exist, and notebooks that come before themselves."""
    slugs = {source.slug for source in sources}
    for source in sources:
        for slug in sorted(set(source.before) - slugs):
            yield Fault(source.slug, f"comes after {slug!r}, which does not exist; mend before: in the header")
    try:
        TopologicalSorter({source.slug: set(source.before) & slugs for source in sources}).prepare()
    except CycleError as error:
        circle = error.args[1]
        yield Fault(circle[0], f"comes before itself: {' → '.join(circle)}; mend before: in the header")


def _repeated_exercises(sources: Sequence[Source]) -> Iterator[Fault]:
    """Each exercise has one cell and one check in the whole course: the names are nbgrader's."""
    for mark in ("exercise", "check"):
        named = [(str(c.metadata[mark]), s.slug) for s in sources for c in s.cells if mark in c.metadata]
        for name, times in Counter(name for name, _ in named).items():
            if times > 1:
                slugs = sorted({slug for other, slug in named if other == name})
                yield Fault(", ".join(slugs), f'{times} cells are marked {mark}="{name}"; one may be')


def _mark_faults(source: Source) -> Iterator[Fault]:
    """Find what cannot be read in the lines ``# %%``: a mistyped mark would be passed over without a word."""
    seen: set[str] = set()
    for number, cell in enumerate(source.cells, 1):
        where, marks = f"{source.slug}, cell {number}", cell.metadata
        unread = str(marks.get(_UNREAD, ""))
        if unread:
            yield Fault(where, f'the marks after "# %%" cannot be read: {unread}; values stand in quotes, closed')
        for key in sorted(set(marks) - _MARKS - _JUPYTEXTS):
            nearest = difflib.get_close_matches(key, _MARKS, n=1, cutoff=0.5) or sorted(_MARKS)
            yield Fault(where, f"there is no mark {key!r}; did you mean {' or '.join(nearest)}?")
        for key in ("exercise", "check"):
            if key in marks and not isinstance(marks[key], str):
                yield Fault(where, f'{key} is the name of an exercise, such as {key}="00.margin", not {marks[key]!r}')
        if "points" in marks and not _is_number_of_points(marks["points"]):
            yield Fault(where, f"points is a whole number, at least 0, not {marks['points']!r}")
        if "points" in marks and "check" not in marks:
            yield Fault(where, 'points stand in a cell marked check="NN.name"')
        seen.add(str(marks.get("exercise", "")))
        if "check" in marks and str(marks["check"]) not in seen and str(marks["check"]) in source.exercises():
            yield Fault(where, f"the check of {marks['check']} stands above its exercise; put it below")


def _is_number_of_points(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


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
        yield from (Fault(where, what) for what in _region_faults(cell.source))
        if "BEGIN SOLUTION" in cell.source and "exercise" not in cell.metadata:
            yield Fault(where, 'a solution stands in a cell marked exercise="NN.name"')
        if "BEGIN HIDDEN TESTS" in cell.source and "check" not in cell.metadata:
            yield Fault(where, 'hidden tests stand in a cell marked check="NN.name"')
        if "exercise" in cell.metadata:
            yield from (Fault(where, what) for what in _answer_faults(cell.source))
        broken = syntax_fault(cell.source)
        if broken:
            yield Fault(where, broken)
        for key in unknown_keys(cell.source, LEADING):
            yield Fault(
                where,
                f"{key!r} is no key of xai_widgets/i18n/catalogue/{LEADING}/course.json: write its sentence there",
            )


def _region_faults(code: str) -> Iterator[str]:
    """Each region begins and ends, in this order, and its marks are written as nbgrader has them."""
    opened = ""
    for line in code.split("\n"):
        comment = re.fullmatch(r"\s*#+\s*(?P<text>\S.*?)\s*", line)
        mark = _nearest_mark(comment["text"]) if comment else ""
        if not mark:
            continue
        if line.strip() != f"### {mark}":
            yield f"{line.strip()!r} is no mark; write ### {mark}"
        word, region = mark.split(" ", 1)
        if word == "BEGIN" and opened:
            yield f"### BEGIN {region} stands inside {opened.lower()}; write ### END {opened} first"
        if word == "END" and opened != region:
            yield f"### END {region} has no ### BEGIN {region} above it"
        opened = region if word == "BEGIN" else ""
    if opened:
        yield f"### BEGIN {opened} has no ### END {opened} below it"


def _nearest_mark(comment: str) -> str:
    """Return the mark of a region that a comment is meant to be, nothing for other comments."""
    nearest = difflib.get_close_matches(comment.upper(), _REGION_MARKS, n=1, cutoff=0.8)
    shouted = comment == comment.upper() or comment.upper() in _REGION_MARKS
    return nearest[0] if nearest and shouted else ""


def _answer_faults(code: str) -> Iterator[str]:
    """Say what in the cell of an answer would be lost with it, or cost the student more than this exercise."""
    if "BEGIN SOLUTION" not in code:
        yield "it has no solution between ### BEGIN SOLUTION and ### END SOLUTION: students would get an empty cell"
    inside = False
    for line in code.split("\n"):
        inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
        if not inside and re.match(r"(import|from)\s+\w", line):
            yield f"{line.strip()!r} stands in an answer: put it into a cell above, which a mistyped answer cannot stop"


def _transformer() -> TransformerManager:
    return TransformerManager()  # type: ignore[no-untyped-call]


def syntax_fault(code: str) -> str:
    """Say what is wrong with the syntax of a cell, which may hold magics; nothing if all is well."""
    try:
        ast.parse(_transformer().transform_cell(code))
    except (SyntaxError, ValueError) as error:
        line, said = getattr(error, "lineno", None), getattr(error, "msg", str(error))
        return f"line {line} of the cell is not Python: {said}" if line else f"the cell is not Python: {said}"
    return ""


def _exercise_faults(source: Source) -> Iterator[Fault]:
    checks = [cell for cell in source.cells if "check" in cell.metadata]
    checked = {cell.metadata["check"] for cell in checks}
    known = set(list_exercises())
    for name in sorted(map(str, {*source.exercises(), *checked})):
        where = f"{source.slug}, exercise {name}"
        if name not in known:
            yield Fault(where, "no class is registered under this name in xai_widgets/course/exercises/by_notebook")
            continue
        if name not in checked:
            yield Fault(where, f'it has no cell marked check="{name}"')
        yield from (Fault(where, f"the catalogue lacks {text}") for text in missing_texts(name))
        if len({count_hints(name, code) for code in LANGUAGES}) > 1:
            yield Fault(where, "it has not as many hints in one language as in another")
        if name not in source.exercises() or not _does_something(source.solution(name)):
            yield Fault(where, f'it has no solution between its marks in a cell marked exercise="{name}"')
    for cell in checks:
        name = str(cell.metadata["check"])
        if not re.search(rf"exercise\(['\"]{re.escape(name)}['\"]\)", cell.source):
            yield Fault(f"{source.slug}, exercise {name}", f'its check does not say exercise("{name}").check(…)')


def _does_something(code: str) -> bool:
    """Tell whether code holds more than comments, ``pass`` and docstrings."""
    try:
        nodes = ast.walk(ast.parse(_transformer().transform_cell(in_language(code, "en"))))
    except SyntaxError:  # a fault of its own
        return True
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
