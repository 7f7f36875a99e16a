"""Write the sentences of the course into its cells: a source names them by their keys, an edition shows them."""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

from xai_widgets.i18n import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = re.compile(r"[a-z0-9_]+\.[\w.]+")
_OF_THE_COURSE = re.compile(r"\d\d\.[a-z]\w*(\.\w+)*")
_PIECE = 88  # characters of a sentence in one line of a cell
_LINE = 120


@functools.lru_cache(maxsize=4096)
def with_sentences(code: str, language: str) -> str:
    """Return a cell with each key of the catalogues replaced by its text, laid out so that it can be read.

    Parameters
    ----------
    code : str
        Python. A text in it is a key if the area "course" of the catalogue has it, such as ``"03.smallest"``, or
        another area has it after its name, such as ``"embedding.method_pca"``.
    language : {"en", "fr"}
        Of the edition.

    Returns
    -------
    str
        The cell. One without keys, or that holds magics of IPython, is as it was.

    Examples
    --------
    >>> print(with_sentences('say("03.fgsm_first")', "en"))
    say("Still to do: write `my_fgsm` above, then run this cell again.")
    """
    found = list(_keys(code, language))
    if not found:
        return code
    lines = [line.encode() for line in code.split("\n")]
    is_long = False
    for node, text in sorted(found, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True):
        pieces = [json.dumps(piece, ensure_ascii=False) for piece in _pieces(text)]
        row, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        after = lines[last][node.end_col_offset :]
        lines[row : last + 1] = [lines[row][: node.col_offset] + "\n".join(pieces).encode() + after]
        is_long = is_long or len(pieces) > 1 or len(lines[row].decode()) > _LINE
    written = b"\n".join(lines).decode()
    return _laid_out(written) if is_long else written


def unknown_keys(code: str, language: str) -> list[str]:
    """Return the texts of a cell that look like keys of the course and are none.

    Examples
    --------
    >>> unknown_keys('say("03.smalest"); exercise("03.fgsm")', "en")
    ['03.smalest']
    """
    known = catalogue("course", language)
    return [value for _, value in _texts(code) if _OF_THE_COURSE.fullmatch(value) and value not in known]


def _keys(code: str, language: str) -> Iterator[tuple[ast.Constant, str]]:
    for node, value in _texts(code):
        text = _text_of(value, language)
        if text is not None:
            yield node, text


def _texts(code: str) -> Iterator[tuple[ast.Constant, str]]:
    """Give the texts of a cell that may be keys: those that stand whole, and name no exercise."""
    if not _KEY.search(code):
        return
    try:
        tree = ast.parse(code)
    except SyntaxError:  # magics, or a fault that the checks of the sources name
        return
    left_out = {id(one) for node in ast.walk(tree) for one in _no_keys(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node, node.value


def _no_keys(node: ast.AST) -> list[ast.expr]:
    """Return what in a node may look like a key and is none: pieces of an f-string, names of exercises."""
    if isinstance(node, ast.JoinedStr):
        return node.values
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exercise":
        return node.args
    return []


def _text_of(key: str, language: str) -> str | None:
    """Return the text of a key, None for what is none."""
    if not _KEY.fullmatch(key):
        return None
    own = catalogue("course", language).get(key)
    if own is not None:
        return own
    area, _, rest = key.partition(".")
    try:
        return catalogue(area, language).get(rest)
    except KeyError:
        return None


def _pieces(text: str) -> list[str]:
    """Cut a long text before words; together the pieces are the text."""
    cut = textwrap.TextWrapper(_PIECE, break_long_words=False, break_on_hyphens=False)
    cut.drop_whitespace = cut.replace_whitespace = cut.expand_tabs = False
    return cut.wrap(text) or [""]


def _laid_out(code: str) -> str:
    """Return code with its lines broken as the house does."""
    options = ["--isolated", "--line-length", str(_LINE), "--stdin-filename", "cell.py", "-"]
    command = [sys.executable, "-m", "ruff", "format", *options]
    done = subprocess.run(  # noqa: S603 - the formatter, on code of the course
        command, input=code, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout.rstrip("\n")
