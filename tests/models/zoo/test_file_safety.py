"""The file of a model runs no code, follows no link and takes no more memory than a model does."""

import json
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.assets.cards import ModelError
from xai_widgets.models.zoo import file_safety
from xai_widgets.models.zoo.keras_files import read_model


@pytest.fixture
def files(tmp_path):
    """A folder with one small model in both formats."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, "relu", name="dense")])
    for suffix in (".keras", ".h5"):
        model.save(tmp_path / f"net{suffix}")
    return tmp_path


def changed(files, change, **how):
    """Return a copy of the archive whose configuration was changed."""
    with zipfile.ZipFile(files / "net.keras") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(entries["config.json"])
    entries["config.json"] = change(config) or json.dumps(config)
    with zipfile.ZipFile(files / "other.keras", "w", **how) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return files / "other.keras"


def function_of(module, name):
    described = {"module": module, "class_name": "function", "config": name, "registered_name": name}

    def change(config):
        config["config"]["layers"][1]["config"]["activation"] = described

    return change


def layer_of(module, kind, **config):
    described = {"module": module, "class_name": kind, "config": {"name": "guest", **config}, "registered_name": None}

    def change(whole):
        whole["config"]["layers"].append(described)

    return change


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.utils", "get_file"),
        ("keras.src.utils.file_utils", "get_file"),
        ("keras.saving", "load_model"),
        ("keras.config", "enable_unsafe_deserialization"),
        ("keras.src.saving.serialization_lib", "enable_unsafe_deserialization"),
    ],
)
def test_functions_that_are_no_part_of_a_network_are_refused_by_name(files, module, name):
    with pytest.raises(ModelError, match=f"{name!r} of {module!r}, which is no part of a network"):
        read_model(changed(files, function_of(module, name)))


@pytest.mark.parametrize(("module", "name"), [("os", "system"), ("builtins", "eval"), ("posixpath", "join")])
def test_functions_from_elsewhere_are_not_found(files, module, name):
    with pytest.raises(ModelError, match="not part of Keras"):
        read_model(changed(files, function_of(module, name)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (layer_of("keras.layers", "TFSMLayer", filepath="program"), "guest; TFSMLayer: it loads a SavedModel"),
        (layer_of("keras.layers", "Lambda"), "guest; Lambda: it holds Python code"),
        (layer_of("keras.src.utils.dataset_utils", "Anything"), "'Anything' of 'keras.src.utils.dataset_utils'"),
        (lambda config: "[" * 100_000 + "]" * 100_000, "broken, or not a Keras model"),
        (
            lambda config: config["config"].update(layers=[config["config"]["layers"][1]] * 30_000),
            "describes .* objects",
        ),
    ],
)
def test_programs_and_endless_descriptions(files, change, words):
    with pytest.raises(ModelError, match=words):
        read_model(changed(files, change))


def test_what_shrinks_as_no_model_does_is_not_read(files, monkeypatch):
    monkeypatch.setattr(file_safety, "_FREE_OF_SUSPICION", 1_000_000)
    with zipfile.ZipFile(files / "net.keras") as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(files / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", bytes(20_000_000))
    with pytest.raises(ModelError, match="no trained model shrinks so much"):
        read_model(files / "bomb.keras")
    with h5py.File(files / "net.h5", "r+") as file:
        file.create_dataset("more", shape=(10_000_000,), dtype="float32", chunks=(1_000_000,), compression="gzip")
    with pytest.raises(ModelError, match="no trained model shrinks so much"):
        read_model(files / "net.h5")


def test_more_than_the_memory_is_not_read(files, monkeypatch):
    monkeypatch.setattr(file_safety, "available_memory", lambda: 10)
    for name in ("net.keras", "net.h5"):
        with pytest.raises(ModelError, match="bytes of memory to be read, and 10 are free"):
            read_model(files / name)


def kernel_of(file):
    names = []
    file.visit(names.append)
    return next(name for name in names if name.split("/")[-1].startswith("kernel"))


def external_link(file, name, _folder):
    file[name] = h5py.ExternalLink("secret.h5", "x")


def soft_link(file, name, _folder):
    file[name] = h5py.SoftLink("/elsewhere")


def external_numbers(file, name, folder):
    (folder / "raw.bin").write_bytes(np.ones(8, "float32").tobytes())
    file.create_dataset(name, shape=(4, 2), dtype="float32", external=[(str(folder / "raw.bin"), 0, 32)])


def virtual_numbers(file, name, folder):
    with h5py.File(folder / "secret.h5", "w") as other:
        other["x"] = np.ones((4, 2), "float32")
    layout = h5py.VirtualLayout((4, 2), "float32")
    layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "x", (4, 2))
    file.create_virtual_dataset(name, layout)


@pytest.mark.parametrize("plant", [external_link, soft_link, external_numbers, virtual_numbers])
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_weights_that_lie_elsewhere_are_not_read(files, plant, suffix):
    weights = files / ("net.h5" if suffix == ".h5" else "model.weights.h5")
    if suffix == ".keras":
        with zipfile.ZipFile(files / "net.keras") as archive:
            archive.extract("model.weights.h5", files)
    with h5py.File(weights, "r+") as file:
        name = kernel_of(file) if suffix == ".h5" else "layers/dense/vars/0"
        del file[name]
        plant(file, name, files)
    if suffix == ".keras":
        with zipfile.ZipFile(files / "net.keras") as archive:
            config = archive.read("config.json")
        with zipfile.ZipFile(files / "net.keras", "w") as archive:
            archive.writestr("config.json", config)
            archive.write(weights, "model.weights.h5")
    with pytest.raises(ModelError, match=r"in place of weights, which is not followed|lie in another file"):
        read_model(files / f"net{suffix}")


def test_other_ways_to_pack_are_refused(files):
    with pytest.raises(ModelError, match="compressed in a way that Keras does not write"):
        read_model(changed(files, lambda config: None, compression=zipfile.ZIP_LZMA))
    whole = bytearray((files / "net.keras").read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the bit that says: encrypted
        start = whole.find(mark)
        while start >= 0:
            whole[start + place] |= 1
            start = whole.find(mark, start + 4)
    (files / "locked.keras").write_bytes(bytes(whole))
    with pytest.raises(ModelError, match="is encrypted"):
        read_model(files / "locked.keras")


@pytest.mark.parametrize("activation", ["relu", keras.ops.sigmoid, layers.ReLU(6.0), "softmax"])
def test_what_networks_are_made_of_is_read(tmp_path, activation):
    start = keras.Input((4,))
    hidden = layers.Dense(3, activation, kernel_regularizer="l2", kernel_constraint="non_neg")(start)
    model = keras.Model(start, keras.ops.sigmoid(layers.Dropout(0.1)(layers.BatchNormalization()(hidden))) * 2)
    model.compile("adam", "mse")
    model.save(tmp_path / "net.keras")
    x = np.eye(4, dtype="float32")
    found = read_model(tmp_path / "net.keras").predict(x, verbose=0)
    np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-6)
    packed = tmp_path / "packed.keras"
    with (
        zipfile.ZipFile(tmp_path / "net.keras") as plain,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in plain.namelist():
            archive.writestr(name, plain.read(name))
    assert read_model(packed).output_shape == (None, 3)
