"""The words of the course's glossary, for what labs explain on hover and focus."""

from __future__ import annotations

import functools
import json
import re
from importlib import resources

from xai_widgets.i18n import checked_language

_IN_BRACKETS = re.compile(r"^(.*) \((.+)\)$")


@functools.cache
def meanings(code: str) -> dict[str, str]:
    """Return what each word of the glossary means, by its name in lower case; "CAM" and the long name alike.

    Examples
    --------
    >>> meanings("en")["cam"] == meanings("en")["class activation map"]
    True
    """
    file = resources.files("xai_widgets.i18n") / "glossary.json"
    found: dict[str, str] = {}
    for one in json.loads(file.read_text(encoding="utf-8"))[code]:
        both = _IN_BRACKETS.match(one["name"])
        for name in (one["name"], *(both.groups() if both else ())):
            found[name.lower()] = one["meaning"]
    return found


def meaning_of(text: str, code: str | None = None) -> str:
    """Return what a text means by the word that it begins with, the longest that the glossary has; empty if none.

    Examples
    --------
    >>> meaning_of("SmoothGrad", "en").startswith("the mean")
    True
    >>> meaning_of("référence grise", "fr") == meanings("fr")["référence"]
    True
    >>> meaning_of("a refrain", "en")
    ''
    """
    known, lower = meanings(checked_language(code)), text.lower()
    fitting = [name for name in known if re.match(rf"{re.escape(name)}(?!\w)", lower)]
    return known[max(fitting, key=len)] if fitting else ""
