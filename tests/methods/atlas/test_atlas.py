"""Activation atlases, grids of a picture, groups of neurons: known answers on nets made for it."""

import keras
import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets.methods.atlas import (
    activation_atlas,
    activation_grid,
    cells_of,
    draw_icons,
    neuron_groups,
    sample_activations,
    unit_square,
    whitening,
)
from xai_widgets.methods.feature_visualization import objective_scores
from xai_widgets.methods.feature_visualization import objectives as objective_module
from xai_widgets.plots.atlas_figures import canvas


@pytest.fixture(scope="module")
def net():
    """One channel for each colour, averaged, and a class for each: what a place says is known."""
    stack = [keras.layers.Conv2D(3, 1, activation="relu", name="conv"), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((8, 8, 3)), *stack, keras.layers.Dense(3, "softmax", name="scores")])
    model.layers[0].set_weights([np.eye(3, dtype="float32")[np.newaxis, np.newaxis], np.zeros(3, "float32")])
    model.layers[-1].set_weights([np.eye(3, dtype="float32") * 5, np.zeros(3, "float32")])
    return xai.Classifier(model, ["red", "green", "blue"], preprocess=lambda pixels: pixels / 255, name="colours")


@pytest.fixture(scope="module")
def pictures():
    """Thirty pictures, each of one colour."""
    plain = np.zeros((30, 8, 8, 3), "uint8")
    for place in range(30):
        plain[place, ..., place % 3] = 100 + 5 * place
    return plain


def test_what_an_activation_says_is_known(net, pictures):
    taken = sample_activations(net, pictures, layer="conv", samples=2, batch_size=7)
    values = (pictures[:, 0, 0] / 255).astype("float32")
    np.testing.assert_allclose(taken.vectors, np.repeat(values, 2, axis=0), atol=1e-6)
    np.testing.assert_allclose(taken.attribution, np.repeat(values * 5 / 64, 2, axis=0), atol=1e-6)
    np.testing.assert_array_equal(taken.pictures, np.repeat(np.arange(30), 2))
    pooled = sample_activations(net, pictures, layer="conv", pooled=True)
    np.testing.assert_allclose(pooled.attribution, net.logits(pictures), atol=1e-5)  # the head is linear


def test_places_are_drawn_by_seed_and_not_by_batch(net):
    varied = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3)).astype("uint8")
    one, same, other = (
        sample_activations(net, varied, layer="conv", seed=seed, batch_size=batch).vectors
        for seed, batch in ((3, 9), (3, 2), (4, 9))
    )
    np.testing.assert_allclose(one, same, atol=1e-6)
    assert np.abs(one - other).max() > 0.01
    at_home = net.preprocess(varied).reshape(9, 64, 3)
    assert all((np.abs(at_home[place] - one[place]).max(axis=1) < 1e-5).any() for place in range(9))


def test_points_are_sorted_into_cells():
    points = np.array([[0.0, 0.99], [0.01, 0.98], [0.6, 0.3], [1.0, 0.0], [0.99, 0.01], [0.98, 0.2]])
    found = cells_of(points, grid=4, least=2)
    assert list(zip(found.rows.tolist(), found.columns.tolist(), found.counts.tolist(), strict=True)) == [
        (0, 0, 2),
        (3, 3, 3),
    ]
    assert found.of.tolist() == [0, 0, -1, 1, 1, 1]
    values = np.arange(12, dtype="float32").reshape(6, 2)
    np.testing.assert_allclose(found.mean(values), [values[:2].mean(axis=0), values[3:].mean(axis=0)])
    with pytest.raises(ValueError, match="no cell holds 4"):
        cells_of(points, grid=4, least=4)
    with pytest.raises(ValueError, match="at least 1"):
        cells_of(points, grid=0)


def test_the_frame_does_not_hang_on_a_few_strays():
    points = np.random.default_rng(1).normal(size=(1000, 2))
    framed = unit_square(points)
    points[0] = 1e6
    again = unit_square(points)
    assert np.abs(framed[1:] - again[1:]).max() < 0.05
    assert again.min() >= 0
    assert again.max() <= 1
    with pytest.raises(ValueError, match="finite"):
        unit_square([[np.nan, 0.0]])
    assert unit_square(np.ones((3, 2))).tolist() == [[0.5, 0.5]] * 3


def test_whitening_makes_all_directions_alike():
    rng = np.random.default_rng(2)
    mixed = rng.normal(size=(4000, 3)) @ np.diag([3.0, 1.0, 2.0]) @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    moments = mixed.T @ mixed / len(mixed)
    shrunk = moments + np.eye(3) * 0.1 * np.trace(moments) / 3
    np.testing.assert_allclose(whitening(mixed.astype("float32")) @ shrunk, np.eye(3), atol=1e-3)


def test_icons_show_their_directions(net):
    icons = draw_icons(net, np.eye(3), layer="conv", steps=24)
    for channel in range(3):
        seen = objective_scores(net, icons, channel, layer="conv")
        assert seen.argmax() == channel
    assert icons.shape == (3, 8, 8, 3)
    blank = draw_icons(net, np.array([[0.0, 0, 0], [1, 0, 0]]), layer="conv", steps=1)
    assert (blank[0] == 0.5).all()
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_icons(net, np.zeros((2, 3)), layer="conv")


def test_one_compiled_step_draws_all_batches(net, monkeypatch):
    """What is compiled is traced once, however many icons there are and however they are cut."""
    calls, sharpened = [], objective_module._sharpened

    def counted(*arguments):
        calls.append(1)
        return sharpened(*arguments)

    monkeypatch.setattr(objective_module, "_sharpened", counted)
    directions = np.random.default_rng(3).random((11, 3))
    draw_icons(net, directions, layer="conv", steps=3, batch_size=4)
    before = len(calls)
    together = draw_icons(net, directions[:7], layer="conv", steps=3, batch_size=7)
    apart = draw_icons(net, directions[:7], layer="conv", steps=3, batch_size=2)
    if keras.config.backend() == "tensorflow":  # the score of finished icons is computed eagerly, once a batch
        assert len(calls) - before == 1 + 4
    np.testing.assert_allclose(together, apart, atol=1e-3)


def test_atlas_of_three_colours(net, pictures):
    seen = []
    atlas = activation_atlas(
        net, pictures, layer="conv", layout="pca", grid=4, least=2, steps=16, progress=lambda *one: seen.append(one)
    )
    assert atlas.counts.sum() == (atlas.cell_of >= 0).sum()
    for cell in range(len(atlas)):
        members = np.flatnonzero(atlas.cell_of == cell)
        np.testing.assert_array_equal(atlas.members(cell), members)  # one activation from each picture
        colours = {int(one) % 3 for one in members}
        if len(colours) == 1:
            assert atlas.classes(cell)[0][0] == ("red", "green", "blue")[colours.pop()]
    assert {atlas.classes(cell)[0][0] for cell in range(len(atlas))} == {"red", "green", "blue"}
    red = atlas.for_class("red")
    icons = atlas.icons[red].mean(axis=(0, 1, 2))
    assert icons.argmax() == 0
    assert atlas.canvas().shape == (32, 32, 3)
    np.testing.assert_array_equal(atlas.canvas(), canvas(atlas.icons, atlas.rows, atlas.columns, 4))
    assert atlas.canvas("red").mean() > atlas.canvas().mean()  # the others are faded
    assert len(atlas.show().axes[0].texts) == len(atlas)
    assert seen[-1][0] == seen[-1][1]
    with pytest.raises(ValueError, match="red, green, blue"):
        atlas.for_class("pink")


def test_a_layout_may_be_given(net, pictures):
    places = np.stack([np.arange(30) % 3, np.zeros(30)], axis=1)
    atlas = activation_atlas(net, pictures, layer="conv", layout=places, grid=3, least=10, steps=1)
    assert [atlas.classes(cell)[0][0] for cell in range(3)] == ["red", "green", "blue"]
    with pytest.raises(ValueError, match="one place for each of 30"):
        activation_atlas(net, pictures, layer="conv", layout=places[:5], steps=1)
    with pytest.raises(ValueError, match="unknown layout"):
        activation_atlas(net, pictures, layer="conv", layout="globe", steps=1)


def test_grid_of_one_picture(net):
    picture = np.zeros((8, 8, 3), "uint8")
    picture[:4, :4, 0] = picture[4:, 4:, 2] = 200
    picture[:4, 4:, 1] = 50
    found = activation_grid(net, picture, layer="conv", grid=2, steps=16)
    np.testing.assert_allclose(found.strength, np.array([[200, 50], [0, 200]]) / 255, atol=1e-6)
    means = found.icons.mean(axis=(2, 3))
    assert [int(means[row, column].argmax()) for row, column in ((0, 0), (0, 1), (1, 1))] == [0, 1, 2]
    assert (found.icons[1, 0] == 0.5).all()
    assert found.canvas().shape == (16, 16, 3)
    with pytest.raises(ValueError, match="between 1 and 8"):
        activation_grid(net, picture, layer="conv", grid=9)
    with pytest.raises(ValueError, match="one picture"):
        activation_grid(net, np.stack([picture, picture]), layer="conv")


def test_groups_are_those_that_fire_together(net):
    picture = np.zeros((8, 8, 3), "uint8")
    picture[:4, :, 0] = 220
    picture[5:, :, 2] = 90
    found = neuron_groups(net, picture, layer="conv", groups=2, steps=1)
    assert [found.classes(group, 1)[0][0] for group in range(2)] == ["red", "blue"]
    np.testing.assert_allclose(np.abs(found.directions), np.eye(3)[[0, 2]], atol=1e-2)
    assert (found.maps[0][:4] > 0.8).all()
    assert (found.maps[0][4:] < 0.01).all()
    assert found.error < 0.01
    np.testing.assert_allclose(found.attribution.sum(axis=0), net.logits(picture)[0], atol=0.02)
    with pytest.raises(ValueError, match="between 1 and 3"):
        neuron_groups(net, picture, layer="conv", groups=4)


def test_groups_need_activations_that_are_nowhere_negative():
    stack = [keras.layers.Conv2D(3, 1, name="conv"), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((8, 8, 3)), *stack, keras.layers.Dense(2)])
    model.layers[0].set_weights([-np.eye(3, dtype="float32")[np.newaxis, np.newaxis], np.zeros(3, "float32")])
    with pytest.raises(ValueError, match="ReLU"):
        neuron_groups(xai.Classifier(model, ["a", "b"]), np.full((8, 8, 3), 9, "uint8"), layer="conv", groups=2)
    with pytest.raises(ValueError, match="no maps"):
        sample_activations(model, np.zeros((1, 8, 8, 3), "uint8"), layer=model.layers[-1].name)
