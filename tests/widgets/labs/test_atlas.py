"""The atlas lab, driven as a reader and as code would drive it."""

import keras
import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets import AtlasExplorer
from xai_widgets.methods.atlas import activation_atlas
from xai_widgets.widgets.components import AtlasMap

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def net():
    """One channel for each colour, and a class for each."""
    stack = [keras.layers.Conv2D(3, 1, activation="relu", name="conv"), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((8, 8, 3)), *stack, keras.layers.Dense(3, "softmax", name="scores")])
    model.layers[0].set_weights([np.eye(3, dtype="float32")[np.newaxis, np.newaxis], np.zeros(3, "float32")])
    model.layers[-1].set_weights([np.eye(3, dtype="float32") * 5, np.zeros(3, "float32")])
    return xai.Classifier(
        model, ["<b>red</b>", "green", "blue"], preprocess=lambda pixels: pixels / 255, name="colours"
    )


@pytest.fixture(scope="module")
def pictures():
    plain = np.zeros((30, 8, 8, 3), "uint8")
    for place in range(30):
        plain[place, ..., place % 3] = 100 + 5 * place
    return plain


@pytest.fixture(scope="module")
def atlas(net, pictures):
    places = np.stack([np.arange(30) % 3, np.zeros(30)], axis=1)
    return activation_atlas(net, pictures, layer="conv", layout=places, grid=3, least=2, steps=2)


@pytest.fixture
def lab(net, pictures, atlas):
    made = AtlasExplorer(net, pictures, atlas)
    yield made
    made.close()


def test_a_given_atlas_is_shown(lab, atlas):
    assert lab.atlas is atlas
    assert [(cell["row"], cell["column"], cell["count"]) for cell in lab.map.cells] == [
        (int(row), int(column), int(count))
        for row, column, count in zip(atlas.rows, atlas.columns, atlas.counts, strict=True)
    ]
    icons = np.frombuffer(lab.map.pixels, "uint8").reshape(atlas.icons.shape)
    np.testing.assert_allclose(icons / 255, np.clip(atlas.icons, 0, 1), atol=0.01)
    np.testing.assert_allclose([cell["said"] for cell in lab.map.cells], atlas.attribution, rtol=1e-5)
    assert lab.map.labels == list(atlas.labels)
    assert "3 icons" in lab.describe()


def test_one_is_computed(net, pictures):
    lab = AtlasExplorer(net, pictures, layout="pca", grid=2, steps=1)
    assert lab.atlas.grid == 2
    assert repr(lab) == "AtlasExplorer('colours', 'conv', 30 pictures, pca, all classes)"
    assert "laid out by PCA" in lab._recipe_line.value
    before = lab.atlas
    lab.seed = 5
    assert lab.atlas is not before
    lab.seed = 0
    assert lab.atlas is before  # kept
    lab.close()


def test_a_class_stands_out(lab):
    lab.map.chosen = "green"
    assert lab.chosen == "green"
    assert "1 of them speak most for green" in lab.describe()
    lab.chosen = ""
    assert lab.map.chosen == ""
    with pytest.raises(ValueError, match="green, blue"):
        lab.chosen = "pink"


def test_a_cell_shows_its_pictures(lab, pictures, atlas):
    clearest = atlas.attribution.max(axis=1).argmax()  # until the reader chooses
    assert lab.cell == lab.map.selected == clearest
    lab.map.selected = -1
    lab.map.selected = 1
    assert lab.cell == 1
    shown = np.frombuffer(lab.canvas.pixels, "uint8").reshape(lab.canvas.height, lab.canvas.width, 3)
    np.testing.assert_array_equal(shown[:, :8], pictures[atlas.members(1)[0]])
    assert "speaks most for green" in lab.canvas.alt
    size = lab.canvas.height, lab.canvas.width
    lab.cell = -1
    assert lab.canvas.layout.visibility == "hidden"
    assert (lab.canvas.height, lab.canvas.width) == size  # nothing jumps


def test_a_cell_chosen_beforehand_stays(net, pictures, atlas):
    assert AtlasExplorer(net, pictures, atlas, cell=2).map.selected == 2


def test_what_does_not_exist_is_refused(net, pictures, atlas):
    with pytest.raises(ValueError, match="choose one of conv"):
        AtlasExplorer(net, pictures, layer="cov")
    with pytest.raises(ValueError, match="make the lab with pictures="):
        AtlasExplorer(net)
    with pytest.raises(ValueError, match="other pictures"):
        AtlasExplorer(net, pictures[:5], atlas)
    with pytest.raises(TypeError, match="grid"):
        AtlasExplorer(net, pictures, grit=3)
    with pytest.raises(ValueError, match="cells 0 to 2"):
        AtlasExplorer(net, pictures, atlas).cell = 3


def test_still_picture_and_french(net, pictures, atlas):
    lab = AtlasExplorer(net, pictures, atlas, language="fr")
    assert len(lab.figure().axes[0].texts) == 3
    frames = []
    for cell in (0, 2, -1):
        lab.cell = cell
        frames.append([patch.get_xy() for patch in lab.figure().axes[0].patches])
    side = atlas.icons.shape[1]
    assert frames == [[(atlas.columns[c] * side - 0.5, atlas.rows[c] * side - 0.5)] for c in (0, 2)] + [[]]
    assert lab.layer_menu.description == "Couche"
    assert "icônes" in lab.describe()
    assert "<b>" not in lab._recipe_line.value
    assert "image/png" in lab._repr_mimebundle_()
    lab.close()


def test_map_refuses_what_does_not_fit():
    shown = AtlasMap()
    icons = np.zeros((2, 4, 4, 3), "uint8")
    with pytest.raises(ValueError, match="uint8"):
        shown.set_cells(icons / 2, [(0, 0), (0, 1)], [1, 1], np.zeros((2, 1)), ["a"], grid=2)
    with pytest.raises(ValueError, match="as many places"):
        shown.set_cells(icons, [(0, 0)], [1, 1], np.zeros((2, 1)), ["a"], grid=2)
    with pytest.raises(ValueError, match="in the 2x2 map"):
        shown.set_cells(icons, [(0, 0), (0, 2)], [1, 1], np.zeros((2, 1)), ["a"], grid=2)
    shown.set_cells(icons, [(0, 0), (0, 1)], [1, 1], np.zeros((2, 1)), ["a"], grid=2)
    with pytest.raises(Exception, match="not 'b'"):
        shown.chosen = "b"
    with pytest.raises(Exception, match="0 to 1"):
        shown.selected = 2
