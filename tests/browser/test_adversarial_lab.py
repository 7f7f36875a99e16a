"""The adversarial lab in a real page: what a hand does, what an eye sees."""

import io
import json
import shutil
import time

import nbformat
import numpy as np
import pytest
from PIL import Image

from browser.harness import ROOT, Notebook, serve
from xai_widgets import sample_image

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETUP = "import xai_widgets as xai\nlab = xai.AdversarialLab('digits', 'digit-3', epsilon=0.05, language='en')\nlab"
PATIENCE = 60_000  # milliseconds that a busy machine may take
PIXELS = """canvas => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""


def write_notebook(folder, *cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, folder / "lab.ipynb")


@pytest.fixture(scope="module")
def lab_server(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder, SETUP, "import time; time.sleep(6)")
    with serve(folder, tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="module")
def opened(browser, lab_server):
    """One notebook with one lab for all tests: a kernel takes seconds to start."""
    page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    notebook = Notebook.open(page, lab_server, "lab.ipynb")
    run_first_cell(page)
    slider(page).wait_for()
    notebook.wait_idle()
    yield notebook
    page.context.close()
    lab_server.stop_kernels()


@pytest.fixture
def page(opened):
    """The page with the lab at epsilon 0.05 on digit-3."""
    yield opened.page
    assert opened.complaints == []
    assert opened.strangers == []


def run_first_cell(page):
    page.evaluate(
        """() => { const notebook = window.jupyterapp.shell.currentWidget.content;
             notebook.activeCellIndex = 0;
             window.jupyterapp.commands.execute("notebook:run-cell"); }"""
    )


def slider(page):
    return page.get_by_role("slider", name="Epsilon", exact=True)


def third_picture(page):
    """The pixels of the third panel, as one array."""
    return np.array(page.locator(".xw-picture").nth(2).locator("canvas").first.evaluate(PIXELS))


def bars(page):
    return page.locator(".xw-bars [role=option], [role=listbox] [role=option]").evaluate_all(
        "rows => rows.map(row => row.getAttribute('aria-label'))"
    )


def bar(page, label):
    """The bar of a class: its accessible name begins with the label."""
    return page.locator(f"[role=option][aria-label^='{label}']").first


def until(page, condition, what):
    """Wait for a condition of Python on the page."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"it never came: {what}")


def settle(page):
    """Wait until the bars stay the same."""
    before = None
    while before != (before := bars(page)):
        page.wait_for_timeout(700)
    return before


def test_the_arrow_keys_move_epsilon_and_the_bars_follow(page):
    before = settle(page)
    slider(page).focus()
    value = float(slider(page).input_value())
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert float(slider(page).input_value()) == pytest.approx(value + 0.02)
    until(page, lambda: bars(page) != before, "new bars")
    page.keyboard.press("Shift+ArrowRight")
    assert float(slider(page).input_value()) == pytest.approx(value + 0.07)
    page.keyboard.press("End")
    assert float(slider(page).input_value()) == 0.5
    page.keyboard.press("Home")
    assert float(slider(page).input_value()) == 0
    active = page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    assert active == 0  # JupyterLab did not take the keys for its own


def test_the_mouse_drags_epsilon_and_the_picture_follows_before_the_kernel_answers(page):
    slider(page).focus()
    page.keyboard.press("Home")
    calm, picture = settle(page), third_picture(page)
    page.evaluate(
        """() => { const notebook = window.jupyterapp.shell.currentWidget.content;
             notebook.activeCellIndex = 1;
             window.jupyterapp.commands.execute("notebook:run-cell"); }"""
    )  # the kernel sleeps
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").first.wait_for(state="attached")
    box = slider(page).bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert np.abs(third_picture(page) - picture).max() > 30
    assert bars(page) == calm  # nothing but the browser has moved yet
    assert page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").count() > 0
    until(page, lambda: bars(page) != calm, "the answer, once the kernel is free")


def test_the_picture_is_x_plus_epsilon_times_sign(page):
    slider(page).focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(100)
    x = third_picture(page)
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(100)
    moved = np.abs(third_picture(page) - x)
    assert moved.max() == pytest.approx(0.1 * 255, abs=1)


def test_a_click_on_a_bar_chooses_the_attacked_class(page):
    bar(page, "9").click()
    until(page, lambda: page.get_by_label("Class", exact=True).input_value() != "3", "another class in the menu")
    bar(page, "3").click()
    until(page, lambda: "target 3" in page.locator(".jp-OutputArea").first.inner_text(), "the recipe of class 3")


def test_pgd_and_saliency(page):
    page.get_by_label("Attack", exact=True).select_option("PGD, 10 steps")
    page.get_by_text("x + perturbation").wait_for()
    page.get_by_label("Saliency", exact=True).check()
    page.get_by_text("rank correlation").wait_for()
    page.get_by_label("Saliency", exact=True).uncheck()
    page.get_by_label("Attack", exact=True).select_option("FGSM")
    page.get_by_text("x + ε · sign").wait_for()


def png(name):
    file = io.BytesIO()
    Image.fromarray(sample_image(name)).resize((64, 64), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def upload(page, name, content):
    with page.expect_file_chooser() as chooser:
        page.locator(".widget-upload").click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_an_upload_is_shown_and_a_broken_one_is_refused(page):
    upload(page, "<b>seven</b>.png", png("digit-7"))
    page.locator("[role=img][aria-label*='answers 7']").first.wait_for()
    upload(page, "broken.png", b"no picture")
    page.get_by_role("alert").filter(has_text="Something went wrong").wait_for()
    assert page.locator("[role=img][aria-label*='answers 7']").count() > 0
    page.get_by_label("Picture", exact=True).select_option("digit-3")
    page.locator("[role=img][aria-label*='answers 3']").first.wait_for()
    page.get_by_role("alert").wait_for(state="detached")


def test_what_is_saved_holds_no_widget_state(lab_server, opened):
    opened.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    file = lab_server.folder / "lab.ipynb"
    until(opened.page, lambda: "image/png" in file.read_text("utf-8"), "the saved picture")
    assert "widgets" not in json.loads(file.read_text("utf-8"))["metadata"]


def test_a_solved_notebook_shows_the_still_picture_before_anything_runs(browser, lab_server):
    shutil.copy(ROOT / "notebooks" / "solutions" / "en" / "00_start.ipynb", lab_server.folder / "still.ipynb")
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(lab_server.url("lab/workspaces/still/tree/still.ipynb"))
    picture = page.locator(".jp-OutputArea img[alt*='The network answers 3']").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.naturalWidth") > 200
    assert page.get_by_text("Error displaying widget").count() == 0
    page.context.close()
