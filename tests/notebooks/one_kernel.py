"""Several editions of a notebook put together into one, so that they run in one kernel: it takes seconds to start.

Where both editions of a solved notebook are run (see `two_languages.py`), they follow each other; between them the
kernel forgets what the first one made. A student's edition differs from the solved one in the answers alone, so that of
it only the answers and the checks are run, after the solved one; all of it is run in JupyterLab
(tests/browser/test_notebooks.py).
"""

from __future__ import annotations

import copy
import sys
from typing import TYPE_CHECKING

from nbformat import NotebookNode, v4

if TYPE_CHECKING:
    from collections.abc import Iterator

BUDGET = 1.6e9  # bytes; Binder gives 2 GB
A_KERNEL = 3e8  # bytes that a kernel with a neural network takes at the very least: less means it was not measured

# Cells without outputs are run, and nbval compares nothing.
MEMORY = f"""
import resource, sys
largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
assert {A_KERNEL} < largest < {BUDGET}, f"the kernel has taken {{largest / 1e9:.2f}} GB"
"""
# TensorFlow counts the models that are compiled in a process, and warns of the editions' number, not of a notebook.
FORGET = """
import logging
logging.getLogger("tensorflow").addFilter(lambda record: "tf.function retracing" not in record.getMessage())
import keras, matplotlib.pyplot
from xai_widgets import i18n
matplotlib.pyplot.close("all")
i18n._chosen.clear()
%reset -f
__import__("keras").utils.clear_session()
"""
# Not `_`: it is no longer renewed once a notebook has assigned it.
TO_DO = """
_last_output = list(Out.values())[-1]
assert "'to_do'" in repr(_last_output), _last_output
assert {text!r} in _last_output._repr_html_(), _last_output
"""


def solved_one_after_the_other(first: NotebookNode, *others: NotebookNode) -> Iterator[NotebookNode]:
    """Give the code cells of solved editions, with what the kernel forgets between them and a check of its memory."""
    yield from code_cells(first)
    if sys.platform != "win32":
        yield v4.new_code_cell(MEMORY)
    for other in others:
        yield v4.new_code_cell(FORGET)
        yield from code_cells(other)


def unsolved(student: NotebookNode, solved: NotebookNode, text: str) -> Iterator[NotebookNode]:
    """Give the answers and the checks of a student's edition, to be run after the solved one, which they leave open.

    Each check must say `text`: that it is still to do.
    """
    for cell, other in zip(code_cells(student), code_cells(solved), strict=True):
        if is_check(cell):
            yield cell
            yield v4.new_code_cell(TO_DO.format(text=text))
        elif cell.source != other.source:
            yield cell


def together(*cells: NotebookNode) -> NotebookNode:
    """Return one notebook of copies of these cells, each with a name of its own."""
    copies = [copy.deepcopy(cell) for cell in cells]
    for number, cell in enumerate(copies):
        cell.id = f"{number}-{cell.id}"[:64]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=copies, metadata={"kernelspec": kernel})


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that are run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_check(cell: NotebookNode) -> bool:
    """Tell whether a cell checks an answer."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade", False))
