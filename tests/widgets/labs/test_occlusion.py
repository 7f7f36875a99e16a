"""The occlusion lab, driven as a reader and as code would drive it."""

import numpy as np
import pytest
import traitlets

from xai_widgets import Classifier, OcclusionLab, sample_image
from xai_widgets.methods import occlusion

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def lab(digits):
    made = OcclusionLab(digits, "digit-3", patch=2, stride=2)
    yield made
    made.close()


def drag(lab, *corners):
    """What the browser sends: the trail, then the patch."""
    been = [list(corner) for corner in corners if list(corner) not in lab.canvas.trail]
    lab.canvas.trail = [*lab.canvas.trail, *been]
    lab.canvas.patch = (*corners[-1], *lab.canvas.patch[2:])


def test_the_score_beside_that_without_patch_is_the_networks(lab, digits):
    drag(lab, (2, 4))
    occluded = digits.as_inputs(sample_image("digit-3")).copy()
    occluded[:, 2:4, 4:6] = 0.5
    np.testing.assert_allclose(lab.bars.values, digits.predict(occluded).probabilities[0], atol=1e-5)
    np.testing.assert_allclose(lab.bars.reference, digits.predict(sample_image("digit-3")).probabilities[0], atol=1e-5)
    assert f"{digits.logits(occluded)[0, 3]:.2f}" in lab.canvas.caption
    assert lab.place == (2, 4)
    shown = np.frombuffer(lab.canvas.cover, np.uint8)
    assert set(shown.tolist()) <= {127, 128}  # grey


def test_the_hand_fills_a_map_that_ends_as_the_whole_one(lab, digits):
    drag(lab, (0, 0), (0, 2))
    (layer,) = lab.hand_canvas.layers
    assert np.isfinite(layer.values).sum() == 8
    assert "2 of 16 places" in lab.hand_canvas.caption
    lab.whole = True
    reference = occlusion(digits, sample_image("digit-3"), "3", patch=2, stride=2).values
    np.testing.assert_allclose(lab.result.values, reference, atol=1e-5)
    drag(lab, *((row, column) for row in range(0, 8, 2) for column in range(0, 8, 2)))
    np.testing.assert_allclose(lab.hand_canvas.layers[0].values, reference[0], atol=1e-4)
    assert "16 of 16 places. There, it is the same map." in lab.hand_canvas.caption
    assert lab.hand_canvas.layers[0].value_range == lab.whole_canvas.layers[0].value_range


def test_where_windows_overlap_maps_differ_until_all_places_are_known(digits):
    lab = OcclusionLab(digits, "digit-3", patch=3, stride=1, whole=True)
    drag(lab, (2, 3))
    assert "from the whole map" in lab.hand_canvas.caption
    drag(lab, *((row, column) for row in range(6) for column in range(6)))
    assert "same map" in lab.hand_canvas.caption


def test_another_class_needs_no_new_passes_for_the_hand(lab, digits):
    drag(lab, (4, 4))
    before = lab.hand_canvas.layers[0].values
    lab.bars.selected = 8
    assert lab.target == 8
    assert np.nanmax(np.abs(lab.hand_canvas.layers[0].values - before)) > 0.01
    assert "8" in lab.canvas.caption


def test_with_another_stride_or_fill_the_patch_stays_where_it_is(lab):
    drag(lab, (0, 0), (0, 2))
    lab.stride_slider.value = 1
    assert lab.visited == [(0, 0), (0, 2)]
    assert lab.place == (0, 2)
    lab.place = (3, 3)
    lab.fill_menu.value = "black"
    assert (lab.visited, lab.place) == ([(0, 0), (0, 2), (3, 3)], (3, 3))
    assert lab.setting.fill == "black"
    assert not any(lab.canvas.cover)
    lab.patch = 4
    assert lab.canvas.patch[2:] == (4, 4)
    assert lab.patch_slider.value == 4


def test_a_stride_larger_than_the_patch_is_cut(lab):
    lab.stride = 7
    assert lab.setting.stride == 2
    assert lab.stride_slider.max == 2


def test_places_snap_to_the_grid(lab):
    lab.place = (3, 100)
    assert lab.place in {(2, 6), (4, 6)}
    with pytest.raises(ValueError, match="a row and a column"):
        lab.place = (1, 2, 3)


def test_start_again_forgets_the_hand(lab):
    drag(lab, (0, 0))
    lab.again_button.click()
    assert lab.visited == []
    assert lab.hand_canvas.layers == ()
    assert lab.bars.values == lab.bars.reference


def test_what_the_hand_has_visited_stays_with_another_stride_patch_and_picture(lab):
    for corner in ((0, 0), (0, 2), (4, 4)):
        lab.place = corner
    before = list(lab.visited)
    lab.stride_slider.value = 1
    assert lab.visited == before
    assert lab.hand_canvas.layers  # asked again, where the hand was
    lab.patch = 4
    assert lab.visited == before
    assert lab.canvas.patch[2:] == (4, 4)
    lab.stride = 4  # (0, 0) and (0, 2) are one place on this grid
    assert lab.visited == [(0, 0), (4, 4)]
    lab.place = (4, 0)
    lab.patch, lab.stride = 2, 2
    assert lab.visited == [*before, (4, 0)]
    lab.picture_menu.value = "digit-7"
    assert lab.visited == [*before, (4, 0)]
    assert lab.place == (4, 0)
    lab.again_button.click()
    assert (lab.visited, lab.place) == ([], ())
    lab.stride = 1
    assert lab.visited == []


def test_another_picture(lab):
    drag(lab, (0, 0))
    lab.picture_menu.value = "digit-7"
    assert lab.image == "digit-7"
    assert lab.label == "7"
    assert lab.visited == [(0, 0)]  # the patch lies where it lay


def test_a_model_whose_range_is_unknown_is_offered_what_it_can_take(digits):
    blind = Classifier(digits.model, digits.labels)
    lab = OcclusionLab(blind, digits.as_inputs(sample_image("digit-3"))[0])
    assert lab.setting.fill == "mean"
    with pytest.raises(ValueError, match="range of the input space"):
        lab.fill = "grey"


def test_unknown_options_classes_and_fills_are_refused(digits):
    with pytest.raises(TypeError, match="no option 'strid'; did you mean stride"):
        OcclusionLab(digits, "digit-3", strid=2)
    with pytest.raises(ValueError, match="cat"):
        OcclusionLab(digits, "digit-3", target="cat")
    with pytest.raises(traitlets.TraitError, match="fill"):
        OcclusionLab(digits, "digit-3", fill="pink")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_still_picture_and_words(digits, language):
    lab = OcclusionLab(digits, "digit-3", patch=2, stride=2, whole=True, place=(2, 4), language=language)
    assert len(lab.figure().axes) == 3
    assert {"en": "without patch", "fr": "sans cache"}[language] in lab.describe()
    assert repr(lab) == "OcclusionLab('digits', 3, patch=2, stride=2, grey)"
    assert lab._repr_mimebundle_()["text/plain"] == repr(lab)
