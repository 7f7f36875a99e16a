"""Make the notebooks of an edition from their sources: student, solved, and nbgrader's own."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import re
import traceback
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

from xai_widgets.course.authoring.cell_sentences import with_sentences
from xai_widgets.course.authoring.checkout import read_toml
from xai_widgets.course.authoring.fault import CourseError, Fault
from xai_widgets.course.authoring.notebook_frame import KERNEL, Furniture
from xai_widgets.course.authoring.source import LEADING, Source, languages_of, read_sources, without_marks
from xai_widgets.course.authoring.typography import typeset
from xai_widgets.course.exercises.comments import in_language
from xai_widgets.course.exercises.exercise_registry import add_exercises, own_exercises
from xai_widgets.course.exercises.grade_ids import GRADED, grade_id
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from xai_widgets.course.authoring.checkout import Kind, Layout

_METADATA = {
    **KERNEL,
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


@dataclass(frozen=True)
class Builder:
    """Makes notebooks from the sources of a course.

    Attributes
    ----------
    layout : Layout
        The checkout.
    course : tuple of Source
        The notebooks that are taught, in their order.
    left_out : tuple of Source
        Those that ``course.toml`` does not name: nothing leads to them.
    """

    layout: Layout
    course: tuple[Source, ...]
    left_out: tuple[Source, ...] = ()

    @classmethod
    def of(cls, layout: Layout) -> Builder:
        """Read all sources of a checkout.

        Raises
        ------
        CourseError
            If one cannot be read as a notebook of the course, or ``course.toml`` names one that does not exist.
        """
        _add_own_exercises(layout)
        sources = {source.slug: source for source in read_sources(layout.sources())}
        if not sources:
            raise CourseError([Fault("notebooks/source", "holds no script such as 00_start.py")])
        taught = _taught(layout, sources)
        left_out = tuple(source for slug, source in sources.items() if slug not in taught)
        away = {source.slug for source in left_out}
        chosen = (sources[slug] for slug in taught)
        course = tuple(
            replace(one, before=tuple(slug for slug in one.before if slug not in away)) if away else one
            for one in chosen
        )
        return cls(layout, course, left_out)

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
        furniture, own = Furniture(self.layout, self.course), not own_exercises().isdisjoint(source.exercises())
        cells = [
            new_markdown_cell(typeset(furniture.header(source, language), language), id="header"),
            new_code_cell(furniture.setup(language, own=own), id="setup", metadata={"tags": ["setup"]}),
            *self._own_cells(source, language),
            new_markdown_cell(typeset(furniture.footer(source, language), language), id="footer"),
        ]
        made = new_notebook(cells=cells, metadata=_METADATA)
        nbformat.validate(made)
        return made

    def solutions(self) -> dict[str, str]:
        """Return the solution of every exercise of the course, for the package to show."""
        sources = (*self.course, *self.left_out)
        return {name: source.solution(name) for source in sources for name in source.exercises()}

    def _own_cells(self, source: Source, language: str) -> list[NotebookNode]:
        """Return the cells of one language, each with a name that is the same in all editions."""
        cells = []
        for cell, name in zip(source.cells, cell_names(source), strict=True):
            if cell.cell_type == "code":
                code = with_sentences(in_language(cell.source, language), language) + _hidden_tests(cell)
                cells.append(new_code_cell(code, id=name, metadata=_code_metadata(cell)))
            elif language in languages_of(cell):
                prose = typeset(self._without_links(cell.source), language)
                cells.append(new_markdown_cell(prose, id=name, metadata=_slides(cell)))
        return cells

    def _without_links(self, prose: str) -> str:
        """Leave the words of links to notebooks that are not taught, and not the links."""
        for source in self.left_out:
            prose = re.sub(rf"\[([^\]]*)\]\({source.slug}\.ipynb(#[^)]*)?\)", r"\1", prose)
        return prose


def _add_own_exercises(layout: Layout) -> None:
    """Add the exercises that lie beside the notebooks, and say what hinders it."""
    if not layout.own_exercises().is_dir():
        return
    try:
        add_exercises(layout.own_exercises())
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if str(layout.own_exercises()) in f.filename]
        place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(layout.own_exercises())
        raise CourseError([Fault(place, f"{type(error).__name__}: {error}")]) from error


def _taught(layout: Layout, sources: Mapping[str, Source]) -> list[str]:
    """Return which notebooks are taught, in their order."""
    if not layout.order().is_file():
        return list(sources)
    taught = read_toml(layout.order()).get("notebooks")
    if not isinstance(taught, list) or not taught or not all(isinstance(slug, str) for slug in taught):
        what = 'has no list of notebooks; write notebooks = ["00_start", "05_lime"], in the order of your course'
        raise CourseError([Fault("course.toml", what)])
    faults = []
    for slug in sorted(set(taught) - set(sources)):
        nearest = ", ".join(difflib.get_close_matches(slug, sources, n=3, cutoff=0.3)) or ", ".join(sources)
        what = f"there is no notebook {slug!r} in notebooks/source; the nearest: {nearest}"
        faults.append(Fault("course.toml", what))
    repeated = sorted({slug for slug in taught if taught.count(slug) > 1})
    faults += [Fault("course.toml", f"names {slug!r} more than once") for slug in repeated]
    if faults:
        raise CourseError(faults)
    return taught


def cell_names(source: Source) -> list[str]:
    """Name each cell by its content, so that a new cell does not rename those after it.

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
    metadata = _slides(cell)
    tags = cell.metadata.get("tags", [])
    if tags:
        metadata["tags"] = list(tags)
    if _grade_id(cell):
        metadata["nbgrader"] = _nbgrader(cell)
    return metadata


def _slides(cell: NotebookNode) -> dict[str, Any]:
    """Return how a cell is shown in a slide show, where its author says so."""
    return {"slideshow": dict(cell.metadata["slideshow"])} if "slideshow" in cell.metadata else {}


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
    return {**marks, "points": _points(cell)} if checks else marks


def _hidden_tests(cell: NotebookNode) -> str:
    """Return the end of a check for nbgrader: it takes a number as the points, and anything else as all of them."""
    if "check" not in cell.metadata:
        return ""
    points = f"exercise({json.dumps(cell.metadata['check'])}).points({_points(cell)})"
    return f"\n### BEGIN HIDDEN TESTS\n{points}\n### END HIDDEN TESTS"


def _points(cell: NotebookNode) -> int:
    return int(cell.metadata.get("points", 1))


def _grade_id(cell: NotebookNode) -> str:
    """Return the name of a cell of an exercise, nothing for others."""
    return next((grade_id(key, cell.metadata[key]) for key in GRADED if key in cell.metadata), "")


def written(notebook: NotebookNode) -> bytes:
    """Return a notebook as Jupyter writes it, keys sorted, so that building it again gives the same bytes."""
    text: str = nbformat.writes(notebook)
    return (text.rstrip("\n") + "\n").encode()


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook into a file, and the folder that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(notebook))


def solutions_text(builder: Builder) -> str:
    """Return the file of solutions as text; `exercise.solutions` reads it."""
    encoded = {name: base64.b64encode(code.encode()).decode() for name, code in builder.solutions().items()}
    return json.dumps(encoded, indent=1, sort_keys=True) + "\n"
