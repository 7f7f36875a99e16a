"""Try each release of Keras that pyproject.toml allows: ``python -m tools.keras_releases``, some minutes for each.

A release gets an environment of its own in a temporary folder, with the versions of constraints.txt for all the rest;
there the tests run that show that the file of a model runs no code. Which releases there are is what pip's index says.
Releases that are named are tried instead, allowed or not: ``python -m tools.keras_releases 3.12.0`` shows whether the
package's own refusals hold on a Keras that has fewer.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TESTS = "tests/models/zoo/test_file_safety.py"
PIP = ("-m", "pip", "--disable-pip-version-check")
_RUNS_TESTS = re.compile(r"pytest(-\w+)?|hypothesis")


def main(arguments: list[str] | None = None) -> int:
    """Try the releases, print what became of each; return 1 if one failed, or if there is none."""
    parser = argparse.ArgumentParser(prog="python -m tools.keras_releases", description=__doc__.split("\n", 1)[0])
    parser.add_argument("releases", nargs="*", metavar="RELEASE", help="by default all that pyproject.toml allows")
    parser.add_argument("--list", action="store_true", help="only say which they are")
    options = parser.parse_args(arguments)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    releases = options.releases or allowed(project["dependencies"], available())
    if options.list or not releases:
        print("\n".join(releases) or "no release of Keras that pyproject.toml allows is in pip's index")
        return int(not releases)
    told = {release: attempt(release, project) for release in releases}
    print("\n".join(f"keras {release}: {said}" for release, (_, said) in told.items()))
    return int(any(status for status, _ in told.values()))


def available() -> list[str]:
    """Ask pip which releases of Keras its index has."""
    command = [sys.executable, *PIP, "index", "versions", "keras"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return releases_in(said)


def releases_in(said: str) -> list[str]:
    """Return the releases in the answer of ``pip index versions``."""
    found = re.search(r"^Available versions: (.+)$", said, re.MULTILINE)
    return found[1].split(", ") if found else []


def allowed(dependencies: list[str], releases: list[str]) -> list[str]:
    """Return the releases that the project takes, in their order."""
    (keras,) = [each for each in map(Requirement, dependencies) if each.name == "keras"]
    return list(keras.specifier.filter(releases))


def needs(release: str, project: dict) -> list[str]:
    """Return what is installed beside the package: the release, and what runs the tests."""
    tests = project["optional-dependencies"]["test"]
    return [f"keras=={release}", *(each for each in tests if _RUNS_TESTS.fullmatch(Requirement(each).name))]


def other_constraints(text: str) -> str:
    """Return constraints.txt without Keras itself."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if canonicalize_name(line.partition("==")[0]) != "keras")


def attempt(release: str, project: dict) -> tuple[int, str]:
    """Run the tests with a release in an environment of its own; return their status, and what became of them."""
    with tempfile.TemporaryDirectory(prefix=f"keras-{release}-") as folder:
        python = _environment(Path(folder))
        versions = Path(folder) / "constraints.txt"
        versions.write_text(other_constraints((ROOT / "constraints.txt").read_text("utf-8")), "utf-8")
        install = [python, *PIP, "install", "--quiet", "--constraint", versions, *needs(release, project)]
        # Dependencies are those of an allowed release; an older one is tried all the same.
        wanted = [each for each in project["dependencies"] if Requirement(each).name != "keras"]
        backend = project["optional-dependencies"]["tensorflow-cpu"]
        if subprocess.run([*install, *wanted, *backend], check=False).returncode:
            return 1, "could not be installed"
        environment = os.environ | {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
        has = subprocess.run(
            [python, "-c", "import keras; print(keras.__version__)"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        if has != release:
            return 1, f"could not be tried: its environment has Keras {has or 'that cannot be imported'}"
        tests = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS]
        done = subprocess.run(tests, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        print(done.stdout[-6000:] if done.returncode else "", end="")
        return done.returncode, (done.stdout.strip() or done.stderr.strip() or "no word").splitlines()[-1]


def _environment(folder: Path) -> Path:
    """Make an environment; return its Python."""
    venv.create(folder / "venv", with_pip=True)
    return folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"


if __name__ == "__main__":
    sys.exit(main())
