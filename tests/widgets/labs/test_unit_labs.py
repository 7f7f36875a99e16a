"""The four labs on units, driven as a reader and as code would drive them."""

import keras
import numpy as np
import pytest

from xai_widgets import ActivationBrowser, Classifier, FilterBrowser, TrainingScrubber, UnitExplorer, load_model
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.methods.dissection import dissect
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.methods.units.filters import filters
from xai_widgets.methods.units.top_patches import top_patches
from xai_widgets.methods.units.training_recorder import TrainingRecord, TrainingRecorder
from xai_widgets.results.dissection_result import Detector, Dissection
from xai_widgets.results.recipe import Recipe
from xai_widgets.widgets.base.dissection_session import default_concepts

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def net():
    """Two convolutions and three classes on 12 x 12 pictures; unit 2 of the second layer is dead."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    stack = [
        layers.Conv2D(4, 3, activation="relu", name="first"),
        layers.Conv2D(6, 3, activation="relu", name="second"),
    ]
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3, name="scores")]
    model = keras.Sequential([keras.Input((12, 12, 3)), *stack, *head], name="small")
    kernel, bias = model.get_layer("second").get_weights()
    bias[2] = -100
    model.get_layer("second").set_weights([kernel, bias])
    return Classifier(model, ["ant", "<b>bee</b>", "cow"], value_range=(0, 1))


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).uniform(0, 1, (14, 12, 12, 3)).astype("float32")


# Filters


def test_filters_are_sorted_and_shown_large(net):
    lab = FilterBrowser(net)
    found = filters(net, "first")
    assert lab.ranking.tolist() == np.argsort(-found.smoothness).tolist()
    assert [tile["key"] for tile in lab.grid.tiles] == [str(one) for one in lab.ranking]
    lab.order_menu.value = "norm"
    assert lab.shown == found.norms.argmax()
    other = (lab.shown + 1) % 4
    lab.grid.selected = str(other)
    assert lab.unit == other
    large = np.frombuffer(lab.canvas.pixels, "uint8").reshape(3, 3, 3)
    np.testing.assert_array_equal(large, np.round(255 * found.pictures()[other]).astype("uint8"))
    lab.layer_menu.value = "second"
    assert (lab.layer, lab.unit, len(lab.grid.tiles)) == ("second", None, 6)
    lab.layer_menu.value = "first"
    assert (lab.unit, lab.grid.selected) == (other, str(other))  # as it was left
    lab.layer_menu.value = "second"
    assert len(lab.figure().axes) >= 6
    lab.close()


def test_a_filter_or_layer_that_does_not_exist_is_refused(net):
    with pytest.raises(ValueError, match="0 to 3"):
        FilterBrowser(net, unit=4)
    with pytest.raises(ValueError, match="first, second"):
        FilterBrowser(net, layer="third")
    with pytest.raises(TypeError, match="order"):
        FilterBrowser(net, ordre="norm")


# Activations


def test_maps_of_a_layer_are_the_models_own(net, pictures):
    lab = ActivationBrowser(net, pictures[0], layer="second")
    inner = keras.Model(net.model.inputs[0], net.model.get_layer("second").output)
    np.testing.assert_allclose(lab.maps, np.asarray(inner(pictures[:1]))[0], atol=1e-5)
    assert lab.silent[2]
    marked = {tile["key"] for tile in lab.grid.tiles if tile["out"]}
    assert marked == {str(one) for one in np.flatnonzero(lab.silent)}
    assert lab.shown == lab.maps.max(axis=(0, 1)).argmax()
    lab.order_menu.value = "silence"
    assert lab.silent[lab.ranking[0]]
    assert lab.grid.tiles[0]["out"]
    lab.close()


def test_units_that_are_silent_on_all_watched_pictures_are_dead(net, pictures):
    lab = ActivationBrowser(net, pictures[0], layer="second", watched=pictures, language="en")
    (reason,) = [tile["out"] for tile in lab.grid.tiles if tile["key"] == "2"]
    assert reason == "dead"
    lab.layer_menu.value = "first"
    assert (lab.layer, lab.unit) == ("first", None)
    lab.grid.selected = "1"
    np.testing.assert_allclose(lab.canvas.layers[0].values, np.maximum(lab.maps[..., 1], 0), atol=1e-6)
    lab.image = pictures[1]
    assert lab.unit == 1
    with pytest.raises(ValueError, match="0 to 3"):
        lab.unit = 5
    lab.close()


# Training


@pytest.fixture(scope="module")
def record(pictures):
    keras.utils.set_random_seed(1)
    layers = keras.layers
    stack = [layers.Conv2D(5, 3, activation="relu", name="conv"), layers.Flatten(), layers.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input((12, 12, 3)), *stack])
    model.compile("adam", "sparse_categorical_crossentropy")
    recorder = TrainingRecorder(pictures[:2], pictures, every=2)
    model.fit(pictures, np.arange(14) % 2, batch_size=4, epochs=2, verbose=0, callbacks=[recorder])
    return recorder.record


def test_the_training_is_run_back_and_forth(record, net):
    lab = TrainingScrubber(record, model=net)
    assert lab.place == len(record.moments) - 1
    last = lab.grid.pixels
    lab.slider.value = 0.0
    assert lab.moment == 0
    assert lab.curve.cursor == 0
    assert lab.grid.pixels != last
    np.testing.assert_array_equal(lab.maps, record.moments[0].maps["conv"][0])
    lab.picture_menu.value = 1
    np.testing.assert_array_equal(lab.maps, record.moments[0].maps["conv"][1])
    assert "0" in lab.describe()
    assert len(lab.figure().axes) >= 5
    lab.close()


def test_what_is_not_recorded_is_refused(record, net):
    with pytest.raises(TypeError, match="TrainingRecord"):
        TrainingScrubber(3)
    with pytest.raises(ValueError, match="no moment"):
        TrainingScrubber(TrainingRecord(np.zeros((1, 2, 2, 1))))
    for wrong in ({"picture": 2}, {"moment": 99}):
        with pytest.raises(ValueError, match="pictures 0 to 1"):
            TrainingScrubber(record, model=net, **wrong)


# One unit


@pytest.fixture(scope="module")
def explorer(net, pictures):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XAI_WIDGETS_SYNC", "1")
        lab = UnitExplorer(net, pictures, layer="first", unit=1, steps=4, names={1: "<i>stripes</i>"}, language="en")
    yield lab
    lab.close()


def test_the_unit_has_its_top_pictures_and_its_classes(explorer, net, pictures):
    wanted = top_patches(net, pictures, "first")
    np.testing.assert_array_equal(explorer.top.pictures, wanted.pictures)
    best = pictures[wanted.pictures[explorer.unit]]
    effect = ablation_effect(net, best, "first", explorer.unit)[:, 0].mean(axis=0)
    np.testing.assert_allclose(explorer.effect, effect, atol=1e-5)
    assert explorer.made.pixels
    made = np.frombuffer(explorer.made.pixels, "uint8").reshape(*net.input_shape[:2], 3)
    peak = top_patches(net, made[np.newaxis] / 255, "first", units=[explorer.unit], count=1).activations[0, 0]
    assert explorer.made.caption.startswith(f"peak {peak:.1f} · mean of its map ")
    assert explorer.canvas.caption.endswith(f"peak {wanted.activations[explorer.unit, 0]:.1f}")
    assert "<i>" not in explorer.bars.value
    assert "<b>" not in explorer.bars.value
    assert "stripes" in explorer.describe()


def test_a_patch_another_unit_and_another_layer_are_chosen(explorer):
    before = explorer.canvas.pixels
    explorer.grid.selected = "4"
    assert explorer.hit == 4
    assert explorer.canvas.pixels != before
    explorer.unit_menu.value = 3
    assert (explorer.unit, explorer.hit) == (3, 0)
    explorer.layer_menu.value = "second"
    assert (explorer.layer, explorer.unit) == ("second", 0)
    explorer.layer_menu.value = "first"
    assert (explorer.unit, explorer.unit_menu.value) == (3, 3)
    explorer.layer_menu.value = "second"
    with pytest.raises(ValueError, match="0 to 5"):
        explorer.unit = 6


def test_the_unit_bears_the_name_that_a_dissection_gave(net, pictures):
    """A name above the paper's bound, none below it; what the reader calls a unit goes before."""
    iou = np.zeros((4, 2), "float32")
    iou[1], iou[2], iou[3] = (0.02, 0.31), (0.03, 0.01), (0.2, 0.1)
    names, nothing = ("<b>ears</b>", "red"), np.zeros((4, 0), "int64")
    recipe = Recipe("network_dissection", "small", ("units",), {})
    found = Dissection("first", names, ("part", "colour"), np.ones(4, "float32"), iou, nothing, recipe)
    lab = UnitExplorer(net, pictures, layer="first", unit=1, steps=1, dissection=found, names={3: "mine"})
    assert lab.detector == Detector(1, "red", "colour", pytest.approx(0.31))
    assert "“red” (colour); overlap (IoU) 0.31" in lab.concept.value
    assert "(red)" in lab.describe()
    assert [text for text, _ in lab.unit_menu.options] == ["0", "1 · red", "2", "3 · mine"]
    lab.unit = 2
    assert "bears no name" in lab.concept.value
    assert "&lt;b&gt;ears" in lab.concept.value
    lab.layer = "second"
    assert lab.detector is None
    assert not lab.concept.value
    lab.close()


def test_creatures_are_dissected_by_the_lab_itself(monkeypatch):
    """Its labels are those of `dissect` on the concepts of the dissection lab."""
    creatures = load_model("creatures")
    monkeypatch.setattr("xai_widgets.widgets.base.dissection_session._PICTURES", 24)
    drawn = sample_batch(16, seed=3).pictures
    lab = UnitExplorer(creatures, drawn, layer="conv4_2", unit=3, steps=1, language="en")
    wanted = dissect(creatures, default_concepts(creatures), layer="conv4_2")
    assert lab.detector == wanted.best_of(3)
    named = {one.unit for one in wanted.detectors()}
    assert {unit for text, unit in lab.unit_menu.options if "·" in text} == named
    assert "Dissection" in lab.concept.value
    lab.close()


def test_another_model_is_searched_with_the_same_pictures(explorer, net, pictures):
    other = keras.models.clone_model(net.model)
    other.set_weights([weight[..., ::-1] for weight in net.model.get_weights()])
    explorer.model = Classifier(other, ["ant", "bee", "cow"], value_range=(0, 1))
    wanted = top_patches(explorer.model, pictures, "second")
    assert (explorer.layer, explorer.unit, explorer.layer_menu.value) == (None, 0, "second")
    np.testing.assert_array_equal(explorer.top.pictures, wanted.pictures)
    before = explorer.model
    with pytest.raises(ValueError, match="12"):
        explorer.model = "digits"  # takes other pictures
    assert explorer.model is before


def test_a_model_of_ones_own_needs_pictures(net):
    with pytest.raises(ValueError, match="knows no creatures: make the lab with pictures="):
        UnitExplorer(net)


def test_labs_speak_french(net, pictures):
    lab = ActivationBrowser(net, pictures[0], language="fr")
    assert "muettes" in lab.describe()
    assert repr(lab) == "ActivationBrowser('small', first)"
    lab.close()
