"""Which releases of Keras are tried, and with what."""

import tomllib
from pathlib import Path

import pytest

from tools import keras_releases
from tools.keras_releases import allowed, main, needs, other_constraints, releases_in

SAID = """\
keras (3.16.0)
Available versions: 3.16.0, 3.15.2, 3.15.1, 3.15.0, 3.12.0, 2.15.0
  INSTALLED: 3.15.1
"""


@pytest.fixture
def project():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    return tomllib.loads(text)["project"]


def test_all_that_the_project_allows_and_no_other(project):
    assert allowed(project["dependencies"], releases_in(SAID)) == ["3.16.0", "3.15.2", "3.15.1"]
    assert allowed(["numpy>=2", "keras>=3,!=3.15.1,<3.16"], releases_in(SAID)) == ["3.15.2", "3.15.0", "3.12.0"]


def test_an_index_that_says_nothing_has_none():
    assert releases_in("ERROR: No matching distribution found for keras\n") == []


def test_the_release_is_installed_with_the_versions_that_are_tested_of_all_else(project):
    assert other_constraints("jax==1\nkeras==3.15.1\nkeras-hub==2\n") == "jax==1\nkeras-hub==2\n"
    found = needs("3.15.2", project)
    assert found[0] == "keras==3.15.2"
    assert {"pytest", "pytest-xdist", "hypothesis"} <= {each.partition(">")[0] for each in found}
    assert not any(each.startswith(("mypy", "playwright", "ruff")) for each in found)


def test_one_release_that_fails_is_told_and_fails_all(monkeypatch, capsys):
    monkeypatch.setattr(keras_releases, "available", lambda: releases_in(SAID))
    said = {"3.15.2": (1, "1 failed, 20 passed"), "3.16.0": (0, "21 passed"), "3.15.1": (0, "21 passed")}
    monkeypatch.setattr(keras_releases, "attempt", lambda release, _: said[release])
    assert main([]) == 1
    told = capsys.readouterr().out
    assert told == "keras 3.16.0: 21 passed\nkeras 3.15.2: 1 failed, 20 passed\nkeras 3.15.1: 21 passed\n"
    assert main(["3.16.0"]) == 0
    assert capsys.readouterr().out == "keras 3.16.0: 21 passed\n"
    assert main(["--list"]) == 0
    assert capsys.readouterr().out == "3.16.0\n3.15.2\n3.15.1\n"


def test_no_release_is_no_success(monkeypatch, capsys):
    monkeypatch.setattr(keras_releases, "available", list)
    assert main([]) == 1
    assert "no release of Keras that pyproject.toml allows is in pip's index" in capsys.readouterr().out


def test_the_tests_that_are_run_are_there():
    assert (keras_releases.ROOT / keras_releases.TESTS).is_file()
