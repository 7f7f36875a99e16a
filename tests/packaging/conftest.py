"""The checkout as git knows it; where there is no git, these tests say so."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tracked(root) -> list[Path]:
    """Every file that git tracks, or would if it were added."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("not in a git checkout")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return [root / name for name in sorted(set(names.split("\0"))) if name and (root / name).is_file()]
