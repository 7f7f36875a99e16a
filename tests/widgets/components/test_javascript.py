"""The tests in JavaScript, and what the type checker cannot know: that the traits are those of the Python classes."""

import re
import subprocess
from pathlib import Path

import pytest

from xai_widgets.widgets.components import (
    AtlasMap,
    ChoiceMenu,
    Curve,
    Matrix,
    PictureCanvas,
    PictureUpload,
    PointMap,
    QuietBar,
    RequestLine,
    ScoreBars,
    Slider,
    TileGrid,
    assets,
)
from xai_widgets.widgets.components.base import Component

TESTS = Path(__file__).parent / "javascript"

# The types of traits that are written in JavaScript, and the class whose traits they are.
TRAITS = {
    "common.CommonTraits": Component,
    "atlas_map.AtlasTraits": AtlasMap,
    "blend.Blend": PictureCanvas,
    "cover.CoverTraits": PictureCanvas,
    "choice_menu.ChoiceTraits": ChoiceMenu,
    "curve.CurveTraits": Curve,
    "matrix.MatrixTraits": Matrix,
    "quiet_bar.BarTraits": QuietBar,
    "picture_canvas.PictureTraits": PictureCanvas,
    "picture_upload.UploadTraits": PictureUpload,
    "point_map.PointTraits": PointMap,
    "request_line.RequestTraits": RequestLine,
    "score_bars.BarTraits": ScoreBars,
    "slider.SliderTraits": Slider,
    "slider_scale.Limits": Slider,
    "tile_grid.TileTraits": TileGrid,
}
WRITTEN = {"CBool": "boolean", "Bool": "boolean", "Int": "number", "Float": "number", "Unicode": "string"}


def _sources():
    return {file.stem: file.read_text("utf-8") for file in sorted(assets.FOLDER.glob("*.js"))}


def _properties(qualified):
    """Return the properties of a type in JSDoc, with their types as written."""
    module, _, name = qualified.partition(".")
    (block,) = re.findall(rf"@typedef \{{object\}} {name}\n((?: \* @property .*\n)+)", _sources()[module])
    return {name: kind for kind, name in re.findall(r" \* @property \{(.+)\} (\w+)", block)}


def _synced(component):
    return {name for name, trait in component.class_traits(sync=True).items() if not name.startswith("_")}


def test_of_the_modules_in_node(node):
    files = sorted(str(file) for file in TESTS.glob("*.test.js"))
    assert len(files) >= 8
    done = subprocess.run([node, "--test", "--test-reporter=tap", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None, done.stdout
    assert int(passed.group(1)) >= 40


def test_a_test_that_fails_is_seen(node, tmp_path):
    file = tmp_path / "wrong.test.mjs"
    file.write_text(
        'import { it } from "node:test";\nit("fails", () => { throw new Error("so it does"); });\n', "utf-8"
    )
    assert subprocess.run([node, "--test", str(file)], capture_output=True, check=False).returncode == 1


def test_every_type_of_traits_is_compared():
    found = {
        f"{module}.{name}"
        for module, text in _sources().items()
        for name in re.findall(r"@typedef \{object\} (\w*Traits)\n", text)
    }
    assert found <= set(TRAITS)


@pytest.mark.parametrize("qualified", TRAITS)
def test_traits_in_javascript_are_those_in_python(qualified):
    component = TRAITS[qualified]
    properties = _properties(qualified)
    assert set(properties) <= _synced(component)
    for name, kind in properties.items():
        trait = component.class_traits()[name]
        written = WRITTEN.get(type(trait).__name__)
        if written is not None:
            assert kind == (f"{written} | null" if trait.allow_none else written), name
        elif type(trait).__name__ == "Bytes":
            assert kind.endswith("KernelBuffer"), name
        elif type(trait).__name__ == "Enum" and name != "language":
            assert kind == " | ".join(f'"{value}"' for value in trait.values), name


@pytest.mark.parametrize("module", _sources())
def test_no_type_is_left_open(module):
    text = _sources()[module]
    assert not re.search(r"@ts-(ignore|nocheck|expect-error)", text)
    assert not re.search(r"@(?:param|type|typedef|property|returns|template) \{[^}\n]*\b(?:any|Function)\b", text)


def test_keys_are_in_one_table():
    asks = re.compile(r"\b(?:event|press)\.(?:key\b|code\b|shiftKey|ctrlKey|metaKey|altKey)")
    found = {name: asks.findall(text) for name, text in _sources().items() if name != "keys" and asks.search(text)}
    wheel = ["event.ctrlKey"]  # browsers tell so of two fingers that spread
    assert found == {"atlas_map": wheel, "point_map": wheel}
