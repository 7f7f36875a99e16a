"""The convolution lab in a real page: its main control, its main view."""

import pytest

from browser.harness import Notebook, serve, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.ConvolutionLab(language="en")
"""


def test_a_typed_number_changes_the_map_and_a_click_follows_it(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("convolution")
    write_notebook(folder / "lab.ipynb", LAB)
    with serve(folder, tmp_path_factory.mktemp("jupyter")) as server:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(60_000)
        notebook = Notebook.open(page, server, "lab.ipynb")
        notebook.run_all_cells()
        first = page.get_by_role("grid", name="z = x").get_by_role("gridcell").first
        page.wait_for_function("cell => cell.innerText === '9'", arg=first.element_handle())
        page.get_by_role("grid", name="picture x").get_by_role("textbox").first.click()
        page.keyboard.type("5")
        page.wait_for_function("cell => cell.innerText === '11'", arg=first.element_handle())
        first.click()
        page.get_by_text("(2) × 5 + (1) × 6").wait_for()
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
        page.close()
