"""ImageNet models of Keras: from a mirror, from Keras itself, and without a network."""

import hashlib
import json

import keras
import numpy as np
import pytest
from keras.applications import imagenet_utils

from xai_widgets import load_model, sample_image
from xai_widgets.models import applications
from xai_widgets.models.applications import APPLICATIONS, CLASSES, INDEX_FILE, imagenet_index
from xai_widgets.models.download import DownloadError
from xai_widgets.models.zoo import ModelError

MOBILENET = APPLICATIONS["mobilenet_v2"]
INDEX = {str(place): [f"n{place:08}", f"thing_{place // 2}"] for place in range(CLASSES)}
INDEX_CONTENT = json.dumps(INDEX).encode()


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights for the real MobileNetV2, and what the model answers with them."""
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(weights=None)
    path = tmp_path_factory.mktemp("weights") / "random.h5"
    for layer in model.layers:  # else a random net's activations die out, and it answers alike to everything
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(layer.moving_variance * 0.1)
    model.save(path)  # as Keras publishes its weights: HDF5, by layer
    batch = keras.applications.mobilenet_v2.preprocess_input(_cat_of(224))
    return path.read_bytes(), model.predict_on_batch(batch)


def _cat_of(side):
    from PIL import Image, ImageOps

    fitted = ImageOps.fit(Image.fromarray(sample_image("cat")), (side, side), method=Image.Resampling.BICUBIC)
    return np.asarray(fitted, np.float32)[np.newaxis]


@pytest.fixture
def mirror(server, cache, monkeypatch):
    """A mirror on this machine; what the class index must hash to is adapted to what it serves."""
    monkeypatch.setenv("XAI_WIDGETS_MIRROR", server.address("/models"))
    digest = "sha256:" + hashlib.sha256(INDEX_CONTENT).hexdigest()
    monkeypatch.setattr(applications, "INDEX_DIGEST", digest)
    server.pages[f"/models/{INDEX_FILE}"] = INDEX_CONTENT
    return server


@pytest.fixture
def no_keras_cache(monkeypatch, tmp_path):
    """Keras as on a machine that never downloaded anything; it read its settings when it was imported."""
    from keras.src.backend import config  # the only place where Keras keeps it

    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path / "keras"))
    monkeypatch.setattr(imagenet_utils, "CLASS_INDEX", None, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


def test_a_mirror_gives_the_real_thing(mirror, weights, cache):
    content, expected = weights
    mirror.pages[f"/models/{MOBILENET.weights}"] = content
    classifier = load_model("MobileNet-V2", progress=False)
    assert classifier.name == "mobilenet_v2"
    assert classifier.input_shape == (224, 224, 3)
    assert classifier.head == "softmax"
    assert classifier.labels[:2] == ("thing 0 (n00000000)", "thing 0 (n00000001)")
    assert tuple(np.round(classifier.value_range, 6)) == (-1, 1)
    answer = np.asarray(classifier.predict(sample_image("cat")))
    assert np.allclose(answer, expected, atol=1e-6)
    assert np.ptp(expected) > 1e-3
    assert {path.name for path in cache.iterdir()} == {INDEX_FILE, MOBILENET.weights}

    # What is kept needs neither mirror nor network any more.
    mirror.close()
    again = load_model("mobilenet_v2", progress=False)
    assert np.allclose(np.asarray(again.predict(sample_image("cat"))), expected, atol=1e-6)


def test_what_was_kept_serves_without_a_mirror_or_network(mirror, weights, cache, offline, monkeypatch):
    cache.mkdir()
    (cache / INDEX_FILE).write_bytes(INDEX_CONTENT)
    (cache / MOBILENET.weights).write_bytes(weights[0])
    monkeypatch.delenv("XAI_WIDGETS_MIRROR")
    assert len(load_model("mobilenet_v2").labels) == CLASSES


def test_a_mirror_without_the_file(mirror, cache):
    with pytest.raises(DownloadError, match=r"mirror does not give mobilenet_v2.*answered 404"):
        load_model("mobilenet_v2")
    assert {path.name for path in cache.iterdir()} == {INDEX_FILE}


def test_a_mirror_with_another_file(mirror, cache):
    mirror.pages[f"/models/{APPLICATIONS['vgg16'].weights}"] = b"not those weights"
    with pytest.raises(DownloadError, match="not the file that was expected"):
        load_model("vgg16")
    assert {path.name for path in cache.iterdir()} == {INDEX_FILE}


def test_broken_weights_of_unknown_digest_are_not_kept(mirror, weights, cache):
    mirror.pages[f"/models/{MOBILENET.weights}"] = weights[0][: len(weights[0]) // 2]
    with pytest.raises(DownloadError, match="cannot be had"):
        load_model("mobilenet_v2")
    assert {path.name for path in cache.iterdir()} == {INDEX_FILE}
    mirror.pages[f"/models/{MOBILENET.weights}"] = weights[0]
    assert load_model("mobilenet_v2", progress=False).name == "mobilenet_v2"


def test_a_class_index_that_was_changed_is_refused(mirror, cache):
    mirror.pages[f"/models/{INDEX_FILE}"] = INDEX_CONTENT.replace(b"thing_1", b"thung_1")
    with pytest.raises(DownloadError, match="not the file that was expected"):
        load_model("mobilenet_v2")


@pytest.mark.parametrize("name", APPLICATIONS)
def test_offline_says_what_to_do(name, cache, offline, no_keras_cache):
    with pytest.raises(DownloadError, match=r"Connect to the network.*XAI_WIDGETS_MIRROR.*digits"):
        load_model(name)
    assert not cache.exists()
    assert [path for path in no_keras_cache.rglob("*") if path.is_file()] == []


def test_offline_with_names_but_without_weights(cache, offline, no_keras_cache):
    with pytest.raises(DownloadError, match=r"'mobilenet_v2' needs mobilenet_v2_weights.*14 MB, once.*Connect"):
        applications.load_weights(MOBILENET)
    assert [path for path in no_keras_cache.rglob("*") if path.is_file()] == []


def test_weights_that_keras_left_half_written_are_removed(cache, offline, no_keras_cache, weights):
    half = no_keras_cache / "models" / MOBILENET.weights
    half.parent.mkdir(parents=True)
    half.write_bytes(weights[0][: len(weights[0]) // 2])
    with pytest.raises(DownloadError, match="cannot be had"):
        applications.load_weights(MOBILENET)
    assert not half.exists()


def test_weights_and_names_that_keras_has_are_used(cache, offline, no_keras_cache, weights, monkeypatch):
    folder = no_keras_cache / "models"
    folder.mkdir(parents=True)
    (folder / MOBILENET.weights).write_bytes(weights[0])
    monkeypatch.setattr(keras.applications.imagenet_utils, "decode_predictions", _decoded)
    classifier = load_model("mobilenet_v2")
    assert np.allclose(np.asarray(classifier.predict(sample_image("cat"))), weights[1], atol=1e-6)
    assert classifier.labels[-1] == "thing 499 (n00000999)"
    assert imagenet_index() == [tuple(INDEX[str(place)]) for place in range(CLASSES)]


def _decoded(scores, top):
    """Stands in for Keras' function, which reads the index it downloaded."""
    assert top == 1
    return [[(*INDEX[str(int(row.argmax()))], float(row.max()))] for row in scores]


# Small enough to check exactly: a grey, a black and a saturated pixel.
PIXELS = np.array([[[[0, 0, 0], [255, 255, 255], [255, 0, 128]]]], np.float32)
CAFFE_MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # of blue, green, red: Simonyan and Zisserman, 2014
EXPECTED = {
    "mobilenet_v2": PIXELS / 127.5 - 1,
    "vgg16": PIXELS[..., ::-1] - CAFFE_MEAN,
    "resnet50": PIXELS[..., ::-1] - CAFFE_MEAN,
    "inception_v3": PIXELS / 127.5 - 1,
    "efficientnet_b0": PIXELS,
}


@pytest.mark.parametrize("application", APPLICATIONS.values(), ids=lambda one: one.name)
def test_their_own_preprocessing(application):
    before = PIXELS.copy()
    assert np.allclose(application.preprocess(PIXELS), EXPECTED[application.name], atol=1e-4)
    assert np.array_equal(PIXELS, before)


@pytest.fixture
def half_precision():
    """The shapes are what is looked at, and VGG16 takes 553 MB in full precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("application", APPLICATIONS.values(), ids=lambda one: one.name)
def test_they_are_what_keras_builds(application, half_precision, monkeypatch):
    """The file that Keras would fetch, its digest, the input's size and the classes; without fetching it."""
    from keras.src.utils import file_utils

    asked = []

    def get_file(fname=None, origin=None, **options):
        asked.append((fname or origin.rpartition("/")[2], options.get("file_hash")))

    monkeypatch.setattr(file_utils, "get_file", get_file)
    monkeypatch.setattr(keras.Model, "load_weights", lambda *arguments: None)
    model = application.build("imagenet")
    digest = application.digest and application.digest.partition(":")[2]
    assert asked == [(application.weights, digest)]
    assert model.input_shape == (None, application.side, application.side, 3)
    assert model.output_shape == (None, CLASSES)
    assert model.layers[-1].activation is keras.activations.softmax


def test_unknown_names_are_refused_with_the_nearest():
    for name, hint in (
        ("mobilenet", "mobilenet_v2"),
        ("resnet", "resnet50"),
        ("vgg", "vgg16"),
        ("efficientnet", "efficientnet_b0"),
        ("digit", "digits"),
        ("gpt", "choose one of: .*digits.*mobilenet_v2"),
    ):
        with pytest.raises(ModelError, match=hint):
            load_model(name)
