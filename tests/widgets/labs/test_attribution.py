"""The attribution explorer, driven as a reader and as code would drive it."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import traitlets
from PIL import Image

from xai_widgets import AttributionExplorer, Classifier, sample_image
from xai_widgets.methods import deletion_curve, integrated_gradients, layers_with_maps, saliency
from xai_widgets.methods.registry import FUNCTIONS

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def lab(digits):
    made = AttributionExplorer(digits, "digit-3", methods=("saliency", "integrated_gradients"))
    yield made
    made.close()


def test_each_panel_shows_what_its_method_gives(lab, digits):
    picture = sample_image("digit-3")
    first, second = (panel.canvas.layers[0] for panel in lab.panels)
    np.testing.assert_allclose(first.values, saliency(digits, picture, "3").heatmap()[0], atol=1e-5)
    summed = integrated_gradients(digits, picture, "3").heatmap("sum")[0]
    np.testing.assert_allclose(second.values, summed, atol=1e-5)
    assert not first.signed
    assert second.signed


def test_a_click_on_a_bar_explains_another_class(lab):
    before = lab.panels[1].canvas.layers[0].values
    lab.bars.selected = 8
    assert lab.target == 8
    assert all(found.recipe.target == ("8",) for found in lab.results.values())
    assert np.abs(lab.panels[1].canvas.layers[0].values - before).max() > 0.1
    assert "for 8" in lab.panels[0].canvas.layers[0].name


def test_the_certificate_is_the_methods_own_check(lab):
    found = lab.results["integrated_gradients"]
    assert f"{found.values.sum():.2f}".replace("-", "−") in lab.panels[1].canvas.caption.replace("-", "−")
    assert lab.panels[0].canvas.caption == ""  # saliency has none


def test_the_menu_of_a_panel_changes_its_method(lab):
    lab.panels[0].menu.value = "gradient_times_input"
    assert lab.methods == ("gradient_times_input", "integrated_gradients")
    assert set(lab.results) == set(lab.methods)


def test_methods_set_from_code_may_be_more_or_fewer(lab):
    lab.methods = ("saliency",)
    assert [panel.menu.value for panel in lab.panels] == ["saliency"]
    lab.methods = ("saliency", "smooth_grad", "occlusion", "integrated_gradients")
    assert len(lab.panels) == len(lab.results) == 4
    assert all(panel.canvas.layers for panel in lab.panels)


def test_sliders_and_traits_are_one(lab):
    lab.opacity_slider.value = 0.4
    assert lab.opacity == 0.4
    lab.threshold = 0.25
    assert lab.threshold_slider.value == 0.25


def test_the_divider_compares_with_the_picture(lab):
    lab.compare_box.value = True
    assert all(panel.canvas.swipe == 0.5 for panel in lab.panels)
    lab.compare_box.value = False
    assert all(panel.canvas.swipe is None for panel in lab.panels)


def test_another_picture(lab):
    lab.picture_menu.value = "digit-7"
    assert lab.image == "digit-7"
    assert lab.results["saliency"].recipe.target == ("7",)


def test_an_upload_is_explained(lab, digits, tmp_path):
    path, picture = tmp_path / "six.png", np.repeat(np.repeat(sample_image("digit-6"), 20, 0), 20, 1)
    Image.fromarray(picture).save(path)
    lab.upload.receive(path.read_bytes(), "six.png")
    assert lab.error == ""
    assert lab.picture_menu.label == "my picture"
    np.testing.assert_allclose(lab.bars.values, digits.predict(picture).probabilities[0], atol=1e-5)
    assert lab.results["saliency"].recipe.target == (digits.predict(picture).top(1)[0][0].label,)


def test_a_broken_upload_is_said_and_nothing_is_lost(lab):
    kept = lab.panels[0].canvas.layers
    lab._change_picture(b"no picture")
    assert lab.error
    assert lab.panels[0].canvas.layers == kept


def test_options_reach_the_method(digits):
    lab = AttributionExplorer(
        digits, "digit-3", methods=("smooth_grad",), options={"smooth_grad": {"samples": 7, "seed": 5}}
    )
    assert lab.results["smooth_grad"].recipe.options["samples"] == 7
    assert "7 samples" in lab.panels[0].note.value


def test_each_map_is_put_to_the_test(lab, digits):
    picture = sample_image("digit-3")
    wanted = deletion_curve(digits, picture, integrated_gradients(digits, picture, "3"), "3")
    assert [line["label"] for line in lab.curve.series] == ["saliency", "integrated gradients"]
    np.testing.assert_allclose(lab.curve.series[1]["values"], wanted.scores[0], atol=1e-4)
    assert f"deletion {wanted.area[0]:.2f}" in lab.panels[1].note.value
    lab.bars.selected = 8
    assert lab.curve.series[1]["values"][0] == pytest.approx(digits.predict(picture).probabilities[0, 8], abs=1e-4)


def test_methods_that_take_a_layer_have_a_menu_of_layers(lab, digits):
    assert [panel.layer_menu.layout.visibility for panel in lab.panels] == ["hidden", "hidden"]
    lab.panels[0].menu.value = "grad_cam"
    assert lab.panels[0].layer_menu.layout.visibility == "visible"
    assert lab.panels[0].layer_menu.options == layers_with_maps(digits)
    assert lab.panels[0].layer_menu.value == "conv4"
    lab.panels[0].layer_menu.value = "conv2"
    assert lab.options == {"grad_cam": {"layer": "conv2"}}
    assert lab.results["grad_cam"].recipe.options["layer"] == "conv2"
    lab.options = {"grad_cam": {"layer": "conv3"}}
    assert lab.panels[0].layer_menu.value == "conv3"


@pytest.mark.parametrize(("delta", "over"), [(2.0, True), (1.6, True), (1.5, False), (1.4, False), (-3.0, False)])
def test_an_error_of_more_than_the_whole_is_explained(lab, delta, over):
    """The values add up to 3, so that the score rises by 3 less the error."""
    found = SimpleNamespace(values=np.array([[3.0]]), delta=np.array([delta]))
    told = lab.panels[1].certificate_help(SimpleNamespace(attribution=found))
    assert told.startswith("The values must add up")
    assert (f"larger than the whole rise, {3 - delta:.3f}." in told) == over


def test_the_check_of_a_method_is_explained_where_it_has_one(lab):
    assert lab.panels[0].canvas.caption_help == ""
    assert lab.panels[1].canvas.caption_help.startswith("The values must add up")


def test_what_a_method_refuses_is_shown_in_its_panel_and_the_others_answer(digits, monkeypatch):
    def refuses(*_arguments, **_options):
        raise ValueError("needs <another> model")

    monkeypatch.setitem(FUNCTIONS, "saliency", refuses)
    with pytest.raises(ValueError, match="needs <another> model"):
        AttributionExplorer(digits, "digit-3", methods=("saliency", "integrated_gradients"))
    monkeypatch.delenv("XAI_WIDGETS_SYNC")
    lab = AttributionExplorer(digits, "digit-3", methods=("saliency", "integrated_gradients"))
    assert lab.wait()
    assert "needs" in lab.error
    assert "&lt;another&gt;" in lab.panels[0].note.value
    assert lab._error_panel.value == ""
    assert "another" not in lab.panels[0].canvas.alt
    assert lab.panels[0].canvas.layers == ()
    assert lab.panels[1].canvas.layers
    lab.close()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"methods": ("salience",)}, traitlets.TraitError, "did you mean saliency"),
        ({"methods": ()}, traitlets.TraitError, "one to 4"),
        ({"metods": ("saliency",)}, TypeError, "methods"),
        ({"target": "12"}, ValueError, "12"),
        ({"image": np.zeros((2, 8, 8, 1), "float32")}, ValueError, "one picture at a time"),
    ],
)
def test_wrong_options_are_refused(digits, options, error, text):
    with pytest.raises(error, match=text):
        AttributionExplorer(digits, **{"image": "digit-3", **options})


def test_repr_and_still_picture_say_what_is_shown(lab):
    assert repr(lab) == "AttributionExplorer('digits', saliency, integrated_gradients)"
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == repr(lab)
    assert "of class 3" in bundle["text/html"]
    assert len(lab.figure().axes) == 3


def test_labels_are_untrusted_text():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    net = keras.Sequential(
        [keras.Input((16, 16, 3)), layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")]
    )
    lab = AttributionExplorer(
        Classifier(net, ["<b>a</b>", "b"]), np.zeros((16, 16, 3), "float32"), methods=("saliency",), target="<b>a</b>"
    )
    assert "<b>a" not in lab.panels[0].note.value
    assert "<b>a" not in lab._repr_mimebundle_()["text/html"]


def test_french(digits):
    lab = AttributionExplorer(digits, "digit-3", methods=("occlusion",), language="fr")
    assert lab.panels[0].menu.options[0][0] == "saillance"
    assert "occultation de la classe 3" in lab.describe()


def click(lab, row, column):
    """Click on a pixel of the first panel."""
    lab.panels[0].canvas.pointer = {
        "x": column,
        "y": row,
        "event": "click",
        "serial": lab.panels[0].canvas.pointer.get("serial", 0) + 1,
    }


def test_a_click_hides_a_patch_and_says_what_the_answer_loses(lab, digits):
    assert "Click on a pixel" in lab._recipe_line.value
    click(lab, 3, 4)
    inputs = digits.as_inputs(sample_image("digit-3"))
    hidden = inputs.copy()
    hidden[0, 3, 4] = sum(digits.value_range) / 2
    change = digits.logits(hidden)[0, 3] - digits.logits(inputs)[0, 3]
    assert lab.hidden_patch == (3, 4)
    assert all(panel.canvas.outline == (3, 4, 1, 1) for panel in lab.panels)
    assert f"logit {change:+.2f}".replace("-", "−") in lab._recipe_line.value
    assert f"→ {digits.predict(hidden).probabilities[0, 3]:.2%}," in lab._recipe_line.value
    assert "hidden_patch=(3, 4)" in lab.code()
    click(lab, 3, 4)
    assert lab.hidden_patch is None
    assert all(panel.canvas.outline == () for panel in lab.panels)


def test_the_patch_stays_inside_of_the_picture():
    lab = AttributionExplorer("creatures", "creature-cat-dog", methods=("saliency",), hidden_patch=(0, 95))
    side = 96 // 8
    assert lab.panels[0].canvas.outline == (0, 96 - side, side, side)
    assert f"Without the {side} × {side} pixels" in lab._recipe_line.value
    lab.close()


def test_a_point_of_the_curve_is_a_state_of_the_lab(lab, digits):
    canvas = lab.panels[1].canvas
    turns = np.frombuffer(canvas.hiding, "<f4").reshape(8, 8)
    shown = np.where(
        turns[..., None] <= 0.35, np.frombuffer(canvas.cover, "uint8").reshape(8, 8, 3), lab.session.picture
    )
    assert (turns <= 0.35).sum() == round(0.35 * 64)
    lab.curve.cursor = 0.35
    assert lab.hidden_share == 0.35
    assert "hidden_share=0.35" in lab.code()
    drawn = lab.figure().axes[2].images[0].get_array()
    np.testing.assert_allclose(drawn, shown / 255, atol=1e-6)
    lab.undo()
    assert lab.curve.cursor == 0.0


def test_methods_are_added_and_removed_and_those_that_stay_are_not_made_anew(lab):
    saliency_panel, integrated_panel = lab.panels
    lab.views.add_button.click()
    assert lab.methods == ("saliency", "integrated_gradients", "gradient_times_input")
    assert lab.panels[:2] == [saliency_panel, integrated_panel]
    assert lab.panels[2].canvas.layers
    lab.views.add_button.click()
    assert len(lab.methods) == 4
    assert lab.views.add_button.disabled
    saliency_panel.remove_button.click()
    assert lab.methods[0] == "integrated_gradients"
    assert lab.panels[0] is integrated_panel
    integrated_panel.menu.value = "smooth_grad"
    assert lab.methods[0] == "smooth_grad"
    lab.undo()
    lab.undo()
    assert lab.methods[0] == "saliency"
    lab.methods = ("lrp",)
    assert lab.panels[0].remove_button.layout.visibility == "hidden"
    assert list(lab.results) == ["lrp"]


def test_a_pixel_is_read_with_its_unit(lab):
    lab.methods = ("saliency", "integrated_gradients", "occlusion", "grad_cam")
    units = [panel.canvas.layers[0].unit for panel in lab.panels]
    assert units == ["logit per unit of input", "of the logit", "logit lost when hidden", "class activation"]
