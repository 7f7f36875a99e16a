"""No two modules and no two public classes of the package share a name without need."""

import ast
from collections import defaultdict

import pytest

# Packages have an __init__, labs a lab, a session and views; `base` holds the class that its neighbours extend.
SHARED_MODULES = {"__init__", "__main__", "base", "lab", "session", "views"}


@pytest.fixture(scope="module")
def sources(root):
    package = root / "xai_widgets"
    return {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}


def shared(places):
    return {name: set(paths) for name, paths in places.items() if len(paths) > 1}


def modules_by_name(sources):
    found = defaultdict(list)
    for place, path in sources.items():
        found[path.stem].append(place)
    return found


def classes_by_name(sources):
    found = defaultdict(list)
    for place, path in sources.items():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(place)
    return found


def test_no_two_modules_share_a_name_without_need(sources):
    found = shared(modules_by_name(sources))
    assert {name: places for name, places in found.items() if name not in SHARED_MODULES} == {}
    assert found.keys() >= {"__init__", "base", "lab", "session"}


def test_no_two_public_classes_share_a_name(sources):
    assert shared(classes_by_name(sources)) == {}


def test_the_search_finds_what_it_is_for(tmp_path):
    for place in ("a/one.py", "b/one.py"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text("class X: ...\nclass _Y: ...\n", encoding="utf-8")
    sources = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.py")}
    assert shared(modules_by_name(sources)) == {"one": {"a/one.py", "b/one.py"}}
    assert shared(classes_by_name(sources)) == {"X": {"a/one.py", "b/one.py"}}
