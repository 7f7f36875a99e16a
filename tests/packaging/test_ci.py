"""What CI runs: it stops at the first part that fails, and says at its end what each part took."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).parents[2] / ".ci"
JUNIT = """<testsuites><testsuite>
<testcase classname="tests.methods.attribution.test_lrp" name="test_rules[flat]@test_lrp-test_rules" time="61.5"/>
<testcase classname="tests.methods.test_registry" name="test_list" time="0.25"/>
<testcase classname="tests.plots.test_points" name="test_points" time="0.75"/>
<testcase classname="xai_widgets.i18n.numbers" name="xai_widgets.i18n.numbers" time="0.25"/>
<testcase classname="tests.notebooks.test_notebooks" name="test_runs[12_units]" time="30"/>
</testsuite></testsuites>"""
STAND_IN = """#!/bin/sh
echo "make $*"
case "$1" in "{fails}") echo "it is broken"; exit 2;; esac
for word in "$@"; do
  case "$word" in REPORT=*) cp "{junit}" "${{word#REPORT=}}";; esac
done
"""


def words(line):
    return line.split()


def test_the_tables(tmp_path):
    (tmp_path / "parts.tsv").write_text("lint\t90\t0\ntest\t1200\t1\n")
    (tmp_path / "test.xml").write_text(JUNIT)
    command = [sys.executable, str(CI / "report.py"), str(tmp_path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = list(map(words, lines))
    assert ["lint", "1.5"] in found
    assert ["test", "20.0", "5", "failed", "(1)"] in found
    assert ["all", "21.5", "5"] in found
    assert found.index(["test:", "tests/methods", "1.0", "2"]) < found.index(["test:", "tests/notebooks", "0.5", "1"])
    assert ["the", "others", "0.0", "2"] in found
    slowest = [line for line in found if line and "::" in line[-1]]
    assert slowest[0] == ["61.5", "test:", "tests.methods.attribution.test_lrp::test_rules[flat]"]
    assert [float(line[0]) for line in slowest] == [61.5, 30, 0.8, 0.2, 0.2]


@pytest.fixture
def run(tmp_path):
    """Run CI where `make` is a stand-in that may fail at one thing; return its status and what it said."""
    if sys.platform == "win32" or shutil.which("bash") is None:
        pytest.skip("CI runs on Debian")
    junit = tmp_path / "junit.xml"
    junit.write_text(JUNIT)
    commands = tmp_path / "bin"
    commands.mkdir()
    shutil.copytree(CI, tmp_path / "checkout" / ".ci")

    def run_it(fails="nothing"):
        for name in ("make", "chromium", "apt-get", "sudo"):
            (commands / name).write_text(STAND_IN.format(fails=fails, junit=junit))
            (commands / name).chmod(0o755)
        path = os.pathsep.join([str(commands), os.environ["PATH"]])
        ran = subprocess.run(
            [shutil.which("bash"), str(tmp_path / "checkout" / ".ci" / "run")],
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout

    return run_it


def test_all_parts_are_run(run):
    status, said = run()
    assert status == 0
    for target in ("lint", "test", "test-jax", "test-torch"):
        assert f"make {target}" in said
    assert ["all", "0.0", "15"] in list(map(words, said.splitlines()))


@pytest.mark.parametrize(
    ("fails", "part", "expected"),
    [("lint", "lint", 2), ("test-jax", "jax", 2), (".venv-backends/stamp", "backends", 1)],
)
def test_it_stops_at_the_first_that_fails_and_still_says_what_was_done(run, fails, part, expected):
    status, said = run(fails)
    table = [line for line in map(words, said.splitlines()) if line[1:2] == ["0.0"]]
    assert status == expected
    assert "it is broken" in said
    assert table[-2][0] == part
    assert table[-2][-2:] == ["failed", f"({status})"]
    assert table[-1][0] == "all"
