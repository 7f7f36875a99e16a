"""What ships beside the code: small, described, checked, and never a pickle."""

import ast
import hashlib
import tomllib
import zipfile

import numpy as np
import pytest

from xai_widgets.assets.cards import shipped_cards
from xai_widgets.models.zoo.shipped import read_shipped

LIMIT = 40_000_000  # bytes, all shipped data together
UNSAFE_MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
UNSAFE_CALLS = {"read_pickle", "to_pickle"}
UNSAFE_SUFFIXES = {".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".bin"}


@pytest.fixture(scope="module")
def cards(root):
    paths = sorted((root / "xai_widgets" / "assets").glob("*/card.toml"))
    found = {path.parent: tomllib.loads(path.read_text("utf-8")) for path in paths}
    assert {"breast_cancer", "digits", "reviews_en", "reviews_fr", "wine"} <= {folder.name for folder in found}
    return found


@pytest.fixture(scope="module")
def shipped(tracked, root):
    """Every file of data/ and of the package, as git has it."""
    return [path for path in tracked if path.is_relative_to(root / "data") or path.is_relative_to(root / "xai_widgets")]


def described(card):
    """Give the files that a card names and what they must hash to: `file` and `sha256`, `x` and `x_sha256`."""
    yield card["file"], card["sha256"]
    for key, digest in card.items():
        if key.endswith("_sha256"):
            yield card[key.removesuffix("_sha256")], digest


def unsafe(source):
    """Name what in a Python file could read or write a pickle."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] in UNSAFE_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in UNSAFE_MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            yield from unsafe_call(node)


def unsafe_call(call):
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in UNSAFE_CALLS:
        yield name
    for one in call.keywords:
        if one.arg == "allow_pickle" and not (isinstance(one.value, ast.Constant) and one.value.value is False):
            yield "allow_pickle"
        if one.arg in {"safe_mode", "weights_only"} and isinstance(one.value, ast.Constant) and not one.value.value:
            yield f"{one.arg}=False"
    if isinstance(call.func, ast.Attribute) and name == "load" and getattr(call.func.value, "id", "") == "torch":
        yield "torch.load"


def test_every_file_is_the_one_its_card_speaks_of(cards):
    for folder, card in cards.items():
        for file, digest in described(card):
            assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest, f"{folder.name}/{file}"


def test_the_networks_of_a_set_are_those_that_it_speaks_of(root):
    sets = sorted((root / "xai_widgets" / "assets").glob("*/set.toml"))
    assert sets
    for path in sets:
        described = tomllib.loads(path.read_text("utf-8"))
        digests = {key.removesuffix("_sha256"): value for key, value in described.items() if key.endswith("_sha256")}
        assert len(digests) == 4
        for letter, digest in digests.items():
            content = (path.parent / described[letter]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest
            assert len(content) < 1_000_000
        assert described["licence"]
        assert described["data"]
        page = (root / "data" / path.parent.name / "README.md").read_text("utf-8")
        assert page.startswith(f"# {path.parent.name}\n")
        assert "python -m data." in page
        overview = (root / "data" / "README.md").read_text("utf-8").splitlines()
        (row,) = [line for line in overview if f"]({path.parent.name}/README.md)" in line]
        rights = sorted(described[f"{letter}_accuracy"] for letter in digests)
        assert f"{100 * rights[0]:.1f} to {100 * rights[-1]:.1f} %" in row
        assert described["licence"] in row


def test_every_model_is_read_through_its_card(cards):
    known = shipped_cards()
    assert sorted(known) == sorted(card["name"] for card in cards.values())
    for card in cards.values():
        assert card["licence"]
        assert card["data"]
        assert card["tested_on"] > 0
        assert 0.5 < card["accuracy"] <= 1
        assert read_shipped(known[card["name"]]).count_params() > 0


def test_every_model_has_its_page_and_the_script_that_made_it(cards, root):
    for folder, card in cards.items():
        readme = (root / "data" / folder.name / "README.md").read_text("utf-8")
        assert readme.startswith(f"# {card['name']}\n")
        assert "python -m data." in readme
        overview = (root / "data" / "README.md").read_text("utf-8").splitlines()
        (row,) = [line for line in overview if f"]({folder.name}/README.md)" in line]
        assert f"{100 * card['accuracy']:.1f} %" in row
        assert card["licence"] in row


def test_all_of_it_is_small(shipped):
    assert sum(path.stat().st_size for path in shipped) < LIMIT


def test_weights_and_cards_are_in_the_package_and_nowhere_else(tracked, root):
    kinds = {".keras", ".npz", ".npy", ".h5"}
    found = [path for path in tracked if path.suffix in kinds or path.name in {"card.toml", "set.toml"}]
    assert found
    homes = (root / "xai_widgets" / "assets", root / "tests" / "oracles", root / "tests" / "models" / "zoo" / "keras2")
    assert [path for path in found if not any(map(path.is_relative_to, homes))] == []


def test_weights_hold_no_code(shipped):
    archives = [path for path in shipped if path.suffix == ".keras"]
    assert len(archives) > 3
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["config.json", "metadata.json", "model.weights.h5"]
            assert b"Lambda" not in archive.read("config.json"), path


def test_no_pickle_ships(shipped):
    assert [path for path in shipped if path.suffix in UNSAFE_SUFFIXES] == []
    for path in shipped:
        if path.suffix in {".npy", ".npz"}:
            np.load(path, allow_pickle=False)
        assert path.read_bytes()[:2] not in {b"\x80\x04", b"\x80\x05", b"\x80\x03"}, path


def test_no_pickle_is_ever_read(shipped):
    sources = [path for path in shipped if path.suffix == ".py"]
    assert len(sources) > 60
    found = {str(path): list(unsafe(path.read_text("utf-8"))) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import joblib.memory as m",
        "from pickle import load",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "pandas.read_pickle(path)",
        "torch.load(path)",
        "keras.saving.load_model(path, safe_mode=False)",
    ],
)
def test_the_search_finds_what_it_is_for(source):
    assert list(unsafe(source))


def test_the_search_leaves_the_rest_alone():
    assert not list(unsafe("np.load(path, allow_pickle=False)\nimport json\njson.load(file)\nself.load(path)"))
