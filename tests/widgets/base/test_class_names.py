"""A lab in French calls the classes of shipped models by French names; code and readers' own models keep theirs."""

import numpy as np
import pytest

from xai_widgets import AdversarialLab, AttributionExplorer, CamLab, Classifier, FeatureLab, list_models, load_model
from xai_widgets.datasets.creatures.classes import LABELS
from xai_widgets.i18n import catalogue
from xai_widgets.widgets.base.class_names import class_names

pytestmark = pytest.mark.usefixtures("inline")


def test_every_class_of_the_shipped_models_has_a_name():
    for label in [*LABELS, *load_model("photos").labels]:
        assert catalogue("models", "fr")[f"class_{label.replace(' ', '_')}"]
        assert catalogue("models", "en")[f"class_{label.replace(' ', '_')}"] == label
    assert "photos" in list_models().names
    assert class_names(load_model("digits"), "fr") == tuple("0123456789")
    assert class_names(load_model("photos"), "en") == tuple(load_model("photos").labels)


def test_a_model_of_the_readers_own_keeps_its_labels():
    creatures = load_model("creatures")
    import keras

    own = Classifier(keras.models.clone_model(creatures.model), creatures.labels)
    assert class_names(own, "fr") == tuple(LABELS)


def test_bars_legends_and_recipes_are_french_and_the_target_is_not():
    lab = AttributionExplorer("creatures", "creature-cat-dog", methods=["saliency"], target="cat", language="fr")
    assert lab.label == "chat"
    assert lab.bars.labels[:2] == ("chat", "chien")
    assert lab.target == "cat"
    assert "pour chat" in lab.panels[0].note.value
    assert "chat" in lab.panels[0].canvas.alt
    lab.target = "dog"
    assert lab.label == "chien"
    with pytest.raises(ValueError, match="chat"):
        lab.target = "chat"
    lab.close()


def test_the_menu_of_classes_in_french():
    lab = AdversarialLab("photos", "cat", language="fr", targeted=True)
    assert lab.views.class_menu.options[:2] == ("chat", "chien")
    assert lab.views.original.caption.startswith("chat")
    lab.views.class_menu.value = "balle de golf"
    assert lab.model.labels[lab.explained] == "golf ball"
    assert np.isclose(sum(lab.bars.values), 1, atol=1e-4)
    assert "pour balle de golf" in lab._recipe_line.value
    assert "targeted" not in lab._recipe_line.value
    lab.close()


def test_other_labs():
    cam = CamLab("creatures", "creature-cat-dog", language="fr", target="dog")
    assert "chien" in cam._recipe_line.value
    cam.close()
    feature = FeatureLab("creatures", layer=None, steps=1, language="fr")
    feature.close()
