"""The shipped photos model: a plain net, its card, and a photograph that it knows."""

import json
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest

from xai_widgets import explain, load_model, sample_image
from xai_widgets.assets.cards import shipped_cards

ROOT = Path(__file__).parents[3]
CARD = ROOT / "xai_widgets" / "assets" / "photos" / "card.toml"
CONFUSION = ROOT / "data" / "photos" / "confusion.json"
PLAIN = (keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.GlobalAveragePooling2D, keras.layers.Dense)


@pytest.fixture(scope="module")
def photos():
    return load_model("photos")


@pytest.fixture(scope="module")
def card():
    return tomllib.loads(CARD.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def confusion():
    """The confusion matrices (K, K), rows what is and columns what it was called, of the two sources."""
    kept = json.loads(CONFUSION.read_text(encoding="utf-8"))
    return kept["labels"], {source: np.array(kept[source]) for source in ("imagenette", "pets")}


def test_it_is_plain_and_ready_for_cam(photos):
    parts = photos.model.layers
    assert all(isinstance(layer, PLAIN) for layer in parts)
    assert {layer.activation.__name__ for layer in parts if isinstance(layer, keras.layers.Conv2D)} == {"relu"}
    assert [type(layer) for layer in parts[-2:]] == [keras.layers.GlobalAveragePooling2D, keras.layers.Dense]
    assert photos.input_shape == (128, 128, 3)


def test_it_is_small():
    assert shipped_cards()["photos"].megabytes <= 10


def test_the_card_says_what_was_counted(card, confusion):
    labels, by_source = confusion
    total = sum(by_source.values())
    assert card["labels"] == labels
    assert card["tested_on"] == total.sum()
    assert card["accuracy"] == round(total.trace() / total.sum(), 4)
    assert card["accuracy_per_class"] == [round(float(one), 4) for one in total.diagonal() / total.sum(axis=1)]
    assert card["accuracy"] >= 0.86
    dog = labels.index("dog")
    springers = by_source["imagenette"][dog]
    assert card["springers_called_dog"] == round(float(springers[dog] / springers.sum()), 4)


def test_it_does_not_go_by_the_source(card, confusion):
    labels, by_source = confusion
    assert card["springers_called_dog"] > 0.86
    assert card["pets_called_things"] < 0.05
    assert card["things_called_pets"] < 0.05
    assert by_source["imagenette"][labels.index("cat")].sum() == 0  # Imagenette has no cats


@pytest.mark.parametrize("mirrored", [False, True])
def test_it_knows_the_cat(photos, mirrored):
    cat = sample_image("cat")
    (best, *_) = photos.predict(cat[:, ::-1] if mirrored else cat).top(1)[0]
    assert best.label == "cat"
    assert best.probability > 0.8


def test_its_evidence_for_the_cat_lies_on_the_cat(photos):
    """The cat fills the middle of the picture; its upper corners are out of focus."""
    heat = np.maximum(explain(photos, sample_image("cat"), "cam", target="cat").values[0], 0)
    heat = heat.reshape(heat.shape[:2])
    height, width = heat.shape
    corners = heat[: height // 5, : width // 5].mean() + heat[: height // 5, -(width // 5) :].mean()
    assert heat[height // 4 : -height // 4, width // 4 : -width // 4].mean() > corners
