"""The quiet bar in a real page: by mouse and by keyboard, in a lab that answers."""

import pytest

from tests.browser.harness import open_cells, open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
from xai_widgets import CamLab
lab = CamLab("digits", "digit-3", language="en")
lab
"""


@pytest.fixture(scope="module")
def notebook(browser, server):
    with open_lab(browser, server, LAB, height=1000) as opened:
        opened.page.locator("[role=img][aria-label*='Grad-CAM at conv4, 3']").wait_for()
        yield opened


def layer(page):
    return page.get_by_label("Layer", exact=True).input_value()


def button(page, name):
    return page.locator(".xw-bar").get_by_role("button", name=name)


def choose(page, wanted):
    page.get_by_label("Layer", exact=True).select_option(wanted)
    page.locator(f"[role=img][aria-label*='Grad-CAM at {wanted}, 3']").wait_for()


def test_a_step_is_undone_and_done_again_by_mouse(notebook):
    page = notebook.page
    assert button(page, "Undo").get_attribute("aria-disabled") == "true"
    choose(page, "conv2")
    button(page, "Undo").click()
    page.locator("[role=img][aria-label*='Grad-CAM at conv4, 3']").wait_for()
    assert layer(page) == "conv4"
    button(page, "Redo").click()
    page.locator("[role=img][aria-label*='Grad-CAM at conv2, 3']").wait_for()
    button(page, "Back to the beginning").click()
    page.locator("[role=img][aria-label*='Grad-CAM at conv4, 3']").wait_for()


def test_the_bar_is_one_stop_of_tab_and_arrows_go_along_it(notebook):
    page = notebook.page
    button(page, "Help").focus()
    for key, name in (("ArrowRight", "Undo"), ("End", "Pin"), ("ArrowRight", "Help"), ("ArrowLeft", "Pin")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(name)
    stops = page.locator(".xw-bar button[tabindex='0']")
    assert stops.count() == 1


def test_help_says_what_to_try_and_escape_closes_it(notebook):
    page = notebook.page
    button(page, "Help").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    assert panel.locator("li").count() == 2
    box, view = panel.bounding_box(), page.viewport_size
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= view["width"]
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")


@pytest.mark.parametrize(
    ("press", "choice", "begins"),
    [
        ("Save the picture", "PNG", b"\x89PNG"),
        ("Save the picture", "SVG", b"<?xml"),
        ("Save the numbers", None, b"\xef\xbb\xbfview,series"),
    ],
)
def test_files_reach_the_disk(notebook, press, choice, begins):
    page = notebook.page
    with page.expect_download() as found:
        button(page, press).click()
        if choice:
            page.get_by_role("button", name=choice).click()
    assert found.value.path().read_bytes().startswith(begins)


def test_the_code_is_copied_and_makes_the_view(notebook):
    page = notebook.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(page, "conv3")
    button(page, "Code of this view").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[-1] == 'CamLab("digits", "digit-3", layer="conv3")'
    page.keyboard.press("Escape")


def test_a_pinned_view_stands_under_the_lab_and_leads_back(notebook):
    page = notebook.page
    choose(page, "conv2")
    button(page, "Pin this view").click()
    still = page.locator(".xw-lab figure img")
    still.wait_for()
    assert still.evaluate("image => image.naturalWidth") > 100
    choose(page, "conv4")
    page.get_by_role("button", name="Return to this view").click()
    page.locator("[role=img][aria-label*='Grad-CAM at conv2, 3']").wait_for()
    button(page, "Take the pinned view away").click()
    still.wait_for(state="hidden")


def test_the_lab_fills_the_screen(notebook):
    page = notebook.page
    button(page, "Full screen").click()
    page.wait_for_function("document.fullscreenElement?.classList.contains('xw-lab')")
    button(page, "Full screen").click()
    page.wait_for_function("!document.fullscreenElement")


def test_a_menu_says_what_it_does_to_the_pointer_and_to_the_keys(notebook):
    menu = notebook.page.get_by_label("Layer", exact=True)
    told = menu.get_attribute("aria-description")
    assert "layer" in told
    assert menu.locator("xpath=..").get_attribute("title") == told


def test_nothing_was_complained_of(notebook):
    assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])


def test_the_bar_is_french_in_a_french_lab(browser, server):
    with open_cells(browser, server, LAB.replace('"en"', '"fr"'), height=900) as opened:
        opened.run_all_cells()
        assert button(opened.page, "Rétablir").count() == 1
        assert button(opened.page, "Épingler cette vue").count() == 1
