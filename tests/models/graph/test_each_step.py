"""Wrapped layers are read as what they compute at inference."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import Classifier
from xai_widgets.methods import cam, grad_cam
from xai_widgets.models.graph.computation_steps import read_program

pytestmark = pytest.mark.backend


def film(steps, *inside):
    start = keras.Input((steps, 8, 8, 3))
    t = layers.TimeDistributed(keras.Sequential([keras.Input((8, 8, 3)), *inside], name="frame"), name="all")(start)
    return keras.Model(start, layers.Dense(2)(layers.GRU(3)(t)))


def frames():
    return np.random.default_rng(0).random((2, 4, 8, 8, 3)).astype("float32")


def close(found, wanted):
    found, wanted = map(keras.ops.convert_to_numpy, (found, wanted))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_a_network_applied_to_each_frame_computes_the_same_and_has_maps():
    net = film(4, layers.Conv2D(4, 3, activation="relu", name="maps"), layers.GlobalAveragePooling2D(name="pool"))
    program, x = read_program(net), frames()
    assert [step.path for step in program.steps[:2]] == ["all/maps", "all/pool"]
    close(program.run(x), net(x, training=False))
    assert grad_cam(net, x, 0).values.shape == (2, 4, 8, 8)


def test_layers_applied_to_each_frame_compute_the_same():
    start = keras.Input((4, 8, 8, 3))
    t = layers.TimeDistributed(layers.Conv2D(4, 3, activation="relu"), name="maps")(start)
    t = layers.TimeDistributed(layers.BatchNormalization())(t)
    t = layers.TimeDistributed(layers.Flatten())(layers.TimeDistributed(layers.MaxPooling2D())(t))
    net = keras.Model(start, layers.TimeDistributed(layers.Dense(3, "softmax"))(t))
    close(read_program(net).run(frames()), net(frames(), training=False))


def test_nested_in_each_other():
    net = film(4, layers.TimeDistributed(layers.Conv1D(4, 3)), layers.Flatten())
    close(read_program(net).run(frames()), net(frames(), training=False))


def test_a_free_number_of_frames_stays_one_step():
    net = film(None, layers.Conv2D(4, 3), layers.GlobalAveragePooling2D())
    assert read_program(net).steps[0].path == "all"
    close(read_program(net).run(frames()), net(frames(), training=False))


def test_spectral_normalisation_is_its_layer():
    start = keras.Input((8, 8, 3))
    maps = layers.SpectralNormalization(layers.Conv2D(4, 3, activation="relu"), name="maps")(start)
    scores = layers.SpectralNormalization(layers.Dense(2, "softmax"))(layers.GlobalAveragePooling2D()(maps))
    net, x = keras.Model(start, scores), frames()[0]
    assert Classifier(net).head == "softmax"
    found = cam(net, x, 1, upsample=False)
    assert found.recipe.options["layer"] == "maps"
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)
    np.testing.assert_allclose(found.values.mean(axis=(1, 2)), Classifier(net).logits(x)[:, 1], atol=1e-5)


def test_a_nested_model_of_several_inputs_is_opened():
    pictures, rows = keras.Input((8, 8, 3)), keras.Input((4,))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="maps")(pictures))
    inner = keras.Model([pictures, rows], layers.Concatenate()([seen, layers.Dense(3)(rows)]), name="inner")
    starts = [keras.Input((8, 8, 3)), keras.Input((4,))]
    net, x = keras.Model(starts, layers.Dense(2)(inner(starts))), [frames()[0], np.ones((4, 4), "float32")]
    assert "inner/maps" in read_program(net).made_by
    close(read_program(net).run(x), net(x, training=False))
    assert grad_cam(net, x, 0).recipe.options["layer"] == "inner/maps"
