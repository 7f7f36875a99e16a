"""The guide "Add a lab" of CONTRIBUTING.md, followed to the letter in a copy of the checkout."""

import os
import re
import shutil
import subprocess
import sys

import pytest

PATH = re.compile(r"`((?:xai_widgets|tests)/[\w/]+\.(?:py|json))`")
FILES = 6

LISTS = """
import importlib.util
import xai_widgets
from xai_widgets.widgets.base.lab_registry import registered_labs

assert "BrightnessLab" in xai_widgets.__all__
entry = registered_labs()["BrightnessLab"]
assert entry.on_a_picture
assert xai_widgets.BrightnessLab is entry.load()
spec = importlib.util.spec_from_file_location("screenshots", "docs/screenshots.py")
screenshots = importlib.util.module_from_spec(spec)
spec.loader.exec_module(screenshots)
assert any("BrightnessLab" in cell for cell in screenshots.cells(list(registered_labs())))
"""


@pytest.fixture(scope="module")
def steps(root):
    """Return the files of the guide, in their order, with what the guide puts into each."""
    text = (root / "CONTRIBUTING.md").read_text("utf-8")
    guide = text.partition("### Add a lab\n")[2].partition("\n### ")[0]
    found = {}
    for before, code in re.findall(r"(.*?)```(?:python|json)\n(.*?)```", guide, re.DOTALL):
        found[PATH.findall(before)[-1 if "session.py" not in before else 0]] = code
    return found


@pytest.fixture(scope="module")
def followed(root, steps, tmp_path_factory):
    """Return a copy of the checkout in which the guide was followed; the weights are those of the checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    shutil.copytree(root / "xai_widgets", copy / "xai_widgets", ignore=shutil.ignore_patterns("assets", "__pycache__"))
    (copy / "xai_widgets" / "assets").symlink_to(root / "xai_widgets" / "assets")
    shutil.copytree(root / "docs", copy / "docs", ignore=shutil.ignore_patterns("images", "example"))
    for name in ("README.md", "conftest.py", "pyproject.toml"):
        shutil.copy(root / name, copy)
    shutil.copytree(root / "tests", copy / "tests", ignore=shutil.ignore_patterns("data", "__pycache__"))
    for path, code in steps.items():
        file = copy / path
        if file.exists():
            assert path == "xai_widgets/__init__.py"
            text, mark = file.read_text("utf-8"), "if TYPE_CHECKING:\n"
            assert text.count(mark) == 1
            code = text.replace(mark, mark + code)  # noqa: PLW2901
        file.parent.mkdir(exist_ok=True)
        file.write_text(code, "utf-8")
    return copy


def run(folder, *command):
    environment = os.environ | {"PYTHONPATH": str(folder), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guide_touches_six_files(steps):
    assert len(steps) == FILES
    assert sum("labs/brightness" in path for path in steps) == 2
    assert {path.rpartition("/")[2] for path in steps} == {
        "__init__.py",
        "lab.py",
        "brightness.json",
        "test_brightness.py",
    }


def test_the_lab_is_in_every_list(followed):
    run(followed, "-c", LISTS)
    run(followed, "docs/labs.py", "--root", ".")
    assert "| `BrightnessLab` | make a picture darker, and watch the answer |" in (followed / "README.md").read_text(
        "utf-8"
    )
    page = (followed / "docs" / "labs.md").read_text("utf-8")
    assert "## BrightnessLab\n\nMake a picture darker, and watch the answer.\n" in page
    run(followed, "docs/labs.py", "--root", ".", "--check")


@pytest.mark.slow
def test_the_lab_passes_its_own_test_and_those_of_all_labs(followed):
    tests = ["tests/widgets/labs/test_brightness.py", "tests/widgets/labs/test_every_lab.py"]
    told = run(followed, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "brightness or type_checkers")
    assert int(re.search(r"(\d+) passed", told)[1]) >= 8


def test_what_is_out_of_date_is_said(followed, root):
    run(root, "docs/labs.py", "--check")
    page = followed / "docs" / "labs.md"
    text = page.read_text("utf-8")
    page.write_text(text + "more", "utf-8")
    with pytest.raises(AssertionError, match=r"out of date: docs/labs\.md"):
        run(followed, "docs/labs.py", "--root", ".", "--check")
    page.write_text(text, "utf-8")
