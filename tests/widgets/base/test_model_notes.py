"""A lab tells what looks wrong in the reader's model, once, in its own language; and nothing of shipped ones."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import AttributionExplorer, Classifier, FeatureLab, load_history, load_model
from xai_widgets.course.capstone.suspects import load_suspects
from xai_widgets.models.checking import check_model
from xai_widgets.models.zoo.known_models import is_known
from xai_widgets.widgets.base import model_notes
from xai_widgets.widgets.base.model_notes import MOST, problems_of

PICTURE = np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8)


pytestmark = pytest.mark.usefixtures("inline")


def own(bias=0.0, start=(), name="own"):
    keras.utils.set_random_seed(0)
    conv = layers.Conv2D(6, 3, activation="relu", name="conv", bias_initializer=keras.initializers.Constant(bias))
    end = [layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")]
    return keras.Sequential([keras.Input((12, 12, 3)), *start, conv, *end], name=name)


def explorer(model, **options):
    return AttributionExplorer(model, PICTURE, methods=["saliency"], **options)


def names(lab):
    return [one.name for one in lab.notes.findings]


def test_a_dead_layer_is_told_under_the_lab_in_its_language():
    lab = explorer(Classifier(own(-900.0, [layers.Rescaling(1 / 255)]), ["a", "b"]), language="fr")
    assert names(lab) == ["dead", "gradient", "answers", "maps"]
    assert lab.children[-2] is lab.notes  # the line of requests is the last
    assert "4 points à vérifier dans votre modèle" in lab.notes.value
    assert "<b>Couches mortes</b>\u00a0: " in lab.notes.value
    assert lab.notes.value.startswith("<details")
    lab.close()


def test_rescaled_twice_and_names_that_are_no_html():
    model = own(start=[layers.Rescaling(1 / 255, name="first"), layers.Rescaling(1 / 255, name="second")])
    lab = explorer(Classifier(model, ["<b>a</b>", "b"]), language="en")
    assert names(lab)[0] == "range"
    assert "&#x27;first&#x27;, &#x27;second&#x27; all divide pixel values" in lab.notes.value
    assert "<b>a</b>" not in lab.notes.value
    lab.close()


def test_a_sound_model_has_no_note():
    keras.utils.set_random_seed(0)
    start = [keras.Input((12, 12, 3)), layers.Rescaling(1 / 255), layers.Conv2D(6, 3, activation="relu")]
    model = keras.Sequential([*start, layers.Flatten(), layers.Dense(2, "softmax")])
    lab = explorer(Classifier(model, ["a", "b"]))
    assert names(lab) == []
    assert lab.notes not in lab.children
    lab.close()


@pytest.mark.parametrize(
    "model", [lambda: load_model("digits"), lambda: load_history()[0], lambda: load_suspects()["A"].network]
)
def test_what_comes_with_the_package_is_not_looked_at(model, monkeypatch):
    monkeypatch.setattr(model_notes, "problems_of", lambda *_: pytest.fail("it was looked at"))
    found = model()
    assert is_known(found.model)
    explorer(found).close()


def test_another_model_and_a_trained_one_are_looked_at_again_and_the_same_is_not(monkeypatch):
    looked = []
    monkeypatch.setattr(model_notes, "problems_of", lambda model, *_: looked.append(model.name) or [])
    model = own(name="first")
    lab = explorer(model)
    lab.target = 1
    lab.image = "cat"
    assert looked == ["first"]
    lab.model = own(name="second")
    lab.model.model.layers[0].bias.assign(np.ones(6))
    lab.target = 0
    assert looked == ["first", "second", "second"]
    lab.close()


def test_the_note_goes_with_the_model_that_it_is_about():
    lab = explorer(Classifier(own(-900.0, [layers.Rescaling(1 / 255)]), ["a", "b"]))
    assert lab.notes.value
    lab.model = "creatures"
    assert (lab.notes.value, names(lab)) == ("", [])
    lab.close()


def test_the_cost_is_bounded_and_a_look_that_fails_says_nothing(monkeypatch):
    seen = []
    kept = model_notes.findings_of_inputs
    monkeypatch.setattr(model_notes, "findings_of_inputs", lambda model, x: seen.append(x.shape) or kept(model, x))
    model = Classifier(own(), ["a", "b"])
    own_picture = model.as_inputs(PICTURE)
    problems_of(model, own_picture, "en")
    problems_of(model, None, "en")
    assert seen == [(MOST, 12, 12, 3)] * 2
    monkeypatch.setattr(model_notes, "findings_of_model", lambda _: 1 / 0)
    assert problems_of(model, own_picture, "en") == []


def test_a_lab_without_a_picture_looks_too():
    lab = FeatureLab(Classifier(own(-900.0), ["a", "b"]), steps=1, language="en")
    assert "dead" in names(lab)
    lab.close()


def test_the_note_says_what_check_model_says():
    model = own(-900.0, [layers.Rescaling(1 / 255)])
    lab = explorer(Classifier(model, ["a", "b"]))
    told = {one.name: one.verdict for one in lab.notes.findings}
    known = {one.name: one.verdict for one in check_model.check_model(model, [PICTURE] * 2, labels=["a", "b"]).problems}
    assert told == known
    lab.close()
