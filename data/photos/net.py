"""The photos model: plain convolutions with ReLU, max-pooling, global average pooling, one dense layer.

It is trained with batch normalisation and shipped without: what a BatchNorm does at prediction time is an affine map of
each channel, which is put into the weights of the convolution before it.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

WIDTHS = ((32,), (96, 96), (192, 192), (384, 384))  # a block each, pooling between them
CLASSES = 11


def _window(block: int) -> dict[str, Any]:
    """Return the options of a block's convolutions: large filters that one can look at first (as Zeiler and Fergus)."""
    size, stride = (7, 2) if block == 1 else (3, 1)
    return {"kernel_size": size, "strides": stride, "padding": "same"}


def training_net() -> keras.Model:
    """Return the net with a BatchNorm after each convolution, for pictures of any side that 16 divides."""
    layers = keras.layers
    parts = [keras.Input((None, None, 3), name="image")]
    for block, widths in enumerate(WIDTHS, 1):
        for number, width in enumerate(widths, 1):
            name = f"conv{block}_{number}"
            parts += [
                layers.Conv2D(width, **_window(block), use_bias=False, kernel_initializer="he_normal", name=name),
                layers.BatchNormalization(momentum=0.95, name=f"{name}_norm"),
                layers.ReLU(name=f"{name}_relu"),
            ]
        if block < len(WIDTHS):
            parts.append(layers.MaxPooling2D(name=f"pool{block}"))
    parts += [layers.GlobalAveragePooling2D(name="gap"), layers.Dropout(0.2), layers.Dense(CLASSES, name="scores")]
    return keras.Sequential(parts, name="photos_training")


def shipped_net(side: int) -> keras.Model:
    """Return the net without BatchNorm, for pictures of one side, with probabilities at its end."""
    layers = keras.layers
    parts = [keras.Input((side, side, 3), name="image")]
    for block, widths in enumerate(WIDTHS, 1):
        for number, width in enumerate(widths, 1):
            parts.append(layers.Conv2D(width, **_window(block), activation="relu", name=f"conv{block}_{number}"))
        if block < len(WIDTHS):
            parts.append(layers.MaxPooling2D(name=f"pool{block}"))
    parts += [layers.GlobalAveragePooling2D(name="gap"), layers.Dense(CLASSES, activation="softmax", name="scores")]
    return keras.Sequential(parts, name="photos")


def fold(trained: keras.Model, side: int) -> keras.Model:
    """Return the shipped net with the weights of a trained one, rounded to what float16 can hold (they pack better)."""
    net = shipped_net(side)
    for layer in net.layers:
        if isinstance(layer, keras.layers.Conv2D):
            weights = _folded(trained.get_layer(layer.name), trained.get_layer(f"{layer.name}_norm"))
        elif layer.weights:
            weights = trained.get_layer(layer.name).get_weights()
        else:
            continue
        layer.set_weights([one.astype("float16").astype("float32") for one in weights])
    return net


def _folded(conv: keras.layers.Conv2D, norm: keras.layers.BatchNormalization) -> list[np.ndarray]:
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [conv.get_weights()[0] * scale, beta - mean * scale]
