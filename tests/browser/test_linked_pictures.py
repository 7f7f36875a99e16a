"""A pixel, a loupe and a point of the deletion curve, in all pictures of a lab at once, while the kernel is busy."""

import numpy as np
import pytest

from tests.browser.harness import open_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import os, time
from xai_widgets import AttributionExplorer
lab = AttributionExplorer("digits", "digit-3", methods=("saliency", "occlusion"), language="en")
lab
"""
BUSY = """
while not os.path.exists("go"):
    time.sleep(0.02)
os.remove("go")
"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
COLOURS = """canvas => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""


@pytest.fixture(scope="module")
def notebook(browser, server):
    with open_cells(browser, server, LAB, BUSY, height=1000) as opened:
        opened.run_cell(0)
        opened.page.locator(".xw-legend").nth(1).wait_for()
        opened.start_cell(1)  # from here on the kernel answers nothing
        yield opened


@pytest.fixture
def lab(notebook):
    return notebook.page.locator(".xw-lab")


def rest(lab):
    lab.page.evaluate(TWO_FRAMES)


def point(lab, panel, row, column):
    box = lab.locator(".xw-picture .xw-frame").nth(panel).bounding_box()
    lab.page.mouse.move(box["x"] + (column + 0.5) / 8 * box["width"], box["y"] + (row + 0.5) / 8 * box["height"])
    rest(lab)


def marked(lab, panel):
    """Return row and column of the mark in a picture, None where there is none."""
    mark = lab.locator(".xw-picture").nth(panel).locator(".xw-cursor")
    if not mark.is_visible():
        return None
    left, top = mark.evaluate("mark => [mark.style.insetInlineStart, mark.style.insetBlockStart]")
    return tuple(round(float(share.rstrip("%")) / 100 * 8 - 0.5) for share in (top, left))


def readouts(lab):
    return lab.locator(".xw-picture .xw-readout").all_inner_texts()


def test_a_pixel_is_marked_and_read_in_all_pictures_while_the_kernel_is_busy(notebook, lab):
    sent = len(notebook.sent)
    point(lab, 0, 2, 5)
    assert [marked(lab, panel) for panel in (0, 1)] == [(2, 5), (2, 5)]
    first, second = readouts(lab)
    assert "logit per unit of input · Column 5, row 2" in first
    assert "logit lost when hidden · Column 5, row 2" in second
    lab.page.mouse.move(2, 2)
    rest(lab)
    assert [marked(lab, panel) for panel in (0, 1)] == [None, None]
    lab.locator(".xw-picture .xw-frame").nth(1).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        lab.page.keyboard.press(key)
    rest(lab)
    assert [marked(lab, panel) for panel in (0, 1)] == [(2, 1), (2, 1)]
    assert "Column 1, row 2" in readouts(lab)[0]
    assert len(notebook.sent) == sent


def test_the_loupe_is_taken_by_the_keys_and_enlarges_the_same_place_everywhere(lab):
    button = lab.get_by_role("button", name="Loupe")
    button.focus()
    lab.page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    point(lab, 1, 4, 4)
    loupes = lab.locator(".xw-loupe")
    assert [loupes.nth(panel).is_visible() for panel in (0, 1)] == [True, True]
    pixels = np.array(lab.locator(".xw-picture canvas.xw-pixels").first.evaluate(COLOURS)).reshape(8, 8, 4)
    enlarged = np.array(loupes.first.evaluate(COLOURS), "uint8")
    side = int(len(enlarged) / 4) ** 0.5
    enlarged = enlarged.reshape(int(side), int(side), 4)
    square = side / 5  # five pixels lie along it
    for row, column in ((4, 4), (2, 2), (6, 3)):
        at = tuple(int((2.5 + away) * square) for away in (row - 4, column - 4))
        assert (enlarged[at] == pixels[row, column]).all()
    button.click()
    point(lab, 1, 4, 4)
    assert not loupes.first.is_visible()


def test_a_point_of_the_curve_shows_the_pictures_there(lab):
    frame = lab.locator(".xw-picture canvas.xw-pixels")
    lab.get_by_role("slider", name="hidden").press("Home")
    rest(lab)
    before = frame.first.evaluate(COLOURS)
    for _step in range(8):
        lab.page.keyboard.press("ArrowRight")
    rest(lab)
    for panel in (0, 2):  # each picture has a second canvas, left of the divider
        colours = np.array(frame.nth(panel).evaluate(COLOURS)).reshape(-1, 4)[:, :3]
        grey = (np.abs(colours.astype(int) - 128) <= 1).all(axis=1).sum()
        assert grey >= round(0.4 * 64)
    assert "hidden 40.6%: saliency" in lab.locator(".xw-curve").inner_text()
    lab.page.keyboard.press("Home")
    rest(lab)
    assert frame.first.evaluate(COLOURS) == before


def test_what_was_set_meanwhile_reaches_the_kernel(notebook, lab):
    lab.get_by_role("slider", name="hidden").press("Home")
    lab.get_by_role("slider", name="hidden").press("ArrowRight")
    (notebook.file.parent / "go").touch()
    notebook.wait_idle()
    assert notebook.ask_kernel("print(lab.hidden_share, lab.error)").strip() == str(round(0.05 * 64) / 64)
    assert not notebook.complaints
