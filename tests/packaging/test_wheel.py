"""The built wheel holds everything it needs, and works away from the checkout."""

import os
import subprocess
import sys
import zipfile

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
    assert "{" in str(view._css), view
assert i18n.message("lab.stop", "fr") != i18n.message("lab.stop", "en")
digits = xai.load_model("digits")
predictions = digits.predict(xai.sample_image("digit-3"))
assert np.isclose(np.asarray(predictions).sum(), 1, atol=1e-5)
print(predictions.top(1)[0][0].label)
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


def test_it_works_away_from_the_checkout(wheel, tmp_path):
    place, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(place), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(place)}
    command = [sys.executable, "-c", USE, str(place)]
    done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3"]
