"""What two editions of a solved notebook have recorded, compared: where they agree, one run shows both.

A run that gives the numbers of the one edition again has given those of the other too, if both have recorded the same
numbers with the same code; the words come from the catalogues.
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import xai_widgets
from tests.notebooks.one_kernel import code_cells
from xai_widgets.i18n import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

LETTERS = 20  # of a message; a shorter one stands in other texts by chance
AREAS = Path(xai_widgets.__file__).parent / "i18n" / "catalogue" / "en"
THOUSANDS = {"en": r"(?<=\d),(?=\d{3}\b)", "fr": r"(?<=\d)\u202f(?=\d{3}\b)"}
LOOKS = re.compile(r'style="[^"]*"|src="data:image/png;base64,[^"]*"')


def same_numbers(french: NotebookNode, english: NotebookNode) -> bool:
    """Tell whether each cell of both has recorded outputs of the same kinds with the same numbers."""
    editions = {"fr": french, "en": english}
    kept = {code: [[*_kinds(cell), numbers(cell, code)] for cell in compared(one)] for code, one in editions.items()}
    return kept["fr"] == kept["en"]


def _kinds(cell: NotebookNode) -> list[object]:
    return [(output.output_type, sorted(output.get("data", {}))) for output in cell.outputs]


def numbers(cell: NotebookNode, language: str) -> Counter[str]:
    """Count the numbers that a cell has recorded; not noughts, which may be written as a word."""
    text = re.sub(THOUSANDS[language], "", recorded(cell))
    return Counter(number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d+)?", text) if number != "0")


def untranslated(french: NotebookNode, english: NotebookNode) -> Iterator[str]:
    """Give the messages that a cell shows in English and whose French is not what its twin shows."""
    for ours, theirs in zip(compared(french), compared(english), strict=True):
        texts = {"fr": recorded(ours), "en": recorded(theirs)}
        for name, in_english, in_french in messages():
            if in_english.search(texts["en"]) and not in_french.search(texts["fr"]):
                yield name


@functools.cache
def messages() -> list[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    """Return the longer messages of the catalogues: their names, and what finds them in English and in French."""
    found = []
    for area in sorted(path.stem for path in AREAS.glob("*.json")):
        english, french = (catalogue(area, language) for language in ("en", "fr"))
        found += [
            (f"{area}.{key}", _pattern(text), _pattern(french[key]))
            for key, text in english.items()
            if sum(map(str.isalpha, "".join(_around(text)))) >= LETTERS
        ]
    return found


def _around(text: str) -> list[str]:
    return re.split(r"\{[^}]*\}", text)


def _pattern(text: str) -> re.Pattern[str]:
    """Return what finds a message, whatever stands in its fields."""
    return re.compile(".*?".join(map(re.escape, _around(text))))


def compared(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells whose outputs every run gives again."""
    return [cell for cell in code_cells(notebook) if "nbval-ignore-output" not in cell.metadata.get("tags", ())]


def recorded(cell: NotebookNode) -> str:
    """Return all text that a cell has recorded, without pictures and colours."""
    texts = [output.text for output in cell.outputs if "text" in output]
    texts += [
        text
        for output in cell.outputs
        for kind, text in sorted(output.get("data", {}).items())
        if kind.startswith("text/")
    ]
    return html.unescape(LOOKS.sub("", "\n".join(texts)))
