"""Two languages, the same messages."""

import ast
import re
import string
from pathlib import Path

import pytest

import xai_widgets
from xai_widgets import i18n
from xai_widgets.i18n.numbers import decimal, percent

ROOT = Path(xai_widgets.__file__).parent
AREAS = sorted({file.stem for file in ROOT.glob("i18n/catalogue/*/*.json")})
NARROW, NO_BREAK = "\u202f", "\u00a0"


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def prose(text):
    """Return what is not code, formula, address or tag, and a letter for each field."""
    hidden = r"`[^`]*`|\$[^$]+\$|https?://\S+|\]\([^)]*\)|<[^>]*>|&#?\w+;"
    return re.sub(hidden, "x", re.sub(r"\{[^{}]*\}", "x", text))


FRENCH = [(area, key, text) for area in AREAS for key, text in i18n.catalogue(area, "fr").items()]
each_area = pytest.mark.parametrize("area", AREAS)


def test_both_languages_have_the_same_areas():
    assert len(AREAS) > 3
    for code in i18n.LANGUAGES:
        assert sorted(file.stem for file in (ROOT / "i18n" / "catalogue" / code).glob("*.json")) == AREAS


@each_area
def test_both_languages_have_the_same_messages_with_the_same_fields(area):
    english, french = (i18n.catalogue(area, code) for code in ("en", "fr"))
    assert list(english) == list(french)
    assert {key: fields(text) for key, text in english.items()} == {key: fields(text) for key, text in french.items()}


@each_area
@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_messages_are_text_without_stray_spaces(area, code):
    for key, text in i18n.catalogue(area, code).items():
        assert isinstance(text, str), key
        assert text, key
        assert text == text.strip(" "), key
        assert "  " not in prose(text).replace("\n", "\n\n") or "\n" in text, key


def offenders(pattern):
    return [f"{area}.{key}: {text!r}" for area, key, text in FRENCH if re.search(pattern, prose(text))]


RULES = {  # what must not be found, and what it must find
    "a narrow no-break space before ; ! ?": (
        rf"[^\W\d_][;!?]|[ {NO_BREAK}][;!?]",
        ["Pourquoi?", "Pourquoi ?", f"Pourquoi{NO_BREAK}!"],
    ),
    "a no-break space before :": (
        rf"(?<=[\w)»]):(?=\s|$)|[ {NARROW}]:(?=\s|$)",
        ["Classe: chat", "Classe : chat", f"Classe{NARROW}:"],
    ),
    "no-break spaces inside « »": (
        rf"«(?!{NO_BREAK})|(?<!{NO_BREAK})»",
        ["« chat »", "«chat»", f"«{NARROW}chat{NO_BREAK}»"],
    ),
    "a narrow no-break space before %": (rf"(?<=\w)[ {NO_BREAK}]?%", ["50%", "50 %", f"50{NO_BREAK}%", "{value}%"]),
    "the typographic apostrophe": ("'", ["l'image"]),
    "« » as quotation marks": ('"', ['"chat"']),
    "one character for the ellipsis": (r"\.\.\.", ["et puis..."]),
    "the ligature": (r"\b(?:oe|Oe)(?:uvre|il|uf|ur)|[cC]oeur", ["un oeil", "au coeur"]),
}
RIGHT = (
    f"Pourquoi{NARROW}? Classe{NO_BREAK}: «{NO_BREAK}l’œil{NO_BREAK}», à 50{NARROW}%… "
    "`d['x']: 1`, $a ; b$, 12:30, [ici](https://example.org/a?b:c)"
)


@pytest.mark.parametrize("rule", RULES)
def test_french_typography(rule):
    pattern, wrong = RULES[rule]
    assert offenders(pattern) == [], rule
    assert [text for text in wrong if not re.search(pattern, prose(text))] == []
    assert not re.search(pattern, prose(RIGHT))


# Every message that the code asks for exists


def asked():
    """Return the literal names in calls of `message`, wherever they are in the package."""
    found = set()
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = (
                isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "message"
            )
            if called and node.args and isinstance(node.args[0], ast.Constant):
                given = {one.arg for one in node.keywords}
                found.add((node.args[0].value, frozenset(given) if None not in given else None))
    return found


def test_every_message_that_is_asked_for_exists_and_gets_its_fields():
    names = asked()
    assert len(names) > 30
    for name, given in sorted(names, key=str):
        area, _, key = name.partition(".")
        text = i18n.catalogue(area, "en")[key]
        assert given is None or fields(text) <= given, name


# Choosing a language


def test_english_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv(i18n.VARIABLE, raising=False)
    assert i18n.language() == "en"


@pytest.mark.parametrize(
    ("value", "expected"), [("fr", "fr"), ("FR", "fr"), ("fr_CA.UTF-8", "fr"), ("de", "en"), ("", "en")]
)
def test_the_variable(monkeypatch, value, expected):
    monkeypatch.setenv(i18n.VARIABLE, value)
    assert i18n.language() == expected


def test_what_is_chosen_goes_before_the_variable(monkeypatch):
    monkeypatch.setenv(i18n.VARIABLE, "fr")
    xai_widgets.set_language("en")
    assert xai_widgets.language() == "en"
    assert i18n.message("lab.stop") == "Stop"
    i18n.set_language("fr")
    assert i18n.message("lab.stop") == "Arrêter"
    assert i18n.message("lab.stop", "en") == "Stop"


@pytest.mark.parametrize("code", ["de", "FR", "", "english"])
def test_a_language_without_catalogue_is_refused(code):
    with pytest.raises(ValueError, match=r"no catalogue in language .* choose one of en, fr"):
        i18n.set_language(code)
    with pytest.raises(ValueError, match="no catalogue"):
        i18n.message("lab.stop", code)


@pytest.mark.parametrize("name", ["lab.nothing", "nowhere.stop", "lab", "lab.percent"])
def test_what_is_missing_is_a_key_error(name):
    with pytest.raises(KeyError):
        i18n.message(name)


def test_fields_are_filled_in_and_not_read_again():
    assert i18n.message("lab.percent", "fr", value="{x}") == f"{{x}}{NARROW}%"


# Numbers


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0, "0%", f"0{NARROW}%"),
        (0.00001, f"<{NO_BREAK}0.01%", f"<{NO_BREAK}0,01{NARROW}%"),
        (0.0003, "0.03%", f"0,03{NARROW}%"),
        (0.1234, "12.3%", f"12,3{NARROW}%"),
        (0.5, "50.0%", f"50,0{NARROW}%"),
        (0.9997, "99.97%", f"99,97{NARROW}%"),
        (0.999999, f">{NO_BREAK}99.99%", f">{NO_BREAK}99,99{NARROW}%"),
        (1, "100%", f"100{NARROW}%"),
    ],
)
def test_percentages_are_those_of_score_bars(share, english, french):
    assert percent(share, "en") == english
    assert percent(share, "fr") == french


def test_percentages_with_a_fixed_count_of_digits():
    assert [percent(share, "en", digits=0) for share in (0, 0.004, 0.006, 0.5, 0.996, 1)] == [
        "0%",
        f"<{NO_BREAK}1%",
        "1%",
        "50%",
        f">{NO_BREAK}99%",
        "100%",
    ]


def test_decimals():
    assert decimal(3.14159, 2, "en") == "3.14"
    assert decimal(-0.5, 1, "fr") == "−0,5"
