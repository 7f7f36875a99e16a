"""Matching of names typed by users: compared without case and punctuation, with suggestions for unknown ones."""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 20  # the largest number of names in an error message


def simplified(name: str) -> str:
    """Return `name` in lower case, without accents, spaces and punctuation, for the comparison of two spellings.

    Examples
    --------
    >>> simplified("MobileNet-V2") == simplified("mobilenet_v2")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def match(name: str, known: Iterable[str]) -> str | None:
    """Return the entry of `known` that is spelt like `name`, or None.

    Examples
    --------
    >>> match("VGG-16", ["vgg16", "resnet50"])
    'vgg16'
    """
    return next((entry for entry in known if simplified(entry) == simplified(name)), None)


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """Return up to `count` entries of `known` that are similar to `name`, the most similar first.

    Examples
    --------
    >>> nearest("restnet", ["vgg16", "resnet50", "digits"])
    ['resnet50']
    """
    spelt = {simplified(entry): entry for entry in known}
    close = difflib.get_close_matches(simplified(name), list(spelt), n=count, cutoff=0.55)
    return [spelt[entry] for entry in close]


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message: similar names, or all names if none is similar.

    Examples
    --------
    >>> suggestion("dog", ["cat", "coffee"])
    'choose one of: cat, coffee'
    >>> suggestion("cofee", ["cat", "coffee"])
    'did you mean coffee?'
    """
    entries = list(known)
    close = nearest(name, entries)
    if close:
        return f"did you mean {' or '.join(close)}?"
    more = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
    return f"choose one of: {', '.join(entries[:_SHOWN])}{more}"
