"""Models by name and by file; the shipped digits model does what its card says."""

import dataclasses
import hashlib
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from xai_widgets import Classifier, i18n, list_models, load_model, sample_image
from xai_widgets.assets.cards import ModelError, shipped_cards
from xai_widgets.common.class_labels import imagenet_names, read_labels
from xai_widgets.common.name_matching import match, nearest, suggestion
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.models.zoo.keras_files import read_model
from xai_widgets.models.zoo.shipped import read_shipped

ROOT = Path(__file__).parents[3]
DIGITS = ROOT / "xai_widgets" / "assets" / "digits"


@pytest.fixture(scope="module")
def digits():
    return load_model("digits")


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((6, 6, 3)), layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(3, "softmax")]
    )


@pytest.fixture
def batch():
    return np.random.default_rng(0).uniform(0, 1, (5, 6, 6, 3)).astype("float32")


# ------------------------------------------------------------------------------------------------------ digits, shipped


def test_the_card_tells_the_truth(digits):
    card = tomllib.loads((DIGITS / "card.toml").read_text(encoding="utf-8"))
    inputs, classes = digits_split("test")
    right = digits.predict(inputs).classes == classes
    assert card["tested_on"] == len(classes)
    assert card["accuracy"] == round(float(right.mean()), 4)
    assert card["accuracy_per_class"] == [round(float(right[classes == digit].mean()), 4) for digit in range(10)]
    assert card["accuracy"] >= 0.99
    assert card["sha256"] == hashlib.sha256((DIGITS / card["file"]).read_bytes()).hexdigest()
    assert digits.labels == tuple(card["labels"])
    assert digits.input_shape == tuple(card["input_shape"])
    assert digits.value_range == tuple(card["value_range"])


def test_the_readme_has_the_figures_of_the_card(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from data.cards import with_figures

    readme = (ROOT / "data" / "digits" / "README.md").read_text(encoding="utf-8")
    assert with_figures(readme, (DIGITS / "card.toml").read_text(encoding="utf-8")) == readme
    assert f"{load_model('digits').model.count_params():,} parameters" in readme


def test_pictures_and_inputs_are_answered_alike(digits):
    inputs, classes = digits_split("test")
    pictures = np.repeat(np.rint(inputs * 255).astype(np.uint8), 3, axis=-1)
    assert np.abs(digits.preprocess(pictures) - inputs).max() <= 0.5 / 255 + 1e-6
    assert (digits.predict(pictures).classes == classes).mean() >= 0.99


def test_a_large_picture_of_a_digit_is_understood(digits):
    large = np.kron(sample_image("digit-3"), np.ones((40, 40, 1), np.uint8))
    assert digits.predict(large).top(1)[0][0].label == "3"


@pytest.mark.parametrize("digit", range(10))
def test_every_sample_digit_is_recognised(digits, digit):
    best = digits.predict(sample_image(f"digit-{digit}")).top(1)[0][0]
    assert best.label == str(digit)
    assert best.probability > 0.9


def test_it_is_ready_for_class_activation_maps(digits):
    *_, convolution, pooling, dense = digits.model.layers
    assert isinstance(convolution, keras.layers.Conv2D)
    assert isinstance(pooling, keras.layers.GlobalAveragePooling2D)
    assert isinstance(dense, keras.layers.Dense)
    assert digits.head == "softmax"


@pytest.mark.slow
def test_training_repeats_to_the_bit(tmp_path):
    digests = []
    for run in ("one", "two"):
        command = [sys.executable, "-m", "data.digits.train", "--epochs", "1", "--output", str(tmp_path / run)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        content = (tmp_path / run / "digits.keras").read_bytes()
        digests.append(hashlib.sha256(content).hexdigest())
        assert f"sha256: {digests[-1]}" in done.stdout
    assert digests[0] == digests[1]
    assert digests[0] != shipped_cards()["digits"].sha256
    assert isinstance(read_model(tmp_path / "one" / "digits.keras"), keras.Model)


def test_saving_is_repeatable_and_loses_nothing(tmp_path, monkeypatch, net, batch):
    monkeypatch.syspath_prepend(str(ROOT))
    from data.saving import save_repeatably

    first, second = (save_repeatably(net, tmp_path / f"{run}.keras") for run in "ab")
    assert first == second == hashlib.sha256((tmp_path / "a.keras").read_bytes()).hexdigest()
    assert np.array_equal(read_model(tmp_path / "a.keras").predict_on_batch(batch), net.predict_on_batch(batch))
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"date_saved" not in archive.read("metadata.json")


def test_a_shipped_file_that_was_changed_is_refused(tmp_path, monkeypatch):
    card = shipped_cards()["digits"]
    content = bytearray((card.folder / card.file).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / card.file).write_bytes(content)
    changed = dataclasses.replace(card, folder=tmp_path)
    with pytest.raises(ModelError, match=r"not the file that its card describes.*install the package again"):
        read_shipped(changed)


def test_no_pickle_and_no_lambda_is_shipped():
    for card in shipped_cards().values():
        with zipfile.ZipFile(Path(str(card.folder / card.file))) as archive:
            assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
            assert b"ambda" not in archive.read("config.json")


# ---------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("name", ["digits", "Digits", "DIGITS "])
def test_spelling_is_forgiven(name):
    assert load_model(name).name == "digits"


def test_names_may_be_given_other_labels_and_preprocessing():
    classifier = load_model("digits", labels=["zéro", *"123456789"], preprocess=lambda pixels: 1 - pixels / 255)
    assert classifier.labels[0] == "zéro"
    assert classifier.preprocess(np.zeros((8, 8, 3), np.uint8)).min() == 1
    with pytest.raises(ValueError, match="3 labels"):
        load_model("digits", labels=["a", "b", "c"])


def test_names_are_compared_and_offered():
    assert match("VGG 16", ["vgg16"]) == "vgg16"
    assert match("Été", ["ete"]) == "ete"
    assert match("", ["vgg16"]) is None
    assert nearest("cofee", ["cat", "coffee"]) == ["coffee"]
    assert suggestion("zzz", ["cat"]) == "choose one of: cat"


def test_the_table_of_models():
    table = list_models()
    shipped_names = sorted(path.parent.name for path in DIGITS.parent.glob("*/card.toml"))
    assert {"breast_cancer", "digits", "wine"} <= set(shipped_names)
    assert table.names == [*shipped_names, "mobilenet_v2", "vgg16", "resnet50", "inception_v3", "efficientnet_b0"]
    row = table["digits"]
    assert (row.source, row.input, row.classes) == ("shipped", (8, 8, 1), 10)
    assert row.megabytes == pytest.approx((DIGITS / "digits.keras").stat().st_size / 1e6)
    assert all(row.licence and 0.5 < row.accuracy <= 1 for row in table)
    assert "in the package" in repr(table)
    assert table._repr_html_().count("<tr>") == len(table) + 1
    i18n.set_language("fr")
    assert "dans le paquet" in repr(table)
    assert "71,3\u202f%" in repr(table)


def test_cells_of_a_table_are_escaped():
    from xai_widgets.common.record_table import RecordTable
    from xai_widgets.datasets.pictures.sample_sources import Sample

    table = RecordTable([Sample("<b>", (1, 1), "<script>", "&", "CC0")], "models.column_")
    assert "<script>" not in table._repr_html_()
    assert "&lt;script&gt;" in table._repr_html_()
    assert repr(RecordTable([], "models.column_")) == "name"


# ---------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".hdf5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
def test_a_file_gives_the_same_model(tmp_path, net, batch, suffix):
    net.save(tmp_path / f"mon réseau{suffix}")
    for path in (tmp_path / f"mon réseau{suffix}", str(tmp_path / f"mon réseau{suffix}")):
        classifier = load_model(path, labels=["a", "b", "c"], value_range=(0, 1))
        assert isinstance(classifier, Classifier)
        assert classifier.name == "mon réseau"
        assert classifier.labels == ("a", "b", "c")
        assert classifier.value_range == (0, 1)
        assert np.allclose(np.asarray(classifier.predict(batch)), net.predict_on_batch(batch), atol=1e-6)


def test_a_file_in_the_current_folder_and_below_home(tmp_path, net, monkeypatch):
    net.save(tmp_path / "net.keras")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("net.keras", "./net.keras", "~/net.keras"):
        assert load_model(name).name == "net"


def test_a_name_wins_over_a_folder_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_model("digits").name == "digits"
    with pytest.raises(ModelError, match="is a folder"):
        load_model(Path("digits"))


def test_missing_files_name_the_nearest(tmp_path):
    (tmp_path / "birds.keras").write_bytes(b"")
    with pytest.raises(ModelError, match=r"there is no file '.*bird\.keras'.*did you mean 'birds\.keras'"):
        load_model(tmp_path / "bird.keras")
    with pytest.raises(ModelError, match="there is no file"):
        load_model(tmp_path / "nowhere" / "bird.keras")


def _write(path, content):
    path.write_bytes(content)
    return path


def test_files_that_are_no_models(tmp_path, net):
    net.save(tmp_path / "net.keras")
    net.save_weights(tmp_path / "net.weights.h5")
    net.save(tmp_path / "net.h5")
    zipped, whole = (tmp_path / "net.keras").read_bytes(), (tmp_path / "net.h5").read_bytes()
    with zipfile.ZipFile(tmp_path / "photos.keras", "w") as archive:
        archive.writestr("photo.jpg", b"...")
    with zipfile.ZipFile(tmp_path / "nonsense.keras", "w") as archive:
        archive.writestr("config.json", b"{not json")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    for path, meaning in (
        (tmp_path / "net.weights.h5", "contains weights alone.*load_weights"),
        (_write(tmp_path / "empty.keras", b""), "is empty"),
        (_write(tmp_path / "cut.keras", zipped[: len(zipped) // 2]), "broken or incomplete"),
        (_write(tmp_path / "cut.h5", whole[: len(whole) // 2]), "broken"),
        (_write(tmp_path / "text.keras", b"hello"), "broken or incomplete"),
        (_write(tmp_path / "text.h5", b"hello"), "broken or incomplete"),
        (_write(tmp_path / "renamed.h5", zipped), r"content is that of a \.keras file: rename"),
        (_write(tmp_path / "renamed.keras", whole), r"content is that of an \.h5 file: rename"),
        (_write(tmp_path / "capitals.KERAS", zipped), r"content is that of a \.keras file: rename"),
        (_write(tmp_path / "net.zip", zipped), r"content is that of a \.keras file: rename"),
        (_write(tmp_path / "net.pt", b"torch"), r"not a Keras model; give a \.keras file"),
        (_write(tmp_path / "lfs.keras", b"version https://git-lfs.github.com/spec/v1"), "git lfs pull"),
        (tmp_path / "photos.keras", "not a Keras model"),
        (tmp_path / "nonsense.keras", "broken"),
        (tmp_path / "saved", "SavedModel.*not saved by Keras"),
        (tmp_path / "folder", "is a folder"),
    ):
        with pytest.raises(ModelError, match=meaning):
            load_model(path)


def test_a_model_whose_weights_were_changed_for_others(tmp_path, net):
    net.save(tmp_path / "net.keras")
    with zipfile.ZipFile(tmp_path / "net.keras") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(entries["config.json"])
    config["config"]["layers"][-1]["config"]["units"] = 7
    entries["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(ModelError, match="broken or was made by another version"):
        load_model(tmp_path / "other.keras")


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_code_in_a_file_is_never_run(tmp_path, suffix):
    target = tmp_path / "was_here"

    def touch(x, mark=str(target)):
        Path(mark).touch()
        return x

    layers = keras.layers
    inner = keras.Sequential([keras.Input((6, 6, 3)), layers.Lambda(touch, name="surprise")], name="inner")
    outer = keras.Sequential([keras.Input((6, 6, 3)), inner, layers.Flatten(), layers.Dense(2)])
    outer.save(tmp_path / f"net{suffix}")
    target.unlink(missing_ok=True)
    with pytest.raises(ModelError, match=r"Python code or programs \(surprise; Lambda.*Classifier\(model\)"):
        load_model(tmp_path / f"net{suffix}")
    assert not target.exists()


@keras.saving.register_keras_serializable("tests_of_the_zoo")
class Doubled(keras.layers.Layer):
    def call(self, x):
        return 2 * x


def test_layers_of_ones_own(tmp_path, batch):
    class Tripled(keras.layers.Layer):
        def call(self, x):
            return 3 * x

    def build(layer):
        layers = keras.layers
        return keras.Sequential([keras.Input((6, 6, 3)), layer, layers.Flatten(), layers.Dense(2)])

    registered, private = build(Doubled()), build(Tripled())
    registered.save(tmp_path / "registered.keras")
    private.save(tmp_path / "private.keras")
    assert load_model(tmp_path / "registered.keras").input_shape == (6, 6, 3)
    with pytest.raises(ModelError, match=r"custom_objects=\{'Name': Name\}"):
        load_model(tmp_path / "private.keras")
    loaded = load_model(tmp_path / "private.keras", custom_objects={"Tripled": Tripled})
    assert np.allclose(loaded.model.predict_on_batch(batch), private.predict_on_batch(batch), atol=1e-6)


def test_a_model_is_not_compiled_and_its_optimiser_left_out(tmp_path, net):
    copy = keras.models.clone_model(net)
    copy.compile("adam", "categorical_crossentropy")
    copy.save(tmp_path / "compiled.keras")
    assert not load_model(tmp_path / "compiled.keras").model.compiled


def test_h5_attributes_that_are_no_json(tmp_path):
    with h5py.File(tmp_path / "bad.h5", "w") as file:
        file.attrs["model_config"] = "{broken"
    with pytest.raises(ModelError, match="broken"):
        load_model(tmp_path / "bad.h5")


# --------------------------------------------------------------------------------------------------------------- labels


def test_labels_from_anywhere(tmp_path):
    index = {"0": ["n1", "tiger_cat"], "1": ["n2", "crane"], "2": ["n3", "crane"]}
    files = {
        "list.json": json.dumps(["chat", "chien", "été"]),
        "dict.json": json.dumps({"1": "chien", "0": "chat", "2": "été"}),
        "names.txt": "\ufeffchat\nchien\nété\n\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_labels(tmp_path / name) == ["chat", "chien", "été"]
        assert read_labels(str(tmp_path / name)) == ["chat", "chien", "été"]
    (tmp_path / "index.json").write_text(json.dumps(index))
    assert read_labels(tmp_path / "index.json") == ["tiger cat", "crane (n2)", "crane (n3)"]
    assert read_labels(tmp_path / "index.json", 4) == ["background", "tiger cat", "crane (n2)", "crane (n3)"]
    assert read_labels(("a", "b")) == ["a", "b"]
    assert read_labels({0: "a", 1: "b"}) == ["a", "b"]
    assert imagenet_names([("n1", "a_b")]) == ["a b"]


def test_labels_that_cannot_be(tmp_path):
    (tmp_path / "broken.json").write_text("[1,")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\xff")
    for labels, meaning in (
        (tmp_path / "none.json", "no file of labels"),
        ("imagnet", "no file of labels"),
        (tmp_path / "broken.json", "cannot be read"),
        (tmp_path / "binary.txt", "cannot be read"),
        ([], "one text per class"),
        ([1.5, 2.5], "one text per class"),
        ({0: "a", 2: "c"}, "class .1. is missing"),
        ({"a": "b"}, "whole numbers"),
        ({0: "a", "0": "b"}, "every class"),
    ):
        with pytest.raises(ValueError, match=meaning):
            read_labels(labels)
    assert read_labels([1, 2]) == ["1", "2"]  # whole numbers are names, as of digits


def test_the_wrong_number_of_labels(tmp_path, net):
    net.save(tmp_path / "net.keras")
    with pytest.raises(ValueError, match=r"2 labels were given.*3 classes"):
        load_model(tmp_path / "net.keras", labels=["a", "b"])


@pytest.mark.parametrize("many", [list, tuple, np.asarray])
def test_labels_are_texts_and_whole_numbers_of_numpy_too(many):
    texts, numbers = np.array(["ant", "bee"]), np.array([4, 7])
    assert read_labels(many(list(texts))) == ["ant", "bee"]
    assert read_labels(many(list(numbers))) == ["4", "7"]
    assert read_labels({texts[0]: 0, texts[1]: 1}) == ["ant", "bee"]
    with pytest.raises(ValueError, match="labels must be one text per class"):
        read_labels([np.float32(1), np.float32(2)])
