"""Make hashes.txt from constraints.txt: ``python -m tools.hashes``, some seconds and the network; ``--check`` compares.

It holds every package that ``make lab``, ``demo``, ``test`` and ``lint`` install, with the SHA-256 of each
of its files, for all systems and for Python 3.11 to 3.13; no address of an index. What one system or one Python alone
needs says so in a marker. hashes-build.txt holds what builds this package and those that come as sources. uv finds the
files, in the index that pip is set up with (an extra index and folders of files are left out).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("course", "demo", "instructor", "javascript", "test", "tensorflow-cpu")
SOURCES_NEED = ("setuptools", "wheel")  # lime and others come without a wheel
HEAD = """\
# {what}, with the SHA-256 of each file,
# for every system and Python of pyproject.toml. python -m tools.hashes makes it; CONTRIBUTING.md says how to use it.
"""
_ADDRESS = re.compile(r"\w+://")


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or compare them; return 1 if one differs or cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m tools.hashes", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say whether the files are what this makes")
    options = parser.parse_args(arguments)
    if find_spec("uv") is None:
        print('uv is not installed: pip install -c constraints.txt -e ".[release]"', file=sys.stderr)
        return 1
    try:
        texts = made()
    except subprocess.CalledProcessError as error:
        print(f"uv cannot make hashes.txt:\n{error.stderr.strip()}", file=sys.stderr)
        return 1
    status = 0
    for name, text in texts.items():
        path = ROOT / name
        if not options.check:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{name}: {len(packages(text))} packages, {text.count('--hash=')} files")
        elif not path.is_file() or path.read_text("utf-8") != text:
            print(f"{name} differs; run: python -m tools.hashes")
            status = 1
    return status


def made() -> dict[str, str]:
    """Return the texts of the files, by their names.

    Raises
    ------
    subprocess.CalledProcessError
        If uv finds no versions that go together, or no index.
    ValueError
        If what it says names an address.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    python = oldest(project["project"]["requires-python"])
    course = [*(f"--extra={extra}" for extra in EXTRAS), str(ROOT / "pyproject.toml")]
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build.in"
        build.write_text("\n".join([*project["build-system"]["requires"], *SOURCES_NEED]) + "\n", encoding="utf-8")
        return {
            "hashes.txt": HEAD.format(what="The packages of constraints.txt that make installs")
            + asked(course, python),
            "hashes-build.txt": HEAD.format(what="What builds packages from sources") + asked([str(build)], python),
        }


def asked(wanted: list[str], python: str) -> str:
    """Return what uv says to what is wanted."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config", "--no-annotate", "--no-header"]
    command += ["--universal", "--generate-hashes", "--python-version", python]
    command += ["--constraint", str(ROOT / "constraints.txt"), *wanted]
    said = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout
    if _ADDRESS.search(said):
        raise ValueError("uv names an address of an index; hashes.txt holds none")
    return said


def oldest(requires_python: str) -> str:
    """Return the oldest Python that a specifier such as ``">=3.11,<3.14"`` takes."""
    return re.search(r">=\s*([\d.]+)", requires_python)[1]


def environment() -> dict[str, str]:
    """Return the environment for uv, which asks the index that pip asks."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    index = os.environ.get("PIP_INDEX_URL") or said.strip()
    return os.environ | ({"UV_DEFAULT_INDEX": index} if index else {})


def packages(text: str) -> dict[str, str]:
    """Return the names in the text of such a file, with their versions."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main())
