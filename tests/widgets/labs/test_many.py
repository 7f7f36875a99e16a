"""Labs on a model of 1,000 classes with a layer of 512 channels: each unit, map, filter and class is reached."""

import keras
import numpy as np
import pytest

from xai_widgets import (
    ActivationBrowser,
    AttributionExplorer,
    Classifier,
    DissectionExplorer,
    EmbeddingLab,
    FeatureLab,
    FilterBrowser,
    UnitExplorer,
)
from xai_widgets.methods.dissection import CreatureConcepts

pytestmark = pytest.mark.usefixtures("inline")

UNITS, CLASSES = 512, 1000
PICTURE = np.random.default_rng(2).integers(0, 255, (24, 24, 3)).astype("uint8")


@pytest.fixture(scope="module")
def wide():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    stack = [
        layers.Conv2D(8, 3, strides=2, activation="relu", name="first"),
        layers.Conv2D(UNITS, 3, strides=2, activation="relu", name="wide"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(CLASSES, "softmax"),
    ]
    return Classifier(keras.Sequential([keras.Input((24, 24, 3)), *stack]), [f"kind {one}" for one in range(CLASSES)])


def walked(grid):
    """Return the keys of all tiles, page after page."""
    found = []
    for page in range(grid.pages):
        grid.page = page
        assert not grid.missing
        found += grid.shown
    return found


def test_every_map_and_every_filter_has_a_tile(wide):
    maps = ActivationBrowser(wide, PICTURE, layer="wide")
    assert walked(maps.grid) == [str(one) for one in maps.ranking]
    assert len(maps.grid.tiles) < 40  # only a page is sent
    maps.grid.query = "411"
    maps.grid.selected = maps.grid.shown[0]
    assert maps.unit == 411
    maps.close()
    kernels = FilterBrowser(wide, layer="wide", order="number")
    assert walked(kernels.grid) == [str(one) for one in range(UNITS)]
    kernels.unit = 500
    assert "500" in kernels.grid.shown
    kernels.close()


def test_every_unit_that_is_dissected_has_a_tile_with_its_picture():
    lab = DissectionExplorer("creatures", CreatureConcepts(8, seed=1), layer="conv4_2")
    assert walked(lab.grid) == [str(one.unit) for one in lab.dissection.ranked()]
    last = lab.dissection.ranked()[-1].unit
    lab.grid.selected = str(last)
    assert lab.unit_box.value == last
    lab.off = (last,)
    assert (str(last) in lab.grid.shown, lab.grid.missing) == (True, ())
    lab.close()


def test_every_unit_and_every_class_is_in_a_menu_with_a_search(wide):
    lab = FeatureLab(wide, steps=1)
    assert (len(lab.unit_menu.labels), lab.unit_menu.labels[999]) == (CLASSES, "kind 999")
    lab.unit_menu.index = 999  # as the page sets it
    assert lab.unit == 999
    lab.layer_menu.value = "wide"
    assert (len(lab.unit_menu.labels), lab.unit) == (UNITS, 0)
    lab.close()
    lab = UnitExplorer(wide, PICTURE[np.newaxis], layer="wide", steps=1)
    lab.unit_menu.index = 511
    assert lab.unit == 511
    lab.close()


def test_every_class_is_explained_from_the_page(wide):
    lab = AttributionExplorer(wide, PICTURE, methods=("saliency",))
    assert len(lab.bars.choices) == CLASSES
    wanted = int(np.argsort(lab.session.probabilities)[0])
    lab.bars.selected = wanted
    assert (lab.explained, lab.label) == (wanted, f"kind {wanted}")
    assert wanted in [row["index"] for row in lab.bars.rows]
    lab.close()


def test_every_chosen_point_has_its_picture():
    pictures = np.arange(200, dtype=np.uint8)[:, None, None, None] + np.zeros((200, 8, 8, 3), np.uint8)
    lab = EmbeddingLab(
        np.random.default_rng(0).normal(size=(200, 3)), pictures=pictures, method="pca", other_method="pca"
    )
    lab.chosen = list(range(0, 200, 2))
    assert walked(lab.tiles) == [str(one) for one in range(0, 200, 2)]
    page = lab.tiles.per_page
    assert set(lab.tiles.pixels) == set(range(0, 200, 2)[page * (99 // page) :])  # the last page's alone were made
    lab.close()


def test_points_that_are_chosen_from_code_are_shown_with_their_counts():
    vectors = np.random.default_rng(0).normal(size=(30, 3))
    lab = EmbeddingLab(
        vectors,
        labels=["tea"] * 10 + ["milk"] * 20,
        method="pca",
        other_method="pca",
        language="en",
        chosen=[2, 11, 12],
    )
    assert lab.maps[1].chosen == [2, 11, 12]
    assert "3 chosen" in lab.views.chosen_line.value
    assert lab.views.chosen_line.value.index("milk") < lab.views.chosen_line.value.index(
        "tea"
    )  # the larger group first
    lab.close()
