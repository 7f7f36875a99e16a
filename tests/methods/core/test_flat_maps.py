"""A map that says nothing comes with a warning of the likely cause, and others with none."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.common.warning import without_doubts
from xai_widgets.methods import grad_cam, kernel_shap, lrp, occlusion, saliency

pytestmark = pytest.mark.backend

SHAPE = (8, 8, 3)
X = np.random.default_rng(0).random((3, *SHAPE)).astype("float32")


def net(bias=0.0, end=None, weights=1.0):
    keras.utils.set_random_seed(1)
    biases = keras.initializers.Constant(bias)
    conv = layers.Conv2D(4, 3, activation="relu", bias_initializer=biases, kernel_initializer="random_uniform")
    last = layers.Dense(2, end, kernel_initializer=keras.initializers.RandomNormal(0, weights, seed=0))
    return keras.Sequential([keras.Input(SHAPE), conv, layers.GlobalAveragePooling2D(), last])


DEAD = -50.0


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (saliency, "saliency: 3 of 3 maps are 0 everywhere; the score does not react.*occlusion"),
        (lrp, "lrp: 3 of 3 maps are 0 everywhere; nothing of the score reaches"),
        (occlusion, "occlusion: 3 of 3 maps are 0 everywhere; hiding parts.*baseline="),
        (grad_cam, "grad_cam: 3 of 3 maps are 0 everywhere; nothing in this layer.*layer="),
        (
            lambda model, x: kernel_shap(model, x, samples=20, segments="grid", count=4),
            "kernel_shap: 3 of 3 maps are 0",
        ),
    ],
)
def test_a_dead_layer(method, words):
    options = {"samples": 20, "segments": "grid", "count": 4} if method is kernel_shap else {}
    with pytest.warns(UserWarning, match=words):
        found = method(net(DEAD), X, **options)
    assert not found.values.any()


def test_one_input_of_several():
    dark = X.copy()
    dark[1] = -10.0  # all weights of the convolution are positive after abs: nothing passes
    model = net()
    model.layers[0].set_weights([np.abs(one) for one in model.layers[0].get_weights()])
    with pytest.warns(UserWarning, match="saliency: 1 of 3 maps is 0 everywhere"):
        saliency(model, dark, 0)


def test_a_saturated_probability_and_its_advice():
    model = net(1.0, "softmax", weights=1000.0)
    with pytest.warns(UserWarning, match="output='logit'"):
        assert not saliency(model, X, output="probability").values.any()
    assert saliency(model, X, output="logit").values.any()


@pytest.mark.parametrize("method", [saliency, lrp, occlusion])
def test_a_map_that_tells_something_is_not_warned_of(method):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*everywhere")
        method(net(0.1), X, 0)


def test_a_stream_warns_once_at_its_end():
    with pytest.warns(UserWarning, match="kernel_shap") as heard:
        list(kernel_shap.stream(net(DEAD), X, samples=100, segments="grid", count=16))
    assert len([one for one in heard if "everywhere" in str(one.message)]) == 1


def test_a_picture_in_one_superpixel_and_the_advice():
    even = np.full((1, *SHAPE), 0.5, "float32")
    with pytest.warns(UserWarning, match="cut into one segment.*segments='grid'"):
        kernel_shap(net(0.1), even, 0, segments=np.zeros(SHAPE[:2], int), baseline=0)
    assert len(kernel_shap(net(0.1), even, 0, segments="grid", count=4, baseline=0).weights[0]) == 4


def test_who_expects_it_is_not_warned():
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*everywhere")
        with without_doubts():
            saliency(net(DEAD), X)
    with pytest.warns(UserWarning, match="everywhere"):
        saliency(net(DEAD), X)
