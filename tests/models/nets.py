"""Tiny networks that the tests share, each with its answer in plain NumPy."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

SHAPE, HIDDEN, CLASSES = (4, 4, 1), 8, 3
FEATURES = 16


@dataclass(frozen=True)
class Numbers:
    """The weights of a network with one hidden layer of rectifiers, and what it computes, in float64."""

    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray

    @classmethod
    def drawn(cls, seed=0, classes=CLASSES, features=FEATURES, scale=1.0):
        rng = np.random.default_rng(seed)
        sizes = [(features, HIDDEN), (HIDDEN,), (HIDDEN, classes), (classes,)]
        numbers = cls(*((scale * rng.normal(0, 0.5, size)).astype("float32") for size in sizes))
        # No class wins everywhere: in the mean over many inputs all score the same.
        numbers.second_bias[:] -= numbers.logits(inputs(100, seed=99, shape=(features,))).mean(axis=0)
        return numbers

    def logits(self, x):
        flat = np.asarray(x, "float64").reshape(len(x), -1)
        hidden = np.maximum(flat @ self.first.astype("float64") + self.first_bias, 0)
        return hidden @ self.second.astype("float64") + self.second_bias

    def fill(self, hidden, scores):
        """Give the weights to the two layers of a Keras model."""
        hidden.set_weights([self.first, self.first_bias])
        kernel = self.second.reshape(scores.get_weights()[0].shape)  # a 1x1 convolution has two axes more
        scores.set_weights([kernel, self.second_bias])


def inputs(count=3, seed=0, shape=SHAPE):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (count, *shape)).astype("float32")


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def network(numbers, activation="softmax", shape=SHAPE, name=None):
    """Make the functional model of these numbers."""
    start = keras.Input(shape)
    hidden = layers.Dense(HIDDEN, activation="relu")
    scores = layers.Dense(len(numbers.second_bias), activation=activation)
    model = keras.Model(start, scores(hidden(layers.Flatten()(start))), name=name)
    numbers.fill(hidden, scores)
    return model


def linear(weights, bias=None, activation=None, shape=None):
    """Make a linear model of weights (D, K), behind an activation if one is given."""
    weights = np.asarray(weights, "float32")
    start = keras.Input(shape or (len(weights),))
    scores = layers.Dense(weights.shape[1], activation=activation)
    model = keras.Model(start, scores(layers.Flatten()(start)))
    scores.set_weights([weights, np.zeros(weights.shape[1]) if bias is None else np.asarray(bias, "float32")])
    return model


def _functional(numbers, ending):
    """Make a functional model; `ending` makes the outputs of the logits' tensor."""
    start = keras.Input(SHAPE)
    hidden, scores = layers.Dense(HIDDEN, activation="relu"), layers.Dense(len(numbers.second_bias))
    model = keras.Model(start, ending(scores(hidden(layers.Flatten()(start)))))
    numbers.fill(hidden, scores)
    return model


def _sequential(numbers, *, build):
    hidden = layers.Dense(HIDDEN, activation="relu")
    scores = layers.Dense(len(numbers.second_bias), activation="softmax")
    start = [keras.Input(SHAPE)] if build else []
    model = keras.Sequential([*start, layers.Flatten(), hidden, scores])
    if build:
        numbers.fill(hidden, scores)
    return model


def _nested(numbers, depth):
    model = network(numbers)
    for _ in range(depth):
        model = keras.Sequential([keras.Input(SHAPE), model])
    return model


def _scores_nested(numbers):
    """Make a model whose logits come out of a model within, the activation being its own."""
    start = keras.Input(SHAPE)
    return keras.Model(start, layers.Activation("softmax")(network(numbers, None)(start)))


def _convolution(numbers, *, reshape_first):
    """End in a 1x1 convolution, as many mobile networks do."""
    start = keras.Input(SHAPE)
    hidden = layers.Dense(HIDDEN, activation="relu")
    count = len(numbers.second_bias)
    column = layers.Reshape((1, 1, HIDDEN))(hidden(layers.Flatten()(start)))
    if reshape_first:
        scores = layers.Conv2D(count, 1)
        outputs = layers.Softmax()(layers.Reshape((count,))(scores(column)))
    else:
        scores = layers.Conv2D(count, 1, activation="softmax")
        outputs = layers.Flatten()(scores(column))
    model = keras.Model(start, outputs)
    numbers.fill(hidden, scores)
    return model


def _mixed(numbers, policy):
    """Compute in half precision, and give probabilities in float32, as Keras advises."""
    start = keras.Input(SHAPE)
    hidden = layers.Dense(HIDDEN, activation="relu", dtype=policy)
    scores = layers.Dense(len(numbers.second_bias), dtype=policy)
    logits = scores(hidden(layers.Flatten(dtype=policy)(start)))
    model = keras.Model(start, layers.Activation("softmax", dtype="float32")(logits))
    numbers.fill(hidden, scores)
    return model


class Subclassed(keras.Model):
    """A network that only runs: no graph to read."""

    def __init__(self, numbers, ending="fused"):
        super().__init__()
        self.ending = ending
        count = len(numbers.second_bias)
        self.flat, self.hidden = layers.Flatten(), layers.Dense(HIDDEN, activation="relu")
        fused = {"fused": "softmax", "sigmoid": "sigmoid"}.get(ending)
        self.scores = layers.Dense(count, activation=fused)
        self.last = {"activation": layers.Activation("softmax"), "layer": layers.Softmax()}.get(ending)
        # Declared after the scores, as in many real models: the last sigmoid of the list is not the model's head.
        self.gate = layers.Dense(HIDDEN, activation="sigmoid")
        self.fail = False
        self(np.zeros((1, *SHAPE), "float32"))
        numbers.fill(self.hidden, self.scores)
        self.gate.set_weights([np.zeros((HIDDEN, HIDDEN)), np.full(HIDDEN, 30.0)])  # wide open: times 1

    def call(self, x):
        hidden = self.hidden(self.flat(x))
        scores = self.scores(hidden * self.gate(hidden))
        if self.fail:
            raise RuntimeError("the model's own error")
        if self.ending == "ops":
            return keras.ops.softmax(scores)
        return scores if self.last is None else self.last(scores)


class Softened(keras.Model):
    """Built from a graph that ends in logits; its own ``call`` takes their softmax."""

    def call(self, x, training=None):
        return keras.ops.softmax(super().call(x, training=training))


class Detoured(keras.Model):
    """Built from a graph that ends in another softmax than the one that its own ``call`` goes to."""

    def call(self, x):
        _start, flat, hidden, scores, *_ = self.layers
        return scores(hidden(flat(x)))


class Trained(keras.Model):
    """Built from a graph, and only trained in a way of its own."""

    def train_step(self, data):
        raise NotImplementedError


def _rewritten(numbers, kind):
    """Make a functional model of another class; only `Detoured` comes without the layers that end its graph."""
    model = network(numbers, None if kind is Softened else "softmax")
    extra = layers.Dense(len(numbers.second_bias), "softmax")
    return kind(model.input, extra(model.output) if kind is Detoured else model.output)


def _within(model):
    """Put a model at the end of a graph."""
    start = keras.Input(SHAPE)
    return keras.Model(start, layers.Dropout(0.1)(model(start)))


def _dropped(logits):
    return layers.Dropout(0.5)(layers.Softmax()(logits))


def _by_hand(logits):
    powers = keras.ops.exp(logits)
    return powers / keras.ops.sum(powers, axis=-1, keepdims=True)


# Name: (how to build it, the head that is found)
ENDINGS = {
    "fused": (network, "softmax"),
    "fused sigmoid": (lambda numbers: network(numbers, "sigmoid"), "sigmoid"),
    "linear": (lambda numbers: network(numbers, None), "linear"),
    "Activation": (lambda numbers: _functional(numbers, layers.Activation("softmax")), "softmax"),
    "Activation sigmoid": (lambda numbers: _functional(numbers, layers.Activation("sigmoid")), "sigmoid"),
    "Softmax": (lambda numbers: _functional(numbers, layers.Softmax()), "softmax"),
    "ops.softmax": (lambda numbers: _functional(numbers, keras.ops.softmax), "softmax"),
    "ops.sigmoid": (lambda numbers: _functional(numbers, keras.ops.sigmoid), "sigmoid"),
    "Dropout after": (
        lambda numbers: _functional(numbers, _dropped),
        "softmax",
    ),
    "Identity after": (
        lambda numbers: _functional(numbers, lambda t: layers.Identity()(layers.Softmax()(t))),
        "softmax",
    ),
    "Activation linear after": (
        lambda numbers: _functional(numbers, lambda t: layers.Activation("linear")(layers.Softmax()(t))),
        "softmax",
    ),
    "Sequential": (lambda numbers: _sequential(numbers, build=True), "softmax"),
    "nested once": (lambda numbers: _nested(numbers, 1), "softmax"),
    "nested twice": (lambda numbers: _nested(numbers, 2), "softmax"),
    "scores nested": (_scores_nested, "softmax"),
    "convolution": (lambda numbers: _convolution(numbers, reshape_first=True), "softmax"),
    "convolution then Flatten": (lambda numbers: _convolution(numbers, reshape_first=False), "softmax"),
    "subclassed": (Subclassed, "softmax"),
    "subclassed Activation": (lambda numbers: Subclassed(numbers, "activation"), "softmax"),
    "subclassed sigmoid": (lambda numbers: Subclassed(numbers, "sigmoid"), "sigmoid"),
    "subclassed linear": (lambda numbers: Subclassed(numbers, "none"), "linear"),
    "subclassed call": (lambda numbers: _rewritten(numbers, Detoured), "softmax"),
    "subclassed call, nested": (lambda numbers: _within(_rewritten(numbers, Detoured)), "softmax"),
    "subclassed, nested": (lambda numbers: _within(Subclassed(numbers)), "softmax"),
    "train_step overridden": (lambda numbers: _rewritten(numbers, Trained), "softmax"),
}
# Probabilities whose logits cannot be seen: their logarithms take the place, which differ by a constant per image.
HIDDEN_LOGITS = {
    "by hand": lambda numbers: _functional(numbers, _by_hand),
    "subclassed Softmax": lambda numbers: Subclassed(numbers, "layer"),
    "subclassed ops": lambda numbers: Subclassed(numbers, "ops"),
    "softmax in call": lambda numbers: _rewritten(numbers, Softened),
}
MIXED = {
    policy: (lambda numbers, policy=policy: _mixed(numbers, policy)) for policy in ("mixed_float16", "mixed_bfloat16")
}


def unbuilt(numbers):
    return _sequential(numbers, build=False)
