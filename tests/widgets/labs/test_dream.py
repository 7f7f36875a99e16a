"""The dream lab, driven as a reader and as code would drive it."""

import io

import numpy as np
import pytest
from PIL import Image

from xai_widgets import DreamLab, load_model
from xai_widgets.methods import deep_dream

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def lab():
    made = DreamLab("creatures", "creature-owl", layer="conv2_1", size=32, octaves=2, steps=2)
    yield made
    made.close()


def test_frames_are_the_dream(lab):
    assert len(lab.frames) == 5  # the picture, and two octaves of two steps
    dream = deep_dream(load_model("creatures"), lab.frames[0], layer="conv2_1", octaves=2, steps=2)
    np.testing.assert_array_equal(lab.frames[-1], np.round(255 * dream.picture).astype("uint8"))


def test_dream_is_run_back_and_forth(lab):
    assert lab.step == 4
    lab.slider.value = 0.0
    assert lab.step == 0
    assert lab.canvas.pixels == lab.original.pixels
    lab.step = 4
    assert lab.canvas.pixels == lab.frames[-1].tobytes()
    assert lab.slider.value == 4


def test_controls_dream_anew(lab):
    before = lab.frames[-1]
    lab.layer_menu.value = "conv3_1"
    assert lab.layer == "conv3_1"
    assert np.abs(lab.frames[-1].astype(int) - before).max() > 0
    lab.octave_box.value = 1
    assert len(lab.frames) == 3
    lab.guide_menu.value = "creature-cat"
    assert lab.guide == "creature-cat"
    lab.picture_menu.value = "creature-dog"
    assert lab.image == "creature-dog"


def test_upload_and_what_is_no_picture(lab):
    file = io.BytesIO()
    Image.fromarray(np.full((20, 30, 3), 99, "uint8")).save(file, "PNG")
    lab._change_picture(file.getvalue())
    assert (lab.frames[0] == 99).all()
    lab._change_picture(b"nothing")
    assert "cannot be read" in lab.error
    assert (lab.frames[0] == 99).all()


def test_words_and_still_picture(lab):
    assert repr(lab) == "DreamLab('creatures', conv2_1, 2 x 2 steps)"
    assert "after 4 steps" in lab.describe()
    assert len([axes for axes in lab.figure().axes if axes.images]) == 2
    with pytest.raises(TypeError, match="octaves"):
        DreamLab("creatures", octavs=2)
