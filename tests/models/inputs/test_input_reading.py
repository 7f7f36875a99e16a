"""What people have: grey pictures, floats in the wrong range, paths, tensors, batches of data sets."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from xai_widgets import backend
from xai_widgets.methods import saliency
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

RNG = np.random.default_rng(0)


def classifier(shape, preprocess=None, **options):
    keras.utils.set_random_seed(0)
    ends = [layers.Conv2D(3, 3), layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")]
    return Classifier(keras.Sequential([keras.Input(shape), *ends]), ["a", "b"], preprocess, **options)


def unit(pixels):
    return pixels / 255


GREY = RNG.integers(0, 256, (5, 28, 28), dtype="uint8")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "given",
    [
        GREY[0],
        GREY[0][..., np.newaxis],
        GREY,
        GREY[..., np.newaxis],
        list(GREY),
        [Image.fromarray(one) for one in GREY],
    ],
    ids=["one", "one, a channel", "several", "several, a channel", "list", "PIL"],
)
def test_grey_pictures(given, channels):
    found = classifier((28, 28, channels), unit).as_inputs(given)
    count = 1 if isinstance(given, np.ndarray) and given.ndim < (4 if given.shape[-1] == 1 else 3) else 5
    np.testing.assert_allclose(found, np.repeat(GREY[:count, ..., np.newaxis], channels, -1) / 255, rtol=1e-6)


def test_grey_floats_need_no_channel():
    one = classifier((28, 28, 1), unit)
    floats = (GREY / 255).astype("float32")
    np.testing.assert_array_equal(one.as_inputs(floats), floats[..., np.newaxis])
    np.testing.assert_array_equal(one.as_inputs(floats[0]), floats[:1, ..., np.newaxis])


def test_a_batch_of_a_data_set_is_taken_without_its_labels():
    one, images = classifier((8, 8, 3), unit), RNG.integers(0, 256, (4, 8, 8, 3), dtype="uint8")
    for labels in (np.arange(4), np.eye(4)[:, :2]):
        np.testing.assert_allclose(one.as_inputs((images, labels)), images / 255, rtol=1e-6)
    pair = (images[0], images[1])  # two pictures are no pair of images and labels
    assert len(one.as_inputs(pair)) == 2


def test_tensors_of_pictures_are_pictures():
    one, images = classifier((8, 8, 3), unit), RNG.integers(0, 256, (4, 8, 8, 3), dtype="uint8")
    tensor = keras.ops.convert_to_tensor(images, "uint8")
    for given in (tensor, (tensor, keras.ops.arange(4)), [tensor[0], tensor[1], tensor[2], tensor[3]]):
        np.testing.assert_allclose(one.as_inputs(given), images / 255, rtol=1e-6)


def test_a_tf_data_set_is_read():
    tf = pytest.importorskip("tensorflow")
    one, images = classifier((8, 8, 3), unit), RNG.integers(0, 256, (5, 8, 8, 3), dtype="uint8")
    data = tf.data.Dataset.from_tensor_slices((images, np.arange(5)))
    for given in (data.batch(2), data, data.batch(5).map(lambda x, _: x)):
        np.testing.assert_allclose(one.as_inputs(given), images / 255, rtol=1e-6)
    with pytest.raises(ValueError, match="repeats for ever; take a part of it"):
        one.as_inputs(data.batch(2).repeat())
    assert len(one.as_inputs(data.batch(2).repeat().take(2))) == 4


def test_paths_are_loaded(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    images = RNG.integers(0, 256, (2, 8, 8, 3), dtype="uint8")
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    one = classifier((8, 8, 3), unit)
    for given in (paths, [str(path) for path in paths], np.array([str(path) for path in paths])):
        np.testing.assert_allclose(one.as_inputs(given), images / 255, rtol=1e-6)
    assert len(one.as_inputs(paths[0])) == 1


@pytest.mark.parametrize("size", [(96, 120), (33, 20), (200, 64)])
def test_a_model_of_any_size_sees_pictures_at_their_own(size):
    free = classifier((None, None, 3))
    picture = RNG.integers(0, 256, (*size, 3), dtype="uint8")
    np.testing.assert_array_equal(free.as_inputs(picture)[0], picture)
    expected = backend.to_numpy(free.model(picture[np.newaxis].astype("float32")))
    np.testing.assert_allclose(free.predict(picture).probabilities, expected, rtol=1e-3, atol=1e-5)
    with pytest.raises(ValueError, match=r"all of a batch must have one.*input_shape=\(height, width, channels\)"):
        free.as_inputs([picture, picture[:-1]])
    fixed = Classifier(free.model, input_shape=(40, 40, 3))
    assert fixed.as_inputs([picture, picture[:-1]]).shape == (2, 40, 40, 3)


def inside(shape=(8, 8, 3)):
    """A model that scales pixel values itself."""
    ends = [layers.Flatten(), layers.Dense(2, "softmax")]
    return Classifier(keras.Sequential([keras.Input(shape), layers.Rescaling(1 / 255), *ends]))


PIXELS = RNG.integers(0, 256, (2, 8, 8, 3), dtype="uint8")


@pytest.mark.parametrize("given", [PIXELS.astype("float32"), PIXELS.astype("float64"), PIXELS.astype("float32")[0]])
@pytest.mark.parametrize("preprocess", [unit, lambda pixels: pixels / 127.5 - 1])
def test_pixel_values_as_floats_are_refused_where_the_range_is_another(given, preprocess):
    one = classifier((8, 8, 3), preprocess)
    with pytest.raises(ValueError, match="look like pixel values 0 to 255; give pictures as uint8"):
        one.predict(given)
    one.predict(given.astype("uint8"))  # as advised


def test_integers_other_than_uint8_are_refused_where_there_is_a_preprocessing():
    one = classifier((8, 8, 3), unit)
    with pytest.raises(ValueError, match=r"integers, but not uint8.*images.astype\('uint8'\)"):
        one.predict(PIXELS.astype("int64"))
    np.testing.assert_array_equal(classifier((8, 8, 3)).as_inputs(PIXELS.astype("int64")), PIXELS)


@pytest.mark.parametrize("one", [inside(), classifier((8, 8, 3), lambda p: p - 100)], ids=["Rescaling", "shifted"])
def test_pixel_values_divided_by_255_are_warned_of_where_the_model_takes_them_whole(one):
    with pytest.warns(UserWarning, match="divided by 255, which are nearly black here"):
        one.predict((PIXELS / 255).astype("float32"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        one.predict(PIXELS)
        one.predict(np.zeros((1, 8, 8, 3), "float32"))


def test_values_far_outside_the_range_are_warned_of_at_the_readers_line():
    one = classifier((8, 8, 3), value_range=(0, 1))
    with pytest.warns(UserWarning, match="hold values from -1 to 1") as caught:
        one.as_inputs(np.linspace(-1, 1, 192).reshape(1, 8, 8, 3))
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one.as_inputs(np.linspace(-0.3, 1.3, 192).reshape(1, 8, 8, 3))  # noise, or an attack that is not clipped


TARGETS = [0, 1, 1, 0]


@pytest.mark.parametrize(
    "target",
    [
        np.eye(2)[TARGETS],
        np.eye(2, dtype=int)[TARGETS].tolist(),
        np.array(TARGETS)[:, np.newaxis],
        keras.ops.convert_to_tensor(TARGETS),
        keras.ops.one_hot(keras.ops.convert_to_tensor(TARGETS), 2),
        [keras.ops.convert_to_tensor(one) for one in TARGETS],
    ],
    ids=["one-hot", "one-hot list", "column", "tensor", "one-hot tensor", "list of tensors"],
)
def test_targets_of_data_sets(target):
    one, x = classifier((8, 8, 3)), RNG.random((4, 8, 8, 3)).astype("float32")
    np.testing.assert_array_equal(saliency(one, x, target).values, saliency(one, x, TARGETS).values)


def test_a_tensor_is_one_target_for_all():
    one, x = classifier((8, 8, 3)), RNG.random((4, 8, 8, 3)).astype("float32")
    tensor = keras.ops.convert_to_tensor(1)
    np.testing.assert_array_equal(saliency(one, x, tensor).values, saliency(one, x, 1).values)


@pytest.mark.parametrize("rows", [np.full((4, 2), 0.5), np.ones((4, 2)), np.eye(2), np.eye(4)])
def test_other_rows_of_targets_are_refused(rows):
    with pytest.raises(ValueError, match=r"must be one-hot, .*\(4, 2\), not of shape .*targets.argmax\(axis=1\)"):
        saliency(classifier((8, 8, 3)), RNG.random((4, 8, 8, 3)), rows)
