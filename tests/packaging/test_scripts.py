"""The scripts beside the package (benchmarks, training, screenshots) import names that there are."""

import ast
import importlib
from pathlib import Path

import pytest

from xai_widgets.methods.registry import METHODS

ROOT = Path(__file__).parents[2]
SCRIPTS = [path for folder in ("benchmarks", "data", "docs") for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path):
    """Give each module of ours that a script imports from, at its top or inside a function, and the name it takes."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"xai_widgets", "tests"}:
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_script_imports_is_there(path):
    for module, name in imported(path):
        there = importlib.import_module(module)
        if not hasattr(there, name):
            importlib.import_module(f"{module}.{name}")


def test_the_scripts_are_found():
    assert {"interaction.py", "screenshots.py", "train.py"} <= {path.name for path in SCRIPTS}
    assert ("tests.browser.harness", "serve") in set(imported(ROOT / "benchmarks" / "pages.py"))


def jobs_of_peers():
    """Give the name of each job that benchmarks/peers.py asks another library for: a string before a call."""
    for node in ast.walk(ast.parse((ROOT / "benchmarks" / "peers.py").read_text("utf-8"))):
        if isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.Dict):
            items = zip(node.value.keys, node.value.values, strict=True)
            yield from (key.value for key, job in items if ast.unparse(job).startswith(("job(", "deep(", "kernel")))


def test_other_libraries_are_asked_by_the_names_of_our_methods():
    names = set(jobs_of_peers())
    assert {"saliency", "lrp epsilon", "rise", "kernel_shap", "lime_image as documented"} <= names
    assert {name.split()[0] for name in names} <= set(METHODS)


def test_the_benchmarks_read_the_methods_in_their_descriptions():
    for script in ("attribution.py", "sampling.py"):
        text = (ROOT / "benchmarks" / script).read_text("utf-8")
        words = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
        attributes = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
        assert not (words | attributes) & set(METHODS)
