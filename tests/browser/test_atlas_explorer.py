"""The atlas lab in a real page: pointing, filtering, zooming, choosing a cell."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
from xai_widgets.datasets.creatures import sample_batch
pictures = sample_batch(24, seed=1).pictures
lab = xai.AtlasExplorer("creatures", pictures, layout="pca", grid=3, steps=2, cell=0, language="en")
lab
"""
PIXELS = "canvas => canvas.toDataURL()"
CHANGED = "([canvas, old]) => canvas.toDataURL() !== old"


def test_the_map_is_read_filtered_and_zoomed(browser, server):
    with open_lab(browser, server, LAB, patience=120) as notebook:
        page = notebook.page
        canvas = page.locator(".xw-atlas-view canvas[aria-label*='icons']")
        canvas.wait_for()
        whole = canvas.evaluate(PIXELS)
        canvas.focus()
        members = page.locator("[role=img][aria-label*='speaks most for']")
        before = members.evaluate(PIXELS)
        page.keyboard.press("ArrowDown")
        page.locator(".xw-atlas-row").first.wait_for()  # the classes are read
        page.wait_for_function(CHANGED, arg=[canvas.element_handle(), whole])
        page.wait_for_function(CHANGED, arg=[members.element_handle(), before])  # and the kernel brings pictures
        page.get_by_label("Class that stands out").select_option("cat")
        page.locator(".xw-atlas-view canvas[aria-label*='for cat']").wait_for()
        near = canvas.evaluate(PIXELS)
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_function(CHANGED, arg=[canvas.element_handle(), near])
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
