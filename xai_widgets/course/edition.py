"""Make the notebooks of an edition from their sources: student, solved, and nbgrader's own."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

from xai_widgets.course.comments import in_language
from xai_widgets.course.furniture import KERNEL, Furniture
from xai_widgets.course.source import LEADING, Source, languages_of, read_source, without_marks
from xai_widgets.course.typography import typeset
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from xai_widgets.course.layout import Kind, Layout

_METADATA = {
    **KERNEL,
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


# The marks of a source script, and how the names of these cells begin.
_GRADED = {"exercise": "answer", "check": "check"}


@dataclass(frozen=True)
class Builder:
    """Makes notebooks from the sources of a course."""

    layout: Layout
    course: tuple[Source, ...]

    @classmethod
    def of(cls, layout: Layout) -> Builder:
        """Read all sources of a checkout."""
        return cls(layout, tuple(read_source(path) for path in layout.sources()))

    def notebook(self, source: Source, language: str, kind: Kind) -> NotebookNode:
        """Make a notebook without outputs: what students get, or the solved one before it is run."""
        made = self.assignment(source, language)
        if kind == "student":
            stub = f"# {message('course.furniture.stub', language)}\npass"
            ClearSolutions(code_stub={"python": stub}).preprocess(made, {})
        else:
            for cell in made.cells:
                cell.source = without_marks(cell.source)
            header = made.cells[0]  # the map of the course lies with the students' notebooks
            header.source = header.source.replace("(index.ipynb)", f"(../../{language}/index.ipynb)")
        ClearHiddenTests().preprocess(made, {})
        for cell in made.cells:
            cell.source = cell.source.rstrip()
        return made

    def assignment(self, source: Source, language: str) -> NotebookNode:
        """Make nbgrader's source version: solutions and hidden tests are there, between their marks."""
        furniture = Furniture(self.layout, self.course)
        cells = [
            new_markdown_cell(typeset(furniture.header(source, language), language), id="header"),
            new_code_cell(furniture.setup(language), id="setup", metadata={"tags": ["setup"]}),
            *_own_cells(source, language),
            new_markdown_cell(typeset(furniture.footer(source, language), language), id="footer"),
        ]
        made = new_notebook(cells=cells, metadata=_METADATA)
        nbformat.validate(made)
        return made

    def solutions(self) -> dict[str, str]:
        """Return the solution of every exercise of the course, for the package to show."""
        return {name: source.solution(name) for source in self.course for name in source.exercises()}


def _own_cells(source: Source, language: str) -> list[NotebookNode]:
    """Return the cells of one language, each with a name that is the same in all editions."""
    cells = []
    for cell, name in zip(source.cells, _names(source), strict=True):
        if cell.cell_type == "code":
            code = in_language(cell.source, language)
            cells.append(new_code_cell(code, id=name, metadata=_code_metadata(cell)))
        elif language in languages_of(cell):
            cells.append(new_markdown_cell(typeset(cell.source, language), id=name))
    return cells


def _names(source: Source) -> list[str]:
    """Name each cell after what it says, so that a new cell does not rename those after it.

    A graded cell has its exercise's name. A cell in another language takes the name of its French twin, before it.
    """
    names: list[str] = []
    seen: Counter[str] = Counter()
    for cell in source.cells:
        if languages_of(cell) - {LEADING} and names:
            names.append(names[-1])
            continue
        name = _grade_id(cell) or hashlib.sha256(f"{source.slug}\n{cell.source}".encode()).hexdigest()[:12]
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names


def _code_metadata(cell: NotebookNode) -> dict[str, Any]:
    """Return the tags of a code cell, and nbgrader's metadata if it is an answer or a check."""
    metadata: dict[str, Any] = {}
    tags = cell.metadata.get("tags", [])
    if tags:
        metadata["tags"] = list(tags)
    if _grade_id(cell):
        metadata["nbgrader"] = _nbgrader(cell)
    return metadata


def _nbgrader(cell: NotebookNode) -> dict[str, Any]:
    """Return nbgrader's metadata: an answer is a solution cell, a check a locked cell with points."""
    checks = "check" in cell.metadata
    marks: dict[str, Any] = {
        "cell_type": "code",
        "grade": checks,
        "grade_id": _grade_id(cell),
        "locked": checks,
        "schema_version": 3,
        "solution": not checks,
        "task": False,
    }
    return {**marks, "points": int(cell.metadata.get("points", 1))} if checks else marks


def _grade_id(cell: NotebookNode) -> str:
    """Return the name of a cell of an exercise, nothing for others."""
    return next((grade_id(key, cell.metadata[key]) for key in _GRADED if key in cell.metadata), "")


def grade_id(kind: str, name: str) -> str:
    """Return the name that nbgrader knows a cell by.

    Examples
    --------
    >>> grade_id("exercise", "03.smallest_epsilon"), grade_id("check", "03.fgsm")
    ('answer-03-smallest-epsilon', 'check-03-fgsm')
    """
    return f"{_GRADED[kind]}-{name.replace('.', '-').replace('_', '-')}"


def write(notebook: NotebookNode, path: Any) -> None:
    """Write a notebook as Jupyter does, keys sorted, so that building it again gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def solutions_text(builder: Builder) -> str:
    """Return the file of solutions as text."""
    return json.dumps(builder.solutions(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
