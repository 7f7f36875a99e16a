"""The harness itself, on a small notebook with a widget of ipywidgets: it sees errors, complaints and changes."""

import pytest
from playwright.sync_api import expect

from tests.browser.harness import write_notebook

pytestmark = pytest.mark.browser

WIDGET = """
import threading
import ipywidgets

slider = ipywidgets.IntSlider(value=3, description="count")
answer = ipywidgets.Label("untouched")

def show(change):
    answer.value = f"{change.new} on {threading.current_thread().name}"

slider.observe(show, "value")
ipywidgets.VBox([slider, answer])
"""


@pytest.fixture
def notebook_of(server, open_notebook):
    """Open a notebook made of some code cells, and run it."""

    def make(*cells):
        write_notebook(server.folder / "small.ipynb", *cells)
        opened = open_notebook("small.ipynb")
        opened.run_all_cells()
        return opened

    return make


def test_a_widget_answers_on_the_main_thread(notebook_of):
    notebook = notebook_of(WIDGET)
    assert (notebook.errors(), notebook.cells_not_run()) == ([], 0)
    handle = notebook.page.locator(".noUi-handle")
    for count in (4, 5, 6):  # left alone, JupyterLab sends all but the first to a subshell
        handle.press("ArrowRight")
        expect(notebook.page.get_by_text(f"{count} on MainThread")).to_be_visible()
    assert (notebook.complaints, notebook.strangers) == ([], [])


def test_an_error_is_seen(notebook_of):
    notebook = notebook_of("1 / 0", "2")
    assert notebook.errors() == ["cell 0: ZeroDivisionError: division by zero"]
    assert notebook.cells_not_run() == 1


def test_a_complaint_of_the_page_is_seen(notebook_of):
    notebook = notebook_of('from IPython.display import HTML\nHTML(\'<img src="http://192.0.2.1/x.png" width="9">\')')
    expect(notebook.page.locator("img[width='9']")).to_be_attached()
    assert set(notebook.strangers) == {"http://192.0.2.1/x.png"}
