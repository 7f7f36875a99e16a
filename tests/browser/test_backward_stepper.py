"""The backward stepper in a real page: its main control, its main view."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.BackwardStepper(language="en", step=3)
"""


def test_a_typed_number_and_a_step_change_the_matrices(browser, server):
    with open_lab(browser, server, LAB, height=900) as notebook:
        page = notebook.page
        cells = page.get_by_role("grid", name="Guided backpropagation, R at z").get_by_role("gridcell")
        cells.first.wait_for()
        assert cells.all_inner_texts() == [""] * 9  # not there yet
        page.get_by_role("slider", name="Step").focus()
        page.keyboard.press("End")
        page.wait_for_function("cell => cell.innerText === '6'", arg=cells.nth(3).element_handle())
        assert cells.all_inner_texts() == ["0", "0", "0", "6", "0", "0", "0", "0", "3"]
        page.get_by_role("grid", name="weights w").get_by_role("textbox").nth(3).click()
        page.keyboard.type("8")
        page.wait_for_function("cell => cell.innerText === '8'", arg=cells.nth(3).element_handle())
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
