"""Every notebook of the course, opened in JupyterLab and run to its end, as a reader does."""

import pytest

from browser.harness import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOKS = [
    path.relative_to(ROOT / "notebooks").as_posix()
    for language in ("fr", "en")
    for path in sorted((ROOT / "notebooks" / language).glob("*.ipynb"))
]


def test_both_languages_have_the_same_notebooks():
    french, english = ({path[3:] for path in NOTEBOOKS if path.startswith(language)} for language in ("fr", "en"))
    assert french
    assert french == english


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_it_runs_without_a_complaint(open_notebook, path):
    notebook = open_notebook(path)
    notebook.run_all_cells()
    assert notebook.errors() == []
    assert notebook.cells_not_run() == 0
    assert notebook.complaints == []
    assert notebook.strangers == []
