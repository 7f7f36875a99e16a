"""Comments of code cells in each language: ``# fr: …`` and ``# en: …`` lines, of which an edition keeps one."""

from __future__ import annotations

import re

from xai_widgets.i18n import LANGUAGES

_TAGGED = re.compile(rf"^(?P<indent>\s*)# (?P<code>{'|'.join(LANGUAGES)}): ?(?P<text>.*)$")


def in_language(code: str, language: str) -> str:
    r"""Keep the comments of one language, without their tag; other lines stay as they are.

    Examples
    --------
    >>> print(in_language("# fr: le signe\n# en: the sign\nsign = 1", "en"))
    # the sign
    sign = 1
    """
    lines = []
    for line in code.split("\n"):
        found = _TAGGED.match(line)
        if found is None:
            lines.append(line)
        elif found["code"] == language:
            lines.append(f"{found['indent']}# {found['text']}")
    return "\n".join(lines)


def unbalanced(code: str) -> bool:
    r"""Tell whether a cell has comments in one language and not as many, at the same places, in another.

    Examples
    --------
    >>> unbalanced("# fr: le signe\n# en: the sign\nsign = 1")
    False
    >>> unbalanced("# fr: le signe\nsign = 1")
    True
    """
    return any(_blocks(code, one) != _blocks(code, LANGUAGES[0]) for one in LANGUAGES[1:])


def _blocks(code: str, language: str) -> list[int]:
    """Return after how many plain lines each block of comments in `language` stands: twins stand at the same place.

    A block may take more lines in one language than in the other.
    """
    places: set[int] = set()
    plain = 0
    for line in code.split("\n"):
        found = _TAGGED.match(line)
        if found is None:
            plain += 1
        elif found["code"] == language:
            places.add(plain)
    return sorted(places)
