"""From pictures to the input space, and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai_widgets.models.inputs.preprocessing import (
    checked_output,
    fit_pixel_map,
    guess_display,
    identity,
    resize_picture,
)

SIZE = (6, 5)
MEANS, SPREADS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BLUE_GREEN_RED = np.array([103.939, 116.779, 123.68])


def torch_style(pixels):
    return (pixels / 255 - MEANS) / SPREADS


def caffe_style(pixels):
    return pixels[..., ::-1] - BLUE_GREEN_RED


def pixels_of(count=2, channels=3):
    return np.random.default_rng(1).uniform(0, 255, (count, *SIZE, channels)).astype("float32")


def test_identity():
    found = fit_pixel_map(identity, SIZE, 3)
    np.testing.assert_array_equal(found.matrix, np.eye(3))
    np.testing.assert_array_equal([found.low, found.high], [[0] * 3, [255] * 3])


def test_the_range_is_exact_where_it_is_round():
    for function, low, high in ((lambda p: p / 255, 0, 1), (lambda p: p / 127.5 - 1, -1, 1), (lambda p: -p, -255, 0)):
        found = fit_pixel_map(function, SIZE, 1)
        assert (found.low.tolist(), found.high.tolist()) == ([low], [high])


def test_torch_style():
    found = fit_pixel_map(torch_style, SIZE, 3)
    np.testing.assert_allclose(found.low, -MEANS / SPREADS, atol=1e-4)
    np.testing.assert_allclose(found.high, (1 - MEANS) / SPREADS, atol=1e-4)


def test_caffe_style_turns_the_channels():
    found = fit_pixel_map(caffe_style, SIZE, 3)
    np.testing.assert_allclose(found.matrix, np.eye(3)[::-1], atol=1e-7)
    np.testing.assert_allclose(found.low, -BLUE_GREEN_RED, atol=1e-3)
    np.testing.assert_allclose(found.to_pixels(caffe_style(pixels_of())), pixels_of(), atol=1e-3)
    red = found.direction_to_pixels(np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(red, [1, 0, 0], atol=1e-7)


@given(
    st.lists(st.floats(0.01, 3), min_size=3, max_size=3),
    st.lists(st.floats(-50, 50), min_size=3, max_size=3),
    st.permutations([0, 1, 2]),
    st.sampled_from([-1, 1]),
)
@settings(max_examples=40)
def test_any_affine_map_of_the_channels_is_found_and_undone(scales, offsets, order, sign):
    def preprocess(pixels):
        return sign * np.array(scales) * pixels[..., order] + np.array(offsets)

    found, pixels = fit_pixel_map(preprocess, SIZE, 3), pixels_of()
    np.testing.assert_allclose(found.to_pixels(preprocess(pixels)), pixels, atol=0.1)
    corners = preprocess(np.array([np.zeros(3), np.full(3, 255.0)]))
    np.testing.assert_allclose(found.low, corners.min(axis=0), atol=0.01)
    np.testing.assert_allclose(found.high, corners.max(axis=0), atol=0.01)
    step = np.array([[1.0, -2.0, 3.0]])
    np.testing.assert_allclose(
        found.direction_to_pixels(preprocess(pixels[0, :1, 0] + step) - preprocess(pixels[0, :1, 0])), step, atol=0.01
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda p: (p - p.mean()) / p.std(),
        lambda p: p**2,
        lambda p: np.clip(p, 50, 200),
        lambda p: p[:, ::-1],
        lambda p: np.repeat(p.mean(axis=-1, keepdims=True), 3, axis=-1),
        np.zeros_like,
    ],
    ids=["standardised", "square", "clipped", "flipped", "grey", "constant"],
)
def test_what_is_not_affine_pixel_by_pixel_or_cannot_be_undone(function):
    assert fit_pixel_map(function, SIZE, 3) is None


def test_a_preprocessing_may_write_into_its_argument():
    def in_place(pixels):
        pixels /= 255
        return pixels

    assert fit_pixel_map(in_place, SIZE, 3).high.tolist() == [1, 1, 1]


def test_what_a_preprocessing_must_not_give():
    with pytest.raises(ValueError, match=r"keep the shape \(1, 2\) of its batch, but gave \(2,\)"):
        checked_output(np.zeros(2), (1, 2))
    with pytest.raises(ValueError, match="NaN or infinite"):
        checked_output([np.inf], (1,))
    assert checked_output([1], (1,)).dtype == np.float32


# Sizes


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]))
@settings(max_examples=30)
def test_any_picture_fits_any_input(height, width, channels):
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype="uint8")
    found = resize_picture(picture, (7, 9), channels)
    assert (found.shape, found.dtype) == ((7, 9, channels), np.float32)
    assert 0 <= found.min() <= found.max() <= 255


def test_a_picture_of_the_right_size_is_not_touched():
    picture = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype="uint8")
    np.testing.assert_array_equal(resize_picture(picture, (7, 9), 3), picture)


def test_proportions_are_kept_and_the_overhang_is_cut_evenly():
    picture = np.zeros((10, 30, 3), "uint8")
    picture[:, 10:20] = 255  # the middle third is what is left of a wide picture
    np.testing.assert_array_equal(resize_picture(picture, (10, 10), 3), 255)


def test_grey_is_the_luminance():
    red = np.zeros((4, 4, 3), "uint8")
    red[..., 0] = 255
    assert abs(float(resize_picture(red, (4, 4), 1)[0, 0, 0]) - 0.299 * 255) < 1


# Display where nothing is known


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 0.5, 1], [0, 127.5, 255]), ([-1, 0, 1], [0, 127.5, 255]), ([0, 100, 255], [0, 100, 255]), ([0, 2], [0, 2])],
)
def test_the_usual_ranges_are_recognised(values, expected):
    x = np.array(values, "float32").reshape(1, 1, -1, 1)
    np.testing.assert_allclose(guess_display(x, x).ravel(), expected)


def test_any_other_range_is_each_pictures_own():
    x = np.array([[-4, 0, 4], [-40, 0, 40]], "float32").reshape(2, 1, 3, 1)
    np.testing.assert_allclose(guess_display(x, x)[1].ravel(), [0, 127.5, 255])
    np.testing.assert_allclose(guess_display(x * 2, x)[0].ravel(), [-127.5, 127.5, 382.5])
