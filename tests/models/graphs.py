"""Networks with every shape of graph that a cut must follow."""

import keras
import numpy as np
from keras import layers

SHAPE = (8, 8, 3)


def convolution(filters, name=None, **options):
    bias = keras.initializers.RandomNormal(0, 0.2)
    return layers.Conv2D(
        filters, 3, padding="same", bias_initializer=bias, name=name, **{"activation": "relu"} | options
    )


def ending(t, classes=3, activation="softmax"):
    return layers.Dense(classes, activation=activation, name="scores")(layers.GlobalAveragePooling2D(name="gap")(t))


def plain():
    start = keras.Input(SHAPE)
    return keras.Model(start, ending(convolution(5, "target")(convolution(4, "first")(start))))


def sequential():
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            convolution(4, "first"),
            layers.MaxPooling2D(),
            convolution(5, "target"),
            layers.Flatten(),
            layers.Dense(3, "softmax"),
        ]
    )


def residual():
    """Skip past the target, before and behind it."""
    start = keras.Input(SHAPE)
    first = convolution(4, "first")(start)
    inside = convolution(4, "target")(first)
    added = layers.Add()([first, convolution(4, "after")(inside)])
    joined = layers.Concatenate()([added, inside, start])
    return keras.Model(start, ending(convolution(6, "last")(joined)))


def inner(name="backbone"):
    start = keras.Input((None, None, 3))
    first = convolution(4, "first")(start)
    inside = convolution(4, "target")(layers.BatchNormalization()(first))
    return keras.Model(start, layers.Add(name="out")([first, inside]), name=name)


def nested():
    start = keras.Input(SHAPE)
    return keras.Model(start, ending(convolution(5, "after")(inner()(start, training=False))))


def nested_twice():
    block = keras.Sequential([keras.Input(SHAPE), inner(), layers.ReLU()], name="block")
    return keras.Sequential(
        [keras.Input(SHAPE), layers.Rescaling(0.5), block, convolution(4), layers.Flatten(), layers.Dense(3)]
    )


def nested_whose_output_skips():
    """The nested model's output goes two ways, and its input past it."""
    start = keras.Input(SHAPE)
    deep = inner()(start)
    joined = layers.Concatenate()([keras.ops.relu(deep - 0.1), convolution(2)(deep), start])
    return keras.Model(start, ending(joined))


def nested_of_two_outputs():
    start = keras.Input(SHAPE)
    first = convolution(4, "target")(start)
    pair = keras.Model(start, {"low": first, "high": convolution(4, "high")(first)}, name="pair")
    begin = keras.Input(SHAPE)
    made = pair(begin)
    return keras.Model(begin, ending(layers.Multiply()([made["low"], made["high"]])))


def shared_layer():
    """The same convolution is called twice, one call after the other."""
    start = keras.Input(SHAPE)
    twice = convolution(4, "target")
    first = convolution(4, "first")(start)
    return keras.Model(start, ending(layers.Add()([twice(twice(first)), first])))


def shared_model():
    """Two pictures through one nested model."""
    left, right = keras.Input(SHAPE, name="left"), keras.Input(SHAPE, name="right")
    tower = inner("tower")
    return keras.Model([left, right], ending(layers.Subtract()([tower(left), tower(right)])))


def two_inputs():
    """A picture and a row of numbers, by name."""
    picture, numbers = keras.Input(SHAPE, name="picture"), keras.Input((6,), name="numbers")
    seen = layers.GlobalAveragePooling2D()(convolution(4, "target")(picture))
    joined = layers.Concatenate()([seen, layers.Dense(4, "relu")(numbers)])
    return keras.Model({"picture": picture, "numbers": numbers}, layers.Dense(3, "softmax")(joined))


def two_outputs():
    """A picture, the class, and words: a sequence of distributions."""
    start = keras.Input(SHAPE)
    seen = layers.GlobalAveragePooling2D()(convolution(4, "target")(start))
    words = layers.Dense(7, "softmax")(layers.GRU(5, return_sequences=True)(layers.RepeatVector(4)(seen)))
    return keras.Model(start, {"kind": layers.Dense(3, "softmax")(seen), "words": words})


def operations():
    """No layers but the convolutions."""
    start = keras.Input(SHAPE)
    t = keras.ops.relu(convolution(4, "target", activation=None)(start))
    t = keras.ops.mean(t * 2 + start[..., :1], axis=(1, 2))
    return keras.Model(start, keras.ops.softmax(layers.Dense(3)(t)))


def masked():
    """Words with padding, a mask on its way to a recurrent layer inside a nested model."""
    start = keras.Input((6,), dtype="int32")
    words = layers.Embedding(9, 4, mask_zero=True, name="target")(start)
    reading = keras.Sequential([keras.Input((6, 4)), layers.LSTM(5)], name="reading")
    return keras.Model(start, layers.Dense(3)(reading(words)))


# Name: (how to build it, the path of the layer to cut at)
GRAPHS = {
    "plain": (plain, "target"),
    "sequential": (sequential, "target"),
    "residual": (residual, "target"),
    "nested": (nested, "backbone/target"),
    "nested model itself": (nested, "backbone"),
    "nested twice": (nested_twice, "block/backbone/target"),
    "nested whose output skips": (nested_whose_output_skips, "backbone/target"),
    "nested of two outputs": (nested_of_two_outputs, "pair/target"),
    "shared layer": (shared_layer, "target"),
    "shared layer, first call": (shared_layer, "target#0"),
    "shared model": (shared_model, "tower/target#0"),
    "two inputs": (two_inputs, "target"),
    "two outputs": (two_outputs, "target"),
    "operations": (operations, "target"),
    "masked": (masked, "target"),
}


def example(model, count=3, seed=0):
    """Draw inputs that fit a model, nested as it takes them."""
    rng = np.random.default_rng(seed)
    tensors = model._functional._inputs_struct if isinstance(model, keras.Sequential) else model._inputs_struct

    def draw(tensor):
        size = (count, *tensor.shape[1:])
        if "int" in tensor.dtype:
            return rng.integers(0, 9, size).astype("int32")
        return rng.normal(0, 1, size).astype("float32")

    return keras.tree.map_structure(draw, tensors)


def made(name):
    build, path = GRAPHS[name]
    keras.utils.set_random_seed(1)
    model = build()
    for weight in model.weights:  # moving averages that are not 0 and 1
        if weight.path.endswith(("moving_mean", "moving_variance")):
            weight.assign(np.random.default_rng(2).uniform(0.5, 1.5, weight.shape))
    return model, path


def unstacked(model):
    """Return the only input where Keras takes it without a list."""
    x = example(model)
    return x[0] if isinstance(x, list) and len(x) == 1 else x
