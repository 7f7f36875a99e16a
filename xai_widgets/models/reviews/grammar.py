"""Reviews of films, written by a grammar: sentences whose feeling is known, in English and in French.

The rules are in ``en.toml`` and ``fr.toml``. A sentence is of one of three kinds, by what it takes to understand it.
In "plain" ones each word of feeling says what the sentence says; in "negated" ones a negation turns words of feeling
round; in "contrast" ones there are words of both feelings, and the sentence sides with one.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from xai_widgets.i18n import checked_language

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS: Final = ("plain", "negated", "contrast")
FEELINGS: Final = ("negative", "positive")
_SHARES: Final = {"plain": 0.4, "negated": 0.3, "contrast": 0.3}
# A symbol to replace, the forms of a word, or the form that the words after a noun take.
_PIECE = re.compile(r"\[(~?)(\w+)\]|\(([^()]*)\)|:(\d)")
_START = re.compile(r"(^|[.!?][ \u202f\u00a0]+)(\w)")


class Review(NamedTuple):
    """A sentence or two about a film.

    Attributes
    ----------
    text : str
    feeling : int
        0 negative, 1 positive.
    kind : str
        One of `KINDS`.
    """

    text: str
    feeling: int
    kind: str


def sample_reviews(
    language: str | None = None, count: int = 500, *, kinds: Sequence[str] = KINDS, seed: int = 0
) -> list[Review]:
    """Write reviews by the grammar of a language.

    Parameters
    ----------
    language : {"en", "fr"}, optional
        The current language if left out.
    count : int
        How many; as many positive as negative ones.
    kinds : sequence of str
        Which of `KINDS`; plain ones are a little more frequent than the others.
    seed : int
        The same seed gives the same reviews.

    Returns
    -------
    list of Review
        No two are alike, and none is one of `held_out_reviews`.

    Raises
    ------
    ValueError
        If there is no such language or kind, or `count` is negative.

    Examples
    --------
    >>> for review in sample_reviews("en", 3, seed=1):
    ...     print(review.kind, review.feeling, review.text)
    negated 0 I would not recommend it, and the special effects look dreary.
    plain 1 The special effects and the cast are so inspired. The movie was terribly warm.
    negated 0 The villain is far from captivating. The humour isn’t superb.
    """
    if count < 0:
        raise ValueError(f"count must not be negative, got {count}")
    unknown = [kind for kind in kinds if kind not in _SHARES]
    if unknown or not kinds:
        raise ValueError(f"kinds must be some of {', '.join(KINDS)}, not {list(kinds)}")
    shares = np.array([_SHARES[kind] for kind in kinds])
    writer = _Writer(grammar(checked_language(language)), np.random.default_rng(seed))
    found: dict[str, Review] = {}
    reserved = {review.text for review in held_out_reviews(language)}
    while len(found) < count:
        feeling = len(found) % 2
        kind = str(writer.rng.choice(kinds, p=shares / shares.sum()))
        text = writer.write(kind, feeling)
        if text not in reserved:
            found.setdefault(text, Review(text, feeling, kind))
    return list(found.values())


def held_out_reviews(language: str | None = None) -> list[Review]:
    """Return 48 reviews written by hand: an honest test of what was trained on the grammar's.

    Parameters
    ----------
    language : {"en", "fr"}, optional
        The current language if left out.

    Returns
    -------
    list of Review
        Sixteen of each kind, eight of each feeling.

    Examples
    --------
    >>> held_out_reviews("en")[0].text
    'A boring film with a ridiculous ending.'
    """
    code = checked_language(language)
    sentences, spelling = _read("held_out")[code], grammar(code)["spelling"]
    return [
        Review(_spelt(text, spelling), feeling, kind)
        for kind in KINDS
        for feeling, name in enumerate(FEELINGS)
        for text in sentences[kind][name]
    ]


def grammar(language: str) -> dict[str, Any]:
    """Return the rules of a language, as they are in its file."""
    return _read(language)


@functools.cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


class _Writer:
    """Replaces symbols by what the rules have for them, until there are none."""

    def __init__(self, rules: dict[str, Any], rng: np.random.Generator) -> None:
        self.rules, self.rng = rules, rng
        self._form = 0  # of the last noun: which form of a word agrees with it
        self._said: set[str] = set()

    def write(self, kind: str, feeling: int) -> str:
        """Return one review of a kind and a feeling."""
        self._said.clear()
        return _spelt(self._symbol(kind, feeling), self.rules["spelling"])

    def _symbol(self, name: str, feeling: int) -> str:
        entries = self.rules[name]
        choices = [*entries.get("both", []), *entries.get(FEELINGS[feeling], [])]
        choices = [choice for choice in choices if choice not in self._said]
        chosen = choices[self.rng.integers(len(choices))]
        if chosen and "[" not in chosen:  # nobody says the same twice in one sentence
            self._said.add(chosen)
        return _PIECE.sub(lambda piece: self._piece(piece, feeling), chosen)

    def _piece(self, piece: re.Match[str], feeling: int) -> str:
        opposite, symbol, forms, form = piece.groups()
        if symbol is not None:
            return self._symbol(symbol, 1 - feeling if opposite else feeling)
        if forms is not None:
            return str(forms.split(",")[self._form])
        self._form = int(form)
        return ""


def _spelt(text: str, spelling: list[list[str]]) -> str:
    """Apply a language's spelling, and begin sentences with a capital."""
    for pattern, replacement in spelling:
        text = re.sub(pattern, replacement, text)
    return _START.sub(lambda start: start[1] + start[2].upper(), text)
