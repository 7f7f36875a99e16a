"""The message catalogues: every text that a reader sees, in each language.

A catalogue is a flat JSON file per area and language, ``catalogue/<language>/<area>.json``; a message is named
``area.key`` and may hold ``{fields}``.
"""

from __future__ import annotations

import functools
import json
import os
from importlib import resources

LANGUAGES = ("en", "fr")
VARIABLE = "XAI_WIDGETS_LANG"

_chosen: list[str] = []  # at most one entry: what set_language was last given


def language() -> str:
    """Return the language of labs and checks, ``"en"`` or ``"fr"``.

    It is what `set_language` was given, else the environment variable ``XAI_WIDGETS_LANG``, else English.

    Examples
    --------
    >>> language() in LANGUAGES
    True
    """
    if _chosen:
        return _chosen[0]
    wanted = os.environ.get(VARIABLE, "en")[:2].lower()
    return wanted if wanted in LANGUAGES else "en"


def set_language(code: str) -> None:
    """Choose the language of everything shown from now on.

    Parameters
    ----------
    code : str
        ``"en"`` or ``"fr"``.

    Raises
    ------
    ValueError
        If there is no catalogue in that language.

    Examples
    --------
    >>> before = language()
    >>> set_language("fr")
    >>> language()
    'fr'
    >>> set_language(before)
    """
    _chosen[:] = [checked_language(code)]


def checked_language(code: str | None) -> str:
    """Return `code` if there is a catalogue for it, the current language for ``None``; refuse anything else."""
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


def message(name: str, code: str | None = None, /, **fields: object) -> str:
    """Return the text called ``area.key`` with its fields filled in.

    Parameters
    ----------
    name : str
        ``"area.key"``; the key itself may contain dots.
    code : str, optional
        The language; the current one if left out.
    **fields
        What stands in the braces of the text.

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
