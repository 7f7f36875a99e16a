"""The output of an exercise: a verdict on an answer, a hint or a solution, each a small card in the notebook."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Literal

from xai_widgets.i18n import message

Status = Literal["right", "wrong", "error", "to_do"]

# Okabe-Ito colours, each with a sign, so that the status does not depend on colour alone.
_COLOURS = {"right": "#009E73", "wrong": "#D55E00", "error": "#D55E00", "to_do": "#0072B2", "note": "#0072B2"}
_SIGNS = {"right": "✓", "wrong": "✗", "error": "✗", "to_do": "○", "note": "▸"}


@dataclass(frozen=True)
class Verdict:
    """The result of the check of an answer.

    Its ``repr`` names the exercise, the status and the reason, never a figure: two runs on different random data
    give the same text. ``str(verdict)`` is the explanation in the reader's language.

    Examples
    --------
    >>> verdict = Verdict("03.fgsm", "wrong", "sign_forgotten", "The sign is missing.")
    >>> verdict
    Verdict('03.fgsm', 'wrong', 'sign_forgotten')
    >>> print(verdict)
    The sign is missing.
    >>> verdict.passed
    False
    """

    exercise: str
    status: Status
    reason: str | None = None
    text: str = field(default="", compare=False)

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    def __repr__(self) -> str:
        """Name exercise, status and reason."""
        parts = [self.exercise, self.status, *([self.reason] if self.reason else [])]
        return f"Verdict({', '.join(map(repr, parts))})"

    def __str__(self) -> str:
        """Return the explanation."""
        return self.text

    def _repr_html_(self) -> str:
        return card(self.status, message(f"course.verdict.{self.status}"), self.text)


@dataclass(frozen=True)
class Note:
    """A hint, or a word on what to do next, about one exercise.

    Examples
    --------
    >>> Note("03.fgsm", "Hint 1 of 3", "Look at the formula.")
    Note('03.fgsm', 'Hint 1 of 3')
    """

    exercise: str
    title: str
    text: str = field(default="", compare=False)
    code: str = field(default="", compare=False)

    def __repr__(self) -> str:
        """Name the exercise and the title."""
        return f"Note({self.exercise!r}, {self.title!r})"

    def __str__(self) -> str:
        """Return the text, then the code if there is some."""
        return "\n\n".join(part for part in (self.text, self.code) if part)

    def _repr_html_(self) -> str:
        return card("note", self.title, self.text, self.code)


def card(status: str, title: str, text: str, code: str = "") -> str:
    """Return the HTML of a card; every text is escaped, and `code` between backticks is set as code."""
    prose = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False)).replace("\n", "<br>")
    listing = f"<pre><code>{html.escape(code, quote=False)}</code></pre>" if code else ""
    style = f"border-left:4px solid {_COLOURS[status]};padding:0.4em 0.9em;margin:0.3em 0;max-width:60em"
    head = f"<strong>{_SIGNS[status]} {html.escape(title, quote=False)}</strong>"
    body = f"<div>{prose}</div>" if prose else ""
    return f'<div role="status" style="{style}">{head}{body}{listing}</div>'
