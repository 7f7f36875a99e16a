"""Modules that have moved can be imported by their old paths, with a warning that names the new one."""

import importlib
import subprocess
import sys
import warnings

import pytest

import xai_widgets
from xai_widgets.moved_modules import MOVED, install

REPLACED = {  # modules whose place a package has taken, a name that each had, and where the name is now
    "xai_widgets.methods.adversarial": ("fgsm", "xai_widgets.methods.adversarial.attacks"),
    "xai_widgets.models.graph": ("find_layer", "xai_widgets.models.graph.reading"),
    "xai_widgets.models.text": ("load_text_model", "xai_widgets.models.text.text_loading"),
    "xai_widgets.models.zoo": ("load_model", "xai_widgets.models.zoo.loading"),
}
FUNCTIONS = ("cam", "deconvolution", "deep_lift", "guided_grad_cam", "layer_maps", "lime_image", "lime_tabular", "lrp",
             "occlusion", "rise", "score_cam", "superpixels")  # fmt: skip


@pytest.fixture
def forgotten(monkeypatch):
    """Make Python forget that a module was imported; afterwards it remembers what it did."""

    def forget(name):
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]

    return forget


def imported(name):
    """Import a module; return it and what was warned of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        module = importlib.import_module(name)
    return module, [str(one.message) for one in told if "has moved" in str(one.message)]


@pytest.mark.parametrize("old", [old for old, new in MOVED.items() if isinstance(new, str)])
def test_an_old_path_gives_the_module_of_the_new_one_and_warns_once(old, forgotten):
    new = f"xai_widgets.{MOVED[old]}"
    old = f"xai_widgets.{old}"
    expected = importlib.import_module(new)
    imported(old.rpartition(".")[0])  # a package that has moved too warns for itself
    forgotten(old)
    found, told = imported(old)
    assert found is expected
    assert found.__name__ == found.__spec__.name == new
    assert told == [f"{old} has moved to {new}; import it from there"]
    assert imported(old) == (expected, [])


@pytest.mark.parametrize("old", [old for old, new in MOVED.items() if not isinstance(new, str)])
def test_a_module_that_was_split_has_the_names_of_its_parts(old, forgotten):
    parts = [importlib.import_module(f"xai_widgets.{new}") for new in MOVED[old]]
    forgotten(f"xai_widgets.{old}")
    found, told = imported(f"xai_widgets.{old}")
    for part in parts:
        own = [name for name, value in vars(part).items() if getattr(value, "__module__", "") == part.__name__]
        assert [name for name in own if not name.startswith("_")]
        assert all(getattr(found, name) is getattr(part, name) for name in own if not name.startswith("_"))
        assert part.__name__ in told[0]
    assert len(told) == 1


def test_no_old_path_is_that_of_a_module(root):
    for old in MOVED:
        path = root / "xai_widgets" / old.replace(".", "/")
        assert not path.with_suffix(".py").exists(), old
        assert not (path / "__init__.py").exists(), old


def test_what_lies_in_a_package_that_moved_is_read_once(forgotten):
    from xai_widgets.datasets.creatures import scene

    for name in ("xai_widgets.models.creatures", "xai_widgets.models.creatures.scene"):
        forgotten(name)
    found, told = imported("xai_widgets.models.creatures.scene")
    assert found is scene
    assert len(told) == 2  # the package, and the module in it


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_not_hidden_by_the_module_that_had_its_name(name, forgotten):
    function = getattr(xai_widgets.methods, name)
    forgotten(f"xai_widgets.methods.{name}")
    module, _ = imported(f"xai_widgets.methods.{name}")
    assert getattr(module, name) is function
    assert getattr(xai_widgets.methods, name) is function
    assert callable(function)


@pytest.mark.parametrize("package", REPLACED)
def test_a_package_has_the_names_of_the_module_before_it(package):
    name, successor = REPLACED[package]
    home = importlib.import_module(package)
    vars(home).pop(name, None)
    with pytest.warns(DeprecationWarning, match=rf"{package}\.{name} has moved to {successor}\.{name}") as told:
        found = getattr(home, name)
    assert len(told) == 1
    assert found is getattr(importlib.import_module(successor), name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert getattr(home, name) is found  # warned of once
    with pytest.raises(AttributeError, match=f"module {package!r} has no attribute 'nothing'"):
        home.nothing  # noqa: B018


def test_a_module_of_such_a_package_is_imported_without_a_warning():
    code = "from xai_widgets.models.text import text_loading; from xai_widgets.models.zoo import shipped"
    subprocess.run([sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code], check=True)


def test_the_warning_points_to_the_line_that_imports():
    code = "import warnings; warnings.simplefilter('default')\nfrom xai_widgets.methods.superpixels import superpixels"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "<string>:2: DeprecationWarning: xai_widgets.methods.superpixels has moved to " in done.stderr


@pytest.mark.parametrize("module", ["xai_widgets.course", "xai_widgets.course.display.described_figures"])
def test_a_renamed_class_has_its_old_name_too(module):
    home = importlib.import_module(module)
    with pytest.warns(DeprecationWarning, match=rf"{module}\.Drawing is now called DescribedFigure") as told:
        assert home.Drawing is home.DescribedFigure
    assert [one.filename for one in told] == [__file__]
    assert "Drawing" not in getattr(home, "__all__", ())


def test_a_module_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'xai_widgets\.methods\.nothing'"):
        importlib.import_module("xai_widgets.methods.nothing")


def test_it_is_installed_once():
    before = list(sys.meta_path)
    install()
    assert sys.meta_path == before
    assert sum(type(finder).__module__ == "xai_widgets.moved_modules" for finder in before) == 1
