"""The message catalogues: every text that is shown to a reader, in each language.

A catalogue is a flat JSON file per area and language, ``catalogue/<language>/<area>.json``; a message is named
``area.key`` and may contain ``{fields}``.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from contextvars import ContextVar
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES = ("en", "fr")
VARIABLE = "XAI_WIDGETS_LANG"

_chosen: list[str] = []  # at most one entry: the last argument of set_language
_of_block: ContextVar[str | None] = ContextVar("language of a block", default=None)


def language() -> str:
    """Return the language of labs, figures and checks.

    Returns
    -------
    str
        ``"en"`` or ``"fr"``: the argument of the last `set_language`; without one, the value of the environment
        variable ``XAI_WIDGETS_LANG``; without either, ``"en"``.

    Examples
    --------
    >>> language() in LANGUAGES
    True
    """
    of_block = _of_block.get()
    if of_block is not None:
        return of_block
    if _chosen:
        return _chosen[0]
    wanted = os.environ.get(VARIABLE, "en")[:2].lower()
    return wanted if wanted in LANGUAGES else "en"


def set_language(code: str) -> None:
    """Set the language of labs, figures and checks that are made after this call.

    Parameters
    ----------
    code : {"en", "fr"}
        The code of the language.

    Raises
    ------
    ValueError
        If there is no catalogue in this language.

    Examples
    --------
    >>> before = language()
    >>> set_language("fr")
    >>> language()
    'fr'
    >>> set_language(before)
    """
    _chosen[:] = [checked_language(code)]


@contextlib.contextmanager
def using_language(code: str) -> Iterator[None]:
    """Use a language in a block, in this thread alone: a lab may have another one than the rest of the notebook.

    Raises
    ------
    ValueError
        If there is no catalogue in this language.

    Examples
    --------
    >>> with using_language("fr"):
    ...     language()
    'fr'
    """
    token = _of_block.set(checked_language(code))
    try:
        yield
    finally:
        _of_block.reset(token)


def checked_language(code: str | None) -> str:
    """Return `code` if there is a catalogue for it, or the current language for None; raise ValueError otherwise."""
    if code is None:
        return language()
    if code not in LANGUAGES:
        msg = f"no catalogue in language {code!r}; choose one of {', '.join(LANGUAGES)}"
        raise ValueError(msg)
    return code


@functools.cache
def catalogue(area: str, code: str) -> dict[str, str]:
    """Return all messages of one area in one language."""
    file = resources.files(__package__) / "catalogue" / code / f"{area}.json"
    if not file.is_file():
        msg = f"no message area {area!r} in language {code!r}"
        raise KeyError(msg)
    messages: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return messages


def add_messages(area: str, code: str, messages: Mapping[str, str]) -> None:
    """Add messages to an area of a catalogue, for as long as the program runs.

    Parameters
    ----------
    area : str
        An area that there is, such as ``"course"``.
    code : str
        The language.
    messages : mapping of str to str
        Texts by their keys.

    Raises
    ------
    ValueError
        If a key has another text already.

    Examples
    --------
    >>> add_messages("course", "en", {"99.example.right": "Right."})
    >>> message("course.99.example.right", "en")
    'Right.'
    """
    known = catalogue(area, code)
    taken = sorted(key for key, text in messages.items() if known.get(key, text) != text)
    if taken:
        msg = f"the catalogue {area!r} has another text already under {', '.join(taken)}; choose another name"
        raise ValueError(msg)
    known.update(messages)


def message(name: str, code: str | None = None, /, **fields: object) -> str:
    """Return the text of the message ``area.key`` with its fields filled in.

    Parameters
    ----------
    name : str
        ``"area.key"``; the key itself may contain dots.
    code : str, optional
        The language. By default it is the current language.
    **fields : object
        The values of the fields in the text.

    Returns
    -------
    str
        The text in that language.

    Raises
    ------
    KeyError
        If the area, the key or a field is missing.

    Examples
    --------
    >>> message("lab.stop", "en")
    'Stop'
    """
    area, _, key = name.partition(".")
    return catalogue(area, checked_language(code))[key].format(**fields)
