"""README's blocks of Python, typed by a new user into a bare notebook."""

import re

import pytest

from tests.browser.harness import ROOT, open_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OWN = """
import keras
import numpy as np
from PIL import Image

keras.utils.set_random_seed(0)
layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(8, 3, activation="relu", name="a_first_convolution")]
layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
my_model = keras.Sequential([keras.Input((64, 64, 3)), *layers])
Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)).save("photo.jpg")
"""  # what the reader has: a model and a photograph
MIDDLE = 'explain(photos, picture, "saliency").show()\nwith_more_lines = 1'
PICTURE = "picture"


@pytest.fixture(scope="module")
def blocks():
    found = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(found) == 2
    return found


@pytest.fixture(scope="module")
def notebook(browser, server, blocks):
    with open_cells(browser, server, OWN, *blocks, MIDDLE, PICTURE) as notebook:
        notebook.run_all_cells()
        yield notebook


def outputs(notebook, cell):
    """Return the locator of what a cell shows."""
    return notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")


def test_nothing_fails(notebook):
    assert (notebook.errors(), notebook.strangers) == ([], [])


def test_the_lab_of_the_first_block_is_on_the_readers_model(notebook):
    bars = outputs(notebook, 1).locator(".xw-bars [role=option]")
    bars.first.wait_for()
    assert sorted(bars.nth(place).get_attribute("aria-label").split()[0].strip(",:") for place in (0, 1)) == [
        "cat",
        "dog",
    ]


@pytest.mark.parametrize(("cell", "pictures"), [(2, 1), (3, 1), (4, 1)])
def test_each_picture_is_drawn_once(notebook, cell, pictures):
    drawn = outputs(notebook, cell).locator("img")
    drawn.first.wait_for()
    assert drawn.count() == pictures
    assert drawn.first.evaluate("image => image.naturalWidth") > 200
    assert not re.search(r"<Figure|array\(", " ".join(outputs(notebook, cell).all_inner_texts()))
