"""Top pictures, statistics and filters: closed forms, planted filters, and slow twins."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from xai_widgets import load_model
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods.units.filters import Filters, filters, smoothness
from xai_widgets.methods.units.top_patches import TopPatches, top_patches
from xai_widgets.methods.units.unit_statistics import unit_statistics


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


@pytest.fixture(scope="module")
def pictures():
    return digits_split("test")[0][:37]


@pytest.fixture(scope="module")
def planted():
    """A net whose first unit looks for a vertical edge and whose second one looks for red."""
    edge = np.zeros((3, 3, 3))
    edge[:, 0], edge[:, 2] = -1, 1
    red = np.zeros((3, 3, 3))
    red[..., 0], red[..., 1:] = 1, -1
    net = keras.Sequential([keras.Input((12, 12, 3)), layers.Conv2D(2, 3, activation="relu", name="seen")])
    net.get_layer("seen").set_weights([np.stack([edge, red], axis=-1), np.zeros(2)])
    return net


def scenes(rng):
    """Return 30 noisy grey pictures; in number 11 there is an edge at column 6, in number 23 a red square."""
    shown = rng.uniform(0.4, 0.6, (30, 12, 12, 1)).repeat(3, axis=-1).astype("float32")
    shown[11, 4:8, :6], shown[11, 4:8, 6:] = 0, 1
    shown[23, 8:11, 2:5] = [1, 0, 0]
    return shown


# Pictures and patches that most activate a unit


@pytest.mark.backend
def test_planted_filters_find_the_planted_things(planted):
    shown = scenes(np.random.default_rng(0))
    found = top_patches(planted, shown, "seen", count=3)
    assert found.pictures[:, 0].tolist() == [11, 23]
    top, left, bottom, right = found.boxes[0, 0]
    assert 4 <= top < bottom <= 8
    assert left <= 5
    assert right > 6
    assert found.boxes[1, 0].tolist() == [8, 2, 11, 5]
    np.testing.assert_allclose(found.activations[:, 0], [9, 9])
    (first, *_others) = found.cut_out(shown, 1)
    np.testing.assert_array_equal(first, np.broadcast_to(np.float32([1, 0, 0]), (3, 3, 3)))


def slow_top(maps, count):
    """Return picture, value and place of the best maps of each unit, one value after the other."""
    found = []
    for unit in range(maps.shape[-1]):
        best = []
        for number, one in enumerate(maps[..., unit]):
            places = [(-value, place) for place, value in np.ndenumerate(one)]
            value, place = min(places)
            best.append((value, number, place))
        found.append([(number, -value, place) for value, number, place in sorted(best)[:count]])
    return found


def test_it_is_what_a_slow_search_finds_however_the_set_is_cut(digits, pictures):
    tapped = keras.Model(digits.model.inputs[0], digits.model.get_layer("conv3").output)
    wanted = slow_top(np.asarray(tapped(pictures))[..., :9], 5)
    pieces = (pictures[start : start + 7] for start in range(0, 37, 7))
    ways = [
        top_patches(digits, pictures, "conv3", units=range(9), count=5),
        top_patches(digits, pictures, "conv3", units=range(9), count=5, batch_size=4),
        top_patches(digits, pieces, "conv3", units=range(9), count=5),
    ]
    for found in ways:
        for unit, row in enumerate(wanted):
            live = [place for place, (_, value, _) in enumerate(row) if value > 0]  # zeros: all places are alike
            assert [row[place][0] for place in live] == found.pictures[unit, live].tolist()
            assert [row[place][2] for place in live] == [tuple(one) for one in found.places[unit, live]]
            np.testing.assert_allclose([value for _, value, _ in row], found.activations[unit], atol=1e-5)


def tops(values, pictures):
    empty = np.zeros((*values.shape, 2), "int64")
    return TopPatches("a", np.arange(len(values)), pictures, values, empty, np.zeros((*values.shape, 4), "int64"))


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=6), st.permutations(range(3)))
def test_parts_may_be_merged_in_any_order(numbers, order):
    values = np.float32(numbers)[np.newaxis]
    parts = [tops(values[:, start : start + 2], np.array([[start, start + 1]])) for start in (0, 2, 4)]
    parts = [parts[place] for place in order]
    left = parts[0].merge(parts[1]).merge(parts[2])
    right = parts[0].merge(parts[1].merge(parts[2]))
    wanted = sorted(range(6), key=lambda place: (-numbers[place], place))[:2]
    assert left.pictures.tolist() == right.pictures.tolist() == [wanted]


def test_directions_along_the_axes_are_the_units(digits, pictures):
    by_unit = top_patches(digits, pictures, "conv4", units=[4, 8], count=3)
    axes = np.eye(64)[[4, 8]]
    by_direction = top_patches(digits, pictures, "conv4", directions=axes, count=3)
    np.testing.assert_array_equal(by_unit.pictures, by_direction.pictures)
    np.testing.assert_allclose(by_unit.activations, by_direction.activations, atol=1e-5)
    doubled = top_patches(digits, pictures, "conv4", directions=-2 * axes, count=3)
    assert (doubled.activations <= 0).all()


def test_fewer_pictures_than_asked_leave_empty_places(digits, pictures):
    found = top_patches(digits, pictures[:2], "scores", count=4)
    assert (found.pictures[:, 2:] == -1).all()
    assert np.isneginf(found.activations[:, 2:]).all()
    assert found.boxes[0].tolist() == [[0, 0, 8, 8]] * 2 + [[0, 0, 0, 0]] * 2
    assert len(found.cut_out(pictures, 3)) == 2


def test_purity_is_the_share_of_the_most_frequent_class():
    found = tops(np.float32([[3, 2, 1, 0], [3, 2, 1, -np.inf]]), np.array([[0, 1, 2, 3], [1, 2, 3, -1]]))
    np.testing.assert_allclose(found.purity(["a", "b", "b", "b"]), [0.75, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "at least 1"),
        ({"units": [64]}, "0 to 63"),
        ({"directions": np.ones((2, 3))}, r"\(D, 64\)"),
        ({"directions": np.ones((2, 64)), "units": [1]}, "not both"),
    ],
)
def test_what_cannot_be_searched_is_refused(digits, pictures, options, message):
    with pytest.raises(ValueError, match=message):
        top_patches(digits, pictures, "conv4", **options)


def test_an_iterator_that_is_spent_is_refused(digits):
    with pytest.raises(ValueError, match="only once"):
        top_patches(digits, iter(()), "conv4")


# Statistics


def echo(side=4, units=3):
    """A net whose layer gives back its input."""
    net = keras.Sequential([keras.Input((side, side, units)), layers.Conv2D(units, 1, name="same")])
    net.get_layer("same").set_weights([np.eye(units).reshape(1, 1, units, units), np.zeros(units)])
    return net


def test_sparsity_dead_units_and_spread_have_their_closed_forms():
    maps = np.zeros((2, 4, 4, 3), "float32")
    maps[..., 0] = 5  # everywhere
    maps[0, 1, 2, 1] = 7  # one place of one picture
    maps[1, ..., 2] = -1  # never above 0
    (found,) = unit_statistics(echo(), maps, ["same"]).values()
    assert found.dead.tolist() == [False, False, True]
    assert found.values == 32
    assert found.zeros.tolist() == [0, 31, 32]
    assert found.sparsity == pytest.approx(63 / 96)
    assert found.dead_share == pytest.approx(1 / 3)
    np.testing.assert_allclose(found.mean, [5, 7 / 32, -0.5])
    # Two maps that are even, one of a single place, one even below 0; the others are empty.
    assert found.spread == pytest.approx((1 + 1 + 1 / 16 + 1) / 4)


def test_a_map_of_m_even_places_is_spread_over_m_of_n():
    maps = np.zeros((1, 4, 4, 1), "float32")
    maps.reshape(-1)[:5] = 0.3
    (found,) = unit_statistics(echo(units=1), maps, ["same"]).values()
    assert found.spread == pytest.approx(5 / 16)


def test_nothing_at_all_has_no_spread():
    (found,) = unit_statistics(echo(), np.zeros((1, 4, 4, 3), "float32"), ["same"]).values()
    assert np.isnan(found.spread)
    assert found.sparsity == found.dead_share == 1


@pytest.mark.backend
def test_statistics_do_not_depend_on_how_the_set_is_cut(digits, pictures):
    whole = unit_statistics(digits, pictures)
    parts = unit_statistics(digits, (pictures[start : start + 10] for start in range(0, 37, 10)), batch_size=3)
    assert list(whole) == list(parts) == ["conv1", "conv2", "conv3", "conv4"]
    for name, one in whole.items():
        np.testing.assert_array_equal(one.zeros, parts[name].zeros)
        np.testing.assert_array_equal(one.dead, parts[name].dead)
        assert one.spread == pytest.approx(parts[name].spread, rel=1e-5)
        np.testing.assert_allclose(one.mean, parts[name].mean, rtol=1e-4, atol=1e-6)


# Filters


def test_smooth_filters_are_told_from_noise():
    grid = np.linspace(-1, 1, 9)
    bump = np.exp(-4 * (grid[:, None] ** 2 + grid**2))
    stripe = np.sin(2 * grid)[:, None] * np.ones(9)
    noise = np.random.default_rng(0).normal(size=(200, 9, 9, 3))
    assert smoothness(np.stack([bump, stripe])[..., None]).min() > 0.8
    found = smoothness(noise)
    assert abs(found.mean()) < 0.02
    assert np.abs(found).max() < 0.3
    assert (smoothness(noise + 0.5 * noise[:1]) <= 1).all()


def test_smoothness_does_not_depend_on_the_scale_and_is_nan_where_there_is_nothing():
    kernels = np.random.default_rng(1).normal(size=(4, 3, 3, 2))
    np.testing.assert_allclose(smoothness(kernels), smoothness(-7 * kernels))
    assert np.isnan(smoothness(np.zeros((1, 3, 3, 1)))).all()
    assert np.isnan(smoothness(np.ones((1, 1, 1, 5)))).all()


def test_filters_are_the_layers_own(digits):
    found = filters(digits, "conv2")
    kernel = digits.model.get_layer("conv2").get_weights()[0]
    np.testing.assert_array_equal(found.kernels[5], kernel[..., 5])
    np.testing.assert_allclose(found.norms[5], np.linalg.norm(kernel[..., 5]), rtol=1e-6)


def test_a_pattern_that_all_channels_share_is_found_with_its_sign():
    pattern = np.float64([[1, 2], [3, -4]])
    kernels = (pattern[..., None] * np.array([2.0, 1, -1]))[np.newaxis]
    found = Filters("conv", np.repeat(kernels, 2, axis=-1).astype("float32"))
    np.testing.assert_allclose(found.explained, [1], rtol=1e-6)
    np.testing.assert_allclose(found.patterns[0], pattern * np.sqrt(12), rtol=1e-5)
    shown = found.pictures()
    assert shown.shape == (1, 2, 2, 3)
    np.testing.assert_allclose(shown[0, 1, 1], 0, atol=1e-6)


def test_depthwise_and_separable_filters_have_one_channel():
    net = keras.Sequential([keras.Input((8, 8, 2)), layers.DepthwiseConv2D(3, depth_multiplier=2, name="depth")])
    net.add(layers.SeparableConv2D(3, 3, name="apart"))
    kernel = net.get_layer("depth").get_weights()[0]
    found = filters(net, "depth")
    assert found.kernels.shape == (4, 3, 3, 1)
    np.testing.assert_array_equal(found.kernels[3, ..., 0], kernel[:, :, 1, 1])
    assert filters(net, "apart").kernels.shape == (4, 3, 3, 1)


def test_a_layer_without_filters_is_refused(digits):
    with pytest.raises(ValueError, match="no filters over places"):
        filters(digits, "scores")


# Recipes and figures


def test_what_two_parts_of_a_set_give_has_the_recipe_of_both(digits, pictures):
    first, second = (top_patches(digits, part, "conv2", units=[0]) for part in (pictures[:20], pictures[20:]))
    assert first.merge(second).recipe == first.recipe
    assert first.merge(top_patches(digits, pictures[20:], "conv2", units=[0], count=2)).recipe is None
    one, other = (unit_statistics(digits, part, ["conv4"])["conv4"] for part in (pictures[:20], pictures[20:]))
    assert one.merge(other).recipe == one.recipe
    assert str(one.recipe).startswith("unit_statistics · digits")


def test_a_figure_says_how_many_of_the_units_it_draws(digits, pictures):
    found = top_patches(digits, pictures, "conv2", units=range(8), count=3)
    bars, patches = found.figure(), found.figure(np.repeat(pictures, 3, axis=-1), count=2)
    assert len(bars.axes) == 6
    assert "6 of 8" in bars.get_supxlabel()
    assert "strongest patches · digits · layer conv2 · 3 patches a unit" in bars.get_supxlabel()
    assert "2 of 8" in patches.get_supxlabel()
    assert sum(bool(axes.images) for axes in patches.axes) == 6
    with pytest.raises(ValueError, match="from 1 to 100"):
        found.figure(count=0)


def test_a_result_that_was_put_together_by_hand_has_a_figure_without_a_caption():
    figure = Filters("conv", np.ones((3, 2, 2, 3), "float32")).figure()
    assert figure.get_supxlabel() == ""
