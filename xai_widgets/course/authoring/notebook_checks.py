"""Checks of built notebooks for faults in display, on GitHub, in nbgrader and under nbval."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import nbformat

from xai_widgets.course.authoring.fault import Fault
from xai_widgets.course.authoring.source_checks import heading_jumps, syntax_fault
from xai_widgets.course.authoring.told_claims import claim_faults, claims_of
from xai_widgets.course.authoring.typography import french

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from nbformat import NotebookNode

_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\([^)]*\)|<img\b(?P<attributes>[^>]*)>", re.IGNORECASE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)[^)]*\)")
# Places of one machine. An address such as https://… has its slashes after a colon or a letter, not after a quote.
_PLACES = r"(?:home|Users|root|tmp|var|opt|work|mnt|content|private)"
_ABSOLUTE = re.compile(rf"(?<![\w:/.~-])/{_PLACES}/[\w.-]+|(?<!\w)[A-Za-z]:\\\\?\w+|file://")
_ADDRESS = re.compile(r"<?[\w.]+ object at 0x[0-9a-f]+|\bat 0x[0-9a-f]{6,}")
_HEADING = re.compile(r"^(#{1,6}) \S", re.MULTILINE)
_FENCE = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)


def notebook_faults(
    notebook: NotebookNode, path: Path, language: str, *, solved: bool, beside: Collection[Path] = ()
) -> list[Fault]:
    """Return what is wrong in a built notebook.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.
    path : Path
        Where it lies or will lie: links are looked up from there.
    language : str
        The language of its text.
    solved : bool
        Whether it must have outputs, and right verdicts; a student's notebook must have none.
    beside : collection of Path
        Files that will be written with it: links may lead to them.
    """
    name = "/".join(path.parts[-3:] if solved else path.parts[-2:])
    found = [*_form_faults(notebook, name), *_text_faults(notebook, name, path, language, beside)]
    return [*found, *(_solved_faults(notebook, name) if solved else _student_faults(notebook, name))]


def _form_faults(notebook: NotebookNode, name: str) -> Iterator[Fault]:
    ids = [cell.get("id", "") for cell in notebook.cells]
    yield from (Fault(name, f"two cells are called {each!r}") for each in sorted({i for i in ids if ids.count(i) > 1}))
    try:
        nbformat.validate(copy.deepcopy(notebook))  # it mends what it can, in place
    except nbformat.ValidationError as error:
        yield Fault(name, f"not a valid notebook: {error.message}")
    if "widgets" in notebook.metadata:
        yield Fault(name, "holds the state of widgets; GitHub then says Invalid Notebook. Build it again")
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield Fault(name, "has no kernelspec python3 in its metadata")
    levels = [len(m) for c in _prose(notebook) for m in _HEADING.findall(_FENCE.sub("", c.source))]
    if heading_jumps(levels):
        yield Fault(name, f"a heading is more than one level below the one before it: {levels}")
    if levels.count(1) != 1:
        yield Fault(name, f"has {levels.count(1)} titles of the first level, must have one")


def _prose(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _text_faults(
    notebook: NotebookNode, name: str, path: Path, language: str, beside: Collection[Path]
) -> Iterator[Fault]:
    for cell in notebook.cells:
        where = f"{name}, cell {cell.id}"
        yield from (Fault(where, f"holds a place of one machine: {p}") for p in _absolute(cell))
        if cell.cell_type != "markdown":
            broken = syntax_fault(cell.source)
            if broken:
                yield Fault(where, broken)
            continue
        if language == "fr" and french(cell.source) != cell.source:
            yield Fault(where, "French typography was not applied; build the edition again")
        for image in _IMAGE.finditer(cell.source):
            if not (image["alt"] or "").strip() and not re.search(r"\balt=[\"'][^\"']+", image["attributes"] or ""):
                yield Fault(where, f"an image has no alternative text: {image.group()[:60]}")
        for link in _LINK.finditer(cell.source):
            yield from _link_faults(link["target"], where, path, beside)


def _link_faults(target: str, where: str, path: Path, beside: Collection[Path]) -> Iterator[Fault]:
    parts = urlparse(target)
    if parts.scheme or not parts.path:
        return
    leads_to = (path.parent / unquote(parts.path)).resolve()
    if leads_to not in beside and not leads_to.exists():
        yield Fault(where, f"links to {target}, which does not exist")


def _absolute(cell: NotebookNode) -> list[str]:
    texts = [cell.source, *(text for output in cell.get("outputs", []) for text in texts_of(output).values())]
    return sorted({found.group() for text in texts for found in _ABSOLUTE.finditer(text)})


def texts_of(output: NotebookNode) -> dict[str, str]:
    """Return the texts of an output by their kind: a stream's name, or a MIME type."""
    if output.output_type == "stream":
        return {output.name: output.text}
    if output.output_type == "error":
        return {"error": f"{output.ename}: {output.evalue}"}
    return {kind: value for kind, value in output.data.items() if kind.startswith("text/") and isinstance(value, str)}


def _student_faults(notebook: NotebookNode, name: str) -> Iterator[Fault]:
    for cell in notebook.cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count):
            yield Fault(f"{name}, cell {cell.id}", "a student's notebook has no outputs")
        if "SOLUTION" in cell.source or "HIDDEN TESTS" in cell.source:
            yield Fault(f"{name}, cell {cell.id}", "holds marks of solutions or of hidden tests")


def _solved_faults(notebook: NotebookNode, name: str) -> Iterator[Fault]:
    for fault in claim_faults(name.rpartition("/")[2], claims_of(notebook)):
        yield Fault(name, fault.what)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        where = f"{name}, cell {cell.id}"
        if cell.source.strip() and cell.execution_count is None:
            yield Fault(where, "was not run, so nbval would not compare it")
        yield from _output_faults(cell, where)
        if cell.metadata.get("nbgrader", {}).get("grade") and not _has_right_verdict(cell):
            yield Fault(where, "the solution does not pass its own check")


def _output_faults(cell: NotebookNode, where: str) -> Iterator[Fault]:
    for output in cell.outputs:
        texts = texts_of(output)
        if output.output_type == "error":
            yield Fault(where, f"raised {texts['error']}")
        if output.get("name") == "stderr":
            yield Fault(where, f"wrote a warning: {texts['stderr'].strip()[:200]}")
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            yield Fault(where, "holds a view of a widget without its state; build it again")
        for text in texts.values():
            if _ADDRESS.search(text):
                yield Fault(where, f"shows an address in memory, different at each run: {_ADDRESS.findall(text)[0]}")


def _has_right_verdict(cell: NotebookNode) -> bool:
    shown = [text for output in cell.outputs for text in texts_of(output).values()]
    return any(text.startswith("Verdict(") and "'right'" in text for text in shown)
