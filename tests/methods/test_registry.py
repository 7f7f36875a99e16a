"""The table of methods, and `explain`."""

import inspect

import numpy as np
import pytest
from PIL import Image

from models import nets
from xai_widgets import i18n
from xai_widgets.methods import explain, list_methods, saliency
from xai_widgets.methods.registry import FUNCTIONS, METHODS
from xai_widgets.models.classifier import Classifier


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(nets.Numbers.drawn()), ("ant", "bee", "cow"), lambda pixels: pixels / 255)


def test_explain_is_the_method_itself(classifier):
    x = nets.inputs(2)
    found = explain(classifier, x, "saliency", "bee", output="probability")
    np.testing.assert_array_equal(found.values, saliency(classifier, x, "bee", output="probability").values)
    assert found.recipe.method == "saliency"


def test_names_are_spelt_freely(classifier):
    assert explain(classifier, nets.inputs(1), "Saliency").recipe.method == "saliency"


def test_files_are_read(classifier, tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype="uint8")
    Image.fromarray(picture).save(tmp_path / "picture.png")
    expected = saliency(classifier, picture, 0).values
    for source in (tmp_path / "picture.png", str(tmp_path / "picture.png")):
        np.testing.assert_array_equal(explain(classifier, source, "saliency", 0).values, expected)


def test_an_unknown_method_is_refused_with_the_nearest(classifier):
    with pytest.raises(ValueError, match="unknown method 'salience'; did you mean saliency"):
        explain(classifier, nets.inputs(1), "salience")


def test_an_unknown_option_is_refused(classifier):
    with pytest.raises(TypeError, match="otput"):
        explain(classifier, nets.inputs(1), "saliency", otput="logit")


def test_every_method_is_described_and_documented():
    assert set(FUNCTIONS) == set(METHODS) == set(list_methods().names)
    for name, function in FUNCTIONS.items():
        text = inspect.getdoc(function)
        assert all(f"{part}\n----" in text for part in ("Parameters", "Returns", "Raises", "References", "Examples"))
        assert list(inspect.signature(function).parameters)[:3] == ["model", "inputs", "target"]
        assert METHODS[name].paper


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_table_speaks_both_languages(language):
    i18n.set_language(language)
    shown = repr(list_methods())
    assert {"en": "yes", "fr": "oui"}[language] in shown
    assert shown == repr(list_methods())
