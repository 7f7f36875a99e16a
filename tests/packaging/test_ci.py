"""What CI runs: it stops at the first part that fails, ends the others, and says at its end what each part took."""

import os
import shutil
import subprocess
import sys
import time
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
case "$1" in
  "{fails}") while [ -n "{lasts}" ] && [ ! -f "{begun}" ]; do sleep 0.1; done; echo "it is broken"; exit 2;;
  "{lasts}") echo $$ >"{begun}"; sleep 300;;
esac
for word in "$@"; do
  case "$word" in REPORT=*) cp "{junit}" "${{word#REPORT=}}";; esac
done
"""


def words(line):
    return line.split()


def test_the_tables(tmp_path):
    (tmp_path / "parts.tsv").write_text("lint\t90\t0\ntest\t1200\t1\n")
    (tmp_path / "test.xml").write_text(JUNIT)
    command = [sys.executable, str(CI / "report.py"), str(tmp_path), "1215"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = list(map(words, lines))
    assert ["lint", "1.5"] in found
    assert ["test", "20.0", "5", "failed", "(1)"] in found
    assert ["all", "20.2", "5"] in found
    assert found.index(["test:", "tests/methods", "1.0", "2"]) < found.index(["test:", "tests/notebooks", "0.5", "1"])
    assert ["the", "others", "0.0", "2"] in found
    slowest = [line for line in found if line and "::" in line[-1]]
    assert slowest[0] == ["61.5", "test:", "tests.methods.attribution.test_lrp::test_rules[flat]"]
    assert [float(line[0]) for line in slowest] == [61.5, 30, 0.8, 0.2, 0.2]


@pytest.fixture
def begun(tmp_path):
    """The file in which what lasts writes the number of its process."""
    return tmp_path / "begun"


@pytest.fixture
def run(tmp_path, begun):
    """Run CI where `make` is a stand-in that may fail at one thing, and at another one never end.

    Return its status and what it said.
    """
    if sys.platform == "win32" or shutil.which("bash") is None:
        pytest.skip("CI runs on Debian")
    junit = tmp_path / "junit.xml"
    junit.write_text(JUNIT)
    commands = tmp_path / "bin"
    commands.mkdir()
    shutil.copytree(CI, tmp_path / "checkout" / ".ci")

    def run_it(fails="nothing", lasts=""):
        for name in ("make", "chromium", "apt-get", "sudo"):
            (commands / name).write_text(STAND_IN.format(fails=fails, lasts=lasts, begun=begun, junit=junit))
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
    ("fails", "part"), [("lint", "lint"), ("test-jax", "jax"), (".venv-backends/stamp", "backends")]
)
def test_it_stops_at_the_first_that_fails_and_still_says_what_was_done(run, fails, part):
    status, said = run(fails)
    table = [line for line in map(words, said.splitlines()) if line[1:2] == ["0.0"]]
    assert status == 2
    assert "it is broken" in said
    assert [line[0] for line in table if line[-2:] == ["failed", "(2)"]] == [part]
    assert table[-1][0] == "all"


@pytest.mark.parametrize(
    ("fails", "lasts", "ended"),
    [("test", "test-jax", "other_backends"), ("lint", "test-torch", "other_backends"), ("test-torch", "test", "test")],
)
def test_what_runs_beside_it_is_ended(run, begun, fails, lasts, ended):
    status, said = run(fails, lasts)
    assert status == 2
    assert f"=== {ended}: ended" in said
    state = Path(f"/proc/{int(begun.read_text())}/stat")
    for _ in range(100):
        if not state.exists() or ") Z" in state.read_text():  # it has ended; nobody need have asked how
            break
        time.sleep(0.1)
    else:
        pytest.fail("it still runs")
