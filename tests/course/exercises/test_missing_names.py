"""A name that is missing: after a restart, the reader is told to run the cells above."""

import nbformat
import pytest
from nbclient import NotebookClient

from xai_widgets.course.authoring.execution import environment

SETUP = "from xai_widgets.course import explain_missing_names\n\nexplain_missing_names()"


@pytest.mark.notebook
@pytest.mark.parametrize(("language", "word"), [("en", "Run All Above"), ("fr", "redémarrage du noyau")])
def test_a_name_from_a_cell_that_was_not_run_is_explained_and_a_mistyped_one_is_not(language, word):
    cells = [SETUP, "digits.predict(x)", "margins = [1]", "margin[0]", "1 / 0"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=120)
    client.execute(env=environment(language))
    _, missing, _, mistyped, other = (cell.outputs for cell in notebook.cells)
    assert [output.output_type for output in missing] == ["error", "display_data"]
    assert (missing[0].ename, word in missing[1].data["text/html"]) == ("NameError", True)
    assert "`digits`" in missing[1].data["text/plain"]
    assert [output.output_type for output in mistyped] == ["error"]
    assert [output.ename for output in other] == ["ZeroDivisionError"]
