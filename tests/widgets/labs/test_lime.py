"""The LIME lab, driven as a reader and as code would drive it."""

import numpy as np
import pytest
import traitlets

from xai_widgets import Classifier, LimeLab, sample_image
from xai_widgets.methods import lime_image
from xai_widgets.methods.attribution.perturbation.lime_image import segment_means
from xai_widgets.methods.attribution.perturbation.superpixels import superpixels
from xai_widgets.methods.evaluation.seed_stability import is_top, top_overlap

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def lab(digits):
    made = LimeLab(digits, "digit-3", segments="grid", count=16, samples=100, seeds=3)
    yield made
    made.close()


def test_the_weights_are_limes_on_the_pieces_that_are_drawn(lab, digits):
    labels = np.frombuffer(lab.canvas.segments, "<u2").reshape(8, 8)
    expected = lime_image(digits, sample_image("digit-3"), "3", segments=labels.astype(int), samples=100, seed=0)
    np.testing.assert_allclose(lab.weights_canvas.layers[0].values, expected.values[0], atol=1e-5)
    assert f"{expected.fit[0]:.2f}" in lab.weights_canvas.caption
    assert lab.weights_canvas.segments == lab.canvas.segments
    assert not lab.weights_canvas.interactive


def test_a_piece_hidden_by_hand_shows_its_mean_to_eye_and_network(lab, digits):
    x = digits.as_inputs(sample_image("digit-3"))
    labels = lab.session.segments(lab.cut)
    lab.canvas.hidden = [5, 6]  # what the browser sends
    assert lab.hidden == (5, 6)
    gone = np.isin(labels, (5, 6))[np.newaxis, ..., np.newaxis]
    without = np.where(gone, segment_means(x, labels[np.newaxis]), x)
    np.testing.assert_allclose(lab.bars.values, digits.predict(without).probabilities[0], atol=1e-5)
    assert f"{digits.logits(without)[0, 3]:.2f}" in lab.canvas.caption.replace("−", "-")
    first = lab.results[0]
    promised = first.intercept[0] + first.weights[0].sum() - first.weights[0][[5, 6]].sum()
    assert f"(LIME's sum: {promised:.2f})" in lab.canvas.caption.replace("−", "-")
    lab.all_button.click()
    assert lab.hidden == ()
    assert lab.canvas.hidden == []
    assert lab.bars.values == lab.bars.reference


def test_seeds_are_compared_by_what_they_put_first(lab):
    weights = np.stack([answer.weights[0] for answer in lab.results])
    assert len(weights) == 3
    assert np.abs(weights[0] - weights[1]).max() > 1e-3
    share = is_top(weights, 5).mean(axis=0)
    shown = lab.stability_canvas.layers[0]
    np.testing.assert_allclose(shown.values, share[lab.session.segments(lab.cut)], atol=1e-6)
    assert f"{top_overlap(weights, 5):.0%}" in lab.stability_canvas.caption


def test_another_seed_and_more_samples_ask_anew(lab):
    before = lab.weights_canvas.layers[0].values
    lab.seed_slider.value = 4
    assert lab.seed == 4
    assert lab.results[0].recipe.options["seed"] == 4
    assert np.abs(lab.weights_canvas.layers[0].values - before).max() > 1e-3
    lab.samples = 300
    assert lab.samples_slider.value == 300
    assert lab.results[0].recipe.options["samples"] == 300


def test_a_hidden_area_stays_with_other_pieces(lab):
    lab.hidden = (2, 3, 6, 7)  # the upper right quarter
    lab.count = 4
    assert (lab.hidden, lab.canvas.hidden) == ((1,), [1])
    lab.picture_menu.value = "digit-7"
    assert lab.hidden == (1,)
    lab.count = 16
    assert lab.hidden == (2, 3, 6, 7)
    lab.all_button.click()
    lab.count = 4
    assert lab.hidden == ()


def test_other_pieces_hide_what_lies_in_the_hidden_area_another_fill_the_same(lab):
    lab.hidden = (3,)
    lab.fill_menu.value = "black"
    assert lab.hidden == (3,)
    assert not any(lab.canvas.cover)
    lab.count = 4
    assert lab.hidden == ()  # a quarter of a piece
    assert len(lab.results[0].weights[0]) == 4
    lab.count = 16
    assert lab.hidden == (3,)  # and it comes back
    lab.kind_menu.value = "slic"
    assert lab.segments == "slic"


def test_another_class_and_another_picture(lab):
    lab.bars.selected = 8
    assert lab.results[0].recipe.target == ("8",)
    lab.picture_menu.value = "digit-7"
    assert lab.results[0].recipe.target == ("8",)  # as the reader has chosen
    lab.bars.selected = 7
    lab.picture_menu.value = "digit-3"
    assert lab.label == "3"
    assert lab.results[0].recipe.target == ("3",)


def test_one_seed_alone_is_compared_with_none(digits):
    lab = LimeLab(digits, "digit-3", segments="grid", count=9, samples=50, seeds=1)
    assert lab.stability_canvas.layers == ()
    assert len(lab.figure().axes) == 3  # picture, weights, scale


def test_what_does_not_exist_is_refused(lab, digits):
    with pytest.raises(TypeError, match="no option 'sample'; did you mean samples"):
        LimeLab(digits, "digit-3", sample=100)
    with pytest.raises(traitlets.TraitError, match="0 to 15"):
        lab.hidden = (99,)
    blind = Classifier(digits.model, digits.labels)
    with pytest.raises(ValueError, match="range of the input space"):
        LimeLab(blind, digits.as_inputs(sample_image("digit-3"))[0], samples=50, seeds=1).fill = "grey"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_still_picture_and_words(digits, language):
    options = {"segments": "grid", "count": 16, "samples": 60, "seeds": 2, "hidden": (5,)}
    lab = LimeLab(digits, "digit-3", language=language, **options)
    assert len(lab.figure().axes) == 4
    assert {"en": "without 1", "fr": "sans 1"}[language] in lab.describe()
    assert repr(lab) == "LimeLab('digits', 3, grid, count=16, samples=60, seed=0)"


def test_overlap_of_runs_that_agree_differ_and_are_too_few():
    assert top_overlap([[3, 2, 1, 0], [9, 8, 0, 0]], 2) == 1
    assert top_overlap([[3, 2, 1, 0], [0, 1, 2, 3]], 2) == 0
    with pytest.raises(ValueError, match="two runs"):
        top_overlap([[1.0, 2.0]], 1)
    with pytest.raises(ValueError, match="at least 5"):
        top_overlap([[1.0, 2.0], [1.0, 2.0]])
    random = np.random.default_rng(0).normal(size=(60, 20))
    assert top_overlap(random, 5) == pytest.approx(5 / 20, abs=0.02)  # chance


def test_superpixels_of_the_lab_are_those_of_the_library(lab):
    expected = superpixels(lab.session.picture / 255, "grid", 16)[0]
    assert (lab.session.segments(lab.cut) == expected).all()
