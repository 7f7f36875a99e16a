"""The feature lab in a real page: its main control, its main view."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.FeatureLab("digits", unit=3, steps=12, language="en")
"""
PIXELS = "canvas => canvas.toDataURL()"


def test_the_film_runs_back(browser, server):
    with open_lab(browser, server, LAB) as notebook:
        page = notebook.page
        page.locator("[role=img][aria-label*='after 12 steps']").first.wait_for()
        canvas = page.locator(".xw-picture canvas").first
        last = canvas.evaluate(PIXELS)
        page.locator("input[type=range]").focus()
        page.keyboard.press("Home")
        page.locator("[role=img][aria-label*='after 0 steps']").first.wait_for()
        page.wait_for_function("([canvas, last]) => canvas.toDataURL() !== last", arg=[canvas.element_handle(), last])
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
