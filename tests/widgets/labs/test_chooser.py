"""The method chooser: what each answer rules out, what a model refuses, what the cards say."""

import keras
import numpy as np
import pytest
import traitlets

from xai_widgets import Classifier, MethodChooser, list_methods, load_model, sample_image
from xai_widgets.methods import saliency
from xai_widgets.methods.registry import METHODS, methods_for
from xai_widgets.widgets.labs.chooser.session import QUESTIONS, families, ruled_out, thumbnail

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def lab():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XAI_WIDGETS_SYNC", "1")
        made = MethodChooser("digits", "digit-3", language="en")
        yield made
        made.close()


@pytest.fixture(autouse=True)
def no_answers(lab):
    lab.forget()
    lab.selected = "saliency"


def test_every_method_has_its_family_and_its_tile(lab):
    assert {method.family for method in METHODS.values()} == set(families())
    assert [tile["key"] for tile in lab.grid.tiles] == list(methods_for("picture"))
    assert all(tile["known"] or tile["out"] for tile in lab.grid.tiles)


def test_answers_say_what_the_table_says():
    """The lab's filters against the columns of `list_methods`, one by one."""
    for method in list_methods("picture"):
        assert (ruled_out(method, {"network": "other"}) == "") == (not method.needs_convolutions)
        assert (ruled_out(method, {"retraining": "no"}) == "") == (not method.needs_retraining)
        assert (ruled_out(method, {"grain": "fine"}) == "") == (method.grain == "fine")
        assert ruled_out(method, {"price": "few" if method.few_passes else "many"}) == ""
        if not ruled_out(method, {"inside": "outputs"}):
            assert not method.needs_gradients
            assert not method.needs_convolutions
        assert ruled_out(method, {question.name: "any" for question in QUESTIONS}) == ""


def test_an_answer_rules_methods_out_and_says_why(lab):
    before = set(lab.remaining)
    lab.menus["retraining"].value = "no"
    assert before - set(lab.remaining) == {"cam"}
    tile = next(tile for tile in lab.grid.tiles if tile["key"] == "cam")
    assert "another training" in tile["out"]
    lab.selected = "cam"
    assert "Out: in general it needs another training." in lab.card.value
    lab.again_button.click()
    assert set(lab.remaining) == before
    assert lab.menus["retraining"].value == "any"


def test_answers_add_up(lab):
    lab.inside, lab.grain = "gradients", "fine"
    lab.price = "few"
    assert lab.remaining == (
        "saliency", "gradient_times_input", "deconvolution", "guided_backprop", "lrp", "deep_lift", "guided_grad_cam",
    )  # fmt: skip
    assert f"{len(lab.remaining)} of {len(methods_for('picture'))}" in lab.count_line.value


def test_a_tile_shows_its_card_and_its_map(lab):
    lab.grid.selected = "lrp"
    assert lab.selected == "lrp"
    assert "Bach" in lab.card.value
    assert "Price: 1 forward, 1 backward." in lab.card.value
    assert lab.canvas.title == "LRP"
    lab.grid.selected = "saliency"
    found = saliency(load_model("digits"), sample_image("digit-3"), "3").heatmap()[0]
    np.testing.assert_allclose(lab.canvas.layers[0].values, found, atol=1e-5)


def test_what_a_model_refuses_is_out_and_says_why():
    start = keras.Input((8, 8, 1))
    dense = keras.Model(start, keras.layers.Dense(2, "softmax")(keras.layers.Flatten()(start)))
    lab = MethodChooser(
        Classifier(dense, ["a", "b"], lambda pixels: pixels / 255), "digit-3", language="en", selected="grad_cam"
    )
    assert not {"grad_cam", "cam", "layer_cam"} & set(lab.remaining)
    assert {"saliency", "occlusion", "integrated_gradients"} <= set(lab.remaining)
    assert "this model is not made for it" in lab.card.value
    assert len(lab.figure().axes) >= len(lab.remaining)
    lab.close()


def test_state_is_checked(lab):
    with pytest.raises(traitlets.TraitError, match="did you mean saliency"):
        lab.selected = "salience"
    with pytest.raises(traitlets.TraitError):
        lab.price = "nothing"
    with pytest.raises(TypeError, match="did you mean grain"):
        MethodChooser("digits", "digit-3", grains="fine")


def test_what_it_says_without_being_seen(lab):
    lab.family = "relevance"
    assert lab.describe() == "2 of 23 methods remain. LRP, DeepLIFT"
    assert repr(lab) == "MethodChooser('digits', family=relevance)"
    assert "Saliency of class 3" in lab.canvas.alt or "saliency of class 3" in lab.canvas.alt.lower()


def test_thumbnails_keep_signs(lab):
    explained = lab.session.quick("gradient_times_input", 3)
    small = thumbnail(lab.session.picture, explained, 40)
    assert (small.shape, small.dtype) == ((40, 40, 3), np.uint8)
    lowest = np.unravel_index(explained.heatmap.argmin(), explained.heatmap.shape)
    red, _, blue = small[tuple(5 * place + 2 for place in lowest)].astype(int)
    assert blue > red
