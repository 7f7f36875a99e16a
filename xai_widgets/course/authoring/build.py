"""Build all editions of the course, and check that those on disk are what a build makes."""

from __future__ import annotations

import ast
import difflib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from xai_widgets.course.authoring import execution
from xai_widgets.course.authoring.built_files import BuiltFiles
from xai_widgets.course.authoring.built_record import BuiltRecord, tree_that_runs
from xai_widgets.course.authoring.covers import cover
from xai_widgets.course.authoring.edition_notebooks import Builder, cell_names, solutions_text, written
from xai_widgets.course.authoring.fault import CourseError, Fault
from xai_widgets.course.authoring.notebook_checks import notebook_faults
from xai_widgets.course.authoring.pages import PAGES, Pages, glossary_faults
from xai_widgets.course.authoring.source import languages_of
from xai_widgets.course.authoring.source_checks import source_faults
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbformat import NotebookNode

    from xai_widgets.course.authoring.checkout import Kind, Layout
    from xai_widgets.course.authoring.source import Source


def _silent(text: str) -> None:
    del text


def build(
    layout: Layout,
    *,
    students_only: bool = False,
    only: str | None = None,
    text_only: bool = False,
    rerun: bool = False,
    tell: Callable[[str], None] = _silent,
) -> list[Fault]:
    """Write the editions of the course, all or nothing; return the faults found, in the sources and in what was made.

    While there is a fault, in a source or in what a solved notebook shows, no file is written or changed.

    Parameters
    ----------
    layout : Layout
        The checkout.
    students_only : bool
        Whether to leave out the solved notebooks.
    only : str, optional
        One notebook, such as ``"03_adversarial"``, with the map and the glossary.
    text_only : bool
        Whether a solved notebook whose code is what it was keeps its outputs, also where the package has changed and
        where its imports have moved.
    rerun : bool
        Whether to run also the solved notebooks whose code, package and data are what they were.
    tell : callable
        Gets a line of text for each step.
    """
    try:
        builder = Builder.of(layout)
        chosen = _chosen(builder, only)
        faults = faults_of_sources(builder)
        return faults or _Build(builder, chosen, text_only=text_only, rerun=rerun, tell=tell).make(
            students_only=students_only
        )
    except CourseError as error:
        return list(error.faults)


class _Build:
    """One run of the build: what it has made so far, and what is wrong with it."""

    def __init__(
        self, builder: Builder, chosen: list[Source], *, text_only: bool, rerun: bool, tell: Callable[[str], None]
    ) -> None:
        self.builder, self.layout, self.chosen = builder, builder.layout, chosen
        self.text_only, self.rerun, self.tell = text_only, rerun, tell
        self.files, self.record = BuiltFiles(), BuiltRecord.read(builder.layout)
        self.faults: list[Fault] = []

    def make(self, *, students_only: bool) -> list[Fault]:
        """Make all in memory, from what is quick to what is slow; write it if there is no fault."""
        self.files.put(self.layout.solutions(), solutions_text(self.builder).encode())
        made = [
            (source, language, kind, self.builder.notebook(source, language, kind))
            for source in self.chosen
            for kind in _kinds(students_only=students_only)
            for language in LANGUAGES
        ]
        for source, language, kind, notebook in made:
            self.files.put(self.layout.notebook(source.slug, language, kind), written(notebook))
        for path, page in pages_of(self.builder).items():
            self.files.put(path, written(page))
        for source, language, kind, notebook in made:
            self._inspect(source, language, kind, notebook, ran=kind == "student")
        solved = [(source, language, notebook) for source, language, kind, notebook in made if kind == "solved"]
        for number, (source, language, notebook) in enumerate(solved if not self.faults else (), 1):
            self._solve(source, language, notebook, f"{number}/{len(solved)} {source.slug} {language}")
        if not self.faults:
            self._leave_out()
            self._write()
        return self.faults

    def _solve(self, source: Source, language: str, notebook: NotebookNode, step: str) -> None:
        """Run a solved notebook, or keep its outputs where another run would give them again."""
        path = self.layout.notebook(source.slug, language, "solved")
        name = f"{language}/{source.slug}"
        kept = _kept(path)
        as_it_was = kept is not None and not self.rerun and self.record.is_as_it_was(name, notebook, kept)
        if kept is not None and (as_it_was or self.text_only) and _with_kept_outputs(notebook, kept):
            self.tell(f"{step}: {'as it was' if as_it_was else 'the text alone'}")
            if not as_it_was:
                self.files.put(path, written(notebook))
                return
        else:
            began = time.perf_counter()
            self.tell(f"{step}: running")
            fault = _run(notebook, source, path.parent, language)
            if fault:
                self.faults.append(fault)
                return
            self.tell(f"{step}: {time.perf_counter() - began:.0f} s")
            self._inspect(source, language, "solved", notebook, ran=True)
        self.record.put(name, notebook)
        self.files.put(path, written(notebook))
        picture = cover(notebook)
        if picture and not as_it_was:
            self.files.put(self.layout.picture(source.slug, language), picture)

    def _inspect(self, source: Source, language: str, kind: Kind, notebook: NotebookNode, *, ran: bool) -> None:
        """Find faults of a notebook; those of outputs that it does not have yet are left for later."""
        path = self.layout.notebook(source.slug, language, kind)
        found = notebook_faults(notebook, path, language, solved=kind == "solved", beside=self.files.paths())
        unrun = ("was not run", "does not pass its own check")
        self.faults += [
            in_source(fault, source, language)
            for fault in found
            if ran or not any(text in fault.what for text in unrun)
        ]

    def _leave_out(self) -> None:
        """Take away what an earlier build made of the notebooks that are no longer taught."""
        for source in self.builder.left_out:
            for language in LANGUAGES:
                self.files.take_away(self.layout.picture(source.slug, language))
                for kind in _kinds(students_only=False):
                    self.files.take_away(self.layout.notebook(source.slug, language, kind))

    def _write(self) -> None:
        self.record.keep_only(f"{code}/{source.slug}" for code in LANGUAGES for source in self.builder.course)
        if self.record.text() != BuiltRecord.read(self.layout).text():
            self.files.put(self.layout.record(), self.record.text().encode())
        changed = self.files.write()
        self.tell(f"{changed} file{'s' * (changed != 1)} changed")


def check(layout: Layout, *, students_only: bool = False, only: str | None = None) -> list[Fault]:
    """Return every fault of the course on disk; outputs are compared by running the solved notebooks under nbval."""
    try:
        builder = Builder.of(layout)
        chosen = _chosen(builder, only)
        faults = faults_of_sources(builder)
        faults = faults or [
            *_stale(builder, chosen),
            *_inspect(builder, chosen, _kinds(students_only=students_only)),
            *_strangers(builder),
        ]
    except CourseError as error:
        return list(error.faults)
    if faults or students_only:
        return faults
    return [fault for source in chosen for language in LANGUAGES for fault in _rerun(layout, source, language)]


def faults_of_sources(builder: Builder) -> list[Fault]:
    """Return what is wrong in the sources, the glossary and the address of the repository."""
    builder.layout.repository()
    slugs = {source.slug for source in (*builder.course, *builder.left_out)}
    return [*source_faults(builder.course), *glossary_faults(builder.layout, slugs)]


def _raised(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def in_source(fault: Fault, source: Source, language: str) -> Fault:
    """Say which cell of the source a cell of a notebook comes from."""
    notebook, _, name = fault.where.rpartition(", cell ")
    names = zip(source.cells, cell_names(source), strict=True)
    for number, (cell, each) in enumerate(names, 1):
        if each == name and (cell.cell_type == "code" or language in languages_of(cell)):
            return replace(fault, where=f"{source.slug}, cell {number} (in {notebook})")
    return fault


def _run(notebook: NotebookNode, source: Source, folder: Path, language: str) -> Fault | None:
    """Run a notebook in place; return what stopped it."""
    with execution.folder_to_run_in(folder):
        try:
            execution.run(notebook, folder, language)
        except CellExecutionError as error:
            where = next(cell.id for cell in notebook.cells if _raised(cell))
            what = f"raised {error.ename}: {error.evalue}"
        except (CellTimeoutError, DeadKernelError) as error:
            ran = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count is not None]
            where = ran[-1].id if ran else notebook.cells[0].id
            ended = isinstance(error, DeadKernelError)
            what = "ended its kernel" if ended else f"took longer than {execution.SECONDS} seconds"
        else:
            return None
    return in_source(
        Fault(f"solutions/{language}/{source.slug}, cell {where}", f"{what}; mend the code"), source, language
    )


def stale(made: NotebookNode, kept: NotebookNode) -> str:
    """Return the first difference between a notebook on disk and a built one, without outputs; "" if there is none."""
    if [cell.id for cell in made.cells] != [cell.get("id") for cell in kept.cells]:
        return "its cells are not those of the source"
    for new, old in zip(made.cells, kept.cells, strict=True):
        if (new.cell_type, new.source, new.metadata) != (old.cell_type, old.source, old.metadata):
            return f"cell {new.id} is not as in the source"
    return "" if made.metadata == kept.metadata else "its metadata are not what a build makes"


def _chosen(builder: Builder, only: str | None) -> list[Source]:
    chosen = [source for source in builder.course if only in (None, source.slug)]
    if not chosen:
        names = [source.slug for source in builder.course]
        nearest = difflib.get_close_matches(str(only), names, n=3, cutoff=0.3) or names
        what = f"there is no notebook {only!r} among those that are taught; the nearest: {', '.join(nearest)}"
        raise CourseError([Fault("--only", what)])
    return chosen


def _kinds(*, students_only: bool) -> tuple[Kind, ...]:
    return ("student",) if students_only else ("student", "solved")


def _kept(path: Path) -> NotebookNode | None:
    """Read a notebook that was built before; a damaged one is as good as none."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None


def _with_kept_outputs(made: NotebookNode, kept: NotebookNode) -> bool:
    """Copy the outputs of the notebook on disk to a notebook if all their code is the same; return whether it is.

    Comments, layout and where names are imported from may differ: outputs do not depend on them.
    """
    old, new = ([cell for cell in one.cells if cell.cell_type == "code"] for one in (kept, made))
    if [_what_runs(cell.source) for cell in old] != [_what_runs(cell.source) for cell in new]:
        return False
    for before, cell in zip(old, new, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    made.metadata = kept.metadata
    return True


def _what_runs(code: str) -> str:
    """Return the code of a cell without comments, layout and imports; as it is where it is not plain Python."""
    tree = tree_that_runs(code)
    if tree is None:
        return code
    tree.body = [statement for statement in tree.body if not isinstance(statement, (ast.Import, ast.ImportFrom))]
    return ast.dump(tree)


def pages_of(builder: Builder, folder: Path | None = None) -> dict[Path, NotebookNode]:
    """Return the pages beside the students' notebooks, or for a folder that is handed out, without the solved ones."""
    pages = Pages(builder.layout, builder.course, solved=folder is None)
    made = {}
    for language in LANGUAGES:
        for name in PAGES:
            beside = builder.layout.notebook(name, language, "student")
            made[folder / language / beside.name if folder else beside] = pages.page(name, language)
    return made


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
                kept = _kept(path)
                made = builder.notebook(source, language, kind)
                reason = stale(made, kept) if kept else "is damaged"
                found += [Fault(where, f"{reason}; run the build")] if reason else []
    found += _stale_pages(builder)
    shipped = builder.layout.solutions()
    if not shipped.is_file() or shipped.read_text("utf-8") != solutions_text(builder):
        found.append(Fault(shipped.name, "is not made from the solution cells; run the build"))
    return found


def _stale_pages(builder: Builder) -> list[Fault]:
    """Return what is not as a build makes it in the map of the course and the glossary."""
    found = []
    for path, made in pages_of(builder).items():
        kept = _kept(path)
        reason = stale(made, kept) if kept else "is missing or damaged"
        found += [Fault(f"{path.parent.name}/{path.stem}", f"{reason}; run the build")] if reason else []
        found += notebook_faults(made, path, path.parent.name, solved=False)
    return found


def _inspect(builder: Builder, chosen: list[Source], kinds: tuple[Kind, ...]) -> list[Fault]:
    found = []
    for source in chosen:
        for language in LANGUAGES:
            for kind in kinds:
                path = builder.layout.notebook(source.slug, language, kind)
                notebook = _kept(path)
                if notebook is not None:
                    faults = notebook_faults(notebook, path, language, solved=kind == "solved")
                    found += [in_source(fault, source, language) for fault in faults]
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
