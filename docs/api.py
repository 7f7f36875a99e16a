"""Write the page of public names from the code: ``python docs/api.py`` renews ``docs/api.md``.

Each name of the ``__all__`` of `MODULES` is on it, with the first line of its docstring. With ``--check`` nothing is
written, and the exit code is 1 where the page is out of date.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from pathlib import Path
from typing import Any, Final

from xai_widgets.widgets.base.lab_registry import registered_labs

PAGE: Final = Path(__file__).parent / "api.md"
UNITS: Final = "xai_widgets.methods.units"
MODULES: Final = (
    "xai_widgets",
    "xai_widgets.methods",
    "xai_widgets.methods.feature_visualization",
    "xai_widgets.methods.atlas",
    "xai_widgets.methods.dissection",
    "xai_widgets.methods.embedding",
    f"{UNITS}.ablation",
    f"{UNITS}.deconvnet",
    f"{UNITS}.filters",
    f"{UNITS}.receptive_fields",
    f"{UNITS}.top_patches",
    f"{UNITS}.training_recorder",
    f"{UNITS}.unit_statistics",
)
HEAD: Final = """# Public names

Each with the first line of its docstring; `help(name)` in Python tells the rest. `python docs/api.py` writes this page.
"""


def page() -> str:
    """Return the page."""
    labs = set(registered_labs())
    sections = []
    for name in MODULES:
        module = importlib.import_module(name)
        found = {one: getattr(module, one) for one in sorted(module.__all__, key=str.lower) if one[0] != "_"}
        found = {one: value for one, value in found.items() if not inspect.ismodule(value)}
        sections.append(_section(f"`{name}`", module, {one: value for one, value in found.items() if one not in labs}))
        if name == "xai_widgets":
            sections.append(
                _section("The labs, in `xai_widgets`", None, {one: found[one] for one in registered_labs()})
            )
    return HEAD + "".join(sections)


def _section(title: str, module: Any, found: dict[str, Any]) -> str:
    said = "" if module is None else f"{_first_line(module)}\n\n"
    rows = "\n".join(f"| `{name}` | {_first_line(value)} |" for name, value in found.items())
    return f"\n## {title}\n\n{said}| name | |\n|---|---|\n{rows}\n"


def _first_line(value: Any) -> str:
    """Return the first line of a docstring as Markdown; of a table, what it holds."""
    if isinstance(value, dict):
        return "A table with " + ", ".join(f"`{key!r}`" for key in value) + "."
    first = (inspect.getdoc(value) or "").partition("\n")[0]
    return first.replace("``", "`").replace("|", "\\|")


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the page is out of date")
    stale = not PAGE.is_file() or PAGE.read_text("utf-8") != page()
    if parser.parse_args().check:
        print("out of date: docs/api.md; python docs/api.py renews it" if stale else "docs/api.md is current")
        return int(stale)
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
