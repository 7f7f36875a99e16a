"""hashes.txt is made by uv; what is asked of it, and what becomes of its answer."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import hashes

ANSWER = f"""\
a==1.0 ; os_name == 'nt' \\
    --hash=sha256:{"0" * 64}
b-c==2.1.post1 \\
    --hash=sha256:{"1" * 64}
"""


@pytest.fixture
def uv(monkeypatch, tmp_path):
    """Stand in for uv; return what it was asked, and let a test change its answer."""
    asked = {"answer": ANSWER, "commands": []}

    def run(command, **options):
        if "uv" not in command:
            return subprocess.CompletedProcess(command, 1, "", "")
        asked["commands"].append(command)
        asked.update(last=Path(command[-1]).read_text(), environment=options["env"])
        if isinstance(asked["answer"], Exception):
            raise asked["answer"]
        return subprocess.CompletedProcess(command, 0, asked["answer"], "")

    (tmp_path / "pyproject.toml").write_bytes((hashes.ROOT / "pyproject.toml").read_bytes())
    monkeypatch.setattr(hashes, "ROOT", tmp_path)
    monkeypatch.setattr(hashes.subprocess, "run", run)
    monkeypatch.setattr(hashes, "find_spec", lambda name: name)
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return asked


def test_the_file_is_written_and_compared(uv, tmp_path, capsys):
    assert hashes.main(["--check"]) == 1
    assert not (tmp_path / "hashes.txt").exists()
    assert hashes.main([]) == 0
    assert (tmp_path / "hashes.txt").read_text().endswith("how to use it.\n" + ANSWER)
    assert (tmp_path / "hashes-build.txt").read_text().endswith("how to use it.\n" + ANSWER)
    assert "hashes-build.txt: 2 packages, 2 files" in capsys.readouterr().out
    assert hashes.main(["--check"]) == 0
    uv["answer"] = ANSWER.replace("1.0", "1.1")
    assert hashes.main(["--check"]) == 1
    assert hashes.packages(ANSWER) == {"a": "1.0", "b-c": "2.1.post1"}


def test_every_system_and_python_what_make_installs_and_what_builds(uv, tmp_path):
    hashes.main([])
    command, of_what_builds = uv["commands"]
    assert command[:5] == [sys.executable, "-m", "uv", "pip", "compile"]
    assert {"--universal", "--generate-hashes", "--extra=course", "--extra=tensorflow-cpu"} <= set(command)
    assert command[command.index("--python-version") + 1] == "3.11"
    assert command[command.index("--constraint") + 1] == str(tmp_path / "constraints.txt")
    assert command[-1] == str(tmp_path / "pyproject.toml")
    assert of_what_builds[:-1] == [each for each in command[:-1] if not each.startswith("--extra")]
    assert "hatchling==" in uv["last"]
    assert "setuptools" in uv["last"]


def test_the_index_is_that_of_pip(uv, monkeypatch):
    hashes.main([])
    assert "UV_DEFAULT_INDEX" not in uv["environment"]
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1/simple")
    hashes.main([])
    assert uv["environment"]["UV_DEFAULT_INDEX"] == "http://127.0.0.1/simple"


def test_an_answer_with_an_address_is_not_written(uv, tmp_path):
    uv["answer"] = "--index-url http://127.0.0.1/simple\n" + ANSWER
    with pytest.raises(ValueError, match="names an address"):
        hashes.main([])
    assert not (tmp_path / "hashes.txt").exists()


def test_what_uv_says_is_told(uv, capsys):
    uv["answer"] = subprocess.CalledProcessError(1, "uv", stderr="error: no solution\n")
    assert hashes.main([]) == 1
    assert capsys.readouterr().err == "uv cannot make hashes.txt:\nerror: no solution\n"


def test_without_uv_it_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(hashes, "find_spec", lambda _: None)
    assert hashes.main([]) == 1
    assert 'pip install -c constraints.txt -e ".[release]"' in capsys.readouterr().err
