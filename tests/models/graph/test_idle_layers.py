"""Layers that augment pictures in training alone are the identity in explanations."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.methods import deep_lift, guided_backprop, lrp, saliency
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.idle_layers import is_idle

pytestmark = pytest.mark.backend
IDLE = {
    "RandomBrightness": (0.2,),
    "RandomContrast": (0.2,),
    "RandomErasing": (),
    "RandomFlip": (),
    "RandomGaussianBlur": (),
    "RandomHue": (0.2,),
    "RandomSaturation": (0.5,),
    "RandomShear": (),
    "RandomCrop": (16, 16),
    "MixUp": (),
}


def net(*first):
    keras.utils.set_random_seed(0)
    tail = [layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    return keras.Sequential([keras.Input((16, 16, 3)), *first, *tail])


@pytest.mark.parametrize("name", [name for name in IDLE if hasattr(layers, name)])
def test_rules_and_gradients_are_those_without_the_layer(name):
    plain, augmented = net(), net(getattr(layers, name)(*IDLE[name]))
    augmented.set_weights([*augmented.get_weights()[: -len(plain.get_weights())], *plain.get_weights()])
    x = np.random.default_rng(0).random((2, 16, 16, 3)).astype("float32")
    before = [np.copy(keras.ops.convert_to_numpy(one)) for one in augmented.variables]
    for method in (lrp, deep_lift, guided_backprop, saliency):
        np.testing.assert_allclose(method(augmented, x, 1).values, method(plain, x, 1).values, atol=1e-6)
    for one, value in zip(augmented.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), value)


def test_what_changes_pictures_is_not_idle():
    shape = (None, 16, 16, 3)
    assert not is_idle(layers.CenterCrop(8, 8), (None, None, None, 3))
    assert not is_idle(layers.Resizing(8, 8), (None, None, None, 3))
    assert not is_idle(layers.GaussianNoise(0.1), shape)
    assert type(read_program(net(layers.Resizing(8, 8))).steps[0].operation).__name__ == "Resizing"
