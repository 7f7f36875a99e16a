"""Every notebook of the course, opened in JupyterLab and run to its end, as a reader does."""

from collections import defaultdict

import nbformat
import pytest

from tests.browser.harness import ROOT
from xai_widgets.course.authoring.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOKS = [
    path.relative_to(ROOT / "notebooks").as_posix()
    for edition in ("fr", "en", "solutions/fr", "solutions/en")
    for path in sorted((ROOT / "notebooks" / edition).glob("*.ipynb"))
]


def test_every_edition_has_the_same_notebooks():
    editions = defaultdict(set)
    for path in NOTEBOOKS:
        edition, _, name = path.rpartition("/")
        editions[edition].add(name)
    assert len(editions) == 4
    for edition in ("fr", "en"):  # the map of the course and the glossary lie with the students' notebooks
        editions[edition] -= {f"{page}.ipynb" for page in PAGES}
    assert len(set(map(frozenset, editions.values()))) == 1


def test_the_pages_lie_with_the_students_notebooks_alone():
    found = {path for path in NOTEBOOKS for page in PAGES if path.endswith(f"/{page}.ipynb")}
    assert found == {f"{edition}/{page}.ipynb" for edition in ("fr", "en") for page in PAGES}


# As a student in French opens it; tests/notebooks shows that the English code is the same, and runs the solved ones.
OPENED = [path for path in NOTEBOOKS if path.startswith("fr/")]


def graded(path):
    """Count the checks of exercises, each of which says what is still to do."""
    cells = nbformat.read(ROOT / "notebooks" / path, as_version=4).cells
    return sum(cell.metadata.get("nbgrader", {}).get("grade", False) for cell in cells)


@pytest.mark.parametrize("path", OPENED)
def test_it_runs_without_a_complaint(open_notebook, path):
    notebook = open_notebook(path)
    notebook.run_all_cells()
    assert notebook.errors() == []
    assert notebook.warnings() == []
    assert notebook.cells_not_run() == 0
    assert notebook.shown("text/plain").count("'to_do'") == graded(path)
    assert notebook.shown().count("Reste à faire") >= graded(path)
    assert notebook.complaints == []
    assert notebook.strangers == []
