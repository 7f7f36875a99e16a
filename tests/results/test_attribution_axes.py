"""Maps of sequences, volumes and pictures without channels: which axis holds the channels is known, not guessed."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import explain
from xai_widgets.methods import grad_cam, kernel_shap, lrp, occlusion, saliency

pytestmark = pytest.mark.backend
SHAPES = {"series": (20, 3), "volume": (6, 8, 10, 2), "film": (4, 8, 8, 3)}


def net(kind):
    keras.utils.set_random_seed(0)
    layer = {"series": layers.Conv1D, "volume": layers.Conv3D, "film": layers.Conv3D}[kind]
    pool = layers.GlobalAveragePooling1D if kind == "series" else layers.GlobalAveragePooling3D
    return keras.Sequential([keras.Input(SHAPES[kind]), layer(4, 3, activation="relu"), pool(), layers.Dense(2)])


def drawn(kind):
    return np.random.default_rng(0).random((2, *SHAPES[kind])).astype("float32")


@pytest.mark.parametrize("method", [saliency, lrp, occlusion, grad_cam])
@pytest.mark.parametrize("kind", SHAPES)
def test_maps_have_the_places_of_the_input(kind, method):
    found = method(net(kind), drawn(kind), 1)
    assert found.heatmap().shape == (2, *SHAPES[kind][:-1])
    expected = np.abs(found.values).max(axis=-1) if method in (saliency, lrp) else found.values
    np.testing.assert_array_equal(found.heatmap(), expected)
    assert found._repr_png_().startswith(b"\x89PNG")


def test_a_series_is_drawn_as_series_and_a_volume_in_slices():
    figure = saliency(net("series"), drawn("series"), 1).show()
    assert [len(panel.patches) for panel in figure.axes] == [20, 20]
    figure = grad_cam(net("volume"), drawn("volume"), 1).show()
    assert len(figure.axes) == 2 * 6 + 1
    assert len(kernel_shap(net("series"), drawn("series"), 1, samples=50).show().axes[0].patches) == 20


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "deep_lift", "smooth_grad"])
def test_grey_pictures_without_an_axis_for_channels(method):
    start = keras.Input((12, 10))
    t = layers.Conv2D(3, 3, activation="relu")(layers.Reshape((12, 10, 1))(start))
    model = keras.Model(start, layers.Dense(2)(layers.Flatten()(t)))
    found = explain(model, np.random.default_rng(0).random((2, 12, 10)), method, 0)
    assert found.heatmap().shape == (2, 12, 10)
    assert len(found.show().axes) == 3


def test_places_are_hidden_one_by_one_in_grey_pictures_without_an_axis_for_channels():
    start = keras.Input((6, 5))
    flat = layers.Flatten()(layers.Reshape((6, 5, 1))(start))
    model = keras.Model(start, layers.Dense(2, use_bias=False)(flat))
    x = np.random.default_rng(0).random((2, 6, 5)).astype("float32")
    shares = x * keras.ops.convert_to_numpy(model.layers[-1].kernel)[:, 1].reshape(6, 5)
    found = occlusion(model, x, 1, patch=1, stride=1, baseline=0)
    np.testing.assert_allclose(found.heatmap(), shares, atol=1e-5)
    found = kernel_shap(model, x, 1, segments=np.arange(30).reshape(6, 5) // 10, samples=100)
    np.testing.assert_allclose(found.heatmap()[:, ::2, 0], shares.reshape(2, 3, 10).sum(axis=-1), atol=1e-4)


def test_what_is_not_known_is_taken_for_pictures():
    model = keras.Sequential([keras.Input((12, 10)), layers.Flatten(), layers.Dense(2)])
    found = saliency(model, np.ones((2, 12, 10)), 0)
    assert found.has_channels is None
    assert found.heatmap().shape == (2, 12, 10)


def test_each_of_several_inputs_has_its_own_axes():
    pictures, series = keras.Input((8, 8, 3)), keras.Input((20, 3))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(pictures))
    t = layers.Concatenate()([seen, layers.GlobalMaxPooling1D()(layers.Conv1D(4, 3)(series))])
    x = [np.ones((2, 8, 8, 3), "float32"), np.ones((2, 20, 3), "float32")]
    found = lrp(keras.Model([pictures, series], layers.Dense(2)(t)), x, 0)
    assert [one.heatmap().shape for one in found] == [(2, 8, 8), (2, 20)]


def test_rows_of_features_have_no_map():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(2)])
    for method in (saliency, occlusion):
        found = method(model, np.ones((2, 5)), 0)
        with pytest.raises(ValueError, match="not those of pictures, sequences or volumes"):
            found.heatmap()
        assert found._repr_png_() is None
        assert len(found.show().axes) == 2
