"""Methods that hide parts of the input take the targets that gradients take: regions, several outputs, any network."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.methods import (
    grad_cam,
    kernel_shap,
    lime_image,
    lrp,
    occlusion,
    rise,
    saliency,
    score_cam,
    shapley_sampling,
)
from xai_widgets.models.kinds.network import Network

pytestmark = pytest.mark.backend
QUICK = {
    occlusion: {"patch": 4},
    rise: {"samples": 60, "grid": 4},
    lime_image: {"samples": 60, "segments": "grid", "count": 16},
    kernel_shap: {"samples": 60, "segments": "grid", "count": 16},
    shapley_sampling: {"samples": 60, "segments": "grid", "count": 16},
    score_cam: {"layer": "deep"},
}
X = np.random.default_rng(0).random((2, 16, 16, 3)).astype("float32")


def u_net():
    keras.utils.set_random_seed(0)
    start = keras.Input((16, 16, 3))
    first = layers.Conv2D(4, 3, padding="same", activation="relu")(start)
    deep = layers.Conv2D(4, 3, padding="same", activation="relu", name="deep")(layers.MaxPooling2D()(first))
    joined = layers.Concatenate()([first, layers.UpSampling2D()(deep)])
    return keras.Model(start, layers.Conv2D(1, 1, activation="sigmoid")(joined), name="u_net")


def left(outputs):
    return keras.ops.sum(outputs[:, :, :6, 0], axis=(1, 2))


def two_heads():
    keras.utils.set_random_seed(0)
    start = keras.Input((16, 16, 3))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu", name="deep")(start))
    return keras.Model(start, {"kind": layers.Dense(2, "softmax")(seen), "size": layers.Dense(1)(seen)})


@pytest.mark.parametrize("method", QUICK, ids=lambda one: one.__name__)
def test_a_region_of_a_u_net(method):
    bare, wrapped = (method(model, X, left, **QUICK[method]) for model in (u_net(), Network(u_net())))
    np.testing.assert_allclose(bare.values, wrapped.values, rtol=1e-5)
    net = u_net()
    logits = keras.Model(net.input, net.layers[-1].input)
    kernel, bias = map(keras.ops.convert_to_numpy, net.layers[-1].weights)
    made = keras.ops.convert_to_numpy(logits(X)) @ kernel[0, 0] + bias
    np.testing.assert_allclose(bare.score, made[:, :, :6, 0].sum(axis=(1, 2)), rtol=1e-3)
    assert bare.heatmap().shape == (2, 16, 16)
    assert np.ptp(bare.values) > 0


def test_nothing_far_from_the_region_counts():
    found = occlusion(u_net(), X, left, patch=2, stride=2, baseline=0)
    assert np.abs(found.values[:, :, :6]).max() > 0
    np.testing.assert_allclose(found.values[:, :, 12:], 0, atol=1e-4)


@pytest.mark.parametrize("method", QUICK, ids=lambda one: one.__name__)
def test_one_of_two_outputs(method):
    found = method(two_heads(), X, lambda outputs: outputs["size"][:, 0], **QUICK[method])
    net = two_heads()
    expected = keras.ops.convert_to_numpy(net(X)["size"])[:, 0]
    np.testing.assert_allclose(found.score, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=r"more than one row of class scores.*give a callable"):
        method(two_heads(), X, 0, **QUICK[method])


def test_runs_by_boxes_are_for_one_row_of_scores():
    with pytest.raises(ValueError, match="gives one row of scores; leave incremental out"):
        occlusion(Network(u_net()), X, left, incremental=True)
    assert occlusion(Network(u_net()), X, left).recipe.options["incremental"] is False


def test_several_inputs_are_refused_with_what_takes_them():
    starts = [keras.Input((16, 16, 3)), keras.Input((4,))]
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(starts[0]))
    net = keras.Model(starts, layers.Dense(2)(layers.Concatenate()([seen, starts[1]])))
    with pytest.raises(ValueError, match=r"several inputs.*grad_cam, lrp or deep_lift"):
        occlusion(net, [X, np.ones((2, 4), "float32")], 0)


def raises(_outputs):
    raise KeyError("words")


@pytest.mark.parametrize("method", [saliency, grad_cam, occlusion, lrp], ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("target", "match"),
    [
        (raises, "'raises' raised KeyError: 'words'"),
        (lambda _outputs: None, "gave nothing"),
        (lambda outputs: np.asarray(keras.ops.convert_to_numpy(outputs))[:, 0], "NumPy"),
        (lambda _outputs: np.zeros(2, "float32"), "gave an array of NumPy"),
        (lambda _outputs: "cat", "gave a str"),
        (lambda outputs: outputs, r"shape \(N,\), but gave shape"),
    ],
)
def test_a_callable_that_gives_no_scalar_is_told_how_to(method, target, match):
    start = keras.Input((16, 16, 3))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(start))
    with pytest.raises(ValueError, match=match):
        method(keras.Model(start, layers.Dense(3)(seen)), X, target)
