"""Reference inputs."""

import warnings

import numpy as np
import pytest

from tests.models import nets
from xai_widgets.methods import deep_lift, integrated_gradients, kernel_shap
from xai_widgets.methods.core.baselines import baseline_name, make_baselines
from xai_widgets.models.kinds.classifier import Classifier

NUMBERS = nets.Numbers.drawn()


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(NUMBERS), preprocess=lambda pixels: pixels / 127.5 - 1)


def test_black_and_white_are_the_ends_of_the_range(classifier):
    x = nets.inputs(2)
    black, white = make_baselines(classifier, x, ["black", "White"])
    np.testing.assert_allclose(black, np.full_like(x, -1), atol=1e-6)
    np.testing.assert_allclose(white, np.full_like(x, 1), atol=1e-6)
    assert black.dtype == np.float32


def test_each_channel_has_its_own_black():
    means = np.array([10.0, 20.0, 30.0])
    numbers = nets.Numbers.drawn(features=48)
    model = Classifier(nets.network(numbers, shape=(4, 4, 3)), preprocess=lambda pixels: pixels - means)
    black = make_baselines(model, nets.inputs(1, shape=(4, 4, 3)), "black")
    np.testing.assert_allclose(black[0, 0, 0, 0], -means, atol=1e-3)


def test_mean_and_blurred_keep_the_colour(classifier):
    x = nets.inputs(3)
    mean, blurred = make_baselines(classifier, x, ["mean", "blurred"])
    np.testing.assert_allclose(mean, np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), x.shape), rtol=1e-5)
    numbers = np.random.default_rng(0).random((1, 48, 48, 1)).astype("float32")
    smooth = make_baselines(classifier, numbers, "blurred")[0]
    np.testing.assert_allclose(smooth.mean(), numbers.mean(), rtol=0.02)
    assert smooth.std() < 0.2 * numbers.std()
    assert blurred.shape == x.shape


def test_blurring_does_not_mix_pictures_or_channels(classifier):
    x = np.zeros((2, 8, 8, 2), "float32")
    x[0, ..., 1] = 1
    np.testing.assert_allclose(make_baselines(classifier, x, "blurred")[0], x, atol=1e-6)


def test_uniform_is_seeded_and_the_same_for_each_picture(classifier):
    x = nets.inputs(3)
    one, two = make_baselines(classifier, x, ["uniform", "uniform"], seed=4)
    assert (one[0] == one[1]).all()
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(make_baselines(classifier, x[1:], "uniform", seed=4)[0][0], one[0])
    assert not np.array_equal(make_baselines(classifier, x, "uniform", seed=5)[0], one)
    assert -1 <= one.min() < -0.5
    assert 0.5 < one.max() <= 1


def test_numbers_and_arrays(classifier):
    x = nets.inputs(2)
    assert (make_baselines(classifier, x, 0.5) == 0.5).all()
    for given in (x[0], x[:1]):
        assert (make_baselines(classifier, x, given)[0] == x[0]).all()
    np.testing.assert_array_equal(make_baselines(classifier, x, x + 1)[0], x + 1)
    assert make_baselines(classifier, x, [0, x[0], "mean"]).shape == (3, *x.shape)
    picture = np.zeros((9, 9, 3), "uint8")
    np.testing.assert_allclose(make_baselines(classifier, x, picture), -1, atol=1e-6)


def test_how_a_recipe_writes_them():
    assert baseline_name("black") == "black"
    assert baseline_name(0) == 0
    assert baseline_name([0, "mean", np.zeros((2, 3))]) == "0+mean+array 2x3"


def test_what_does_not_fit_is_refused(classifier):
    x = nets.inputs(2)
    with pytest.raises(ValueError, match="unknown baseline 'blured'; did you mean blurred"):
        make_baselines(classifier, x, "blured")
    with pytest.raises(ValueError, match=r"a baseline of shape \(3, 3\) does not fit inputs of shape \(4, 4, 1\)"):
        make_baselines(classifier, x, np.zeros((3, 3)))
    with pytest.raises(ValueError, match="finite"):
        make_baselines(classifier, x, np.nan)
    with pytest.raises(ValueError, match="at least one baseline"):
        make_baselines(classifier, x, [])
    bare = Classifier(nets.network(NUMBERS))
    for name in ("black", "white", "uniform"):
        with pytest.raises(ValueError, match=f"the baseline '{name}' needs the range"):
            make_baselines(bare, x, name)
    for name in ("mean", "blurred"):
        with pytest.raises(ValueError, match=f"the baseline '{name}' is for pictures"):
            make_baselines(bare, np.zeros((2, 5), "float32"), name)


@pytest.mark.parametrize("method", [integrated_gradients, deep_lift, kernel_shap])
def test_rows_in_raw_units_are_not_compared_with_0_without_a_word(method):
    model = Classifier(nets.network(nets.Numbers.drawn(features=5), shape=(5,)))
    rows = np.array([[700.0, 3, 1, 0, 2]], "float32")
    with pytest.warns(UserWarning, match="baseline is 0, and these rows hold values up to 700.*Give baseline="):
        method(model, rows, 0)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*baseline is 0")
        method(model, rows, 0, baseline=np.array([650.0, 2, 1, 0, 2], "float32"))
        method(model, rows / 700, 0)
