"""Labs on a model in which no layer is a sensible choice by itself, and on models with a usual layer."""

import keras
import numpy as np
import pytest
from keras import layers

import xai_widgets as xai
from xai_widgets.widgets.base.usual_layer import layer_note, usual_layer


def classifier(model, name):
    return xai.Classifier(model, ["a", "b", "c"], preprocess=lambda pixels: pixels / 255, name=name)


@pytest.fixture(scope="module")
def vit():
    keras.utils.set_random_seed(0)
    start = t = keras.Input((16, 16, 3))
    t = layers.Reshape((16, 8))(layers.Conv2D(8, 4, strides=4, name="patches")(t))
    for number in range(2):
        seen = layers.LayerNormalization(name=f"norm{number}")(t)
        t = layers.Add(name=f"mid{number}")([t, layers.MultiHeadAttention(2, 4, name=f"attention{number}")(seen, seen)])
        t = layers.Add(name=f"end{number}")([t, layers.Dense(8)(layers.Dense(16, "gelu")(t))])
    return classifier(keras.Model(start, layers.Dense(3)(layers.GlobalAveragePooling1D()(t))), "tiny_vit")


@pytest.fixture(scope="module")
def usual():
    keras.utils.set_random_seed(0)
    start = keras.Input((16, 16, 3))
    first = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(start)
    deep = layers.Conv2D(8, 3, padding="same", activation="relu", name="deep")(layers.MaxPooling2D()(first))
    end = layers.Dense(3)(layers.GlobalAveragePooling2D()(deep))
    return classifier(keras.Model(start, end), "usual")


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 255, (6, 16, 16, 3)).astype("uint8")


@pytest.fixture
def opened(monkeypatch):
    """A function that opens a lab, its errors shown in it; it is closed at the end."""
    monkeypatch.delenv("XAI_WIDGETS_SYNC", raising=False)
    made = []

    def open_it(lab, *given, **options):
        made.append(lab(*given, **options))
        assert made[-1].wait(60)
        return made[-1]

    yield open_it
    for lab in made:
        lab.close()


def test_what_grad_cam_asks_for_is_no_usual_layer(vit, usual):
    assert usual_layer(vit) is None
    assert usual_layer(usual) == "deep"
    assert layer_note(usual, "en") == layer_note(usual, "fr") == ""
    assert "after patches, the last one with maps" in layer_note(vit, "en")
    assert "après patches, la dernière" in layer_note(vit, "fr")


def test_no_note_without_maps():
    flat = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3)])
    assert usual_layer(classifier(flat, "flat")) is None
    assert layer_note(classifier(flat, "flat"), "en") == ""


@pytest.mark.parametrize("name", ["CamLab", "ActivationBrowser", "FeatureLab", "UnitExplorer", "FilterBrowser"])
def test_labs_on_a_layer_say_that_none_stands_out(opened, vit, usual, pictures, name):
    options = {
        "CamLab": {"image": pictures[0]},
        "ActivationBrowser": {"image": pictures[0]},
        "FeatureLab": {"steps": 2},
        "UnitExplorer": {"pictures": pictures, "steps": 2},
        "FilterBrowser": {},
    }[name]
    lab = opened(getattr(xai, name), vit, **options)
    assert lab.error == ""
    assert "No layer of tiny_vit stands out" in lab._recipe_line.value
    assert "image/png" in lab._repr_mimebundle_()
    lab.model = usual
    assert lab.wait(60)
    assert "stands out" not in lab._recipe_line.value


def test_the_explorer_offers_no_layer_until_the_reader_takes_one(opened, vit, pictures):
    lab = opened(xai.AttributionExplorer, vit, pictures[0], methods=("saliency", "grad_cam"))
    saliency, cam = lab.panels
    assert "no layer is a sensible choice" in lab.error
    assert "no layer is a sensible choice" in cam.note.value
    assert (cam.layer_menu.options, cam.layer_menu.value) == (("patches",), None)
    assert list(lab.results) == ["saliency"]
    assert saliency.canvas.layers
    drawn = lab.figure().axes
    assert [len(axes.images) for axes in drawn] == [1, 1, 0]
    assert "sensible" in drawn[2].texts[0].get_text()
    assert "no layer is a sensible choice" in lab.describe()
    assert "image/png" in lab._repr_mimebundle_()
    cam.layer_menu.value = "patches"
    assert lab.wait(60)
    assert lab.error == ""
    assert lab.results["grad_cam"].recipe.options["layer"] == "patches"


def test_the_explorer_marks_the_layer_that_the_method_takes(opened, usual, pictures):
    lab = opened(xai.AttributionExplorer, usual, pictures[0], methods=("grad_cam",))
    assert lab.panels[0].layer_menu.value == lab.results["grad_cam"].recipe.options["layer"] == "deep"


def test_a_lab_without_any_picture_says_why_where_it_is_shown(opened, vit, pictures):
    lab = opened(xai.RelevanceLab, vit, pictures[0])
    bundle = lab._repr_mimebundle_()
    assert "no rule for" in lab.error
    assert "image/png" not in bundle
    assert "lrp has no rule for &#x27;norm0&#x27;" in bundle["text/html"]
    assert bundle["text/plain"] == repr(lab)
