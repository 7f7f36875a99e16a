"""ImageNet models of Keras: from a mirror, from Keras itself, and without a network."""

import dataclasses
import hashlib
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.src.applications import imagenet_utils  # where the address is

from xai_widgets import load_model, sample_image
from xai_widgets.assets.cards import ModelError
from xai_widgets.common.download import DownloadError
from xai_widgets.models.zoo import applications
from xai_widgets.models.zoo.applications import APPLICATIONS, CLASSES, INDEX_FILE, imagenet_index
from xai_widgets.models.zoo.imagenet_files import PublishedFile

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
def known_index(monkeypatch):
    """What the class index must hash to is adapted to ours."""
    monkeypatch.setattr(applications, "INDEX_DIGEST", "sha256:" + _sha256(INDEX_CONTENT))


@pytest.fixture
def mirror(server, cache, known_index, no_keras_cache, monkeypatch):
    """A mirror on this machine."""
    monkeypatch.setenv("XAI_WIDGETS_MIRROR", server.address("/models"))
    server.pages[f"/models/{INDEX_FILE}"] = INDEX_CONTENT
    return server


@pytest.fixture
def address_of_keras(server, cache, known_index, no_keras_cache, monkeypatch):
    """The address that Keras names, on this machine."""
    monkeypatch.setattr(PublishedFile, "address", lambda file: server.address(f"/keras/{file.name}"))
    server.pages[f"/keras/{INDEX_FILE}"] = INDEX_CONTENT
    return server


@pytest.fixture
def alone(cache, offline, known_index, no_keras_cache):
    """The cache of a machine without a network that has the class index."""
    cache.mkdir()
    (cache / INDEX_FILE).write_bytes(INDEX_CONTENT)
    return cache


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def files_in(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def no_keras_cache(monkeypatch, tmp_path):
    """Keras as on a machine that never downloaded anything."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


NOTE = f"{MOBILENET.weights}.sha256.json"


def test_a_mirror_gives_the_real_thing(mirror, weights, cache):
    content, expected = weights
    mirror.pages[f"/models/{MOBILENET.weights}"] = content
    classifier = load_model("MobileNet-V2", sha256=_sha256(content), progress=False)
    assert classifier.name == "mobilenet_v2"
    assert classifier.input_shape == (224, 224, 3)
    assert classifier.head == "softmax"
    assert classifier.labels[:2] == ("thing 0 (n00000000)", "thing 0 (n00000001)")
    assert tuple(np.round(classifier.value_range, 6)) == (-1, 1)
    answer = np.asarray(classifier.predict(sample_image("cat")))
    assert np.allclose(answer, expected, atol=1e-6)
    assert np.ptp(expected) > 1e-3
    assert files_in(cache) == {INDEX_FILE, MOBILENET.weights, NOTE}

    # What is kept and noted needs neither mirror nor network nor hash any more.
    mirror.close()
    again = load_model("mobilenet_v2", progress=False)
    assert np.allclose(np.asarray(again.predict(sample_image("cat"))), expected, atol=1e-6)


@pytest.fixture
def built(monkeypatch):
    """What Keras would read; the checks are looked at, and building takes seconds."""
    read = []
    monkeypatch.setattr(applications.Application, "build", lambda one, path: read.append(path) or digits_network())
    return read


def digits_network():
    inputs = keras.Input((8, 8, 3))
    return keras.Model(inputs, keras.layers.Dense(CLASSES, "softmax")(keras.layers.GlobalAveragePooling2D()(inputs)))


def test_the_address_of_keras_is_trusted_once_and_noted(address_of_keras, cache, built, monkeypatch):
    address_of_keras.pages[f"/keras/{MOBILENET.weights}"] = b"weights"
    load_model("mobilenet_v2", progress=False)
    assert built == [str(cache / MOBILENET.weights)]
    note = json.loads((cache / NOTE).read_text())
    assert note == {"file": MOBILENET.weights, "published": None, "sha256": _sha256(b"weights")}
    address_of_keras.close()
    load_model("mobilenet_v2", progress=False)
    assert built == 2 * [str(cache / MOBILENET.weights)]


@pytest.mark.parametrize("spoilt", [b"", b"weight", b"weights\0", b"WEIGHTS"])
def test_weights_that_changed_since_are_downloaded_again_or_named(address_of_keras, cache, built, spoilt):
    address_of_keras.pages[f"/keras/{MOBILENET.weights}"] = b"weights"
    load_model("mobilenet_v2", progress=False)
    (cache / MOBILENET.weights).write_bytes(spoilt)
    load_model("mobilenet_v2", progress=False)
    assert (cache / MOBILENET.weights).read_bytes() == b"weights"
    (cache / MOBILENET.weights).write_bytes(spoilt)
    address_of_keras.pages[f"/keras/{MOBILENET.weights}"] = spoilt
    with pytest.raises(DownloadError, match=r"mobilenet_v2_weights.* is not the file that it claims to be.*Connect"):
        load_model("mobilenet_v2", progress=False)
    assert len(built) == 2


def test_a_mirror_is_not_trusted_with_weights_of_which_nothing_is_known(mirror, cache, built):
    mirror.pages[f"/models/{MOBILENET.weights}"] = b"weights"
    with pytest.raises(DownloadError, match=r'SHA-256.*once: load_model\("mobilenet_v2", sha256="\.\.\."\)'):
        load_model("mobilenet_v2")
    with pytest.raises(DownloadError, match="not the expected one"):
        load_model("mobilenet_v2", sha256=_sha256(b"others"))
    assert files_in(cache) == {INDEX_FILE}
    load_model("mobilenet_v2", sha256=_sha256(b"weights").upper())
    load_model("mobilenet_v2")
    assert len(built) == 2


@pytest.mark.parametrize("place", ["cache", "cache of Keras"])
def test_weights_put_there_by_hand_are_taken_by_the_word_of_the_caller(alone, no_keras_cache, built, place):
    cache = alone
    path = (cache if place == "cache" else no_keras_cache / "models") / MOBILENET.weights
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")
    with pytest.raises(
        DownloadError, match=f'if you trust it, say so once: load_model.*sha256="{_sha256(b"weights")}"'
    ):
        load_model("mobilenet_v2")
    load_model("mobilenet_v2", sha256=_sha256(b"weights"))
    load_model("mobilenet_v2")
    assert built == 2 * [str(path)]


def test_unknown_weights_in_a_cache_give_way_to_the_address_of_keras(address_of_keras, cache, no_keras_cache, built):
    for folder in (cache, no_keras_cache / "models"):
        folder.mkdir(parents=True)
        (folder / MOBILENET.weights).write_bytes(b"by hand")
    address_of_keras.pages[f"/keras/{MOBILENET.weights}"] = b"weights"
    load_model("mobilenet_v2", progress=False)
    assert (cache / MOBILENET.weights).read_bytes() == b"weights"
    assert files_in(cache) == {INDEX_FILE, MOBILENET.weights, NOTE}


def with_md5_of(content, monkeypatch):
    published = "md5:" + hashlib.md5(content).hexdigest()  # noqa: S324  (as Keras publishes)
    monkeypatch.setitem(
        applications.APPLICATIONS, "vgg16", dataclasses.replace(APPLICATIONS["vgg16"], digest=published)
    )


@pytest.mark.parametrize("place", ["cache", "cache of Keras", "mirror"])
def test_what_keras_publishes_is_checked_wherever_the_file_is(mirror, cache, built, monkeypatch, place):
    with_md5_of(b"weights", monkeypatch)
    file = APPLICATIONS["vgg16"].weights
    for content, right in ((b"others", False), (b"weights", True)):
        if place == "mirror":
            mirror.pages[f"/models/{file}"] = content
        else:
            path = (cache if place == "cache" else cache.parent / "keras" / "models") / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if not right:
            with pytest.raises(DownloadError, match=r"'vgg16' needs vgg16_weights.*528 MB, once"):
                load_model("vgg16", progress=False)
    load_model("vgg16", progress=False)
    assert len(built) == 1
    assert json.loads((cache / f"{file}.sha256.json").read_text())["sha256"] == _sha256(b"weights")


def test_a_note_beside_another_published_hash_counts_no_more(alone, built, monkeypatch):
    cache = alone
    for content in (b"weights", b"newer weights"):
        with_md5_of(content, monkeypatch)
        (cache / APPLICATIONS["vgg16"].weights).write_bytes(content)
        load_model("vgg16")
    assert len(built) == 2


@pytest.mark.parametrize("note", ["", "[", "[]", "{}", '{"sha256": 5, "published": null}', "[" * 100_000])
def test_a_broken_note_is_none(address_of_keras, cache, built, note):
    address_of_keras.pages[f"/keras/{MOBILENET.weights}"] = b"weights"
    cache.mkdir()
    (cache / NOTE).write_text(note)
    load_model("mobilenet_v2", progress=False)
    assert json.loads((cache / NOTE).read_text())["sha256"] == _sha256(b"weights")


@pytest.mark.parametrize("sha256", ["", "abc", 64 * "g", 65 * "0", 5, b"0" * 64])
def test_what_is_no_sha256(sha256):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        load_model("mobilenet_v2", sha256=sha256)


def test_the_sha256_of_shipped_models_and_of_files(tmp_path):
    path = tmp_path / "net.keras"
    digits_network().save(path)
    content = path.read_bytes()
    assert load_model(path, sha256=_sha256(content)).name == "net"
    with pytest.raises(ModelError, match=r"'net\.keras' is not the file that is meant"):
        load_model(path, sha256=64 * "0")
    with pytest.raises(ModelError, match="'digits' has the SHA-256"):
        load_model("digits", sha256=64 * "0")


def test_a_mirror_without_the_file(mirror, cache):
    with pytest.raises(DownloadError, match=r"vgg16.*the mirror \(XAI_WIDGETS_MIRROR\) does not.*answered 404"):
        load_model("vgg16")
    assert files_in(cache) == {INDEX_FILE}


def test_a_mirror_with_another_file(mirror, cache):
    mirror.pages[f"/models/{APPLICATIONS['vgg16'].weights}"] = b"not those weights"
    with pytest.raises(DownloadError, match="not the expected one"):
        load_model("vgg16")
    assert files_in(cache) == {INDEX_FILE}


def test_weights_that_keras_cannot_read(mirror, cache):
    mirror.pages[f"/models/{MOBILENET.weights}"] = b"weights"
    with pytest.raises(ModelError, match=r"Keras cannot read .*mobilenet_v2_weights.*delete it"):
        load_model("mobilenet_v2", sha256=_sha256(b"weights"))


def test_a_class_index_that_was_changed_is_refused(mirror, cache):
    mirror.pages[f"/models/{INDEX_FILE}"] = INDEX_CONTENT.replace(b"thing_1", b"thung_1")
    with pytest.raises(DownloadError, match="not the expected one"):
        load_model("mobilenet_v2")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"0": 5}', b"\xff", INDEX_CONTENT[:-5]])
@pytest.mark.parametrize("place", ["cache", "cache of Keras"])
def test_a_spoilt_class_index_is_named(cache, offline, no_keras_cache, place, content):
    path = (cache if place == "cache" else no_keras_cache / "models") / INDEX_FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DownloadError, match=r"imagenet_class_index\.json' is not the file that it claims.*Connect"):
        imagenet_index()


def test_a_spoilt_class_index_is_downloaded_again(address_of_keras, cache):
    cache.mkdir()
    (cache / INDEX_FILE).write_bytes(b"{}")
    assert imagenet_index() == [tuple(INDEX[str(place)]) for place in range(CLASSES)]


def test_keras_names_the_address_of_its_class_index():
    address = PublishedFile(INDEX_FILE, None, applications._decoder).address()
    assert address == imagenet_utils.CLASS_INDEX_PATH


def test_a_keras_that_names_no_address(cache, no_keras_cache):
    with pytest.raises(DownloadError, match=r"does not say where nothing\.h5 is; save it as .*cache"):
        PublishedFile("nothing.h5", "md5:" + 32 * "0", lambda: Path).found()


@pytest.mark.parametrize("name", APPLICATIONS)
def test_offline_says_what_to_do(name, cache, offline, no_keras_cache):
    with pytest.raises(DownloadError, match=r"Connect to the network.*XAI_WIDGETS_MIRROR.*digits"):
        load_model(name)
    assert [path for folder in (cache, no_keras_cache) for path in folder.rglob("*") if path.is_file()] == []


def test_offline_with_names_but_without_weights(cache, offline, no_keras_cache):
    with pytest.raises(DownloadError, match=r"'mobilenet_v2' needs mobilenet_v2_weights.*14 MB, once.*Connect"):
        applications.load_weights(MOBILENET)


def test_weights_and_names_that_keras_has_are_used(alone, no_keras_cache, built, monkeypatch):
    (alone / INDEX_FILE).unlink()
    folder = no_keras_cache / "models"
    folder.mkdir(parents=True)
    (folder / INDEX_FILE).write_bytes(INDEX_CONTENT)
    with_md5_of(b"weights", monkeypatch)
    (folder / APPLICATIONS["vgg16"].weights).write_bytes(b"weights")
    assert load_model("vgg16").labels[-1] == "thing 499 (n00000999)"
    assert built == [str(folder / APPLICATIONS["vgg16"].weights)]


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
        asked.append((fname or origin.rpartition("/")[2], options.get("file_hash"), origin))

    monkeypatch.setattr(file_utils, "get_file", get_file)
    monkeypatch.setattr(keras.Model, "load_weights", lambda *arguments: None)
    model = application.build("imagenet")
    digest = application.digest and application.digest.partition(":")[2]
    assert asked == [(application.weights, digest, application.file().address())]
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
