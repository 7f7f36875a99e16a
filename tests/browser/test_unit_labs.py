"""The labs on units in a real page: their main controls, their main views."""

import pytest

from browser.harness import Notebook, serve, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.UnitExplorer("digits", layer="conv3", unit=4, steps=4, language="en")
"""


def test_another_patch_is_framed_in_its_picture(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("units")
    write_notebook(folder / "lab.ipynb", LAB)
    with serve(folder, tmp_path_factory.mktemp("jupyter")) as server:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(60_000)
        notebook = Notebook.open(page, server, "lab.ipynb")
        notebook.run_all_cells()
        page.locator("[role=img][aria-label*='Made to excite']").first.wait_for()
        before = page.locator("[role=img][aria-label*='the unit sees rows']").first.get_attribute("aria-label")
        page.locator("[role=listbox] [role=option]").nth(5).click()
        page.wait_for_function(
            "before => [...document.querySelectorAll('[role=img]')].some("
            "node => node.ariaLabel?.includes('the unit sees rows') && node.ariaLabel !== before)",
            arg=before,
        )
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
        page.close()
