"""Texts as words: where they are, and what is left of a text without some of them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def spans(text: str, pattern: str = r"\w+") -> list[tuple[int, int]]:
    """Return where the words of a text begin and end.

    Examples
    --------
    >>> spans("Not bad!")
    [(0, 3), (4, 7)]
    """
    return [found.span() for found in re.finditer(pattern, text)]


def without(text: str, places: Iterable[int], pattern: str = r"\w+") -> str:
    """Return a text without the words at `places`, counted from 0; the gap closes.

    Raises
    ------
    IndexError
        If there is no such place.

    Examples
    --------
    >>> without("It is not a bad film.", [2, 4])
    'It is a film.'
    """
    where, gone = spans(text, pattern), set(places)
    outside = sorted(place for place in gone if not 0 <= place < len(where))
    if outside:
        raise IndexError(f"the text has {len(where)} words, 0 to {len(where) - 1}; there is no word {outside[0]}")
    kept, start = [], 0
    for place in sorted(gone):
        kept.append(text[start : where[place][0]])
        start = where[place][1]
    closed = re.sub(r"([^\S\n]) +", r"\1", "".join([*kept, text[start:]]))
    return re.sub(r" +(?=[.,])", "", closed).strip()


def plain(word: str) -> str:
    """Return how a word is looked up: in lower case, with the curly apostrophe, accents in one character.

    Examples
    --------
    >>> plain("L'")
    'l’'
    """
    return unicodedata.normalize("NFC", word).casefold().replace("'", "’")
