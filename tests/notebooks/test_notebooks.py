"""The notebooks run: students' to the end as they are, solved ones to the very texts that are committed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from xai_widgets.course import editions, execution
from xai_widgets.course.edition import write
from xai_widgets.course.inspection import texts_of
from xai_widgets.course.layout import Layout
from xai_widgets.course.memory import Peak
from xai_widgets.i18n import LANGUAGES

LAYOUT = Layout.find(Path(__file__).parent)
SLUGS = [path.stem for path in LAYOUT.sources()]
BUDGET = 1.6e9  # bytes; Binder gives 2 GB
A_KERNEL = 3e8  # bytes that a kernel with a neural network takes at the very least: less means it was not measured


pytestmark = pytest.mark.notebook


def test_what_is_committed_is_what_the_build_makes():
    faults = [str(fault) for fault in editions.check(LAYOUT, students_only=True)]
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_solved_notebook_gives_its_outputs_again(slug, language):
    with Peak() as peak:
        result = execution.validate([LAYOUT.notebook(slug, language, "solved")], language)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert A_KERNEL < peak.bytes < BUDGET


# The French twins are run in JupyterLab (tests/browser/test_notebooks.py): they are the same code.
@pytest.mark.parametrize("slug", SLUGS)
def test_a_students_notebook_runs_to_the_end_and_says_what_is_to_do(slug, tmp_path):
    notebook = nbformat.read(LAYOUT.notebook(slug, "en", "student"), as_version=4)
    execution.run(notebook, tmp_path, "en")
    checks = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    shown = [texts_of(cell.outputs[0]) for cell in checks]
    assert checks
    assert all("'to_do'" in texts["text/plain"] for texts in shown), shown
    assert all("Still to do" in texts["text/html"] for texts in shown)
    assert not [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs if o.get("name") == "stderr"]


def small(path, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


FAILING_LAB = """
from xai_widgets.widgets.lab import Lab

class Broken(Lab):
    def figure(self):
        from matplotlib.figure import Figure
        return Figure(figsize=(1, 1))

def fails(job):
    raise ArithmeticError("planted")

lab = Broken()
lab.compute(fails)
"""


def test_a_lab_that_fails_fails_its_notebook(tmp_path):
    result = execution.validate([small(tmp_path / "broken.ipynb", FAILING_LAB)], "en")
    assert result.returncode == 1
    assert "planted" in result.stdout


def test_the_same_lab_without_its_fault_passes(tmp_path):
    mended = FAILING_LAB.replace('raise ArithmeticError("planted")', "return None")
    result = execution.validate([small(tmp_path / "mended.ipynb", mended)], "en")
    assert result.returncode == 0, result.stdout


def test_an_output_that_changed_fails(tmp_path):
    path = small(tmp_path / "changed.ipynb", "print(1 + 1)")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].execution_count = 1
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="3\n")]
    write(notebook, path)
    assert execution.validate([path], "en").returncode == 1
    assert execution.validate([path], "en", compare=False).returncode == 0
