"""The dissection lab, driven as a reader and as code would drive it."""

import keras
import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets import DissectionExplorer
from xai_widgets.methods.dissection import ArrayConcepts, dissect
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.plots.dissection_figures import lit, mosaic
from xai_widgets.widgets.base.dissection_session import DissectionSession

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def net():
    """Six colour detectors and a class for red and one for green."""
    stack = [keras.layers.Conv2D(6, 1, activation="relu", name="first")]
    stack += [keras.layers.Conv2D(4, 1, activation="relu", name="conv"), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((12, 12, 3)), *stack, keras.layers.Dense(2, name="scores")], name="small")
    keras.utils.set_random_seed(0)
    eye = np.zeros((1, 1, 6, 4), "float32")
    eye[0, 0, range(4), range(4)] = 1
    colours = np.array([[3, -3, -3], [-3, 3, -3], [-3, -3, 3], [1, 1, 1], [1, 0, 0], [0, 1, 0]], "float32").T
    model.layers[0].set_weights([colours[np.newaxis, np.newaxis], np.zeros(6, "float32")])
    model.layers[1].set_weights([eye, np.zeros(4, "float32")])
    weights = np.zeros((4, 2), "float32")
    weights[0, 0] = weights[1, 1] = 40
    model.layers[-1].set_weights([weights, np.zeros(2, "float32")])
    return xai.Classifier(model, ["<b>red</b>", "green"], preprocess=lambda pixels: pixels / 255)


@pytest.fixture(scope="module")
def concepts():
    pictures, masks = np.zeros((12, 12, 12, 3), "uint8"), np.zeros((12, 2, 12, 12), bool)
    for place in range(12):
        kind, at = place % 2, place // 2
        pictures[place, at : at + 3, at : at + 2, kind] = 150 + 5 * place
        masks[place, kind, at : at + 3, at : at + 2] = True
    return ArrayConcepts(pictures, masks, ["red", "<i>green</i>"], ["colour", "colour"])


@pytest.fixture
def lab(net, concepts):
    made = DissectionExplorer(net, concepts, dissect(net, concepts, layer="conv", quantile=0.05))
    yield made
    made.close()


def test_units_are_ranked_with_their_names(lab):
    tiles = lab.grid.tiles
    assert {tile["label"] for tile in tiles[:2]} == {"0: red 1.00", "1: <i>green</i> 1.00"}
    assert all(tile["known"] for tile in tiles)
    assert "2: no name" in [tile["label"] for tile in tiles]
    assert "of 4 units bear a name" in lab.views.summary_line.value
    assert repr(lab) == "DissectionExplorer('small', 'conv', 12 pictures, no unit off)"


def test_sheet_shows_the_pictures_of_the_unit(lab, net, concepts):
    lab.unit = 1
    assert lab.grid.selected == "1"
    found = lab.dissection
    pictures = [concepts.batch(slice(int(place), int(place) + 1)) for place in found.top[1, :9]]
    region = [batch.masks[0, 1] for batch in pictures]  # the unit and the concept agree everywhere
    shown = [lit(batch.pictures[0], where, where) for batch, where in zip(pictures, region, strict=True)]
    assert lab.sheet_canvas.pixels == mosaic(np.stack(shown), 3).tobytes()
    assert "green" in lab.sheet_canvas.title
    assert "IoU 1.00" in lab.sheet_canvas.alt


def test_switching_off_lets_its_class_fall(lab):
    before = lab.bars.values
    assert before == lab.bars.reference
    lab.unit = 0
    lab.off_button.click()
    assert lab.off == (0,)
    assert lab.bars.values[0] < before[0] - 0.1
    assert lab.bars.details_label == "change of the logit"
    assert [row["detail"][0] for row in lab.bars.rows if row["index"] == 0] == ["\N{MINUS SIGN}"]
    assert lab.bars.values[1] == pytest.approx(before[1])
    assert lab.bars.reference == before
    assert next(tile for tile in lab.grid.tiles if tile["key"] == "0")["out"] == "off"
    assert lab.off_button.description == "Switch it on again"
    lab.grid.selected = "1"
    assert lab.off_button.description == "Switch this unit off"
    lab.off_button.click()
    assert lab.off == (0, 1)
    assert "off: 0, 1" in repr(lab)
    lab.all_button.click()
    assert lab.off == ()
    assert lab.bars.values == before
    assert lab.all_button.disabled


def test_another_layer_begins_anew(lab):
    lab.off = (1,)
    lab.layer_menu.value = "first"
    assert (lab.layer, lab.off) == ("first", ())
    assert lab.dissection.layer == "first"
    assert lab.unit_box.max == 5
    assert len(lab.grid.tiles) == 6
    lab.unit_box.value = 5
    assert lab.unit == 5
    assert lab.grid.selected == "5"
    lab.layer_menu.value = "conv"
    assert (lab.unit, lab.off) == (None, (1,))  # as they were left there
    lab.layer_menu.value = "first"
    assert (lab.unit, lab.off) == (5, ())


def test_what_does_not_exist_is_refused(net, concepts):
    with pytest.raises(ValueError, match="first, conv"):
        DissectionExplorer(net, concepts, layer="cov")
    with pytest.raises(ValueError, match="0 to 3"):
        DissectionExplorer(net, concepts, layer="conv", unit=4)
    with pytest.raises(ValueError, match="make the lab with concepts="):
        DissectionExplorer(net)
    with pytest.raises(TypeError, match="layer"):
        DissectionExplorer(net, concepts, leyer="conv")
    other = ArrayConcepts(np.zeros((1, 12, 12, 3), "uint8"), np.zeros((1, 1, 12, 12), bool), ["x"])
    with pytest.raises(ValueError, match="other concepts"):
        DissectionExplorer(net, other, dissect(net, concepts, layer="conv"))


def test_still_picture_and_words(lab):
    figure = lab.figure()
    assert figure.axes[1].get_title() == "Probability of each class, on its own pictures"
    assert "best with red (colour)" in lab.describe() or "best with <i>green</i>" in lab.describe()
    assert "<i>" not in lab._recipe_line.value
    assert "image/png" in lab._repr_mimebundle_()


def test_french(net, concepts):
    lab = DissectionExplorer(net, concepts, layer="conv", language="fr")
    assert lab.layer_menu.description == "Couche"
    assert "unités sur 4 portent un nom" in lab.views.summary_line.value
    assert "rouge" in lab.grid.tiles[0]["label"] + lab.grid.tiles[1]["label"]
    lab.close()


def test_the_logit_moves_where_probabilities_do_not(net, concepts):
    session = DissectionSession(net, concepts)
    pictures = concepts.pictures(slice(0, len(concepts)))
    read = net.logits(pictures).argmax(axis=1)
    moved = ablation_effect(net, pictures, "conv", [[0]])[:, 0]
    expected = [moved[read == one, one].mean() for one in (0, 1)]
    scores = session.class_scores("conv", (0,))
    np.testing.assert_allclose(scores.changes, expected, rtol=1e-5)
    np.testing.assert_array_equal(session.class_scores("conv", ()).changes, [0, 0])


def test_the_still_figure_tells_the_change_too(lab):
    lab.off = (0,)
    labels = [text.get_text() for text in lab.figure().axes[1].get_yticklabels()]
    change = lab.bars.details[0]
    assert labels[0] == f"<b>red</b> ({change})"
    lab.off = ()
    assert lab.figure().axes[1].get_yticklabels()[0].get_text() == "<b>red</b>"
