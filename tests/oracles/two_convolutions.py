"""The network on which other libraries were asked: the same weights in Keras and in PyTorch, inputs channels last."""

import numpy as np

SIZE, CHANNELS, FIRST, MAPS, CLASSES = 12, 3, 6, 8, 4


def weights(seed=0):
    """Draw kernels as Keras has them, biases beside them."""
    rng = np.random.default_rng(seed)
    shapes = [
        (3, 3, CHANNELS, FIRST),
        (FIRST,),
        (3, 3, FIRST, MAPS),
        (MAPS,),
        (SIZE // 2 * SIZE // 2 * MAPS, CLASSES),
        (CLASSES,),
    ]
    return [rng.normal(0, 0.3 if len(shape) > 1 else 0.2, shape).astype("float32") for shape in shapes]


def without_biases(values):
    return [np.zeros_like(one) if one.ndim == 1 else one for one in values]


def pictures(seed=1, count=2):
    return np.random.default_rng(seed).normal(0.2, 1, (count, SIZE, SIZE, CHANNELS)).astype("float32")


def keras_model(values):
    """Build the model in Keras: softmax at the end, the last maps called "maps"."""
    import keras
    from keras import layers

    start = keras.Input((SIZE, SIZE, CHANNELS))
    t = layers.Conv2D(FIRST, 3, padding="same", activation="relu", name="first")(start)
    t = layers.Conv2D(MAPS, 3, padding="same", activation="relu", name="maps")(layers.MaxPooling2D()(t))
    scores = layers.Dense(CLASSES, name="scores")(layers.Flatten()(t))
    model = keras.Model(start, layers.Softmax()(scores))
    model.set_weights(values)
    return model


def torch_model(values):
    """Build the same in PyTorch, without the softmax; `maps` is the ReLU after the second convolution."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Conv2d(CHANNELS, FIRST, 3, padding=1)
            self.second = torch.nn.Conv2d(FIRST, MAPS, 3, padding=1)
            self.maps = torch.nn.ReLU()
            self.scores = torch.nn.Linear(SIZE // 2 * SIZE // 2 * MAPS, CLASSES)

        def forward(self, x):  # (N, C, H, W)
            t = torch.nn.functional.max_pool2d(torch.relu(self.first(x)), 2)
            t = self.maps(self.second(t))
            return self.scores(t.permute(0, 2, 3, 1).reshape(len(x), -1))

    net = Net().eval()
    with torch.no_grad():
        for place, layer in enumerate((net.first, net.second)):
            layer.weight.copy_(torch.tensor(values[2 * place].transpose(3, 2, 0, 1)))
            layer.bias.copy_(torch.tensor(values[2 * place + 1]))
        net.scores.weight.copy_(torch.tensor(values[4].T))
        net.scores.bias.copy_(torch.tensor(values[5]))
    return net
