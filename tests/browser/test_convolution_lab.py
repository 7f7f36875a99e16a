"""The convolution lab in a real page: its main control, its main view."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.ConvolutionLab(language="en")
"""


def test_a_typed_number_changes_the_map_and_a_click_follows_it(browser, server):
    with open_lab(browser, server, LAB, height=900) as notebook:
        page = notebook.page
        first = page.get_by_role("grid", name="z = x").get_by_role("gridcell").first
        page.wait_for_function("cell => cell.innerText === '9'", arg=first.element_handle())
        page.get_by_role("grid", name="picture x").get_by_role("textbox").first.click()
        page.keyboard.type("5")
        page.wait_for_function("cell => cell.innerText === '11'", arg=first.element_handle())
        first.click()
        page.get_by_text("(2) × 5 + (1) × 6").wait_for()
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
