"""The list of slow tests: it names what exists, and is made from a report."""

import ast
from pathlib import Path

import pytest

from tools import slow_tests
from tools.slow_tests import LIST, SECONDS, TOGETHER, slow_functions

ROOT = Path(__file__).parents[2]
LISTED = LIST.read_text("utf-8").splitlines()
CASE = '<testcase classname="{}" name="{}" time="{}"/>'


def names_in(file):
    """Return what can stand behind the name of a file: functions, and classes with their methods."""
    found, module = set(), ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")

    def walk(nodes, before):
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add((*before, node.name))
                walk(node.body, (*before, node.name))

    walk(ast.parse((ROOT / file).read_text("utf-8")).body, ())
    return {"::".join(names) for names in found} | {".".join([module, *names]) for names in found} | {module}


def test_the_list_names_tests_that_exist():
    files = {name.partition("::")[0] for name in LISTED}
    known = {f"{file}::{name}" for file in files if (ROOT / file).is_file() for name in names_in(file)}
    assert [name for name in LISTED if name not in known] == []


def test_the_list_is_sorted_and_there_is_something_in_it():
    assert sorted(set(LISTED)) == LISTED
    assert len(LISTED) > 100


def test_what_it_lists_is_marked_and_nothing_else_here(request):
    assert request.node.get_closest_marker("slow") is None
    items = [item for item in request.session.items if item.nodeid.partition("[")[0] in LISTED]
    assert all(item.get_closest_marker("slow") is not None for item in items)


@pytest.fixture
def report(tmp_path):
    """A function that writes a report of cases (class, name, seconds), beside the files of the tests."""
    (tmp_path / "tests" / "course").mkdir(parents=True)
    (tmp_path / "tests" / "course" / "test_a.py").touch()
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "one.py").touch()

    def write(*cases):
        path = tmp_path / "report.xml"
        path.write_text(
            f"<testsuites><testsuite>{''.join(CASE.format(*case) for case in cases)}</testsuite></testsuites>"
        )
        return path

    return write


@pytest.mark.parametrize(("seconds", "slow"), [(SECONDS, False), (SECONDS + 0.01, True), (0.01, False)])
def test_a_function_is_slow_by_the_mean_of_its_cases(report, seconds, slow):
    path = report(
        ("tests.course.test_a", "test_it[a::b[1]]@test_a-test_it", seconds + 0.1),
        ("tests.course.test_a", "test_it[c]", seconds - 0.1 if seconds > 0.1 else 0),
        ("tests.course.test_a", "test_other", 0.2),
    )
    assert slow_functions([path], path.parent) == (["tests/course/test_a.py::test_it"] if slow else [])


@pytest.mark.parametrize(("count", "slow"), [(24, False), (25, True), (23, False)])
def test_a_function_of_many_cases_is_slow_by_their_sum(report, count, slow):
    path = report(*[("tests.course.test_a.TestIt", f"test_it[{case}]", TOGETHER / 24) for case in range(count)])
    assert slow_functions([path], path.parent) == (["tests/course/test_a.py::TestIt::test_it"] if slow else [])


def test_doctests_are_listed_by_their_module_and_files_that_are_gone_are_not(report):
    path = report(("package.one", "package.one.Thing", 2), ("tests.course.test_gone", "test_it", 2))
    assert slow_functions([path], path.parent) == ["package/one.py::package.one.Thing"]


def test_the_list_is_written(report, monkeypatch, tmp_path, capsys):
    path = report(("tests.course.test_a", "test_it", 2))
    monkeypatch.setattr(slow_tests, "ROOT", tmp_path)
    monkeypatch.setattr(slow_tests, "LIST", tmp_path / "slow.txt")
    monkeypatch.setattr("tools.slow_tests.slow_functions", lambda reports: slow_functions(reports, tmp_path))
    slow_tests.main([str(path)])
    assert (tmp_path / "slow.txt").read_text() == "tests/course/test_a.py::test_it\n"
    assert capsys.readouterr().out == "1 slow functions are listed in slow.txt\n"
