"""French typography: what the builder does, and what it leaves alone."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xai_widgets
from xai_widgets.course.authoring.typography import french, straight_quotes
from xai_widgets.i18n import LANGUAGES, catalogue

N, B = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Pourquoi ?", f"Pourquoi{N}?"),
        ("Pourquoi?", f"Pourquoi{N}?"),
        ("Non ! Si ; oui", f"Non{N}! Si{N}; oui"),
        ("Quoi ?!", f"Quoi{N}?!"),
        ("le pas : un", f"le pas{B}: un"),
        ("**Durée :** 3", f"**Durée{B}:** 3"),
        ("**gras** : oui", f"**gras**{B}: oui"),
        ("l'image n'est qu'un d'abord", "l’image n’est qu’un d’abord"),
        ("l'**image**, d'`x`", "l’**image**, d’`x`"),
        ("« panda »", f"«{B}panda{B}»"),
        ("«panda»", f"«{B}panda{B}»"),
        ("« panda » ?", f"«{B}panda{B}»{N}?"),
        ("30 % et 5%", f"30{N}% et 5{N}%"),
        ("et donc...", "et donc…"),
        ("la formule $x$ : simple ; oui", f"la formule $x${B}: simple{N}; oui"),
        ("(voir `f(x)`) : ici", f"(voir `f(x)`){B}: ici"),
    ],
)
def test_prose(typed, set_):
    assert french(typed) == set_
    assert french(set_) == set_


@pytest.mark.parametrize(
    "text",
    [
        "`d['a'] ? x : y`",
        "``a ` b ? c``",
        "```python\nx = {'a': 1} ; print('!')\n```",
        "$f : x \\mapsto x' ; y$",
        "$$\na : b ; c ?\n$$",
        "![](image.png)",
        "[lien](https://a.b/c?d=e;f 'titre')",
        "https://a.b/c?d=e;f!",
        '<img src="a" style="width: 30%; height: 5px">',
        "&nbsp;&amp;",
        "- Lu Lu, *Dying ReLU: what's the use?*, 2020.",
        "| a | b |\n|:---|---:|\n| 1 | 2 |",
        "12:30",
        "{share:.1%}, {name!r}",
        "std::vector",
        "a.b...c"[:3],
    ],
)
def test_left_alone(text):
    assert french(text) == text


@given(st.text(alphabet="aé1 '!?;:%«».`$*_()[]\n\u202f\u00a0", max_size=60))
def test_twice_is_once(text):
    assert french(french(text)) == french(text)


def test_the_catalogues_of_both_languages_have_the_same_keys_and_fields():
    def fields(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    texts = {code: catalogue("course", code) for code in LANGUAGES}
    assert texts["fr"].keys() == texts["en"].keys()
    assert {key for key in texts["en"] if fields(texts["fr"][key]) != fields(texts["en"][key])} == set()


def test_straight_quotes_are_found_in_prose_only():
    assert straight_quotes('Il dit "panda".\n`x = "y"`\nl\'image') == ['Il dit "panda".']


CATALOGUES = sorted((Path(xai_widgets.__file__).parent / "i18n" / "catalogue" / "fr").glob("*.json"))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_the_french_catalogues_are_typeset(file):
    texts = json.loads(file.read_text(encoding="utf-8"))
    wrong = {key: text for key, text in texts.items() if french(text) != text or straight_quotes(text)}
    assert wrong == {}
