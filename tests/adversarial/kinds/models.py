"""Models with broken weights or odd outputs: every answer explains the very number that the model gives."""

import warnings

import keras
import numpy as np
from keras import layers

from tests.adversarial.judging import Case
from xai_widgets import explain

SHAPE = (8, 8, 3)
METHODS = ["saliency", "integrated_gradients", "occlusion", "grad_cam", "lrp", "deep_lift", "lime", "guided_backprop"]
QUICK = {"saliency", "occlusion", "lrp"}
LESS = {"lime": {"samples": 40}, "occlusion": {"patch": 4}, "integrated_gradients": {"steps": 8}}


def pictures():
    return np.random.default_rng(4).random((2, *SHAPE)).astype("float32")


def stack(start, width=3):
    t = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(start)
    return layers.Dense(width, name="scores")(layers.GlobalAveragePooling2D()(t))


def ended(ending, width=3, times=1):
    """Make a network whose scores, `times` as large, go through a function."""

    def make():
        start = keras.Input(SHAPE)
        scores = stack(start, width)
        scores = scores if times == 1 else scores * times
        return keras.Model(start, ending(scores)), keras.Model(start, scores)

    return make


def weighing(value, where="conv"):
    """Make a network in which some weights have a value."""

    def make():
        model, scores = ended(layers.Softmax())()
        layer = model.get_layer(where)
        layer.set_weights([np.full_like(weight, value) for weight in layer.get_weights()])
        return model, scores

    return make


def several_outputs():
    start = keras.Input(SHAPE)
    scores = stack(start)
    return keras.Model(start, [layers.Softmax()(scores), layers.Dense(2)(scores)]), None


def named_outputs():
    start = keras.Input(SHAPE)
    scores = stack(start)
    return keras.Model(start, {"a": layers.Softmax()(scores), "b": layers.Dense(2)(scores)}), None


def several_inputs():
    first, second = keras.Input(SHAPE, name="first"), keras.Input(SHAPE, name="second")
    return keras.Model([first, second], stack(layers.Add()([first, second]))), None


def of_any_size():
    start = keras.Input((None, None, 3))
    scores = stack(start)
    return keras.Model(start, layers.Softmax()(scores)), keras.Model(start, scores)


def in_half_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        start = keras.Input(SHAPE)
        scores = stack(start)
        return keras.Model(start, layers.Softmax(dtype="float32")(scores)), keras.Model(start, scores)
    finally:
        keras.config.set_dtype_policy(before)


class Counting(layers.Layer):
    """Changes its own state whenever it is called, at inference too."""

    def build(self, shape):
        self.turns = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, t):
        self.turns.assign_add(1.0)
        return t * (1.0 + 0.0 * self.turns)


class Own(keras.Model):
    """A model of one's own, without a graph."""

    def __init__(self):
        super().__init__()
        self.conv, self.pool = layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D()
        self.scores = layers.Dense(3)

    def call(self, t):
        return keras.ops.softmax(self.scores(self.pool(self.conv(t))))


def own():
    model = Own()
    model(pictures())
    return model, None


def own_not_built():
    return Own(), None


def without_weights():
    start = keras.Input(SHAPE)
    return keras.Model(start, layers.GlobalAveragePooling2D()(start)), None


def an_identity():
    start = keras.Input(SHAPE)
    return keras.Model(start, start), None


def a_segmenter():
    start = keras.Input(SHAPE)
    return keras.Model(start, layers.Conv2D(5, 1, activation="softmax")(start)), None


MODELS = {
    "softmax": ended(layers.Softmax()),
    "one sigmoid": ended(layers.Activation("sigmoid"), 1),
    "sigmoids": ended(layers.Activation("sigmoid")),
    "scores": ended(layers.Activation("linear")),
    "one score": ended(layers.Activation("linear"), 1),
    "softmax of one": ended(layers.Softmax(), 1),
    "tanh": ended(layers.Activation("tanh")),
    "relu at the end": ended(layers.ReLU()),
    "log softmax": ended(layers.Activation("log_softmax")),
    "softmax by ops": ended(keras.ops.softmax),
    "softmax at half a temperature": ended(layers.Softmax(), times=2.0),
    "softmax of softmax": ended(lambda t: layers.Softmax()(layers.Softmax()(t))),
    "sum at the end": ended(lambda t: keras.ops.sum(t, axis=-1, keepdims=True)),
    "clipped": ended(lambda t: keras.ops.clip(t, 0, 1)),
    "constant": ended(lambda t: t * 0.0),
    "NaN": weighing(np.nan),
    "NaN at the end": weighing(np.nan, "scores"),
    "infinite": weighing(np.inf),
    "huge": weighing(1e30),
    "huge at the end": weighing(1e20, "scores"),
    "zeros": weighing(0.0),
    "dead": weighing(-1.0),
    "tiny": weighing(1e-30),
    "several outputs": several_outputs,
    "named outputs": named_outputs,
    "several inputs": several_inputs,
    "of any size": of_any_size,
    "half precision": in_half_precision,
    "a state that changes": ended(lambda t: layers.Softmax()(Counting()(t))),
    "of one's own": own,
    "of one's own, not built": own_not_built,
    "without weights": without_weights,
    "an identity": an_identity,
    "a segmenter": a_segmenter,
}


def explained(make, method):
    keras.utils.set_random_seed(5)
    model, scores = make()
    x = pictures()
    answer = explain(model, x, method, target=0, **LESS.get(method, {}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = np.asarray(model.predict(x, verbose=0), "float64")
        scores = outputs if scores is None else np.asarray(scores.predict(x, verbose=0), "float64")
    return answer, outputs[:, 0], scores[:, 0]


def explains_the_models_own_number(found):
    """Tell whether the score that was explained is an output of the model, or what it made its output of."""
    answer, outputs, scores = found
    if not np.isfinite(answer.values).all():
        return False
    twice = -scores if answer.score.shape == scores.shape else scores  # the other label of a single sigmoid
    apart = [outputs, scores, 1 - outputs, twice, np.log(np.clip(outputs, 1e-30, None))]
    return any(np.allclose(answer.score, one, rtol=2e-2, atol=1e-3) for one in apart)


def cases():
    for name, make in MODELS.items():
        for method in METHODS:
            yield Case(
                "models", f"{name}: {method}", lambda make=make, method=method: explained(make, method),
                explains_the_models_own_number, quick=method in QUICK,
            )  # fmt: skip
