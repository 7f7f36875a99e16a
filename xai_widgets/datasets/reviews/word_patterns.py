r"""The words that a reader's own regular expression finds, without waiting for one that never ends.

A pattern such as ``(\w+)+!`` takes twice as long with each further letter of a text without "!". Python cannot be told
to stop in the middle, so a pattern is run in a process of its own, which can be ended.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from xai_widgets.datasets.reviews.word_positions import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    Spans = list[tuple[int, int]]

USUAL: Final = r"\w+"  # one pass over the text, whatever is in it
_PATIENCE: Final = 10.0  # seconds
_LETTERS_A_SECOND: Final = 100_000  # that any sensible pattern reads
_SHOWN: Final = 100  # characters of a pattern in an error message
_SCRIPT: Final = """
import json, re, sys
given = json.load(sys.stdin)
found = [[one.span() for one in re.finditer(given["pattern"], text)] for text in given["texts"]]
json.dump(found, sys.stdout)
"""


def word_spans(texts: Sequence[str], pattern: str, *, patience: float = _PATIENCE) -> list[Spans]:
    r"""Return the start and the end of each word of each text, in characters.

    Parameters
    ----------
    texts : sequence of str
        The texts.
    pattern : str
        A regular expression that finds the words; a match without letters is no word.
    patience : float, default 10
        How long a pattern may take for all texts, in seconds; a second more for each 100,000 letters.

    Raises
    ------
    ValueError
        If it is no regular expression, or takes longer.

    Examples
    --------
    >>> word_spans(["Not bad!", ""], r"\w+|!")
    [[(0, 3), (4, 7), (7, 8)], []]
    """
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError, TypeError) as error:
        shown = repr(pattern)[:_SHOWN]
        raise ValueError(f"pattern must be a regular expression, and {shown} is none: {error}") from error
    if pattern == USUAL:
        return [spans(text, pattern) for text in texts]
    seconds = patience + sum(map(len, texts)) / _LETTERS_A_SECOND
    return [[(start, end) for start, end in found if end > start] for found in _run_apart(texts, pattern, seconds)]


def _run_apart(texts: Sequence[str], pattern: str, seconds: float) -> list[Spans]:
    given = json.dumps({"pattern": pattern, "texts": list(texts)})
    try:
        done = subprocess.run(  # noqa: S603  (this interpreter, and the script above)
            [sys.executable, "-I", "-S", "-c", _SCRIPT],
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        shown = repr(pattern)[:_SHOWN]
        raise ValueError(
            f"the pattern {shown} has not found the words of {len(texts)} texts within {seconds:.3g} s; a repetition "
            r"inside of another one, as in (\w+)+, often never ends: write it without the inner or the outer one"
        ) from None
    found: list[Spans] = json.loads(done.stdout)
    return found
