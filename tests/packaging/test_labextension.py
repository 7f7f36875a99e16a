"""The extension of JupyterLab and Notebook 7: what names it, and the version that browsers know its files by."""

import hashlib
import json
import tomllib


def test_the_version_in_its_address_is_that_of_its_files(root):
    folder = root / "xai_widgets" / "widgets" / "labextensions" / "xai-widgets"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((folder / "static").iterdir()))).hexdigest()
    build = json.loads((folder / "package.json").read_text())["jupyterlab"]["_build"]
    assert build["load"] == f"static/remote.js?v={digest[:12]}", "write this version into package.json"


def test_it_is_installed_where_jupyter_looks(root):
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    shared = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    ((source, place),) = shared.items()
    name = json.loads((root / source / "package.json").read_text())["name"]
    assert place == f"share/jupyter/labextensions/{name}"
