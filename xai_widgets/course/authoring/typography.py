"""French typography, done by the builder so that authors need not think of it.

Authors type ``L'image est-elle robuste ?`` with plain spaces and straight apostrophes; the edition gets the typographic
apostrophe, a narrow no-break space (U+202F) before ``; ! ? %``, a no-break space (U+00A0) before ``:`` and inside
``« »``, and the ellipsis. Code, formulas, links' addresses and HTML tags are left as they are, and so is the title of a
work, in its own language: what stands in italics before a year.
"""

from __future__ import annotations

import re

NARROW = "\u202f"
NO_BREAK = "\u00a0"

# What is not prose: fenced and inline code, display and inline formulas, addresses of links, HTML tags and entities,
# fields of the catalogue's messages; titles of cited works.
_NOT_PROSE = re.compile(
    r"^(?P<fence>```+|~~~+).*?^(?P=fence)"
    r"|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|\$\$.+?\$\$"
    r"|\$(?!\s)[^$\n]+?(?<!\s)\$"
    r"|(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)"
    r"|(?<=, )\*[^*\n]+\*(?=, \d{4}\b)"
    r"|<[a-zA-Z/!][^>]*>"
    r"|https?://\S+"
    r"|&#?\w+;"
    r"|\{[^{}\n]*\}"
    r"|^\s*\|?\s*:?-{2,}[-:| ]*$",
    re.MULTILINE | re.DOTALL,
)
_SPACE = "[ \u00a0\u202f]*"
_END = r"(?=[\s)\]»*_…!?.,]|$)"
_RULES = (
    (re.compile(r"(?<=\w)'(?=[\w«*_`$\[\x00])"), "’"),
    (re.compile(r"(?<=\w)'(?=$)"), "’"),
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…"),
    (re.compile(rf"(?<=[\w)\]»’*_…%\x00]){_SPACE}([;!?]+){_END}"), rf"{NARROW}\1"),
    (re.compile(rf"(?<=[\w)\]»’*_…%\x00]){_SPACE}:{_END}"), f"{NO_BREAK}:"),
    (re.compile(rf"«{_SPACE}"), f"«{NO_BREAK}"),
    (re.compile(rf"{_SPACE}»"), f"{NO_BREAK}»"),
    (re.compile(rf"(?<=[\d\x00}}]){_SPACE}%"), f"{NARROW}%"),
)
_KEPT = "\x00"


def french(text: str) -> str:
    r"""Set French prose in Markdown with its apostrophes and no-break spaces; doing it twice changes nothing more.

    Examples
    --------
    >>> french("L'image change-t-elle d'avis ?") == "L’image change-t-elle d’avis\u202f?"
    True
    >>> french("`d['x']: 1` : le code") == "`d['x']: 1`\u00a0: le code"
    True
    >>> french("Karpathy, *What ConvNets learn: an overview*, 2016.")
    'Karpathy, *What ConvNets learn: an overview*, 2016.'
    """
    kept: list[str] = []

    def hide(found: re.Match[str]) -> str:
        kept.append(found.group())
        return _KEPT

    prose = _NOT_PROSE.sub(hide, text)
    for pattern, replacement in _RULES:
        prose = pattern.sub(replacement, prose)
    parts = iter(kept)
    return re.sub(_KEPT, lambda _: next(parts), prose)


def typeset(text: str, language: str) -> str:
    r"""Set prose in Markdown as its language has it; English stands as it is written.

    Examples
    --------
    >>> typeset("Est-ce clair ?", "fr") == "Est-ce clair\u202f?", typeset("Is it clear?", "en")
    (True, 'Is it clear?')
    """
    return french(text) if language == "fr" else text


def straight_quotes(text: str) -> list[str]:
    """Return the lines of French prose which hold straight quotation marks or apostrophes: « » and ’ take their place.

    Examples
    --------
    >>> straight_quotes('Il dit "panda".')
    ['Il dit "panda".']
    """
    prose = _NOT_PROSE.sub(lambda found: "\n" * found.group().count("\n"), french(text))
    return [line for line in prose.split("\n") if '"' in line or "'" in line]
