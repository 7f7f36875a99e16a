"""How the tests are found and shared out."""

import builtins
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import _group, _rank

TESTS = Path(__file__).parents[1]
FOLDERS = sorted(path.name for path in TESTS.iterdir() if path.is_dir() and path.name != "__pycache__")


@pytest.mark.parametrize("name", FOLDERS)
def test_no_folder_of_tests_is_found_under_a_name_of_its_own(name):
    """As `models`, say: it is `tests.models`."""
    found = importlib.util.find_spec(name)
    places = [] if found is None else list(found.submodule_search_locations or [])
    assert not [place for place in places if Path(place).is_relative_to(TESTS)]
    here = importlib.util.find_spec(f"tests.{name}")
    assert [Path(place) for place in here.submodule_search_locations] == [TESTS / name]


def test_every_file_of_tests_is_one_module(request):
    """However often it is imported: as a test, and by another test that takes a helper from it."""
    modules = {item.path: item.module for item in request.session.items if hasattr(item, "module")}
    assert {path: module.__name__ for path, module in modules.items() if path.is_relative_to(TESTS)} == {
        path: ".".join(path.with_suffix("").relative_to(TESTS.parent).parts)
        for path in modules
        if path.is_relative_to(TESTS)
    }


@pytest.fixture(scope="module", params=["one", "another"])
def shared(request):
    return request.param


@pytest.mark.parametrize("_case", [1, 2])
def test_what_shares_a_fixture_stays_together(request, shared, _case):
    assert _group(request.node) == f"test_lanes-shared{['one', 'another'].index(shared)}"


@pytest.mark.parametrize("_case", [1, 2])
def test_the_cases_of_a_function_stay_together(request, _case):
    assert _group(request.node) == "test_lanes-test_the_cases_of_a_function_stay_together"
    assert _rank(request.node) == 3


@pytest.mark.slow
def test_what_is_slow_comes_first(request):
    assert _rank(request.node) == 2


@pytest.mark.notebook
@pytest.mark.slow
def test_a_whole_notebook_stands_alone_and_comes_before_all(request):
    assert _group(request.node) is None
    assert _rank(request.node) == 0


def test_there_is_no_underscore_among_the_builtins():
    """IPython names no output while there is one, so that what a test of cells sees would depend on who ran before."""
    assert "_" not in vars(builtins)


def test_a_doctest_leaves_none():
    first, then = "xai_widgets/i18n/numbers.py", f"{Path(__file__)}::test_there_is_no_underscore_among_the_builtins"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", first, then]
    ran = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
