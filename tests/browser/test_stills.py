"""The page of every lab while its kernel runs, after a restart, and without a kernel: nothing on it is broken."""

import base64
import hashlib
import json

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.harness import RUN, Notebook, write_notebook
from xai_widgets.i18n import message
from xai_widgets.widgets.base.lab_registry import registered_labs
from xai_widgets.widgets.base.still_bundle import LAB

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]

NAMES = list(registered_labs())
PATIENCE = 120  # seconds
CHANGES = {
    "ActivationBrowser": "order = 'number'",
    "AdversarialLab": "epsilon = 0.25",
    "AtlasExplorer": "seed = 1",
    "AttributionExplorer": "target = 7",
    "BackwardStepper": "weights = [[1, 0, 0], [0, 2, 0], [0, 0, 1]]",
    "CamLab": "target = 7",
    "ConvolutionLab": "filter = [[1, 1], [1, 1]]",
    "DissectionExplorer": "unit = 1",
    "DreamLab": "step = 0",
    "EmbeddingLab": "neighbours = 7",
    "FeatureLab": "step = 0",
    "FilterBrowser": "order = 'number'",
    "LimeLab": "seed = 1",
    "MethodChooser": "family = 'gradient'",
    "OcclusionLab": "fill = 'white'",
    "RelevanceLab": "target = 8",
    "ToyNets": "net = 'discontinuity'",
    "TrainingScrubber": "moment = 0",
    "UnitExplorer": "unit = 5",
}
SET_UP = "from xai_widgets.widgets.base.lab_registry import registered_labs\nshown = {}"
SHOW = "lab = shown[{0!r}] = registered_labs()[{0!r}].make_quick()\nlab.wait(300)\nlab"
CHANGE = "\n".join(f"lab = shown[{name!r}]; lab.{change}; lab.wait(300)" for name, change in CHANGES.items())
TELL = """
import base64, hashlib, json
from xai_widgets.widgets.base.still_bundle import LAB, still_bundle
for lab in shown.values():
    still = still_bundle(lab)
    print(json.dumps([still[LAB]["alt"], hashlib.sha256(base64.b64decode(still["image/png"])).hexdigest()]))
"""
LAB_OUTPUTS = f"""() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
  .flatMap((cell) => cell.type === "code" ? cell.outputs.toJSON() : [])
  .flatMap(({{ data }}) => data?.["{LAB}"] ? [data] : [])"""
RESTART = "window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
BROKEN = "images => images.filter((one) => !(one.complete && one.naturalWidth > 0)).length"
STILL = ".xai-still:not(.lm-mod-hidden)"


def digest(data):
    """Return what tells one still from another: its text and a digest of its picture."""
    return [data[LAB]["alt"], hashlib.sha256(base64.b64decode("".join(data["image/png"]))).hexdigest()]


def stills_on_page(notebook):
    return [digest(data) for data in notebook.page.evaluate(LAB_OUTPUTS)]


def stills_in_file(notebook):
    outputs = [output for cell in nbformat.read(notebook.file, 4).cells for output in cell.outputs]
    return [digest(output["data"]) for output in outputs if LAB in output.get("data", {})]


def expect_all_alive(notebook):
    """Each lab has drawn its views, and no still is left."""
    lab = notebook.page.locator(".xai-lab")
    expect(lab).to_have_count(len(NAMES))
    expect(lab.locator("> :not(.xai-still) > .widget-vbox")).to_have_count(len(NAMES))
    expect(notebook.page.locator(STILL)).to_have_count(0)


def expect_stills(notebook, why):
    """Each lab has its still with one line that says why, and no picture is broken."""
    page = notebook.page
    expect(page.locator(STILL)).to_have_count(len(NAMES))
    expect(page.locator(".xai-still-note > span").filter(has_text=message(why, "en"))).to_have_count(len(NAMES))
    expect(page.locator(".xai-still-run")).to_have_count(len(NAMES))
    pictures = page.locator(".xai-still img")
    expect(pictures).to_have_count(len(NAMES))
    pictures.evaluate_all("images => Promise.all(images.map((one) => one.decode()))")
    assert page.locator(".jp-Notebook img").evaluate_all(BROKEN) == 0
    assert page.locator(".jupyter-widgets-disconnected, .widget-vbox").count() == 0
    assert page.get_by_text("Error displaying widget").count() == 0


@pytest.fixture
def notebook(page, server):
    page.set_default_timeout(1000 * PATIENCE)
    expect.set_options(timeout=1000 * PATIENCE)
    write_notebook(server.folder / "stills.ipynb", SET_UP, *(SHOW.format(name) for name in NAMES))
    yield Notebook.open(page, server, "stills.ipynb")
    expect.set_options(timeout=5000)
    server.stop_kernels("stills.ipynb")


def test_every_lab_lives_or_leaves_its_still(notebook, server):
    page = notebook.page
    notebook.run_all_cells(2 * RUN)
    assert notebook.errors() == []
    expect_all_alive(notebook)
    assert notebook.complaints == []
    notebook.save()
    first = stills_in_file(notebook)
    assert len(first) == len(NAMES)

    page.reload()
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    expect_all_alive(notebook)
    notebook.complaints.clear()  # ipywidgets complains of models that are late, and is asked again

    assert notebook.ask_kernel(CHANGE) == ""
    changed = [json.loads(line) for line in notebook.ask_kernel(TELL).splitlines()]
    for _ in range(2 * PATIENCE):
        if stills_on_page(notebook) == changed:
            break
        page.wait_for_timeout(500)
    notebook.save()
    saved = stills_in_file(notebook)
    assert [name for name, now, then in zip(NAMES, saved, changed, strict=True) if now != then] == []
    assert [name for name, now, then in zip(NAMES, saved, first, strict=True) if now == then] == []

    page.evaluate(RESTART)
    expect_stills(notebook, "lab.still_lost")
    assert notebook.complaints == []
    server.stop_kernels("stills.ipynb")
    for alone in (False, True):
        reopened = Notebook.open(page, server, "stills.ipynb", alone=alone)
        expect_stills(reopened, "lab.still_still")
        texts = page.locator(".xai-still img").evaluate_all("images => images.map((one) => one.alt)")
        assert texts == [text for text, _ in changed]
        assert alone or reopened.complaints == []  # other extensions complain in Notebook 7
