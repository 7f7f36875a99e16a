"""Build all editions of the course, and check that those on disk are what a build makes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import nbformat
from nbclient.exceptions import CellExecutionError
from nbconvert.filters import strip_ansi

from xai_widgets.course import execution
from xai_widgets.course.covers import save_cover
from xai_widgets.course.edition import Builder, solutions_text, write
from xai_widgets.course.faults import Fault, source_faults
from xai_widgets.course.inspection import notebook_faults
from xai_widgets.course.pages import PAGES, Pages
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

    from xai_widgets.course.layout import Kind, Layout
    from xai_widgets.course.source import Source


def build(
    layout: Layout, *, students_only: bool = False, only: str | None = None, text_only: bool = False
) -> list[Fault]:
    """Write the editions of the course; return the faults found, in the sources and in what was made.

    The sources are checked first: nothing is written while they have faults. With `text_only`, a solved notebook whose
    code is what it was keeps its outputs instead of being run again.
    """
    builder = Builder.of(layout)
    chosen = _chosen(builder, only)
    faults = source_faults(builder.course)
    if faults:
        return faults
    layout.solutions().write_text(solutions_text(builder), encoding="utf-8", newline="\n")
    for source in chosen:
        for language in LANGUAGES:
            write(builder.notebook(source, language, "student"), layout.notebook(source.slug, language, "student"))
    for source in chosen if not students_only else ():
        for language in LANGUAGES:
            faults += _solve(builder, source, language, text_only=text_only)
    _write_pages(builder)
    return faults + _inspect(builder, chosen, _kinds(students_only=students_only))


def check(layout: Layout, *, students_only: bool = False, only: str | None = None) -> list[Fault]:
    """Return every fault of the course on disk; outputs are compared by running the solved notebooks under nbval."""
    builder = Builder.of(layout)
    chosen = _chosen(builder, only)
    kinds = _kinds(students_only=students_only)
    faults = source_faults(builder.course)
    if faults:
        return faults
    faults += _stale(builder, chosen)
    faults += _inspect(builder, chosen, kinds)
    faults += _strangers(builder)
    if faults or students_only:
        return faults
    return [fault for source in chosen for language in LANGUAGES for fault in _rerun(layout, source, language)]


def export(layout: Layout, folder: Path, language: str) -> list[Fault]:
    """Write nbgrader's source version of every notebook that has exercises, as ``folder/source/SLUG/SLUG.ipynb``."""
    builder = Builder.of(layout)
    for source in builder.course:
        if source.exercises():
            path = folder / "source" / source.slug / f"{source.slug}.ipynb"
            write(builder.assignment(source, language), path)
    return source_faults(builder.course)


def hand_out(layout: Layout, folder: Path) -> list[Fault]:
    """Write what students get, and no solution, into `folder`: ``fr/`` and ``en/``, with map, glossary and pictures."""
    builder = Builder.of(layout)
    faults = source_faults(builder.course)
    if faults:
        return faults
    for language in LANGUAGES:
        for source in builder.course:
            write(builder.notebook(source, language, "student"), folder / language / f"{source.slug}.ipynb")
            _copy(layout.picture(source.slug, language), folder / language / "images")
    _write_pages(builder, folder)
    return []


def _copy(picture: Path, folder: Path) -> None:
    if picture.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, folder)


def stale(made: NotebookNode, kept: NotebookNode) -> str:
    """Say where a notebook on disk departs from what a build makes, its outputs aside; "" if nowhere."""
    if [cell.id for cell in made.cells] != [cell.get("id") for cell in kept.cells]:
        return "its cells are not those of the source"
    for new, old in zip(made.cells, kept.cells, strict=True):
        if (new.cell_type, new.source, new.metadata) != (old.cell_type, old.source, old.metadata):
            return f"cell {new.id} is not as in the source"
    return "" if made.metadata == kept.metadata else "its metadata are not what a build makes"


def _chosen(builder: Builder, only: str | None) -> list[Source]:
    chosen = [source for source in builder.course if only in (None, source.slug)]
    if not chosen:
        names = ", ".join(source.slug for source in builder.course)
        raise ValueError(f"no notebook {only!r} in notebooks/source; there are: {names}")
    return chosen


def _kinds(*, students_only: bool) -> tuple[Kind, ...]:
    return ("student",) if students_only else ("student", "solved")


def _solve(builder: Builder, source: Source, language: str, *, text_only: bool) -> list[Fault]:
    """Run the solved notebook and write it, with its small picture; one that raises is not written."""
    path = builder.layout.notebook(source.slug, language, "solved")
    solved = builder.notebook(source, language, "solved")
    if not (text_only and _with_kept_outputs(solved, path)):
        try:
            solved = execution.run(solved, path.parent, language)
        except CellExecutionError as error:
            report = strip_ansi(str(error))  # type: ignore[no-untyped-call]
            return [Fault(f"solutions/{language}/{source.slug}", report)]
    write(solved, path)
    save_cover(solved, builder.layout.picture(source.slug, language))
    return []


def _with_kept_outputs(made: NotebookNode, path: Path) -> bool:
    """Give a notebook the outputs of the one on disk, if all their code is the same; tell whether it is."""
    if not path.is_file():
        return False
    kept = nbformat.read(path, as_version=4)
    old, new = ([cell for cell in one.cells if cell.cell_type == "code"] for one in (kept, made))
    if [cell.source for cell in old] != [cell.source for cell in new]:
        return False
    for before, cell in zip(old, new, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    made.metadata = kept.metadata
    return True


def _write_pages(builder: Builder, folder: Path | None = None) -> None:
    """Write the pages beside the students' notebooks, or into a folder that is handed out, without the solved ones."""
    pages = Pages(builder.layout, builder.course, solved=folder is None)
    for language in LANGUAGES:
        for name in PAGES:
            beside = builder.layout.notebook(name, language, "student")
            write(pages.page(name, language), folder / language / beside.name if folder else beside)


def _stale(builder: Builder, chosen: list[Source]) -> list[Fault]:
    found = []
    for source in chosen:
        for language in LANGUAGES:
            for kind in _kinds(students_only=False):
                path = builder.layout.notebook(source.slug, language, kind)
                where = path.relative_to(builder.layout.root).as_posix()
                if not path.is_file():
                    found.append(Fault(where, "is missing; run the build"))
                    continue
                reason = stale(builder.notebook(source, language, kind), nbformat.read(path, as_version=4))
                found += [Fault(where, f"{reason}; run the build")] if reason else []
    found += _stale_pages(builder)
    shipped = builder.layout.solutions()
    if not shipped.is_file() or shipped.read_text("utf-8") != solutions_text(builder):
        found.append(Fault(shipped.name, "is not made from the solution cells; run the build"))
    return found


def _stale_pages(builder: Builder) -> list[Fault]:
    """Return what is not as a build makes it in the map of the course and the glossary."""
    pages, found = Pages(builder.layout, builder.course), []
    for language in LANGUAGES:
        for name in PAGES:
            path, made = builder.layout.notebook(name, language, "student"), pages.page(name, language)
            kept = nbformat.read(path, as_version=4) if path.is_file() else None
            reason = stale(made, kept) if kept else "is missing"
            found += [Fault(f"{language}/{name}", f"{reason}; run the build")] if reason else []
            found += notebook_faults(made, path, language, solved=False)
    return found


def _inspect(builder: Builder, chosen: list[Source], kinds: tuple[Kind, ...]) -> list[Fault]:
    found = []
    for source in chosen:
        for language in LANGUAGES:
            for kind in kinds:
                path = builder.layout.notebook(source.slug, language, kind)
                if path.is_file():
                    notebook = nbformat.read(path, as_version=4)
                    found += notebook_faults(notebook, path, language, solved=kind == "solved")
    return found


def _strangers(builder: Builder) -> list[Fault]:
    """Return the notebooks on disk that no source makes."""
    layout, slugs = builder.layout, {*PAGES, *(source.slug for source in builder.course)}
    folders = [layout.folder(language, kind) for language in LANGUAGES for kind in _kinds(students_only=False)]
    paths = [path for folder in folders for path in sorted(folder.glob("*.ipynb")) if path.stem not in slugs]
    return [Fault(path.relative_to(layout.root).as_posix(), "comes from no source; remove it") for path in paths]


def _rerun(layout: Layout, source: Source, language: str) -> list[Fault]:
    result = execution.validate([layout.notebook(source.slug, language, "solved")], language)
    if result.returncode == 0:
        return []
    return [Fault(f"solutions/{language}/{source.slug}", f"another run gives something else\n{result.stdout[-4000:]}")]
