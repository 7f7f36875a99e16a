"""Twenty questions on the concepts of the course, to be answered before and after it, with an anonymous export."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets
import numpy as np

from xai_widgets.common.atomic_file import write_whole
from xai_widgets.i18n import checked_language, message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

QUESTIONS: Final = 20
LETTERS: Final = "abcd"
MOMENTS: Final = ("before", "after")
# The right letters, encoded: a search of the package does not show them.
_KEY: Final = base64.b64decode("YWJjZGFiY2FiY2FiY2RhY2JiY2Q=").decode()
_DIGITS = 12  # of the code of a person


@dataclass(frozen=True)
class ConceptAnswers:
    """The answers of one person at one time.

    Attributes
    ----------
    code : str
        What stands for the person: made of a word of their own, which cannot be read from it.
    moment : {"before", "after"}
    letters : tuple of str
        The answer to each question, "a" to "d".

    Raises
    ------
    ValueError
        If there is not one letter for each question, or the moment is another.
    """

    code: str
    moment: str
    letters: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no set of answers."""
        if len(self.letters) != QUESTIONS or not set(self.letters) <= set(LETTERS):
            raise ValueError(f"{QUESTIONS} letters from a to d are expected, got {','.join(self.letters)!r:.80}")
        _require_moment(self.moment)

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(given == wanted for given, wanted in zip(self.letters, _KEY, strict=True))

    def to_csv(self) -> str:
        """Return the answers as a table of one row: code, moment, a column for each question, number right."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "moment", *(f"q{number:02d}" for number in range(1, QUESTIONS + 1)), "right"])
        writer.writerow([self.code, self.moment, *self.letters, self.right])
        return file.getvalue()


def _require_moment(moment: str) -> None:
    if moment not in MOMENTS:
        raise ValueError(f"the moment is {' or '.join(MOMENTS)}, not {moment!r:.40}")


def code_of(word: str) -> str:
    """Return the code of a person, from a word of their own; capitals and spaces around it do not matter.

    Examples
    --------
    >>> code_of(" Marmotte ") == code_of("marmotte"), len(code_of("marmotte"))
    (True, 12)
    """
    return hashlib.sha256(f"xai_widgets {word.strip().casefold()}".encode()).hexdigest()[:_DIGITS]


def explained(letters: Sequence[str], language: str | None = None) -> list[str]:
    """Return for each question whether the answer is right, and why, in a language.

    Examples
    --------
    >>> explained("b" * 20, "en")[1][:6]
    'Right.'
    """
    code, told = checked_language(language), []
    for number, (given, wanted) in enumerate(zip(letters, _KEY, strict=True), 1):
        why = message(f"concepts.{number:02d}.why", code)
        if given == wanted:
            told.append(message("concepts.right", code, why=why))
        else:
            choices = {letter: message(f"concepts.{number:02d}.{letter}", code) for letter in (given, wanted)}
            told.append(message("concepts.wrong", code, given=choices[given], truth=choices[wanted], why=why))
    return told


class ConceptTest(widgets.VBox):
    """The test as a form: twenty questions, a word of one's own, and a button; then the answers with their reasons.

    Parameters
    ----------
    moment : {"before", "after"}
        Whether it is answered before or after the course.
    language : {"en", "fr"}, optional
        By default the current one.
    folder : str or path
        Where the answers are written, by default the current folder: ``concept-test-before.csv``.

    Raises
    ------
    ValueError
        If the moment is another.

    Examples
    --------
    >>> ConceptTest("before", language="en")
    ConceptTest('before', 0 of 20 answered)
    """

    def __init__(
        self, moment: str = "before", *, language: str | None = None, folder: str | PathLike[str] = "."
    ) -> None:
        _require_moment(moment)
        self.moment, self.language = moment, checked_language(language)
        self.path = Path(folder) / f"concept-test-{moment}.csv"
        self.questions = [self._question(number) for number in range(1, QUESTIONS + 1)]
        self.word = widgets.Text(
            description=self._text("code"), style={"description_width": "initial"}, layout=widgets.Layout(width="60ch")
        )
        self.button = widgets.Button(description=self._text("finish"), button_style="primary")
        self.button.on_click(lambda _: self.finish())
        self._notes = [widgets.HTML() for _ in self.questions]
        self._told = widgets.HTML()
        head = f"<h3>{self._html('title')}</h3><p>{self._html(f'moment_{moment}')}. {self._html('once')}</p>"
        rows = [
            widget
            for number, (question, note) in enumerate(zip(self.questions, self._notes, strict=True), 1)
            for widget in (widgets.HTML(self._heading(number)), question, note)
        ]
        super().__init__(
            [widgets.HTML(head), *rows, self.word, self.button, self._told], layout=widgets.Layout(max_width="75ch")
        )

    def _text(self, key: str, **fields: object) -> str:
        return message(f"concepts.{key}", self.language, **fields)

    def _html(self, key: str) -> str:
        return html.escape(self._text(key))

    def _heading(self, number: int) -> str:
        return f"<p style='margin:12px 0 0;line-height:1.4'><b>{number}.</b> {self._html(f'{number:02d}.question')}</p>"

    def _question(self, number: int) -> widgets.RadioButtons:
        """Make the choices of a question, in an order that is the same for everyone and says nothing."""
        order = np.random.default_rng(number).permutation(len(LETTERS))
        options = [(self._text(f"{number:02d}.{LETTERS[place]}"), LETTERS[place]) for place in order]
        return widgets.RadioButtons(options=options, value=None, layout=widgets.Layout(width="auto"))

    @property
    def letters(self) -> list[str | None]:
        """The answers so far, None where there is none yet."""
        return [question.value for question in self.questions]

    def answer(self, letters: Sequence[str]) -> ConceptTest:
        """Answer all questions, as the radio buttons do; return the test."""
        for question, letter in zip(self.questions, letters, strict=True):
            question.value = letter
        return self

    def finish(self) -> ConceptAnswers | None:
        """Show what is right and why, and write the answers; do nothing but say so while one is missing.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        left = self.letters.count(None)
        if left:
            self._told.value = html.escape(self._text("left", count=left))
            return None
        found = ConceptAnswers(code_of(self.word.value), self.moment, tuple(map(str, self.letters)))
        for note, told in zip(self._notes, explained(found.letters, self.language), strict=True):
            note.value = f"<div style='margin:2px 0 0 24px;line-height:1.4'>{html.escape(told)}</div>"
        for question in (*self.questions, self.word, self.button):
            question.disabled = True
        write_whole(self.path, found.to_csv().encode())
        score = self._text("score", right=found.right, count=QUESTIONS, chance=QUESTIONS / len(LETTERS))
        saved = self._text("saved", path=self.path)
        self._told.value = f"<p><b>{html.escape(score)}</b> {html.escape(saved)}</p>"
        return found

    def __repr__(self) -> str:
        """Tell the moment and how many questions are answered."""
        return f"ConceptTest({self.moment!r}, {QUESTIONS - self.letters.count(None)} of {QUESTIONS} answered)"

    def _repr_mimebundle_(self, **options: Any) -> Mapping[str, Any]:
        """Give the form, and the questions where there is no kernel."""
        asked = "".join(f"<li>{self._html(f'{number:02d}.question')}</li>" for number in range(1, QUESTIONS + 1))
        still = f"<h3>{self._html('title')}</h3><ol>{asked}</ol>"
        bundle = super()._repr_mimebundle_(**options)
        return {**(bundle or {}), "text/plain": repr(self), "text/html": still}
