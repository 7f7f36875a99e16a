"""The ways to write a rectifier: each a function of a tensor of shape (batch, 4)."""

import keras
from keras import layers


def _dense_of_identity(activation):
    return layers.Dense(4, activation=activation, use_bias=False, kernel_initializer="identity")


def _convolution(start):
    """Fuse the rectifier into a 1x1 convolution whose kernel is 1."""
    maps = layers.Conv2D(1, 1, activation="relu", use_bias=False, kernel_initializer="ones")
    return layers.Reshape((4,))(maps(layers.Reshape((2, 2, 1))(start)))


def _nested(start):
    inner = keras.Sequential([keras.Input((4,)), layers.ReLU()])
    return keras.Sequential([keras.Input((4,)), inner])(start)


RECTIFIERS = {
    "layer": layers.ReLU(),
    "Activation": layers.Activation("relu"),
    "fused in Dense": _dense_of_identity("relu"),
    "fused in Conv2D": _convolution,
    "ops": keras.ops.relu,
    "nested": _nested,
    "ReLU6": layers.ReLU(max_value=6.0),
    "fused relu6": _dense_of_identity("relu6"),
}
