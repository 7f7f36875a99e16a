"""A net with BatchNorm and the same net without answer alike."""

import keras
import numpy as np
import pytest

from data.plain_net import Plan, fold, shipped_net, training_net

PLAN = Plan("small", 32, ((4,), (6, 8)), 3, head="sigmoid", first=(5, 2))


@pytest.fixture(scope="module")
def trained():
    """A net whose BatchNorms have seen something and whose weights fit into float16."""
    keras.utils.set_random_seed(0)
    net, rng = training_net(PLAN, dropout=0.3), np.random.default_rng(0)
    for _ in range(3):
        net(rng.uniform(0, 1, (16, 32, 32, 3)).astype("float32"), training=True)
    for layer in net.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            layer.set_weights([gamma + rng.uniform(-0.5, 0.5, gamma.shape), beta + 0.3, mean, variance])
    return net


def test_the_folded_net_answers_as_the_trained_one(trained):
    inputs = np.random.default_rng(1).uniform(0, 1, (5, 32, 32, 3)).astype("float32")
    logits = keras.ops.convert_to_numpy(trained(inputs, training=False))
    scores = fold(trained, PLAN).predict_on_batch(inputs)
    assert np.ptp(logits) > 0.1
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-logits)), atol=2e-3)  # float16 has eleven bits


def test_the_folded_weights_are_those_that_float16_holds(trained):
    for one in fold(trained, PLAN).get_weights():
        assert (one == one.astype("float16").astype("float32")).all()


def test_the_shipped_net_is_plain():
    net = shipped_net(PLAN)
    kinds = [type(layer).__name__ for layer in net.layers]
    assert kinds == ["Conv2D", "MaxPooling2D", "Conv2D", "Conv2D", "GlobalAveragePooling2D", "Dense"]
    assert [layer.kernel_size for layer in net.layers if hasattr(layer, "kernel_size")] == [(5, 5), (3, 3), (3, 3)]
    assert net.output_shape == (None, 3)
    assert net.layers[-1].activation is keras.activations.sigmoid
