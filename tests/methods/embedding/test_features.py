"""The features that a classifier's answer is made from."""

import keras
import numpy as np
import pytest

from xai_widgets import Classifier
from xai_widgets.methods.embedding.features import last_features


@pytest.fixture(scope="module")
def net():
    """Maps, then their means, then three classes; every weight known."""
    keras.utils.set_random_seed(0)
    stack = [keras.layers.Conv2D(4, 3, name="maps"), keras.layers.GlobalAveragePooling2D(name="means")]
    model = keras.Sequential([keras.Input((9, 9, 3)), *stack, keras.layers.Dense(3, "softmax")], name="small")
    return Classifier(model, ["ant", "bee", "cow"], value_range=(0, 1))


def test_features_are_what_the_scores_are_made_from(net):
    pictures = np.random.default_rng(0).uniform(0, 1, (7, 9, 9, 3)).astype("float32")
    weights, bias = net.model.layers[-1].get_weights()
    found = last_features(net, pictures, np.zeros(7, int), batch_size=3)
    said = (found.vectors @ weights + bias).argmax(axis=1)
    np.testing.assert_array_equal(found.marked, said != 0)
    np.testing.assert_array_equal(said, np.asarray(net.model(pictures)).argmax(axis=1))
    maps = last_features(net, pictures, said, layer="maps")
    np.testing.assert_allclose(maps.vectors, found.vectors, atol=1e-6)
    assert not maps.marked.any()
    assert found.pictures.shape == (7, 9, 9, 3)


def test_a_name_tells_the_wrong_answer(net):
    pictures = np.zeros((1, 9, 9, 3), "float32")
    said = int(np.asarray(net.model(pictures)).argmax())
    wrong = (said + 1) % 3
    assert last_features(net, pictures, [wrong]).names == (f"{net.labels[wrong]} → {net.labels[said]}",)


def test_what_does_not_fit_is_refused(net):
    pictures = np.zeros((2, 9, 9, 3), "float32")
    with pytest.raises(ValueError, match="as many classes"):
        last_features(net, pictures, [0])
    with pytest.raises(ValueError, match="0 to 2"):
        last_features(net, pictures, [0, 3])
    with pytest.raises(ValueError, match="maps"):
        last_features(net, pictures, [0, 1], layer="mapz")
