"""The adversarial lab, driven as a reader and as code would drive it."""

import io

import keras
import numpy as np
import pytest
from PIL import Image

from xai_widgets import AdversarialLab, Classifier, sample_image
from xai_widgets.methods import fgsm, minimal_epsilon
from xai_widgets.plots.palette import look
from xai_widgets.widgets.components import Heatmap, Perturbation
from xai_widgets.widgets.labs.adversarial.session import AttackRequest, AttackSession

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def photo_net():
    """An untrained net on 96 x 96 photographs, its preprocessing outside as in keras.applications."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input((96, 96, 3)),
            layers.Conv2D(8, 5, strides=4, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(60, activation="softmax"),
        ]
    )
    return Classifier(net, [f"kind {i}" for i in range(60)], lambda pixels: pixels / 127.5 - 1, name="photo net")


@pytest.fixture
def lab(digits):
    made = AdversarialLab(digits, "digit-3", epsilon=0.05)
    yield made
    made.close()


def test_what_the_browser_blends_is_what_the_network_gets(lab, digits):
    lab.epsilon = 0.13
    layer = next(layer for layer in lab.views.adversarial.layers if isinstance(layer, Perturbation))
    picture = np.frombuffer(lab.views.adversarial.pixels, "uint8").reshape(8, 8, 3) / 255
    blended = np.clip(picture + lab.views.slider.value * layer.values, 0, 1)
    sent = digits.to_display(lab.result.adversarial)[0]
    assert np.abs(blended - sent).max() <= 1 / 255


def test_the_same_holds_for_a_net_with_another_input_space(photo_net):
    lab = AdversarialLab(photo_net, "coffee", epsilon=8 / 255)
    assert lab.result.epsilon[0] == pytest.approx(8 / 255)  # the input space is 2 wide, the slider shows a share of it
    assert lab.views.slider.value == pytest.approx(4 / 255)
    layer = next(layer for layer in lab.views.adversarial.layers if isinstance(layer, Perturbation))
    picture = np.frombuffer(lab.views.adversarial.pixels, "uint8").reshape(96, 96, 3) / 255
    blended = np.clip(picture + lab.views.slider.value * layer.values, 0, 1)
    assert np.abs(blended - photo_net.to_display(lab.result.adversarial)[0]).max() <= 1 / 255
    assert np.abs(lab.result.perturbation).max() == pytest.approx(2 * 4 / 255, rel=1e-4)


def test_epsilon_is_in_the_units_of_fgsm():
    start = keras.Input((8, 8, 3))
    net = keras.Model(start, keras.layers.Dense(3, "softmax")(keras.layers.Flatten()(start)))
    wide = Classifier(net, ("a", "b", "c"), value_range=(0, 255))
    picture = np.random.default_rng(0).integers(40, 200, (8, 8, 3), dtype="uint8")
    lab = AdversarialLab(wide, picture)
    assert lab.epsilon == pytest.approx(0.03 * 255)
    lab.epsilon = 8.0
    assert lab.views.slider.value == pytest.approx(8 / 255)
    expected = fgsm(wide, picture, lab.result.target, epsilon=8.0, clip=(0, 255))
    np.testing.assert_allclose(lab.result.adversarial, expected.adversarial, atol=1e-3)
    lab.views.slider.value = 0.1
    assert lab.epsilon == pytest.approx(25.5)
    lab.epsilon = None
    assert lab.epsilon == pytest.approx(0.03 * 255)
    assert repr(lab).endswith("epsilon=7.65)")
    lab.close()


def test_dragging_epsilon_changes_bars_captions_and_recipe(lab):
    before = lab.views.bars.values
    lab.views.slider.value = 0.2
    assert lab.epsilon == 0.2
    assert lab.views.bars.values != before
    best = lab.result.after.top(1)[0][0]
    assert lab.views.adversarial.caption.startswith(f"{best.label}, ")
    assert "ε 0.2" in lab._recipe_line.value


def test_the_result_is_that_of_the_method(lab, digits):
    lab.epsilon = 0.11
    expected = fgsm(digits, sample_image("digit-3"), "3", epsilon=0.11, clip=(0, 1))
    np.testing.assert_allclose(lab.result.adversarial, expected.adversarial, atol=1e-6)
    np.testing.assert_allclose(lab.views.bars.values, expected.after.probabilities[0], atol=1e-5)
    np.testing.assert_allclose(lab.views.bars.reference, expected.before.probabilities[0], atol=1e-5)


def test_the_mark_is_where_the_answer_changes(lab, digits):
    found = minimal_epsilon(digits, sample_image("digit-3"), "3", clip=(0, 1), maximum=0.5).epsilon[0]
    assert lab.views.curve.marks[0]["x"] == pytest.approx(found, abs=2e-3)


def test_the_curve_passes_through_the_bars(lab):
    lab.epsilon = 0.1
    place = lab.views.curve.x.index(pytest.approx(0.1))
    for line in lab.views.curve.series:
        index = lab.model.index(line["label"])
        assert line["values"][place] == pytest.approx(lab.views.bars.values[index], abs=1e-4)
        assert (line["colour"], line["dash"]) == (look(index).colour, look(index).dash)
    looks = {row["index"]: row["colour"] for row in lab.views.bars.rows}
    assert all(looks[index] == look(index).colour for index in looks)


def test_a_click_on_a_bar_chooses_the_class(lab):
    lab.views.bars.selected = 8
    assert lab.target == 8
    assert lab.views.class_menu.value == "8"
    assert "for 8" in lab._recipe_line.value


def test_towards_a_class_raises_its_score(lab):
    lab.target = "9"
    lab.targeted = True
    lab.epsilon = 0.2
    assert lab.result.after.probabilities[0, 9] > lab.result.before.probabilities[0, 9]
    assert lab.views.aim_menu.value is True


def test_pgd_is_at_least_as_strong(lab):
    lab.epsilon = 0.09
    weak = lab.result.after.probabilities[0, 3]
    lab.attack = "pgd"
    assert lab.result.after.probabilities[0, 3] <= weak
    assert np.abs(lab.result.perturbation).max() <= 0.09 + 1e-6
    assert "perturbation" in lab.views.adversarial.title


def test_pgd_at_epsilon_zero(lab):
    lab.attack = "pgd"
    lab.epsilon = 0.0
    assert not lab.result.perturbation.any()
    assert not lab.error


def test_saliency_lies_on_both_pictures_on_one_scale(lab):
    lab.explanation = True
    layers = [
        next(x for x in canvas.layers if isinstance(x, Heatmap))
        for canvas in (lab.views.original, lab.views.adversarial)
    ]
    assert layers[0].value_range == layers[1].value_range
    assert "rank correlation" in lab._recipe_line.value
    lab.explanation = False
    assert not any(isinstance(layer, Heatmap) for layer in lab.views.original.layers)


def test_another_picture_from_the_menu(lab):
    lab.epsilon = 0.2
    lab.views.picture_menu.value = "digit-7"
    assert lab.result.before.top(1)[0][0].label == "7"
    assert (lab.label, lab.epsilon) == ("7", 0.2)
    assert lab.views.slider.value == pytest.approx(0.2)


def test_a_chosen_class_stays_with_another_picture_and_the_answer_is_followed(lab):
    lab.views.class_menu.value = "9"
    lab.views.picture_menu.value = "digit-7"
    assert (lab.label, lab.views.class_menu.value) == ("9", "9")
    lab.views.bars.selected = 7  # what the model answers
    assert lab.target is None
    lab.views.picture_menu.value = "digit-1"
    assert lab.label == "1"
    lab.views.picture_menu.value = "digit-3"
    assert lab.label == "3"


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def test_an_upload_is_read_and_can_be_left_again(lab):
    seven = np.asarray(Image.fromarray(sample_image("digit-7")).resize((80, 80), Image.Resampling.NEAREST))
    lab.views.upload.receive(png(seven), "<img src=x>.png")
    assert lab.result.before.top(1)[0][0].label == "7"
    assert lab.views.picture_menu.label == "my picture"
    lab.views.picture_menu.value = "digit-1"
    assert lab.result.before.top(1)[0][0].label == "1"


def test_a_broken_upload_is_said_and_the_picture_stays(lab):
    lab.views.upload.receive(b"oops", "a.png")
    assert lab.error.startswith("This file cannot be read as a picture.")
    assert not lab.views.upload.busy
    assert lab.result.before.top(1)[0][0].label == "3"


def test_an_unknown_class_typed_is_said(photo_net):
    lab = AdversarialLab(photo_net, "coffee")
    lab.views.class_menu.value = "kind of"
    assert lab.error == "No class is called “kind of”. The nearest: kind 9, kind 8, kind 7."
    assert lab.target is None
    lab.views.class_menu.value = "???"
    assert lab.error == "No class is called “???”."


@pytest.mark.parametrize("options", [{"target": "cow"}, {"epsilon": -1.0}, {"attack": "magic"}, {"epsilom": 0.1}])
def test_bad_options_are_refused(digits, options):
    with pytest.raises(Exception, match=r"unknown class|epsilon|attack|epsilom"):
        AdversarialLab(digits, "digit-3", **options)


def test_floats_in_the_input_space_are_taken_as_they_are(digits):
    inputs = digits.preprocess(sample_image("digit-5"))
    lab = AdversarialLab(digits, inputs[0])
    np.testing.assert_array_equal(lab.result.original, inputs)


def test_several_pictures_are_refused(digits):
    with pytest.raises(ValueError, match="one picture at a time"):
        AttackSession(digits, np.zeros((2, 8, 8, 1), "float32"))


def test_a_failing_model_shows_its_error_and_raises(digits, monkeypatch):
    lab = AdversarialLab(digits, "digit-3")

    def broken(*_):
        raise RuntimeError("out of order")

    monkeypatch.setattr(lab._session, "attacked", broken)
    with pytest.raises(RuntimeError, match="out of order"):
        lab.epsilon = 0.2
    assert "out of order" in lab.error


def test_the_still_picture_and_its_text(lab):
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == "AdversarialLab('digits', fgsm, epsilon=0.05)"
    assert "The network answers 3" in bundle["text/html"]


def test_french_all_through(digits):
    lab = AdversarialLab(digits, "digit-3", language="fr", epsilon=0.05)
    assert "signe du gradient" in lab.views.direction.title
    assert "\u202f%" in lab.views.adversarial.caption
    assert "Le réseau répond" in lab.describe()
    lab.views.upload.receive(b"oops", "a.png")
    assert lab.error.startswith("Ce fichier ne se lit pas comme une image.")
    assert "Cela n’a pas marché" in lab._error_panel.value


def test_each_size_is_computed_once(digits, monkeypatch):
    session = AttackSession(digits, sample_image("digit-3"))
    request = AttackRequest(3, targeted=False, attack="fgsm")
    first = session.attacked(request, 0.1)
    monkeypatch.setattr(session, "_attack", None)
    assert session.attacked(request, 0.1) is first


def test_a_size_on_the_curve_takes_no_pass_through_the_model(digits, monkeypatch):
    session = AttackSession(digits, sample_image("digit-3"))
    request = AttackRequest(3, targeted=False, attack="fgsm")
    shares = session.shares(0.5)
    assert not session.is_known(request, shares[4])
    known = list(session.curve(request, shares))[-1]
    assert session.is_known(request, shares[4] + 1e-13)
    assert not session.is_known(request, (shares[4] + shares[5]) / 2)
    assert not session.is_known(AttackRequest(9, targeted=False, attack="fgsm"), shares[4])
    monkeypatch.setattr(digits, "logits", None)
    result = session.attacked(request, shares[4])
    np.testing.assert_array_equal(result.after.probabilities[0], known[4])
    monkeypatch.undo()
    np.testing.assert_allclose(known[4], digits.predict(result.adversarial).probabilities[0], atol=1e-5)


@pytest.mark.parametrize("picture", ["digit-3", "coffee"])
def test_the_curve_is_computed_at_each_step_of_the_slider(digits, photo_net, picture):
    lab = AdversarialLab(digits if picture.startswith("digit") else photo_net, picture)
    steps = np.diff(lab.views.curve.x)
    np.testing.assert_allclose(steps, lab.views.slider.step, rtol=1e-6)
    assert lab.views.curve.x[-1] == pytest.approx(lab.views.slider.max)


def test_an_answer_that_is_known_is_shown_before_the_worker_is_asked(lab, monkeypatch):
    monkeypatch.setattr(lab, "compute", lambda _work: None)
    before = lab.views.bars.values
    lab.epsilon = 0.1
    assert lab.views.bars.values != before
    before = lab.views.bars.values
    lab.epsilon = 0.1001
    assert lab.views.bars.values == before


def test_a_step_is_two_messages_and_a_third_when_the_hand_rests(lab, monkeypatch):
    sent, later = [], []
    monkeypatch.setattr(lab, "compute", later.append)
    for widget in (*lab.views.components, lab._recipe_line, lab._error_panel):
        monkeypatch.setattr(widget, "_send", lambda message, *_, of=widget, **__: sent.append((of, message)))
    lab.views.slider.set_state({"value": 0.2})
    changed = [(of, *message["state"]) for of, message in sent if message["method"] == "update"]
    assert [of for of, *_ in changed] == [lab.views.bars, lab.views.adversarial]  # first what the reader waits for
    monkeypatch.undo()
    lab.compute(later[0])
    assert "ε 0.2 " in lab._recipe_line.value
