"""A chain with batch normalisation and two poolings: the same weights in Keras and in PyTorch."""

import numpy as np

SIZE, CHANNELS, FIRST, SECOND, HIDDEN, CLASSES = 12, 3, 6, 8, 10, 4
LOW, HIGH = -2.0, 2.0


def weights(seed=0):
    """Draw kernels as Keras has them, in Keras' order; the normalisation's are gamma, beta, mean and variance."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(0, 0.3 if len(shape) > 1 else 0.2, shape).astype("float32")

    norm = [
        rng.uniform(0.5, 1.5, FIRST),
        rng.normal(0, 0.2, FIRST),
        rng.normal(0, 0.3, FIRST),
        rng.uniform(0.5, 2, FIRST),
    ]
    flat = SIZE // 4 * (SIZE // 4) * SECOND
    return [
        *(normal(3, 3, CHANNELS, FIRST), *(one.astype("float32") for one in norm)),
        *(normal(3, 3, FIRST, SECOND), normal(SECOND)),
        *(normal(flat, HIDDEN), normal(HIDDEN), normal(HIDDEN, CLASSES), normal(CLASSES)),
    ]


def pictures(seed=1, count=2):
    return np.random.default_rng(seed).uniform(LOW, HIGH, (count, SIZE, SIZE, CHANNELS)).astype("float32")


def reference(seed=2):
    return np.random.default_rng(seed).uniform(LOW, HIGH, (SIZE, SIZE, CHANNELS)).astype("float32")


def keras_model(values, *, maxima=True):
    import keras
    from keras import layers

    first = [layers.Conv2D(FIRST, 3, padding="same", use_bias=False, name="first"), layers.BatchNormalization()]
    pooling = layers.MaxPooling2D if maxima else layers.AveragePooling2D
    second = [pooling(2), layers.Conv2D(SECOND, 3, padding="same", activation="relu", name="second")]
    dense = [layers.Flatten(), layers.Dense(HIDDEN, activation="relu", name="hidden"), layers.Dense(CLASSES)]
    parts = [*first, layers.ReLU(), *second, layers.AveragePooling2D(2), *dense]
    model = keras.Sequential([keras.Input((SIZE, SIZE, CHANNELS)), *parts])
    model.set_weights(values)
    return model


def torch_model(values, *, maxima=True):
    """Build the same in PyTorch, every step a module, the places of the flat maps reordered."""
    import torch
    from torch import nn

    side = SIZE // 4
    net = nn.Sequential(
        *(nn.Conv2d(CHANNELS, FIRST, 3, padding=1, bias=False), nn.BatchNorm2d(FIRST, eps=1e-3), nn.ReLU()),
        *(
            (nn.MaxPool2d if maxima else nn.AvgPool2d)(2),
            nn.Conv2d(FIRST, SECOND, 3, padding=1),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
        ),
        *(nn.Linear(side * side * SECOND, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES)),
    ).eval()
    first, *norm, second, bias, hidden, hidden_bias, scores, scores_bias = map(torch.tensor, values)
    by_channel = hidden.reshape(side, side, SECOND, HIDDEN).permute(2, 0, 1, 3).reshape(-1, HIDDEN)
    given = {0: (first.permute(3, 2, 0, 1),), 1: norm, 4: (second.permute(3, 2, 0, 1), bias)}
    given |= {8: (by_channel.T, hidden_bias), 10: (scores.T, scores_bias)}
    with torch.no_grad():
        for place, arrays in given.items():
            names = ("weight", "bias", "running_mean", "running_var")
            for name, array in zip(names, arrays, strict=False):
                getattr(net[place], name).copy_(array)
    return net
