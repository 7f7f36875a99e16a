"""The CAM lab in a real page: a small map is clicked, the large one changes."""

import numpy as np
import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
from xai_widgets import CamLab
CamLab("digits", "digit-3", language="en")
"""
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"


def test_a_click_on_a_layer_redraws_the_map(browser, server):
    with open_lab(browser, server, LAB, height=900) as notebook:
        page = notebook.page
        lab = page.locator(".jp-Notebook .jp-CodeCell").first
        lab.locator("[role=img][aria-label*='Grad-CAM at conv4, 3']").wait_for()
        large = lab.locator("canvas.xw-pixels").first
        before = np.array(large.evaluate(PIXELS))
        lab.locator("[aria-label*='The map at conv2']").click()
        lab.locator("[role=img][aria-label*='Grad-CAM at conv2, 3']").wait_for()
        assert lab.get_by_label("Layer", exact=True).input_value() == "conv2"
        assert np.abs(np.array(large.evaluate(PIXELS)) - before).max() > 20
        shown = lab.locator(".jp-OutputArea-output").last.bounding_box()
        room = page.locator(".jp-WindowedPanel-outer").first.bounding_box()
        assert shown["width"] <= 960
        assert shown["height"] <= 768 - (page.viewport_size["height"] - room["height"])
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
