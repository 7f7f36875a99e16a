"""The dissection lab in a real page: its main control, its main view."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
from xai_widgets.methods.dissection import CreatureConcepts
xai.DissectionExplorer("creatures", CreatureConcepts(24, seed=1), layer="conv3_2", language="en")
"""
PIXELS = "canvas => canvas.toDataURL()"


def test_a_unit_is_chosen_and_switched_off(browser, server):
    with open_lab(browser, server, LAB, patience=120) as notebook:
        page = notebook.page
        page.locator("[role=img][aria-label*='excite unit']").first.wait_for()
        page.locator("text=no unit is off").first.wait_for()
        canvas = page.locator(".xw-picture canvas").first
        first = canvas.evaluate(PIXELS)
        page.locator("[role=option]").nth(2).click()
        page.wait_for_function(
            "([canvas, first]) => canvas.toDataURL() !== first", arg=[canvas.element_handle(), first]
        )
        page.get_by_role("button", name="Switch this unit off").click()
        page.locator("[role=option][aria-label*='(off)']").wait_for()
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
