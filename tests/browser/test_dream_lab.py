"""The dream lab in a real page: its main control, its main view."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.DreamLab("creatures", "creature-owl", layer="conv3_1", size=96, octaves=2, steps=3, language="en")
"""
PIXELS = "canvas => canvas.toDataURL()"
CHANGED = "([canvas, before]) => canvas.toDataURL() !== before"


def test_the_dream_runs_back_and_goes_deeper(browser, server):
    with open_lab(browser, server, LAB, patience=90) as notebook:
        page = notebook.page
        page.locator("[role=img][aria-label*='after 6 steps']").first.wait_for()
        canvas = page.locator("canvas[aria-label*='steps of dreaming']")
        last = canvas.evaluate(PIXELS)
        notebook.screenshot("dream_lab")
        page.get_by_role("slider").focus()
        page.keyboard.press("Home")
        page.locator("[role=img][aria-label*='after 0 steps']").first.wait_for()
        page.wait_for_function(CHANGED, arg=[canvas.element_handle(), last])
        first = canvas.evaluate(PIXELS)
        page.get_by_label("Layer", exact=True).select_option("conv4_1")
        page.locator("[role=img][aria-label*='after 6 steps'][aria-label*='conv4_1']").first.wait_for()
        page.wait_for_function(CHANGED, arg=[canvas.element_handle(), first])
        assert canvas.evaluate(PIXELS) != last
        notebook.screenshot("dream_lab_deeper")
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
