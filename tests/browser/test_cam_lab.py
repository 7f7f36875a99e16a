"""The CAM lab in a real page: a small map is clicked, the large one changes."""

import numpy as np
import pytest

from browser.harness import Notebook, serve, write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
from xai_widgets import CamLab
CamLab("digits", "digit-3", language="en")
"""
PATIENCE = 60_000  # milliseconds that a busy machine may take
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"


def test_a_click_on_a_layer_redraws_the_map(browser, tmp_path):
    folder, private = tmp_path / "lab", tmp_path / "jupyter"
    folder.mkdir()
    private.mkdir()
    write_notebook(folder / "lab.ipynb", LAB)
    with serve(folder, private) as server:
        context = browser.new_context(viewport={"width": 1366, "height": 900})
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        notebook = Notebook.open(page, server, "lab.ipynb")
        notebook.run_cell(0)
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
        context.close()
