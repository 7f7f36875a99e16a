"""The method chooser in a real page: an answer rules methods out, a tile shows its card."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
lab = xai.MethodChooser("digits", "digit-3", language="en")
lab
"""


def test_an_answer_rules_methods_out_and_the_arrows_walk(browser, server):
    with open_lab(browser, server, LAB, patience=120) as notebook:
        page = notebook.page
        grid = page.get_by_role("listbox", name="Methods, each with its map of the picture")
        lrp = grid.get_by_role("option", name="LRP", exact=True)
        lrp.click()
        page.locator(".xw-title", has_text="LRP").wait_for()
        page.get_by_label("Access to the model?").select_option(label="answers alone")
        out = grid.get_by_role("option", name="LRP (it looks inside the model)")
        out.wait_for()
        assert grid.get_by_role("option", name="RISE", exact=True).count() == 1
        page.get_by_role("status").filter(has_text="of 23 methods remain").wait_for()
        out.focus()
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.locator(".xw-title", has_text="Eigen-CAM").wait_for()
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
