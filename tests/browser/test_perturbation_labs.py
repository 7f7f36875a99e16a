"""The labs on occlusion and LIME in a real page: a hand moves a patch, hides a piece, and the views follow."""

import time

import pytest

from tests.browser.harness import open_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OCCLUSION = """
import xai_widgets as xai
xai.OcclusionLab("digits", "digit-3", patch=2, stride=2, language="en")
"""
LIME = """
import xai_widgets as xai
xai.LimeLab("digits", "digit-3", segments="grid", count=16, samples=64, seeds=2, language="en")
"""
PATIENCE = 60  # seconds that a busy machine may take


@pytest.fixture(scope="module")
def notebook(browser, server):
    with open_cells(browser, server, OCCLUSION, LIME, patience=PATIENCE) as notebook:
        yield notebook


@pytest.fixture
def lab(notebook, request):
    """One of the two labs, run anew; the page complains of nothing."""
    notebook.run_cell(request.param)
    root = notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(request.param)
    root.locator(".xw-bars [role=option]").first.wait_for()
    yield root
    shown = root.locator(".jp-OutputArea-output").last.bounding_box()
    assert shown["width"] <= 960
    assert shown["height"] <= 768 - 91 - 29  # what a laptop's screen leaves of JupyterLab
    assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])


def until(root, condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it never came: {what}")
        root.page.wait_for_timeout(50)


@pytest.mark.parametrize("lab", [0], indirect=True)
def test_a_hand_slides_the_patch_and_a_button_makes_the_whole_map(lab):
    page, frame = lab.page, lab.locator(".xw-frame").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.mouse.up()
    lab.get_by_text("4 of 16 places.").wait_for()
    lab.get_by_text("without patch,").wait_for()
    frame.focus()
    page.keyboard.press("ArrowDown")
    lab.get_by_text("5 of 16 places.").wait_for()
    lab.get_by_text("Slide it everywhere", exact=True).click()
    lab.get_by_text("There, it is the same map.").wait_for()  # no two places overlap
    lab.get_by_text("Largest fall:").wait_for()


@pytest.mark.parametrize("lab", [1], indirect=True)
def test_a_click_hides_a_piece_and_limes_sum_stands_beside_the_score(lab):
    lab.get_by_text("2 seeds:").wait_for()
    bars = lab.locator(".xw-bars [role=option]")
    before = bars.first.get_attribute("aria-label")
    frame = lab.locator(".xw-frame").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    lab.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    lab.get_by_text("without 1:").wait_for()
    lab.get_by_text("LIME's sum:").wait_for()
    until(lab, lambda: bars.first.get_attribute("aria-label") != before, "the score without the piece")
    lab.get_by_text("Show all pieces", exact=True).click()
    until(lab, lambda: bars.first.get_attribute("aria-label") == before, "the score with all pieces")
