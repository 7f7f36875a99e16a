"""The positions of the words of a text, and the text without some of them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def spans(text: str, pattern: str = r"\w+") -> list[tuple[int, int]]:
    """Return the start and the end of each word of a text, in characters.

    Examples
    --------
    >>> spans("Not bad!")
    [(0, 3), (4, 7)]
    """
    return [found.span() for found in re.finditer(pattern, text)]


def without(text: str, places: Iterable[int], pattern: str = r"\w+") -> str:
    """Return a text without the words at `places`, counted from 0, and without surplus spaces.

    Raises
    ------
    IndexError
        If there is no such place.

    Examples
    --------
    >>> without("It is not a bad film.", [2, 4])
    'It is a film.'
    """
    return without_spans(text, spans(text, pattern), places)


def without_spans(text: str, where: Sequence[tuple[int, int]], places: Iterable[int]) -> str:
    """Return a text without the words at `places`, of those whose starts and ends are given; see `without`.

    Raises
    ------
    IndexError
        If there is no such place.

    Examples
    --------
    >>> without_spans("It is bad.", [(0, 2), (3, 5), (6, 9)], [1])
    'It bad.'
    """
    gone = set(places)
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
    """Return a word in the form of the vocabulary: lower case, curly apostrophe, composed accents.

    Examples
    --------
    >>> plain("L'")
    'l’'
    """
    return unicodedata.normalize("NFC", word).casefold().replace("'", "’")
