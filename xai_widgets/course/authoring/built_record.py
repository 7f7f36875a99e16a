"""What the solved notebooks were made from: one whose code, package and data are as they were is not run again."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Self

from IPython.core.inputtransformer2 import TransformerManager

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbformat import NotebookNode

    from xai_widgets.course.authoring.checkout import Layout

_ON_COLAB = "'google.colab' in sys.modules"
# Of the package: what makes the notebooks, and does not run in them.
_NOT_RUN = ("course/authoring/", "course/__main__.py", "course/exercises/solutions.json", "cli/")


class BuiltRecord:
    """Which solved notebooks were made from what; it lies beside the sources, and is committed with what was built.

    Parameters
    ----------
    layout : Layout
        The checkout.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._entries: dict[str, dict[str, str]] = {}

    @classmethod
    def read(cls, layout: Layout) -> Self:
        """Read the record of a checkout; one that is missing or damaged holds nothing, so that all is run."""
        made = cls(layout)
        try:
            found = json.loads(layout.record().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return made
        if isinstance(found, dict):
            made._entries = {key: value for key, value in found.items() if isinstance(value, dict)}
        return made

    def is_as_it_was(self, name: str, notebook: NotebookNode, kept: NotebookNode) -> bool:
        """Tell whether a notebook would give again what it gave: the outputs that `kept` holds."""
        return self._entries.get(name) == self._entry(notebook, kept)

    def put(self, name: str, notebook: NotebookNode) -> None:
        """Note what a notebook that has been run was made from."""
        self._entries[name] = self._entry(notebook, notebook)

    def keep_only(self, names: Iterable[str]) -> None:
        """Forget all other notebooks."""
        wanted = set(names)
        self._entries = {name: entry for name, entry in self._entries.items() if name in wanted}

    def text(self) -> str:
        """Return the record as it is written."""
        return json.dumps(self._entries, indent=1, sort_keys=True) + "\n"

    def _entry(self, notebook: NotebookNode, kept: NotebookNode) -> dict[str, str]:
        code = [_what_runs(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
        outputs = [cell.outputs for cell in kept.cells if cell.cell_type == "code"]
        return {
            "code": _digest([json.dumps(code).encode()]),
            "package": _package(),
            "data": _digest(_data(self._layout)),
            "outputs": _digest([json.dumps(outputs, sort_keys=True).encode()]),
        }


def _what_runs(code: str) -> str:
    """Return the code of a cell without comments and layout; as it is where it is not Python."""
    tree = tree_that_runs(code)
    return code if tree is None else ast.dump(tree)


def tree_that_runs(code: str) -> ast.Module | None:
    """Parse the code of a cell, magics too, without what runs on Colab alone; None where it is not Python."""
    try:
        tree = ast.parse(TransformerManager().transform_cell(code))  # type: ignore[no-untyped-call]
    except SyntaxError:
        return None
    tree.body = [statement for statement in tree.body if not _is_for_colab(statement)]
    return tree


def _is_for_colab(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and not statement.orelse and ast.unparse(statement.test) == _ON_COLAB


@functools.cache
def _package() -> str:
    """Return the fingerprint of all of the package that notebooks may run or read."""
    root = Path(str(resources.files("xai_widgets")))
    return _digest(_files(root, root.rglob("*"), _NOT_RUN))


def _data(layout: Layout) -> Iterator[bytes]:
    """Yield the versions that the checkout asks for, and the files that lie beside the notebooks."""
    constraints = layout.root / "constraints.txt"
    yield from _files(layout.root, [*layout.beside().values(), *([constraints] if constraints.is_file() else [])])


def _files(root: Path, paths: Iterable[Path], passed_over: tuple[str, ...] = ()) -> Iterator[bytes]:
    """Yield names and contents, in an order that does not depend on the system."""
    for path in sorted(paths):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not _passed_over(path.relative_to(root)) and not name.startswith(passed_over or ("\0",)):
            yield name.encode()
            yield _content(path)


def _passed_over(place: Path) -> bool:
    """Tell what Python and editors leave from what belongs to a folder."""
    return any(part.startswith(".") or part == "__pycache__" for part in place.parts)


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return content.replace(b"\r\n", b"\n") if b"\0" not in content[:8000] else content  # as git has text


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()[:20]
