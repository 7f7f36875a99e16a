"""Puts an ES module together with the siblings that it imports, because a widget's module cannot load files."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<name>\w+)\.js";\n', re.MULTILINE)


def module(name: str) -> str:
    """Return the text of ``name.js`` with its siblings in front of it instead of its import lines.

    The files stay ES modules that a browser, Node or a type checker reads one by one.

    Examples
    --------
    >>> text = module("slider")
    >>> "import {" in text, text.count("export default")
    (False, 1)
    """
    files: dict[str, str] = {}
    _collect(name, files)
    return "\n".join(files.values())


def _collect(name: str, files: dict[str, str]) -> None:
    """Add the file called `name` to `files`, after the files that it imports."""
    text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    for found in _IMPORT.finditer(text):
        if found["name"] not in files:
            _collect(found["name"], files)
    files[name] = _IMPORT.sub("", text)


def style(name: str) -> str:
    """Return the style sheet shared by all components, followed by ``name.css``.

    Examples
    --------
    >>> ".xw-slider" in style("slider")
    True
    """
    return "\n".join((FOLDER / f"{part}.css").read_text(encoding="utf-8") for part in ("common", name))
