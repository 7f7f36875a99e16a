"""The lab of maps in a real page: its main control, its main view."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.EmbeddingLab("faces", steps=100, language="en")
"""
PIXELS = "canvas => canvas.toDataURL()"


def test_perplexity_moves_the_map_and_a_line_chooses_points(browser, server):
    with open_lab(browser, server, LAB) as notebook:
        page = notebook.page
        page.locator("[role=application][aria-label*='by PCA']").wait_for()
        canvas = page.locator("[role=application][aria-label*='by t-SNE']")
        before = canvas.evaluate(PIXELS)
        page.locator("input[type=range]").first.focus()
        page.keyboard.press("Home")
        page.wait_for_function("([canvas, old]) => canvas.toDataURL() !== old", arg=[canvas.element_handle(), before])
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 3, box["y"] + 3)
        page.mouse.down()
        for x, y in ((0.99, 0.01), (0.99, 0.99), (0.01, 0.99)):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
        page.mouse.up()
        page.get_by_text("200 chosen").wait_for()
        notebook.screenshot("embedding")
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
