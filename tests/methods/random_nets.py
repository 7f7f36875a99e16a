"""Random convolutional networks for hypothesis: branches, strides, paddings, nested models, shared layers."""

import keras
import numpy as np
from hypothesis import strategies as st
from keras import layers


def nets(number):
    """Return how many random nets to try: elsewhere than on TensorFlow each is compiled for seconds, so a seventh.

    The graphs are the same, so that a few tell what the backend does.
    """
    return number if keras.config.backend() == "tensorflow" else -(-number // 7)


PADDINGS = st.sampled_from(["same", "valid"])
SIDES = st.tuples(st.integers(1, 4), st.integers(1, 4))
STRIDES = st.tuples(st.integers(1, 2), st.integers(1, 2))


def _fits(t, kernel, padding):
    return padding == "same" or all(size >= k for size, k in zip(t.shape[1:3], kernel, strict=True))


@st.composite
def convolution(draw, t):
    kernel, padding = draw(SIDES), draw(PADDINGS)
    dilation = draw(st.sampled_from([1, 1, 2]))
    strides = (1, 1) if dilation > 1 else draw(STRIDES)
    if not _fits(t, [1 + (k - 1) * dilation for k in kernel], padding):
        padding = "same"
    activation = draw(st.sampled_from([None, "relu", "tanh"]))
    kind = draw(st.sampled_from(["conv", "grouped", "depthwise", "separable"]))
    shared = {"strides": strides, "padding": padding, "activation": activation}
    if kind == "depthwise":  # TensorFlow has neither of unequal strides
        shared["strides"] = strides[0]
        return layers.DepthwiseConv2D(
            kernel, dilation_rate=dilation, depth_multiplier=draw(st.integers(1, 2)), **shared
        )(t)
    if kind == "separable":
        return layers.SeparableConv2D(4, kernel, **{**shared, "strides": strides[0]})(t)
    groups = 2 if kind == "grouped" and t.shape[-1] % 2 == 0 and dilation == 1 else 1
    return layers.Conv2D(4, kernel, dilation_rate=dilation, groups=groups, **shared)(t)


@st.composite
def pooling(draw, t):
    kernel, padding = draw(SIDES), draw(PADDINGS)
    padding = padding if _fits(t, kernel, padding) else "same"
    kind = draw(st.sampled_from([layers.MaxPooling2D, layers.AveragePooling2D]))
    return kind(kernel, strides=draw(STRIDES), padding=padding)(t)


@st.composite
def pointwise(draw, t):
    made = draw(
        st.sampled_from(
            [
                layers.BatchNormalization,
                layers.ReLU,
                lambda: layers.ReLU(max_value=0.5, negative_slope=0.1),
                lambda: layers.LeakyReLU(negative_slope=0.2),
                lambda: layers.Activation("sigmoid"),
                lambda: layers.PReLU(shared_axes=[1, 2], alpha_initializer="random_normal"),
                lambda: layers.PReLU(alpha_initializer="random_normal"),  # its own slope at each place
                lambda: layers.Dropout(0.5),
                lambda: layers.Rescaling(2.0, offset=-0.5),
                lambda: layers.LayerNormalization(axis=-1),
                lambda: layers.GroupNormalization(1),  # looks at everything
                lambda: keras.ops.relu,
                lambda: lambda x: keras.ops.tanh(x) * 0.5 + 1.0,
                lambda: lambda x: x * keras.ops.sigmoid(x),
            ]
        )
    )
    return made()(t)


@st.composite
def moving(draw, t):
    sides = draw(st.tuples(*[st.integers(0, 2)] * 4))
    room = [size - a - b for size, a, b in zip(t.shape[1:3], sides[::2], sides[1::2], strict=True)]
    if draw(st.booleans()) or min(room) < 1:
        return layers.ZeroPadding2D((sides[:2], sides[2:]))(t)
    return layers.Cropping2D((sides[:2], sides[2:]))(t)


@st.composite
def branching(draw, t):
    """Two ways that keep the size, one of which may be the identity, brought together."""
    left = layers.Conv2D(t.shape[-1], draw(SIDES), padding="same", activation="relu")(t)
    right = t if draw(st.booleans()) else layers.Conv2D(t.shape[-1], draw(SIDES), padding="same")(t)
    join = draw(st.sampled_from(["add", "multiply", "maximum", "concatenate", "plus", "average", "gate"]))
    if join == "plus":
        return left + right
    if join == "gate":  # squeeze and excite: the gate changes everywhere
        gate = layers.Dense(t.shape[-1], activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(left))
        return layers.Multiply()([right, gate])
    kinds = {
        "add": layers.Add,
        "multiply": layers.Multiply,
        "maximum": layers.Maximum,
        "concatenate": layers.Concatenate,
        "average": layers.Average,
    }
    return kinds[join]()([left, right])


@st.composite
def nested(draw, t):
    start = keras.Input(t.shape[1:])
    return keras.Model(start, draw(stage(start, deepest=True)))(t)


@st.composite
def twice(draw, t):
    """One layer called two times."""
    layer = layers.Conv2D(t.shape[-1], draw(SIDES), padding="same", activation="tanh")
    return layer(layer(t))


@st.composite
def stage(draw, t, *, deepest=False):
    kinds = [convolution, convolution, pooling, pointwise, moving, branching, twice, *([] if deepest else [nested])]
    return draw(draw(st.sampled_from(kinds))(t))


@st.composite
def networks(draw, most=6):
    """Return a model (H, W, 2) -> (3,) with random weights."""
    start = keras.Input((draw(st.integers(5, 14)), draw(st.integers(5, 14)), 2))
    t = start
    for _ in range(draw(st.integers(1, most))):
        made = draw(stage(t))
        t = made if min(made.shape[1:3]) >= 1 and made.shape[-1] <= 16 else t
    top = draw(st.sampled_from(["average", "max", "flatten", "convolution"]))
    if top == "convolution":
        t = layers.Conv2D(3, 1)(t)
        out = layers.GlobalAveragePooling2D()(t)
    else:
        pools = {"average": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D, "flatten": layers.Flatten}
        out = layers.Dense(3, activation=draw(st.sampled_from([None, "softmax", "sigmoid"])))(pools[top]()(t))
    return with_random_weights(keras.Model(start, out), draw(st.integers(0, 1000)))


def with_random_weights(model, seed):
    """Draw every weight, the moving averages of BatchNormalization too."""
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        if "seed" in variable.path:
            continue
        values = rng.normal(0, 1 / np.sqrt(max(1, np.prod(variable.shape[:-1]))), variable.shape)
        positive = "variance" in variable.path or "gamma" in variable.path
        variable.assign(np.abs(values) + 0.5 if positive else values)
    return model
