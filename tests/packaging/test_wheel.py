"""The built wheel holds everything it needs, and works away from the checkout."""

import ast
import os
import subprocess
import sys
import sysconfig
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
    assert "xai_widgets/py.typed" in inside
    kinds = {name.rpartition(".")[2] for name in inside}
    assert {"js", "css", "json"} <= kinds


def test_it_holds_nothing_else(wheel):
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"xai_widgets", wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"}


def test_it_holds_what_the_cards_speak_of(wheel, root):
    inside = {
        name: zipfile.ZipFile(wheel).read(name) for name in zipfile.ZipFile(wheel).namelist() if "/_data/" in name
    }
    cards = sorted((root / "data").glob("*/card.toml"))
    expected = {}
    for path in cards:
        card = tomllib.loads(path.read_text("utf-8"))
        files = [card["file"], *(card[key.removesuffix("_sha256")] for key in card if key.endswith("_sha256"))]
        for file in ("card.toml", *files):
            expected[f"xai_widgets/_data/{path.parent.name}/{file}"] = (path.parent / file).read_bytes()
    for path in (root / "data").glob("*/set.toml"):  # several networks under one description
        described = tomllib.loads(path.read_text("utf-8"))
        for file in (
            path.name,
            *(described[key.removesuffix("_sha256")] for key in described if key.endswith("_sha256")),
        ):
            expected[f"xai_widgets/_data/{path.parent.name}/{file}"] = (path.parent / file).read_bytes()
    assert inside == expected
    assert sum(map(len, inside.values())) < 40_000_000


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


def test_it_predicts_in_an_environment_of_its_own(environment, tmp_path):
    python, site = environment
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    command = [str(python), "-c", USE, str(site)]
    done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["3", "négatif"]
    assert "suspects A B C D" in lines
    assert "digits 1" in lines


def test_the_environment_sees_no_checkout(environment, root):
    python, site = environment
    code = "import sys, xai_widgets; print(sys.path); print(xai_widgets.__file__)"
    done = subprocess.run([str(python), "-c", code], cwd=site.parent, check=True, capture_output=True, text=True)
    path, file = done.stdout.splitlines()
    assert str(root) not in ast.literal_eval(path)
    assert Path(file).is_relative_to(site)
