"""Plain convolutional nets: convolutions with ReLU, max-pooling, global average pooling, one dense layer.

They are trained with batch normalisation and shipped without: what a BatchNorm does at prediction time is an affine map
of each channel, which is put into the weights of the convolution before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np

layers = keras.layers


@dataclass(frozen=True)
class Plan:
    """What a net looks like.

    Attributes
    ----------
    name : str
    side : int
        Height and width of its input in pixels, values 0..1, RGB.
    blocks : tuple of tuples of int
        Filters of each convolution of each block; max-pooling lies between the blocks.
    classes : int
    head : {"softmax", "sigmoid"}
        One class a picture, or any number.
    first : (int, int)
        Size and stride of the filters of the first block: large enough to look at. All others are 3 x 3.
    """

    name: str
    side: int
    blocks: tuple[tuple[int, ...], ...]
    classes: int
    head: Literal["softmax", "sigmoid"] = "softmax"
    first: tuple[int, int] = (3, 1)

    def convolutions(self) -> list[list[tuple[str, dict[str, object]]]]:
        """Return the name and the options of each convolution, block by block."""
        windows = [self.first] + [(3, 1)] * (len(self.blocks) - 1)
        return [
            [
                (f"conv{block}_{n}", {"filters": f, "kernel_size": size, "strides": stride, "padding": "same"})
                for n, f in enumerate(filters, 1)
            ]
            for block, (filters, (size, stride)) in enumerate(zip(self.blocks, windows, strict=True), 1)
        ]


def training_net(plan: Plan, dropout: float = 0.0) -> keras.Model:
    """Return the untrained net with BatchNorm and without the activation at its end, for pictures of any side."""
    parts = [keras.Input((None, None, 3), name="image")]
    for number, block in enumerate(plan.convolutions(), 1):
        for name, options in block:
            parts += [
                layers.Conv2D(**options, use_bias=False, kernel_initializer="he_normal", name=name),
                layers.BatchNormalization(momentum=0.9, name=f"{name}_norm"),
                layers.ReLU(name=f"{name}_relu"),
            ]
        if number < len(plan.blocks):
            parts.append(layers.MaxPooling2D(name=f"pool{number}"))
    parts += [
        layers.GlobalAveragePooling2D(name="gap"),
        layers.Dropout(dropout),
        layers.Dense(plan.classes, name="scores"),
    ]
    return keras.Sequential(parts, name=f"{plan.name}_training")


def shipped_net(plan: Plan) -> keras.Model:
    """Return the net without BatchNorm, for pictures of one side, with probabilities at its end."""
    parts = [keras.Input((plan.side, plan.side, 3), name="image")]
    for number, block in enumerate(plan.convolutions(), 1):
        parts += [layers.Conv2D(**options, activation="relu", name=name) for name, options in block]
        if number < len(plan.blocks):
            parts.append(layers.MaxPooling2D(name=f"pool{number}"))
    parts += [
        layers.GlobalAveragePooling2D(name="gap"),
        layers.Dense(plan.classes, activation=plan.head, name="scores"),
    ]
    return keras.Sequential(parts, name=plan.name)


def fold(trained: keras.Model, plan: Plan) -> keras.Model:
    """Return the shipped net with the weights of a trained one, rounded to what float16 can hold (they pack better)."""
    net = shipped_net(plan)
    for layer in net.layers:
        if isinstance(layer, layers.Conv2D):
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
