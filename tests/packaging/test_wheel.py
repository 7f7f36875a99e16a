"""The built wheel holds everything it needs, and works away from the checkout."""

import ast
import email
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

USE = """
import sys, pathlib
import numpy as np
import xai_widgets as xai
from xai_widgets import i18n
from xai_widgets.widgets import components

home = pathlib.Path(xai.__file__).parent
assert home.is_relative_to(sys.argv[1]), home
views = [getattr(components, name) for name in components.__all__]
views = [view for view in views if hasattr(view, "_esm")]
assert len(views) >= 3, views
for view in views:
    assert "export default" in str(view._esm), view
    assert "{" in str(getattr(view, "_css", "{")), view
assert i18n.message("lab.stop", "fr") != i18n.message("lab.stop", "en")
digits = xai.load_model("digits")
predictions = digits.predict(xai.sample_image("digit-3"))
assert np.isclose(np.asarray(predictions).sum(), 1, atol=1e-5)
print(predictions.top(1)[0][0].label)
rows, classes = xai.load_table("wine").test
assert (xai.load_model("wine").predict(rows).classes == classes).mean() > 0.9
print(xai.load_text_model("reviews", language="fr").predict("Cette comédie n’est pas drôle.").top(1)[0][0].label)
from xai_widgets.course.capstone import load_suspects
print("suspects", *load_suspects())
for row in xai.list_models():
    if row.source == "shipped" and row.reads == "picture":
        print(row.name, len(xai.load_model(row.name).predict(xai.sample_image("cat"))))
"""


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_it_holds_every_file_of_the_package(wheel, root, tracked):
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = {path.relative_to(root).as_posix() for path in tracked if path.is_relative_to(root / "xai_widgets")}
    assert package - inside == set()
    shared = {name.partition(".data/data/share/jupyter/labextensions/")[2] for name in inside}
    assert {"xai-widgets/package.json", "xai-widgets/static/remote.js"} <= shared
    assert "xai_widgets/py.typed" in inside
    kinds = {name.rpartition(".")[2] for name in inside}
    assert {"js", "css", "json"} <= kinds


def test_it_says_the_licence_of_all_that_it_holds(wheel, root):
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.namelist()
        (about,) = (name for name in inside if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(about))
        licences = about.removesuffix("METADATA") + "licenses/"
        texts = {name.removeprefix(licences): archive.read(name) for name in inside if name.startswith(licences)}
        cards = {name: tomllib.loads(archive.read(name).decode()) for name in inside if _is_card(name)}
        credits_page = texts["CREDITS.md"].decode()
    assert len(cards) >= 10
    parts = metadata["License-Expression"].split(" AND ")
    assert f"SPDX-License-Identifier: {metadata['License-Expression']}" in credits_page
    rows = {
        row.split("|")[2].split(",")[0].strip(" `"): row.split("|")[3].split(",")[0].strip()
        for row in _rows(credits_page)
    }
    # Each card's licence is a part of the expression, and what the credits say of its folder.
    for name, card in cards.items():
        said = _SPDX[card["licence"]]
        assert said in parts
        assert rows[name.rpartition("/")[0] + "/"] == said
    assert set(rows.values()) == set(parts)
    assert set(rows) <= _folders(inside)
    # Each part has its text, the code's is LICENSE; all are named in the metadata.
    assert {"LICENSE", "LICENSE-notebooks", *(f"LICENSES/{part}.txt" for part in parts[1:])} < set(texts)
    assert set(metadata.get_all("License-File")) == set(texts)
    titles = {"CC-BY-4.0": "Attribution 4.0", "CC-BY-SA-4.0": "Attribution-ShareAlike 4.0", "CC0-1.0": "CC0 1.0"}
    for part, title in titles.items():
        text = texts[f"LICENSES/{part}.txt"].decode()
        assert title in text[:300]
        assert len(text) > 6000
    for author in (
        "Parkhi",
        "Vedaldi",
        "Zisserman",
        "Jawahar",
        "Jeremy",
        "Russakovsky",
        "Alpaydin",
        "Wolberg",
        "Aeberhard",
    ):
        assert author in credits_page
    readme = " ".join((root / "README.md").read_text("utf-8").split())
    assert "CC BY-SA 4.0 for `photos` and the four networks of the capstone, CC0 1.0 for the others" in readme


_SPDX = {"CC0 1.0": "CC0-1.0", "CC BY-SA 4.0": "CC-BY-SA-4.0", "CC BY 4.0": "CC-BY-4.0"}


def _is_card(name):
    return name.endswith(("/card.toml", "/set.toml"))


def _rows(page):
    """The rows of the first table, without its head."""
    return [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| what", "| ---"))]


def _folders(inside):
    return {name[: end + 1] for name in inside for end, letter in enumerate(name) if letter == "/"}


def test_it_holds_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    stem = wheel.name.removesuffix("-py3-none-any.whl")
    assert {name.partition("/")[0] for name in names} == {"xai_widgets", f"{stem}.dist-info", f"{stem}.data"}
    extension = f"{stem}.data/data/share/jupyter/labextensions/xai-widgets/"
    assert {name for name in names if ".data/" in name and not name.startswith(extension)} == set()


def test_it_holds_what_the_cards_speak_of(wheel, root):
    inside = {
        name: zipfile.ZipFile(wheel).read(name)
        for name in zipfile.ZipFile(wheel).namelist()
        if "/assets/" in name and not name.endswith(".py")
    }
    cards = sorted((root / "xai_widgets" / "assets").glob("*/card.toml"))
    expected = {}
    for path in cards:
        card = tomllib.loads(path.read_text("utf-8"))
        files = [card["file"], *(card[key.removesuffix("_sha256")] for key in card if key.endswith("_sha256"))]
        for file in ("card.toml", *files):
            expected[f"xai_widgets/assets/{path.parent.name}/{file}"] = (path.parent / file).read_bytes()
    for path in (root / "xai_widgets" / "assets").glob("*/set.toml"):  # several networks under one description
        described = tomllib.loads(path.read_text("utf-8"))
        for file in (
            path.name,
            *(described[key.removesuffix("_sha256")] for key in described if key.endswith("_sha256")),
        ):
            expected[f"xai_widgets/assets/{path.parent.name}/{file}"] = (path.parent / file).read_bytes()
    assert inside == expected
    assert sum(map(len, inside.values())) < 40_000_000


def test_the_source_archive_holds_the_models_and_their_pages(root, tmp_path, tracked):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    folders = (root / "xai_widgets" / "assets", root / "data")
    expected = {path.relative_to(root).as_posix() for path in tracked if any(map(path.is_relative_to, folders))}
    assert "xai_widgets/assets/digits/digits.keras" in expected
    assert expected - inside == set()


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An environment of its own that holds the wheel; what the wheel needs is seen in ours, the checkout is not.

    The line in the .pth file adds a folder without reading the .pth files in it: that is how an editable installation
    of the checkout would come in.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    command = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    (site / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python, site


@pytest.fixture
def variables():
    """The variables of this process, but for those that would show the checkout to another Python."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


def test_it_predicts_in_an_environment_of_its_own(environment, variables, tmp_path):
    python, site = environment
    command = [str(python), "-c", USE, str(site)]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["3", "négatif"]
    assert "suspects A B C D" in lines
    assert "digits 1" in lines


def test_the_environment_sees_no_checkout(environment, variables, root):
    python, site = environment
    code = "import sys, xai_widgets; print(sys.path); print(xai_widgets.__file__)"
    command = [str(python), "-c", code]
    done = subprocess.run(command, cwd=site.parent, env=variables, check=True, capture_output=True, text=True)
    path, file = done.stdout.splitlines()
    assert str(root) not in ast.literal_eval(path)
    assert Path(file).is_relative_to(site)
