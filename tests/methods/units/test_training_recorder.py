"""A training recorded: what is kept at each moment is what the model of that moment does; the memory is bounded."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods.units.training_recorder import TrainingRecord, TrainingRecorder, record_history
from xai_widgets.methods.units.unit_statistics import unit_statistics
from xai_widgets.models.zoo.training_history import load_history


def small_net(seed=0):
    keras.utils.set_random_seed(seed)
    stack = [layers.Conv2D(6, 3, activation="relu", name="conv"), layers.Flatten(), layers.Dense(10, "softmax")]
    net = keras.Sequential([keras.Input((8, 8, 1)), *stack])
    net.compile("adam", "sparse_categorical_crossentropy")
    return net


@pytest.fixture(scope="module")
def data():
    images, classes = digits_split("train")
    return images[:320], classes[:320]


@pytest.mark.backend
def test_the_last_moment_is_what_the_trained_model_does(data):
    images, classes = data
    net, recorder = small_net(), TrainingRecorder(images[:3], images[:40], every=3, units=4)
    before = net.predict_on_batch(images[:1])
    net.fit(images, classes, batch_size=64, epochs=2, verbose=0, callbacks=[recorder])
    record = recorder.record
    assert record.batches == (0, 3, 6, 9, 10)
    assert record.layers == ("conv",)
    assert record.recipe.options == {"every": 3, "most": 64, "units": 4}
    assert len(record.figure().axes) == 3
    assert not np.allclose(before, net.predict_on_batch(images[:1]))
    wanted = unit_statistics(net, images[:40])["conv"]
    assert record.curve("conv", "sparsity")[-1] == pytest.approx(wanted.sparsity)
    maps = np.asarray(keras.ops.convert_to_numpy(net.get_layer("conv")(images[:3])))[..., :4]
    np.testing.assert_allclose(record.moments[-1].maps["conv"], maps, atol=1e-2)
    assert np.abs(record.moments[0].maps["conv"] - maps).max() > 0.01  # the first moment is another one


def test_the_loss_is_the_mean_since_the_moment_before(data):
    """Without learning, the loss of each batch is known; the last batch of an epoch counts once."""
    images, classes = data
    net = small_net()
    net.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    recorder = TrainingRecorder(images[:1], images[:1], every=3)
    net.fit(images, classes, batch_size=64, epochs=2, shuffle=False, verbose=0, callbacks=[recorder])
    each = [net.evaluate(images[i : i + 64], classes[i : i + 64], verbose=0) for i in range(0, 320, 64)] * 2
    wanted = [np.mean(each[0:3]), np.mean(each[3:6]), np.mean(each[6:9]), each[9]]
    assert np.isnan(recorder.record.losses[0])
    np.testing.assert_allclose(recorder.record.losses[1:], wanted, rtol=1e-4)


def test_however_long_the_training_the_moments_are_few(data):
    images, classes = data
    net, recorder = small_net(), TrainingRecorder(images[:1], images[:4], every=1, most=4)
    net.fit(images, classes, batch_size=16, verbose=0, callbacks=[recorder])
    batches = recorder.record.batches
    assert (batches[0], batches[-1]) == (0, 20)
    assert len(batches) <= 6
    assert (np.diff(batches) > 0).all()


def test_training_twice_goes_on(data):
    images, classes = data
    net, recorder = small_net(), TrainingRecorder(images[:1], images[:4], every=2)
    for _ in range(2):
        net.fit(images[:64], classes[:64], batch_size=16, verbose=0, callbacks=[recorder])
    assert recorder.record.batches == (0, 2, 4, 6, 8)


def test_a_history_is_recorded_moment_by_moment():
    history = load_history("creatures")
    noise = np.random.default_rng(0).uniform(0, 1, (2, 96, 96, 3)).astype("float32")
    record = record_history(history, noise[:1], noise, ["conv4_2"], loss=lambda model: len(model.labels), units=3)
    assert record.batches == history.batches
    assert record.losses.tolist() == [12.0] * len(history)
    assert record.moments[0].maps["conv4_2"].shape == (1, 12, 12, 3)
    wanted = unit_statistics(history[-1], noise, ["conv4_2"])["conv4_2"]
    assert record.curve("conv4_2", "spread")[-1] == pytest.approx(wanted.spread)
    with pytest.raises(ValueError, match="not recorded"):
        record.curve("conv1_1", "spread")


@pytest.mark.parametrize("options", [{"every": 0}, {"most": 1}, {"units": 0}])
def test_numbers_that_are_too_small_are_refused(data, options):
    with pytest.raises(ValueError, match="at least"):
        TrainingRecorder(data[0][:1], data[0], **options)


def test_a_record_without_moments_has_no_figure():
    with pytest.raises(ValueError, match="holds no moment"):
        TrainingRecord(np.zeros((1, 8, 8, 1), "float32")).figure()
