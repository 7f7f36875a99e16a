"""The relevance lab, driven as a reader and as code would drive it."""

import keras
import numpy as np
import pytest
import traitlets

from xai_widgets import Classifier, RelevanceLab, sample_image
from xai_widgets.methods import lrp

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def lab(digits):
    made = RelevanceLab(digits, "digit-3")
    yield made
    made.close()


def bars(lab):
    return {path: line.value for path, (_, line, _) in lab.views.lines.items()}


def test_the_map_is_lrp_summed_over_channels(lab, digits):
    expected = lrp(digits, sample_image("digit-3"), "3").heatmap("sum")[0]
    np.testing.assert_allclose(lab.canvas.layers[0].values, expected, atol=1e-5)
    assert lab.canvas.layers[0].signed


def test_each_bar_is_what_is_left_of_the_score(lab):
    assert list(bars(lab)) == ["input", *lab.result.rules]
    for path, text in bars(lab).items():
        assert f"{lab.result.through[path][0]:.2f}".replace("-", "−") in text
    assert f"Score {lab.result.score[0]:.2f}" in lab.account.value


def test_a_click_on_a_name_shows_the_map_there(lab):
    lab.views.lines["conv3"][0].click()
    assert lab.layer == "conv3"
    np.testing.assert_allclose(lab.canvas.layers[0].values, lab.result.values["conv3"][0].sum(axis=-1), atol=1e-6)
    assert lab.views.lines["conv3"][0].button_style == "primary"
    assert lab.views.lines["scores"][0].disabled  # no picture
    with pytest.raises(ValueError, match="no map at layer 'scores'"):
        lab.layer = "scores"


def test_the_menu_of_a_layer_gives_it_a_rule(lab, digits):
    before = lab.canvas.layers[0].values
    lab.views.lines["conv1"][2].value = "flat"
    assert lab.rules == {"conv1": "flat"}
    expected = lrp(digits, sample_image("digit-3"), "3", rule={"conv1": "flat"}).heatmap("sum")[0]
    np.testing.assert_allclose(lab.canvas.layers[0].values, expected, atol=1e-5)
    assert np.abs(before - expected).max() > 0.01
    lab.views.lines["conv1"][2].value = ""
    assert lab.rules == {}
    np.testing.assert_allclose(lab.canvas.layers[0].values, before, atol=1e-6)


def test_composites_and_classes(lab, digits):
    lab.plan_menu.value = "zero"
    lab.bars.selected = 8
    expected = lrp(digits, sample_image("digit-3"), "8", rule="zero").heatmap("sum")[0]
    np.testing.assert_allclose(lab.canvas.layers[0].values, expected, atol=1e-4)
    assert "LRP-0" in lab._recipe_line.value


def test_what_biases_keep_is_the_conservation_error():
    """A net without biases keeps all; with one, the account says how much it took."""
    layers = keras.layers
    parts = [layers.Conv2D(2, 3, activation="relu", name="conv"), layers.GlobalAveragePooling2D()]
    net = keras.Sequential([keras.Input((8, 8, 1)), *parts, layers.Dense(2, name="scores")])
    net.set_weights([np.ones((3, 3, 1, 2)), np.zeros(2), np.ones((2, 2)), np.zeros(2)])
    image = np.ones((8, 8, 1), "float32")
    lab = RelevanceLab(Classifier(net, ["a", "b"]), image, composite="zero", target="a")
    assert "conserved" in lab.account.value
    net.layers[-1].set_weights([np.ones((2, 2)), np.array([6.0, 0])])
    biased = RelevanceLab(Classifier(net, ["a", "b"]), image, composite="zero", target="a")
    assert "Score 24.00; 18.00 reach the input. On the way, biases and rules keep 6.00" in biased.account.value
    assert "changes the sum most: scores, −6.00" in biased.account.value


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"composite": "epsilon_minus"}, traitlets.TraitError, "unknown composite"),
        ({"rules": {"conv9": "flat"}}, ValueError, "unknown layer 'conv9'"),
        ({"rules": {"conv1": "flatt"}}, ValueError, "did you mean flat"),
        ({"compsite": "zero"}, TypeError, "did you mean composite"),
    ],
)
def test_wrong_options_are_refused(digits, options, error, text):
    with pytest.raises(error, match=text):
        RelevanceLab(digits, "digit-3", **options)


def test_repr_and_still_picture_say_what_is_shown(digits):
    lab = RelevanceLab(digits, "digit-3", rules={"conv1": "flat"}, language="fr")
    assert repr(lab) == "RelevanceLab('digits', epsilon_plus, conv1: flat)"
    assert "pour la classe 3" in lab.describe()
    assert lab.describe().startswith("Pertinence (entrée)")
    assert len(lab.figure().axes) == 3
    lab.close()


def test_a_menu_of_rules_says_in_words_which_rule_its_layer_follows(digits):
    lab = RelevanceLab(digits, "digit-3", composite="epsilon_plus", language="fr")
    told = {path: menu.tooltip for path, (_, _, menu) in lab.views.lines.items()}
    first = next(path for path in told if path.startswith("conv"))
    assert told[first] == f"Règle de {first}\u00a0: z+"
    assert "(" not in "".join(told.values())
    lab.close()
