"""Pictures side by side."""

import numpy as np
import pytest
from PIL import Image

import xai_widgets as xai
from xai_widgets.datasets.pictures.composition import compose
from xai_widgets.datasets.pictures.picture_reading import PictureError


def flat(height, width, colour):
    return np.full((height, width, 3), colour, np.uint8)


RED, BLUE = flat(10, 20, (255, 0, 0)), flat(30, 30, (0, 0, 255))


def test_the_least_high_gives_the_height_and_proportions_are_kept():
    both = compose(RED, BLUE)
    assert both.dtype == np.uint8
    assert both.shape == (10, 20 + 10, 3)
    assert np.array_equal(both[:, :20], RED)
    assert np.array_equal(both[:, 20:], flat(10, 10, (0, 0, 255)))
    assert compose(BLUE, RED).shape == both.shape


def test_pixels_of_equal_heights_are_untouched_and_the_originals_too():
    cat, copy = xai.sample_image("cat"), xai.sample_image("cat")
    both = compose(cat, cat)
    assert np.array_equal(both, np.concatenate([cat, cat], axis=1))
    both[:] = 0
    assert np.array_equal(cat, copy)


def test_a_gap_lies_between_and_not_outside():
    both = compose(RED, RED, RED, gap=3, fill=7)
    assert both.shape == (10, 3 * 20 + 2 * 3, 3)
    assert (both[:, 20:23] == 7).all()
    assert (both[:, 43:46] == 7).all()
    assert np.array_equal(both[:, -20:], RED)
    assert compose(RED, RED, gap=2)[0, 20].tolist() == [255, 255, 255]


def test_a_height_may_enlarge_and_reduce():
    assert compose(RED, BLUE, height=20).shape == (20, 40 + 20, 3)
    assert compose(flat(100, 1, 0), RED, height=3).shape == (3, 1 + 6, 3)  # the thinnest keeps a pixel


def test_reducing_averages():
    stripes = np.zeros((40, 40, 3), np.uint8)
    stripes[::2] = 255
    reduced = compose(stripes, flat(10, 10, 0))[:, :10]
    assert abs(reduced[2:-2].mean() - 127.5) < 10


def test_anything_that_is_a_picture(tmp_path):
    Image.fromarray(RED).save(tmp_path / "red.png")
    assert np.array_equal(compose(tmp_path / "red.png", Image.fromarray(RED)), compose(RED, RED))


@pytest.mark.parametrize(
    ("options", "meaning"), [({"height": 0}, "at least 1, not 0"), ({"gap": -1}, "not -1"), ({"fill": 256}, "0 to 255")]
)
def test_what_cannot_be_is_refused(options, meaning):
    with pytest.raises(ValueError, match=meaning):
        compose(RED, BLUE, **options)


def test_what_is_no_picture_is_refused():
    with pytest.raises(PictureError, match="no file 'no_such"):
        compose(RED, "no_such.png")


def test_a_network_reads_it():
    digit = xai.sample_image("digit-3")
    assert xai.load_model("digits").predict(compose(digit, digit)).probabilities.shape == (1, 10)
