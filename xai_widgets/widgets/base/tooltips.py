"""What the words of a lab mean, on hover and on focus: from the glossary of the course and the catalogue of help."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from xai_widgets.i18n import catalogue
from xai_widgets.i18n.glossary import meaning_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def explained_line(text: str, language: str) -> str:
    """Return a small line as HTML, each part between dots that begins with a word of the glossary explained.

    Parameters
    ----------
    text : str
        Plain text, not HTML.
    language : {"en", "fr"}
        Of the text.

    Examples
    --------
    >>> explained_line("3 · 2 s", "en")
    '3 · 2 s'
    """
    return " · ".join(_explained(part, language) for part in text.split(" · "))


def _explained(part: str, language: str) -> str:
    told, meaning = html.escape(part), html.escape(meaning_of(part, language), quote=True)
    if not meaning:
        return told
    about = f'title="{meaning}" data-meaning="{meaning}" aria-description="{meaning}"'
    return f'<span class="xw-meaning" tabindex="0" {about}>{told}</span>'


def help_of(description: str, areas: Sequence[str], language: str) -> str:
    """Return what a control does, by what is written beside it; empty where nothing is known.

    The words of a lab say it under `help_KEY`, those of what several labs share in the catalogue `help` under `KEY`.

    Parameters
    ----------
    description : str
        What stands beside the control, in the lab's language.
    areas : sequence of str
        The areas of the catalogue that its text may come from.
    language : {"en", "fr"}
        Of the lab.

    Examples
    --------
    >>> help_of("Layer", ["cam"], "en")[:9]
    'The layer'
    """
    shared = catalogue("help", language)
    for words in (catalogue(area, language) for area in areas):
        for key in (key for key, text in words.items() if text == description):
            if told := words.get(f"help_{key}") or shared.get(key):
                return told
    return meaning_of(description, language)


def explain_controls(root: Any, area: str, language: str) -> None:
    """Give each control in a tree of boxes that has a description and no tooltip what it does as its tooltip."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, widgets.Box):
            waiting += one.children
            continue
        name = getattr(one, "description", "") or getattr(one, "label", "")
        if isinstance(one, widgets.DOMWidget) and isinstance(name, str) and name and not one.tooltip:
            one.tooltip = help_of(name, [area, "lab", "attribution"], language) or None
