"""What a reader is told about the public names: ``help(xai_widgets)``, and the page that lists them."""

import importlib
import pydoc
import re
import runpy
import subprocess
import sys

import xai_widgets

SHORT = 6000  # characters: three screens


def words(text):
    return set(re.findall(r"\w+", text))


def test_help_is_short_and_names_everything():
    text = pydoc.render_doc(xai_widgets, renderer=pydoc.plaintext)
    assert len(text) < SHORT
    assert set(xai_widgets.__all__) - {"__version__"} <= words(text)


def test_pydoc_in_a_shell_is_as_short():
    command = [sys.executable, "-m", "pydoc", "xai_widgets"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout) < SHORT


def test_a_star_imports_all_names_and_completion_offers_them():
    space = {}
    exec("from xai_widgets import *", space)  # noqa: S102  (our own text)
    assert set(xai_widgets.__all__) <= space.keys()
    assert set(xai_widgets.__all__) <= set(dir(xai_widgets))


def test_help_on_one_name_tells_all_of_it():
    text = pydoc.render_doc(xai_widgets.explain, renderer=pydoc.plaintext)
    assert "Parameters" in text
    assert "Raises" in text


def test_the_page_of_public_names_is_current(root):
    script = runpy.run_path(str(root / "docs" / "api.py"))
    page = script["page"]()
    assert (root / "docs" / "api.md").read_text("utf-8") == page
    for name in script["MODULES"]:
        module = importlib.import_module(name)
        assert f"## `{name}`" in page
        for one in set(module.__all__) - {"__version__", "methods"}:
            assert f"| `{one}` | " in page
    assert "| |\n" not in page.replace("| name | |\n", "")  # every name has its line
