"""What readers of an application see: no question that they cannot answer, no verdict on it, and all that follows."""

import nbformat
import pytest

pytest.importorskip("voila", reason="serving applications needs voila")

from xai_widgets.course.authoring import application
from xai_widgets.course.authoring.application import as_application, serve
from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.i18n import message

LAYOUT = Layout.find()
NOTEBOOKS = [LAYOUT.notebook(path.stem, language, "student") for path in LAYOUT.sources() for language in ("fr", "en")]


def read(path):
    return nbformat.read(path, as_version=4)


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def graded(notebook, *, grade):
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade") is grade]
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[f"{path.parent.name}-{path.stem}" for path in NOTEBOOKS])
def test_exercises_are_done_and_their_questions_gone(path):
    before, after = read(path), as_application(read(path))
    done = message("course.application.done", path.parent.name)
    assert prose(after).count(done) == len(graded(before, grade=True))
    stub = message("course.furniture.stub", path.parent.name)
    assert all(f"# {stub}\n" not in source for source in graded(after, grade=False).values())
    for source in graded(after, grade=True).values():
        assert source.endswith("\nNone")
    for cell in after.cells:
        if cell.cell_type == "code":
            compile(cell.source.replace("%pip", "# %pip"), cell.id, "exec")
    assert len(after.cells) == len(before.cells)


def test_the_rest_of_the_text_stays():
    path = LAYOUT.notebook("03_adversarial", "en", "student")
    before, after = prose(read(path)), prose(as_application(read(path)))
    assert "write `my_fgsm" not in after.casefold()
    assert "Do your function and the library's agree" in after.replace("’", "'")
    assert 0.8 < len(after) / len(before) < 1


def test_the_drawn_graph_is_left_out():
    path = LAYOUT.notebook("index", "fr", "student")
    assert "```mermaid" in prose(read(path))
    assert "```mermaid" not in prose(as_application(read(path)))


def test_without_solutions_cells_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(application, "solutions", dict)
    path = LAYOUT.notebook("00_start", "en", "student")
    assert graded(as_application(read(path)), grade=False) == graded(read(path), grade=False)


def test_a_notebook_that_is_not_there_is_refused_and_the_others_named():
    with pytest.raises(FileNotFoundError, match="03_adversarial"):
        serve(LAYOUT.root / "notebooks", "en/03_adversary.ipynb")
