"""Copy the glossary of the course into the package, where labs read it: ``python -m tools.glossary``.

``notebooks/source/glossary.toml`` is the one source; a test says when the copy is out of date.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "notebooks" / "source" / "glossary.toml"
COPY = ROOT / "xai_widgets" / "i18n" / "glossary.json"
LANGUAGES = ("en", "fr")


def glossary() -> dict[str, list[dict[str, str]]]:
    """Return the words and their meanings, by language."""
    terms = tomllib.loads(SOURCE.read_text("utf-8"))["term"]
    return {code: [{"name": one[code], "meaning": one[f"{code}_text"]} for one in terms] for code in LANGUAGES}


def text() -> str:
    """Return the content of the copy."""
    return json.dumps(glossary(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    COPY.write_text(text(), "utf-8")
