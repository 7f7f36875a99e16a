"""The relevance lab and the toy nets in a real page: their main control changes their main view."""

import numpy as np
import pytest

from tests.browser.harness import open_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RELEVANCE = """
import xai_widgets as xai
xai.RelevanceLab("digits", "digit-3", language="en")
"""
TOYS = """
import xai_widgets as xai
xai.ToyNets(net="discontinuity", x=10.0, language="en")
"""
THE_LAB, THE_TOYS = range(2)
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"


@pytest.fixture(scope="module")
def notebook(browser, server):
    with open_cells(browser, server, RELEVANCE, TOYS, height=900, patience=90) as notebook:
        yield notebook


def opened(notebook, cell, text):
    """Run a cell; return its output once it says something."""
    notebook.run_cell(cell)
    root = notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(cell)
    root.get_by_text(text).first.wait_for()
    notebook.wait_idle()
    return root


def clean(notebook):
    return (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])


def test_the_rule_of_a_layer_changes_the_bars_and_the_name_of_one_the_map(notebook):
    root = opened(notebook, THE_LAB, "reach the input")
    picture = root.locator(".xw-picture canvas").first
    before, account = np.array(picture.evaluate(PIXELS)), root.get_by_text("reach the input").inner_text()
    root.get_by_role("button", name="conv3", exact=True).click()
    root.get_by_text("Relevance: conv3").first.wait_for()
    notebook.page.wait_for_timeout(500)
    assert np.abs(np.array(picture.evaluate(PIXELS)) - before).max() > 20
    root.get_by_label("Rules", exact=True).select_option("LRP-0 everywhere")
    root.get_by_text("LRP-0 everywhere · ").wait_for()  # the recipe
    assert root.get_by_text("reach the input").inner_text() != account
    assert clean(notebook)


def test_a_step_of_the_slider_passes_the_threshold(notebook):
    root = opened(notebook, THE_TOYS, "The output is")
    root.get_by_text("y = 0.00").wait_for()
    slider = root.get_by_role("slider", name="x", exact=True).last
    slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    root.get_by_text("y = 0.10").wait_for()
    assert root.get_by_text("10.10", exact=True).count() >= 2  # gradient x input and LRP: value and sum
    assert clean(notebook)
