"""The two nets that are measured, the same weights in Keras and in PyTorch, and pictures for them.

A is like VGG, 96 x 96 pixels, 0.5 billion multiplications; B is VGG16 itself, 224 x 224 pixels, 15.5 billion. Their
weights are random (He normal): a pass takes as long as with trained ones.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

CLASS = 3  # what is explained


@dataclass(frozen=True)
class Net:
    """How a net is built, and how finely it is occluded.

    Attributes
    ----------
    size : int
        Height and width of its pictures.
    blocks : tuple of (channels, convolutions)
        A max-pooling follows each.
    dense : tuple of int
        A single dense layer follows global average pooling, several the flattened maps.
    patch, stride : int
    chunk : int
        How many pictures a peer that must be told gets at once.
    """

    size: int
    blocks: tuple[tuple[int, int], ...]
    dense: tuple[int, ...]
    patch: int
    stride: int
    chunk: int

    @property
    def last(self) -> str:
        """Name of the last convolution."""
        return f"conv{len(self.blocks)}_{self.blocks[-1][1]}"


NETS = {
    "A": Net(96, ((32, 2), (64, 2), (128, 2), (256, 2)), (10,), patch=16, stride=8, chunk=64),
    "B": Net(224, ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), (4096, 4096, 1000), patch=32, stride=16, chunk=16),
}


@functools.cache
def keras_net(net: Net) -> keras.Model:
    """Build a net in Keras, once; its outputs are logits."""
    keras.utils.set_random_seed(0)
    start = keras.Input((net.size, net.size, 3))
    t = start
    for block, (channels, count) in enumerate(net.blocks, 1):
        for place in range(1, count + 1):
            made = {"padding": "same", "activation": "relu", "kernel_initializer": "he_normal"}
            t = keras.layers.Conv2D(channels, 3, name=f"conv{block}_{place}", **made)(t)
        t = keras.layers.MaxPooling2D()(t)
    t = keras.layers.GlobalAveragePooling2D()(t) if len(net.dense) == 1 else keras.layers.Flatten()(t)
    for place, units in enumerate(net.dense, 1):
        t = keras.layers.Dense(units, activation="relu" if place < len(net.dense) else None, name=f"dense{place}")(t)
    return keras.Model(start, t, name=f"vgg{net.size}")


@functools.cache
def torch_net(net: Net) -> Any:
    """Build the same in PyTorch with the same weights, each activation a module of its own, channels first."""
    import torch
    from torch import nn

    class Twin(nn.Module):  # captum has no rule for a layer that flattens
        def __init__(self) -> None:
            super().__init__()
            self.features, self.head = nn.Sequential(_features(net)), nn.Sequential(_head(net))

        def forward(self, x: Any) -> Any:
            return self.head(torch.flatten(self.features(x), 1))

    made = Twin().eval().requires_grad_(requires_grad=False)
    for name, part in [*made.features.named_children(), *made.head.named_children()]:
        if hasattr(part, "weight"):
            kernel, bias = keras_net(net).get_layer(name).get_weights()
            if name == "dense1":  # what it reads lies channel by channel here
                side, channels = _side(net), net.blocks[-1][0]
                kernel = kernel.reshape(side, side, channels, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
            kernel = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
            part.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(kernel)))
            part.bias.data.copy_(torch.from_numpy(bias))
    return made


def _side(net: Net) -> int:
    """Return height and width of the maps that the first dense layer reads."""
    return 1 if len(net.dense) == 1 else net.size // 2 ** len(net.blocks)


def _features(net: Net) -> OrderedDict[str, Any]:
    from torch import nn

    parts: OrderedDict[str, Any] = OrderedDict()
    channels = 3
    for block, (width, count) in enumerate(net.blocks, 1):
        for place in range(1, count + 1):
            parts[f"conv{block}_{place}"] = nn.Conv2d(channels, width, 3, padding=1)
            parts[f"relu{block}_{place}"] = nn.ReLU()
            channels = width
        parts[f"pool{block}"] = nn.MaxPool2d(2)
    if _side(net) == 1:
        parts["mean"] = nn.AdaptiveAvgPool2d(1)
    return parts


def _head(net: Net) -> OrderedDict[str, Any]:
    from torch import nn

    parts: OrderedDict[str, Any] = OrderedDict()
    width = net.blocks[-1][0] * _side(net) ** 2
    for place, units in enumerate(net.dense, 1):
        parts[f"dense{place}"] = nn.Linear(width, units)
        if place < len(net.dense):
            parts[f"relu_dense{place}"] = nn.ReLU()
        width = units
    return parts


def pictures(net: Net, count: int) -> Any:
    """Return smooth random pictures in [0, 1], float32 (N, H, W, 3)."""
    coarse = np.random.default_rng(1).random((count, 9, 9, 3))
    places = np.linspace(0, 7.999, net.size)
    whole = places.astype(int)
    share = places - whole
    for axis, shape in ((1, (1, -1, 1, 1)), (2, (1, 1, -1, 1))):
        low, high = (np.take(coarse, whole + step, axis=axis) for step in (0, 1))
        coarse = low + (high - low) * share.reshape(shape)
    return coarse.astype("float32")


def channels_first(images: Any) -> Any:
    """Return pictures as a tensor of PyTorch."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
