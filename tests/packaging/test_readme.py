"""What the README shows in Python runs as it stands."""

import os
import re
import subprocess
import sys

import pytest
from PIL import Image

import xai_widgets
from xai_widgets.widgets.base.lab import Lab

# What a reader brings: a model, a picture.
READERS_OWN = """
import keras
my_model = keras.Sequential([
    keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax"),
])
"""


@pytest.fixture(scope="module")
def blocks(root):
    return re.findall(r"^```python\n(.*?)^```", (root / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


def run(code, folder):
    environment = os.environ | {"XAI_WIDGETS_SYNC": "1", "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_two_lines_on_a_readers_own_model(blocks, tmp_path):
    (block,) = [block for block in blocks if "my_model" in block]
    Image.linear_gradient("L").save(tmp_path / "photo.jpg")
    run(READERS_OWN + block, tmp_path)


def test_the_plain_functions(blocks, tmp_path):
    (block,) = [block for block in blocks if "my_model" not in block]
    before, after = re.findall(r"label='([\w ]+)'", run(block, tmp_path))
    assert before == "cat"
    assert after != "cat"  # the network changed its mind


def test_every_lab_is_shown_light_and_dark(root):
    page = (root / "docs" / "labs.md").read_text("utf-8")
    public = [getattr(xai_widgets, name) for name in xai_widgets.__all__ if name[0].isupper()]
    labs = [one.__name__ for one in public if issubclass(one, Lab)]
    assert sorted(labs) == sorted(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    for name in labs:
        for theme in ("light", "dark"):
            assert f"images/labs/{name}-{theme}.webp" in page
            with Image.open(root / "docs" / "images" / "labs" / f"{name}-{theme}.webp") as picture:
                assert picture.width > 600
