"""The adversarial lab in a real page: what a hand does, what an eye sees."""

import io
import json
import re
import time

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.browser.harness import ROOT, open_cells
from xai_widgets import i18n, sample_image

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
lab = xai.AdversarialLab("digits", "digit-3", epsilon=0.05, language="en")
lab
"""
HOLD = """
import pathlib, time
end = time.monotonic() + 120
while pathlib.Path("hold").exists() and time.monotonic() < end:
    time.sleep(0.02)
"""
FRENCH = """
import xai_widgets as xai
xai.AdversarialLab("digits", "digit-3", epsilon=0.05, language="fr")
"""
THE_LAB, HOLDING, IN_FRENCH = range(3)
PATIENCE = 60  # seconds that a busy machine may take
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"


class LabPage:
    """A lab on a page, found the way a reader finds it."""

    def __init__(self, notebook, cell):
        self.notebook = notebook
        self.page = notebook.page
        self.root = self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell)

    @property
    def slider(self):
        return self.root.get_by_role("slider", name="Epsilon", exact=True)

    @property
    def epsilon(self):
        return float(self.slider.input_value())

    def press(self, *keys):
        self.slider.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def pixels(self, panel=2):
        """The pixels of a panel, the attacked one unless told, as one array."""
        return np.array(self.root.locator(".xw-picture").nth(panel).locator("canvas").first.evaluate(PIXELS))

    def bars(self):
        return self.root.locator(".xw-bars [role=option]").evaluate_all(
            "rows => rows.map(row => row.getAttribute('aria-label'))"
        )

    def bar(self, label):
        return self.root.locator(
            f".xw-bars [role=option][aria-label^='{label},'], .xw-bars [role=option][aria-label^='{label} (']"
        ).first

    def picture_of(self, label):
        """The pictures of which the network says that they are of this class."""
        return self.root.locator(f"[role=img][aria-label*='answers {label}']")

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"it never came: {what}")
            self.page.wait_for_timeout(20)

    def settled(self):
        """The bars, once the kernel and they have come to rest."""
        self.notebook.wait_idle()
        before = None
        while before != (before := self.bars()):
            self.page.wait_for_timeout(700)
        return before


@pytest.fixture(scope="module")
def notebook(browser, server):
    """One notebook for all tests: a kernel with a neural network takes seconds to start."""
    with open_cells(browser, server, LAB, HOLD, FRENCH, height=900, patience=PATIENCE) as notebook:
        yield notebook


@pytest.fixture
def lab(notebook):
    """A new lab, at epsilon 0.05 on digit-3; whatever a test does, the page complains of nothing and stays at home."""
    notebook.run_cell(THE_LAB)
    lab = LabPage(notebook, THE_LAB)
    lab.slider.wait_for()
    lab.settled()
    yield lab
    assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])


@pytest.fixture
def held_kernel(notebook):
    """A kernel that answers nothing until the function that this gives is called."""
    hold = notebook.file.with_name("hold")

    def begin():
        hold.touch()
        notebook.start_cell(HOLDING)
        notebook.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").first.wait_for(state="attached")
        return hold.unlink

    yield begin
    hold.unlink(missing_ok=True)


def drag(lab, start, end):
    """Drag the slider's handle between two places, as shares of its width."""
    box = lab.slider.bounding_box()
    height = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + start * box["width"], height)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + end * box["width"], height, steps=8)
    lab.page.mouse.up()


def test_a_drag_moves_the_picture_while_the_kernel_is_held_and_then_the_bars(lab, held_kernel):
    bars, picture = lab.bars(), lab.pixels()
    release = held_kernel()
    drag(lab, 0.11, 0.5)
    lab.until(lambda: np.abs(lab.pixels() - picture).max() > 40, "a picture that follows the pointer")
    assert lab.notebook.is_busy()
    assert lab.bars() == bars  # nothing but the browser has moved
    assert lab.epsilon == pytest.approx(0.25, abs=0.02)
    release()
    lab.until(lambda: lab.bars() != bars, "the answer, once the kernel is free")
    lab.notebook.wait_idle()


def test_the_picture_is_x_plus_epsilon_times_the_sign_within_its_range(lab, held_kernel):
    release = held_kernel()
    x, sign = lab.pixels(0).reshape(-1, 4)[:, 0], np.where(lab.pixels(1).reshape(-1, 4)[:, 0] > 127, 1, -1)
    assert set(sign) == {-1, 1}
    lab.press("Home", *["Shift+ArrowRight"] * 4)
    assert lab.epsilon == pytest.approx(0.2)
    expected = np.clip(x + 0.2 * 255 * sign, 0, 255)
    lab.until(lambda: np.abs(lab.pixels().reshape(-1, 4)[:, 0] - expected).max() <= 1, "x + 0.2 times the sign")
    release()
    lab.notebook.wait_idle()


def test_the_keys_move_epsilon_and_the_bars_follow(lab):
    bars = lab.bars()
    lab.press(*["ArrowRight"] * 4)
    assert lab.epsilon == pytest.approx(0.07)
    lab.until(lambda: lab.bars() != bars, "the answer")
    for key, expected in {
        "Shift+ArrowRight": 0.12,
        "ArrowLeft": 0.115,
        "ArrowUp": 0.12,
        "ArrowDown": 0.115,
        "Shift+ArrowLeft": 0.065,
        "End": 0.5,
        "Home": 0,
    }.items():
        lab.press(key)
        assert lab.epsilon == pytest.approx(expected), key
    active = lab.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    assert active == THE_LAB  # JupyterLab did not take the keys for its own


def test_a_step_asks_the_kernel_once_from_the_slider_and_from_the_curve(lab):
    lab.notebook.sent.clear()
    lab.press("ArrowRight")
    lab.settled()
    cursor = lab.root.get_by_role("slider", name="ε", exact=True)
    assert float(cursor.get_attribute("aria-valuenow")) == pytest.approx(lab.epsilon)
    assert lab.notebook.sent.count("comm_msg") == 1
    bars = lab.bars()
    cursor.press("Shift+ArrowRight")
    lab.until(lambda: lab.bars() != bars, "the answer to a cursor that is moved")
    lab.settled()
    assert lab.epsilon == pytest.approx(0.105)
    assert lab.notebook.sent.count("comm_msg") == 2


def test_quick_changes_end_in_the_answer_to_the_last(lab):
    lab.press(*["ArrowRight"] * 10)
    quick = lab.settled()
    lab.press("ArrowRight", "ArrowLeft")
    assert lab.settled() == quick


def test_a_click_on_a_bar_chooses_the_attacked_class(lab):
    lab.press(*["Shift+ArrowRight"] * 2)
    lab.until(lambda: lab.picture_of("9").count() > 0, "a picture taken for a 9")
    lab.bar("9").click()
    lab.until(lambda: lab.root.get_by_label("Class", exact=True).input_value() == "9", "9 in the menu")
    lab.until(lambda: "for 9" in lab.root.inner_text(), "the recipe of class 9")
    assert lab.bar("9").get_attribute("aria-selected") == "true"
    assert lab.bar("3").get_attribute("aria-selected") == "false"


def test_another_picture(lab):
    lab.root.get_by_role("combobox", name="Picture", exact=True).select_option("digit-7")
    lab.picture_of("7").first.wait_for()
    lab.until(lambda: lab.picture_of("3").count() == 0, "the answer on the attacked picture")


def test_pgd_and_saliency(lab):
    lab.root.get_by_label("Attack", exact=True).select_option("PGD, 10 steps")
    lab.root.get_by_text("x + perturbation").wait_for()
    plain = lab.pixels(0)
    lab.root.get_by_label("Saliency", exact=True).check()
    lab.root.get_by_text("rank correlation").wait_for()
    lab.until(lambda: np.abs(lab.pixels(0) - plain).max() > 20, "the map over the picture")
    lab.root.get_by_label("Saliency", exact=True).uncheck()
    lab.until(lambda: np.array_equal(lab.pixels(0), plain), "the picture alone")


def png(name):
    file = io.BytesIO()
    Image.fromarray(sample_image(name)).resize((64, 64), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def upload(lab, name, content):
    with lab.page.expect_file_chooser() as chooser:
        lab.root.get_by_label("Upload", exact=True).click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_an_upload_is_shown_and_a_broken_one_is_refused(lab):
    upload(lab, "<b>seven</b>.png", png("digit-7"))
    lab.picture_of("7").first.wait_for()
    shown = lab.pixels(0)
    upload(lab, "broken.png", b"no picture")
    complaint = lab.root.get_by_role("alert").filter(has_text="Something went wrong")
    complaint.wait_for()
    assert (lab.pixels(0) == shown).all()
    lab.root.get_by_role("combobox", name="Picture", exact=True).select_option("digit-3")
    lab.picture_of("3").first.wait_for()
    complaint.wait_for(state="detached")


def test_the_lab_fits_the_screen(lab):
    shown = lab.root.locator(".jp-OutputArea-output").last.bounding_box()
    room = lab.page.locator(".jp-WindowedPanel-outer").first.bounding_box()
    above_and_below = lab.page.viewport_size["height"] - room["height"]
    assert shown["width"] <= 960
    assert shown["height"] <= 768 - above_and_below  # what a laptop's screen leaves of JupyterLab


def test_in_french_no_english_is_left(lab):
    lab.notebook.run_cell(IN_FRENCH)
    french = LabPage(lab.notebook, IN_FRENCH)
    french.root.get_by_text("bascule ici").wait_for()
    seen = french.root.locator(".jp-OutputArea-output").last.inner_text()
    named = french.root.locator("[aria-label]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    shown = "\n".join([seen, *named])
    pairs = [
        (i18n.catalogue(area, "en")[key], text)
        for area in ("adversarial", "components", "lab")
        for key, text in i18n.catalogue(area, "fr").items()
    ]
    english = [one for one, other in pairs if len(one) > 4 and "{" not in one and one not in other]
    assert [text for text in english if re.search(rf"\b{re.escape(text)}\b", shown)] == []
    assert "ε : de combien chaque valeur peut bouger" in re.sub(r"\s", " ", shown)
    assert re.search(r"\d,\d\s%", shown)  # 99,5 %


def test_what_is_saved_holds_no_widget_state(lab):
    file = lab.notebook.file
    lab.notebook.save()
    lab.until(lambda: "image/png" in file.read_text("utf-8"), "the saved picture")
    assert "widgets" not in json.loads(file.read_text("utf-8"))["metadata"]


def test_before_anything_runs_a_still_picture_stands_for_the_lab(page, server):
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(server.url("lab/workspaces/still/tree/solutions/en/00_start.ipynb"))
    picture = page.locator(".jp-OutputArea img[alt*='The network answers 3']").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.naturalWidth") > 200
    assert page.get_by_text("Error displaying widget").count() == 0
    assert page.get_by_text("Loading widget").count() == 0
    server.stop_kernels("solutions/en/00_start.ipynb")


def test_exported_to_a_page_the_lab_is_a_still_picture_with_a_text(page):
    exporter = pytest.importorskip("nbconvert").HTMLExporter()
    notebook = nbformat.read(ROOT / "notebooks" / "solutions" / "fr" / "03_adversarial.ipynb", as_version=4)
    html, _ = exporter.from_notebook_node(notebook)
    page.route(re.compile("^https?:"), lambda route: route.abort())  # a reader may be off the network
    page.set_content(html, wait_until="domcontentloaded")
    picture = page.locator("img[alt*='Le réseau répond 3']").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.naturalWidth") > 200
    assert page.locator(".jp-OutputArea-output").get_by_text("AdversarialLab(", exact=False).count() == 0
