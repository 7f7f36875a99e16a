"""Receptive fields: VGG16's known numbers, and the support of the gradient on nets of many kinds."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import backend, load_model
from xai_widgets.methods.units.receptive_fields import receptive_field


def vgg_like(side, widths=(2, 2, 2, 2, 2)):
    """VGG16 with few filters: its geometry without its weight."""
    x = start = keras.Input((side, side, 1))
    for block, (filters, count) in enumerate(zip(widths, (2, 2, 3, 3, 3), strict=True), 1):
        for number in range(1, count + 1):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv{number}")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


@pytest.mark.parametrize(
    ("layer", "size", "jump"),
    [("block1_conv1", 3, 1), ("block1_pool", 6, 2), ("block5_conv3", 196, 16), ("block5_pool", 212, 32)],
)
def test_vgg16_has_its_known_fields(layer, size, jump):
    """CORRECTNESS, row 15."""
    for side in (224, None):
        field = receptive_field(vgg_like(side), layer)
        assert field.size == (size, size)
        assert field.jump == (jump, jump)


def test_the_first_place_of_vgg16_begins_in_the_padding():
    field = receptive_field(vgg_like(224), "block5_conv3")
    assert field.offset == (-90, -90)  # 1 + 1, 2 + 2, three times 4, 8 and 16
    assert field.padding == (90, 90)
    assert field.boxes([0, 0]).tolist() == [0, 0, 106, 106]


def residual():
    start = keras.Input((20, 17, 2))
    x = layers.Conv2D(3, 3, padding="same", strides=2)(start)
    wide = layers.DepthwiseConv2D(3, padding="same", dilation_rate=2)(x)
    narrow = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(3, 1)(x)))
    x = layers.Add()([wide, narrow])
    x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    return keras.Model(start, keras.ops.relu(layers.Conv2D(2, (2, 1), name="seen")(x)))


def padded():
    inner = keras.Sequential([keras.Input((16, 16, 1)), layers.ZeroPadding2D(((2, 1), (0, 3))), layers.Conv2D(2, 5)])
    inner.add(layers.Cropping2D(((1, 0), (2, 0))))
    outer = keras.Sequential([keras.Input((16, 16, 1)), inner, layers.MaxPooling2D(3, strides=2, padding="same")])
    outer.add(layers.SeparableConv2D(2, 3, name="seen"))
    return outer


def squeezed():
    start = keras.Input((12, 12, 2))
    x = layers.Conv2D(4, 3, padding="same")(start)
    gate = layers.Dense(4, "sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    return keras.Model(start, layers.Conv2D(2, 3, name="seen")(layers.Multiply()([x, gate])))


def enlarged():
    start = keras.Input((8, 8, 1))
    return keras.Model(start, layers.Conv2D(2, 3, name="seen")(layers.UpSampling2D()(layers.Conv2D(2, 3)(start))))


def support(model, layer, place, tries=12):
    """Where the gradient of one place is not 0 on any of some random pictures and random weights: the slow twin."""
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    rng = np.random.default_rng(0)
    for weight in part.weights:
        weight.assign(rng.uniform(0.2, 1, weight.shape))

    gradient = backend.compile(
        backend.gradient(lambda x: keras.ops.sum(part(x, training=False)[:, place[0], place[1]], axis=-1)),
        part.variables,
    )
    pictures = rng.uniform(0.1, 1, (tries, *model.input_shape[1:])).astype("float32")
    return (np.abs(gradient(pictures)) > 0).any(axis=(0, 3))


@pytest.mark.backend
@pytest.mark.parametrize("build", [residual, padded])
def test_it_is_where_the_gradient_can_be_other_than_zero(build):
    model = build()
    field = receptive_field(model, "seen")
    rows, columns = model.get_layer("seen").output.shape[1:3]
    for place in [(0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)]:
        touched = support(model, "seen", place, tries=64)
        top, left, bottom, right = field.boxes(place)
        inside = np.zeros_like(touched)
        inside[top:bottom, left:right] = True
        assert not (touched & ~inside).any()
        # Dilated kernels leave holes inside; the first and the last rows and columns are all reached.
        where = np.argwhere(touched)
        assert (*where.min(axis=0), *(where.max(axis=0) + 1)) == (top, left, bottom, right)


@pytest.mark.parametrize("build", [squeezed, enlarged])
def test_what_gathers_all_or_is_not_known_sees_everything(build):
    model = build()
    field = receptive_field(model, "seen")
    assert field.jump == (0, 0)
    assert field.boxes([[0, 0], [3, 2]]).tolist() == [[0, 0, *model.input_shape[1:3]]] * 2


def test_a_dense_layer_sees_everything():
    field = receptive_field(load_model("digits"), "scores")
    assert (field.size, field.jump, field.boxes([0, 0]).tolist()) == ((8, 8), (0, 0), [0, 0, 8, 8])


def test_models_of_rows_and_unknown_layers_are_refused():
    with pytest.raises(ValueError, match="no pictures"):
        receptive_field(keras.Sequential([keras.Input((4,)), layers.Dense(2, name="a")]), "a")
    with pytest.raises(ValueError, match="conv4"):
        receptive_field(load_model("digits"), "conv5")
