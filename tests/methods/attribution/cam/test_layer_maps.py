"""The maps of a layer as plain arrays, and the layers that have any."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import load_model, sample_image
from xai_widgets.methods import cam, grad_cam, layer_maps, layers_with_maps
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.map_layers import default_layer


@pytest.fixture(scope="module")
def creatures():
    return load_model("creatures")


@pytest.fixture(scope="module")
def picture():
    return sample_image("creature-cat-dog")


def test_gradients_behind_global_average_pooling_are_the_dense_weights(creatures, picture):
    """CORRECTNESS, row 11: each place has the dense weight divided by the number of places."""
    found = layer_maps(creatures, picture, "cat")
    kernel, bias = creatures.model.layers[-1].get_weights()
    rows, columns, channels = found.activations.shape[1:]
    assert found.gradients.shape == (1, rows, columns, channels)
    np.testing.assert_allclose(
        found.gradients[0], np.tile(kernel[:, 0] / (rows * columns), (rows, columns, 1)), atol=1e-6
    )
    np.testing.assert_allclose(found.weights[0] * rows * columns, kernel[:, 0], atol=1e-4)
    np.testing.assert_allclose(found.shares.sum() + bias[0], found.score[0], rtol=1e-4)
    whole = cam(creatures, picture, "cat", upsample=False)
    by_hand = (found.activations * found.weights[:, None, None]).sum(axis=-1)
    np.testing.assert_allclose(by_hand, whole.values / (rows * columns), atol=1e-5)


def test_weights_are_those_of_grad_cam_at_every_layer(creatures, picture):
    for layer in layers_with_maps(creatures):
        found = layer_maps(creatures, picture, "dog", layer=layer)
        assert found.layer == layer
        by_hand = np.maximum((found.activations * found.weights[:, None, None]).sum(axis=-1), 0)
        wanted = grad_cam(creatures, picture, "dog", layer=layer, upsample=False).values
        np.testing.assert_allclose(by_hand, wanted, atol=1e-5 * max(1, wanted.max()))


def test_batches_and_targets(creatures, picture):
    pictures = np.stack([picture, picture[:, ::-1]])
    found = layer_maps(creatures, pictures, ["cat", "dog"], batch_size=1)
    assert found.target == ("cat", "dog")
    alone = layer_maps(creatures, pictures[1], "dog")
    np.testing.assert_allclose(found.gradients[1:], alone.gradients, atol=1e-6)
    order = found.strongest(5)
    assert order.shape == (2, 5)
    sizes = np.abs(np.take_along_axis(found.shares, order, axis=1))
    assert (np.diff(sizes, axis=1) <= 0).all()
    assert sizes[0, 0] == np.abs(found.shares[0]).max()
    assert repr(found) == "LayerMaps('conv4_2', 2x12x12x128: cat, dog)"


def residual():
    start = keras.Input((16, 16, 3))
    first = layers.ReLU(name="relu1")(layers.BatchNormalization(name="bn1")(layers.Conv2D(4, 3, name="conv1")(start)))
    pooled = layers.MaxPooling2D(name="pool")(first)
    inner = layers.Conv2D(4, 3, padding="same", name="conv2")(pooled)
    summed = layers.ReLU(name="relu2")(layers.Add(name="add")([pooled, layers.BatchNormalization(name="bn2")(inner)]))
    end = layers.Dense(2, name="scores")(layers.GlobalAveragePooling2D(name="gap")(summed))
    layers.Conv2D(1, 1, name="unused")(first)
    return keras.Model(start, end)


def test_one_layer_for_each_convolution_after_what_belongs_to_it():
    net = residual()
    assert layers_with_maps(net) == ("relu1", "relu2")
    assert default_layer(read_program(net)) == "relu2"
    outer = keras.Sequential(
        [keras.Input((16, 16, 3)), keras.Model(net.input, net.get_layer("add").output, name="eyes")]
    )
    outer.add(layers.Conv2D(3, 3, activation="relu", name="own"))
    outer.add(layers.Flatten())
    outer.add(layers.Dense(2))
    assert layers_with_maps(outer) == ("eyes/relu1", "eyes/add", "own")


def test_a_network_without_convolutions_has_none():
    with pytest.raises(ValueError, match="no convolution"):
        layers_with_maps(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))
