"""Write the lists of labs from their registry: ``python docs/labs.py``.

It renews ``docs/labs.md``, README's table, and the names in the text of ``help(xai_widgets)``. With ``--check`` nothing
is written, and the exit code is 1 where a list is out of date. ``--root FOLDER`` does the same for another checkout.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xai_widgets.widgets.base.lab_registry import registered_labs

if TYPE_CHECKING:
    from xai_widgets.widgets.base.lab_registry import LabEntry

ROOT = Path(__file__).parents[1]
TABLE: Final = re.compile(r"(?<=<!-- labs: python docs/labs.py -->\n\n).*?(?=\n\n<!-- end of labs -->)", re.DOTALL)
NAMES: Final = re.compile(r"(?<=\nThe labs\n--------\n).*?(?=\n\n[A-Z])", re.DOTALL)
WIDTH: Final = 115
HEAD = """# The labs

Each as it opens in JupyterLab, light or dark as your page is. `python docs/screenshots.py` takes these pictures again,
and `python docs/labs.py` writes this page.
"""
SECTION = """
## {name}

{purpose}{notebooks}

<picture>
<source media="(prefers-color-scheme: dark)" srcset="images/labs/{name}-dark.webp">
<img alt="{name}: {purpose}" src="images/labs/{name}-light.webp">
</picture>
"""


def page() -> str:
    """Return the page of labs."""
    return HEAD + "".join(_section(entry) for entry in registered_labs().values())


def _section(entry: LabEntry) -> str:
    links = [f"[{name}](../notebooks/en/{name}.ipynb)" for name in entry.notebooks]
    found = f" In {', '.join(links)}." if links else ""
    return SECTION.format(name=entry.name, purpose=entry.purpose("en"), notebooks=found)


def table() -> str:
    """Return README's table of labs."""
    rows = [f"| `{entry.name}` | {_within(entry.purpose('en'))} |" for entry in registered_labs().values()]
    return "\n".join(["| lab | what it lets you do |", "|---|---|", *rows])


def _within(sentence: str) -> str:
    """Return a sentence as a cell of a table says it: no capital, no full stop, names as they are."""
    first, _, rest = sentence.removesuffix(".").partition(" ")
    return f"{first.lower() if first.capitalize() == first else first} {rest}"


def names() -> str:
    """Return the names of the labs as the text of the package has them."""
    return textwrap.fill(", ".join(f"`{entry.name}`" for entry in registered_labs().values()), WIDTH)


def lists(root: Path) -> dict[Path, str]:
    """Return the files that list labs, with what should be in them."""
    root = root.resolve()
    readme = (root / "README.md").read_text("utf-8")
    if not TABLE.search(readme):
        raise SystemExit("README.md has no table of labs between its two comments")
    package = root / "xai_widgets" / "__init__.py"
    return {
        root / "README.md": TABLE.sub(lambda _: table(), readme),
        root / "docs" / "labs.md": page(),
        package: NAMES.sub(lambda _: names(), package.read_text("utf-8"), count=1),
    }


def main() -> int:
    """Write the lists, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a list is out of date")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout; by default this one")
    options = parser.parse_args()
    stale = [path for path, text in lists(options.root).items() if path.read_text("utf-8") != text]
    for path in stale:
        if not options.check:
            path.write_text(lists(options.root)[path], "utf-8")
        print(f"{'out of date' if options.check else 'written'}: {path.relative_to(options.root.resolve())}")
    return int(bool(stale and options.check))


if __name__ == "__main__":
    sys.exit(main())
