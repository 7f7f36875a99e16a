"""The guide "Add a method" of CONTRIBUTING.md, followed literally: one file, and the method is everywhere."""

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets import cli, i18n
from xai_widgets.methods import attribution, core, gradient_times_input, registry, saliency
from xai_widgets.methods.attribution import gradients
from xai_widgets.methods.core.attribution_method import FUNCTIONS, METHODS, Cost, Paper, attribution_method
from xai_widgets.methods.core.recording import RECORDED, make_again

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### Add a method")[2].partition("\n### ")[0]
MODULE = "xai_widgets.methods.attribution.gradients.gradient_norm"


@pytest.fixture
def in_english():
    before = i18n.language()
    i18n.set_language("en")
    yield
    i18n.set_language(before)


@pytest.fixture
def added(tmp_path, monkeypatch, in_english):
    """Write the guide's file, and the two lines of the catalogues; take all away afterwards."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "gradient_norm.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(gradients, "__path__", [*gradients.__path__, str(tmp_path)])
    for language, name in (("en", "gradient length"), ("fr", "longueur du gradient")):
        monkeypatch.setitem(i18n.catalogue("attribution", language), "method_gradient_norm", name)
    registry.discover()
    importlib.reload(xai.methods)
    yield "gradient_norm"
    for table in (METHODS, FUNCTIONS, RECORDED):
        del table["gradient_norm"]
    del sys.modules[MODULE]
    del gradients.gradient_norm
    importlib.reload(xai.methods)


def test_a_method_touches_six_files_at_most():
    files = re.findall(r"^\| `([^`]+)` \|", GUIDE, re.MULTILINE)
    assert 3 <= len(files) <= 6
    for file in files:
        folder = (ROOT / file.replace("FAMILY", "gradients")).parent
        assert folder.is_dir()
        assert "NAME" in file or (ROOT / file).is_file()


def test_one_file_is_enough_for_the_functions(added):
    digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    assert xai.list_methods()[added].paper.startswith("Simonyan")
    assert added in xai.list_methods("picture").names
    assert added not in xai.list_methods("row").names
    assert added in xai.methods.__all__
    found = xai.explain(digits, three, added, "3", power=2.0)
    expected = np.square(saliency(digits, three, "3").values).sum(axis=-1)
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)
    np.testing.assert_array_equal(make_again(found.recipe, digits, three).values, found.values)
    assert getattr(xai.methods, added)(digits, three, "3").values.shape == (1, 8, 8)
    compared = xai.methods.compare_methods(digits, three, [added], "3", scores=["deletion"], steps=4)
    assert compared.methods == (added,)


def test_one_file_is_enough_for_tables(added, capsys):
    assert cli.main(["methods"]) == 0
    assert added in capsys.readouterr().out
    assert cli.main(["methods", "--markdown"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(f"| {added} |"))
    assert "1 forward, 1 backward" in row
    assert "arXiv:1312.6034" in row


def test_one_file_is_enough_for_labs(added, monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")
    chooser = xai.MethodChooser("digits", "digit-3", language="en", selected=added)
    assert added in chooser.remaining
    assert chooser.canvas.title == "gradient length"
    assert any(tile["key"] == added and tile["known"] for tile in chooser.grid.tiles)
    assert "power=1.0" in chooser.card.value
    chooser.network = "convolutional"
    chooser.price = "many"
    assert added not in chooser.remaining
    chooser.close()
    explorer = xai.AttributionExplorer("digits", "digit-3", methods=(added,), language="fr")
    assert ("longueur du gradient", added) in explorer.panels[0].menu.options
    assert not explorer.panels[0].canvas.layers[0].signed
    explorer.close()


def test_the_page_of_methods_is_what_the_descriptions_say(in_english):
    written = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    assert written == registry.methods_in_markdown() + "\n"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_method_has_its_word(language):
    words = i18n.catalogue("attribution", language)
    assert {f"method_{name}" for name in METHODS} == {key for key in words if key.startswith("method_")}


def test_a_description_is_checked():
    paper = Paper("A", 2000, "B")
    for wrong in (
        {"needs": ("gradient",)},
        {"explains": ("image",)},
        {"per": "sample"},
        {"grain": "rough"},
        {"values": "signed"},
    ):
        with pytest.raises(ValueError, match="must be of"):
            attribution_method(family="gradient", paper=paper, forward=1, **wrong)

    def saliency_of_mine(model, inputs, target=None):
        return gradient_times_input(model, inputs, target)

    saliency_of_mine.__name__ = "saliency"
    with pytest.raises(ValueError, match=r"already in xai_widgets.methods.attribution.gradients.saliency"):
        attribution_method(family="gradient", paper=paper, forward=1)(saliency_of_mine)
    assert RECORDED["saliency"] is saliency


def test_few_passes_is_arithmetic():
    assert Cost(2, 1).passes() == 3
    assert Cost(1, 1, per="steps").passes(50) == 100
    few = {name for name, method in METHODS.items() if method.few_passes}
    assert few == {
        "saliency", "gradient_times_input", "deconvolution", "guided_backprop", "lrp", "deep_lift", "cam", "grad_cam",
        "guided_grad_cam", "grad_cam_plus_plus", "layer_cam", "hires_cam", "eigen_cam",
    }  # fmt: skip


def test_families_are_rooms_of_their_own():
    assert core.__name__ == "xai_widgets.methods.core"
    assert all(name.startswith(attribution.__name__) for name in (one.function.__module__ for one in METHODS.values()))
