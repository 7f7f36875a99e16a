"""The layer that methods which need maps read if none is named."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.methods import grad_cam, layer_cam
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.map_layers import default_layer, map_layers


def chosen(model):
    return default_layer(read_program(model))


def sequential(shape, *stack):
    return keras.Sequential([keras.Input(shape), *stack])


def conv(units, name=None, **options):
    return layers.Conv2D(units, 3, padding="same", activation="relu", name=name, **options)


def u_net(classes=1, shape=(16, 16, 3)):
    keras.utils.set_random_seed(3)
    start = keras.Input(shape)
    first = conv(4, "first")(start)
    deep = conv(8, "bottleneck")(layers.MaxPooling2D()(first))
    joined = layers.Concatenate()([first, layers.UpSampling2D()(deep)])
    end = layers.Conv2D(classes, 1, activation="sigmoid" if classes == 1 else "softmax", name="scores")
    return keras.Model(start, end(conv(4, "late")(joined)))


def vit(blocks=2, stem=0, tokens=True):
    start = t = keras.Input((16, 16, 3))
    for _ in range(stem):
        t = conv(8)(t)
    t = layers.Reshape((16, 8))(layers.Conv2D(8, 4, strides=4, name="patches")(t))
    for number in range(blocks):
        seen = layers.LayerNormalization(name=f"norm{number}")(t)
        if tokens:
            mixed = layers.MultiHeadAttention(2, 4)(seen, seen)
        else:
            mixed = layers.Permute((2, 1))(layers.Dense(16, "gelu")(layers.Permute((2, 1))(seen)))
        t = layers.Add()([t, mixed])
        t = layers.Add(name=f"end{number}")([t, layers.Dense(8)(layers.Dense(16, "gelu")(t))])
    return keras.Model(start, layers.Dense(3)(layers.GlobalAveragePooling1D()(t)))


def region(columns):
    return lambda outputs: keras.ops.sum(outputs[:, :, columns, 0], axis=(1, 2))


@pytest.mark.backend
@pytest.mark.parametrize("classes", [1, 3])
def test_two_regions_of_a_u_net_have_different_maps_at_its_bottleneck(classes):
    net, x = u_net(classes), np.random.default_rng(0).random((2, 16, 16, 3)).astype("float32")
    left, right = (grad_cam(net, x, region(columns), relu=False) for columns in (slice(8), slice(8, None)))
    assert left.recipe.options["layer"] == "bottleneck"
    assert not np.allclose(left.values / left.values.max(), right.values / right.values.max(), atol=1e-3)


def test_the_bottleneck_is_found_where_sizes_are_free():
    assert chosen(u_net(2, (None, None, 3))) == "bottleneck"


def test_scores_that_are_enlarged_are_no_bottleneck():
    tail = [layers.Conv2D(3, 1, name="scores"), layers.UpSampling2D(4, interpolation="bilinear"), layers.Softmax()]
    assert chosen(sequential((16, 16, 3), conv(4, strides=4), conv(8, "last"), *tail)) == "last"


def test_an_autoencoder_is_explained_at_its_narrowest_maps():
    def up(units):
        return layers.Conv2DTranspose(units, 3, strides=2, padding="same")

    middle = [layers.Flatten(), layers.Dense(5), layers.Dense(64), layers.Reshape((4, 4, 4))]
    down = [conv(4, strides=2), conv(8, "narrow", strides=2)]
    assert chosen(sequential((16, 16, 3), *down, *middle, up(4), up(3))) == "narrow"


def test_without_a_bottleneck_a_layer_must_be_named():
    net = sequential((16, 16, 3), conv(4, "only"), layers.Conv2D(1, 1, name="scores"))
    with pytest.raises(ValueError, match=r"no layer with fewer places.*'only'"):
        chosen(net)
    found = layer_cam(net, np.ones((1, 16, 16, 3)), region(slice(8)), layer="only")
    assert found.values.shape == (1, 16, 16)


@pytest.mark.parametrize(
    "net", [vit, lambda: vit(tokens=False), lambda: vit(3, stem=1)], ids=["vit", "mixer", "hybrid"]
)
def test_a_network_on_tokens_asks_for_a_layer_and_its_advice_works(net):
    model, x = net(), np.random.default_rng(0).random((1, 16, 16, 3))
    with pytest.raises(ValueError, match=r"tokens \(N, T, C\).*Name one, with upsample=False.*'norm1'"):
        grad_cam(model, x, 0)
    assert grad_cam(model, x, 0, layer="norm1", upsample=False).values.shape == (1, 16)
    assert grad_cam(model, x, 0, layer="patches").values.shape == (1, 16, 16)


def test_the_maps_of_a_classifier_that_pools_its_scores_are_taken():
    tail = [layers.Conv2D(3, 1, name="scores"), layers.GlobalAveragePooling2D(), layers.Softmax()]
    assert chosen(sequential((16, 16, 3), conv(4), *tail)) == "scores"


def test_words_about_a_picture_do_not_make_it_a_dense_prediction():
    start, words = keras.Input((16, 16, 3)), keras.Input((6,), dtype="int32")
    seen = layers.Reshape((64, 4))(conv(4, "last", strides=2)(start))
    t = layers.Embedding(9, 4)(words)
    t = layers.MultiHeadAttention(1, 4)(t, layers.Dense(4)(seen))
    assert chosen(keras.Model([start, words], layers.Dense(9, "softmax")(t))) == "last"


def test_towers_that_no_layer_joins_must_be_told_apart():
    starts = [keras.Input((8, 8, 3)) for _ in range(2)]
    ends = [layers.GlobalAveragePooling2D()(conv(4, f"tower{place}")(one)) for place, one in enumerate(starts)]
    with pytest.raises(ValueError, match=r"no layer .* leads to all of its outputs.*'tower\d', 'tower\d'"):
        chosen(keras.Model(starts, ends))
    joined = keras.Model(starts, layers.Dense(2)(layers.Add()(ends)))
    assert chosen(joined).startswith("tower")


@pytest.mark.backend
@pytest.mark.parametrize(
    ("shape", "kind", "pool"),
    [
        ((20, 3), layers.Conv1D, layers.GlobalAveragePooling1D),
        ((6, 8, 10, 1), layers.Conv3D, layers.GlobalAveragePooling3D),
    ],
)
def test_sequences_and_volumes(shape, kind, pool):
    net = sequential(shape, kind(4, 3, activation="relu"), kind(5, 3, name="last"), pool(), layers.Dense(2))
    assert chosen(net) == "last"
    assert len(map_layers(read_program(net))) == 2
    assert grad_cam(net, np.random.default_rng(0).random((2, *shape)), 1).values.shape == (2, *shape[:-1])


def test_blocks_of_ones_own_that_hold_convolutions_count():
    class Block(layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.inside = layers.Conv2D(4, 3)

        def call(self, x):
            return keras.ops.relu(self.inside(x))

    net = sequential((16, 16, 3), Block(name="one"), Block(name="two"), layers.GlobalAveragePooling2D())
    assert map_layers(read_program(net)) == ("one", "two")


def test_convolutions_over_time():
    films = layers.ConvLSTM2D(4, 3, return_sequences=True, name="films")
    net = sequential((4, 8, 8, 1), layers.Bidirectional(films, name="both"), layers.GlobalAveragePooling3D())
    assert chosen(net) == "both"


def test_without_convolutions_the_message_names_what_has_places():
    net = sequential((5, 3), layers.LSTM(4, return_sequences=True, name="states"), layers.GlobalMaxPooling1D())
    with pytest.raises(ValueError, match=r"no convolution leads to the outputs.*'states'"):
        chosen(net)
    assert grad_cam(net, np.ones((1, 5, 3)), 0, layer="states").values.shape == (1, 5)
