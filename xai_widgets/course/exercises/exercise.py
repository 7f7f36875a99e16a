"""The base class of exercises: checks an answer, gives hints step by step, shows the solution."""

from __future__ import annotations

import base64
import json
import linecache
import os
import sysconfig
import traceback
from abc import ABC, abstractmethod
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.common.warning import without_doubts
from xai_widgets.course.exercises.comments import in_language
from xai_widgets.course.exercises.time_limit import TimeIsUp, limited
from xai_widgets.course.exercises.verdict import Note, Status, Verdict
from xai_widgets.i18n import LANGUAGES, catalogue, language, message

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS_TO_SPEAK = 2  # in which an exception says what it has to say


class Mistake(Exception):  # noqa: N818  (a student's, not a fault of the program)
    """Raised by `Exercise.examine` for a wrong answer, with the reason.

    Parameters
    ----------
    reason : str
        The end of a key of the catalogue: ``course.<exercise>.mistake.<reason>``, or, for mistakes common to many
        exercises, ``course.mistake.<reason>``.
    **fields
        What stands in the braces of the text.
    """

    def __init__(self, reason: str, **fields: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields


class ToDo(Exception):  # noqa: N818  (not an error)
    """Raised by `Exercise.examine` when the answer is still the stub of the student edition."""


class Exercise(ABC):
    """An exercise: a name, a way to examine an answer, and texts in the catalogue.

    A new one is a short class in a file of ``xai_widgets/course/exercises/by_notebook``, decorated by `register`. Its
    texts are in ``catalogue/<language>/course.json``: ``<name>.right``, ``<name>.mistake.<reason>``, ``<name>.hint.1``
    and so on. Its solution is the solution cell of the notebook, which the builder copies into the package.
    """

    name: ClassVar[str] = ""
    seconds: ClassVar[float] = 300  # that a check may take; some train or measure a network

    def __init__(self) -> None:
        self._hints_given = 0
        self._solution_asked = False
        self._ever_passed = False
        self._refusals = 0
        self._last: Verdict | None = None

    def __repr__(self) -> str:
        """Name the exercise, never a memory address."""
        return f"exercise({self.name!r})"

    @abstractmethod
    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object] | None:
        """Examine `answer` on data drawn from `rng`.

        Returns
        -------
        Mapping or None
            Fields for the text of the verdict "right".

        Raises
        ------
        Mistake, ToDo
            What is wrong, or that nothing has been done yet.
        """

    def check(self, answer: Any, *, seed: int | None = None) -> Verdict:
        """Return a verdict: whether `answer` is right and, if not, the reason.

        Parameters
        ----------
        answer : object
            A function, an array, a model: what the exercise asks for.
        seed : int, optional
            For tests; without it each call draws fresh random data.

        Returns
        -------
        Verdict
            A mistake in the answer never raises: an exception inside it, or a wish to end the program, is part of the
            verdict, and a loop that does not end is ended after `seconds`.
        """
        self._last = None
        try:
            with without_doubts(), limited(self.seconds):
                fields = self.examine(answer, np.random.default_rng(seed)) or {}
                text = message(f"course.{self.name}.right", **fields)
            verdict = self._verdict("right", None, text)
        except BaseException as error:  # noqa: BLE001  (whatever the student's code raises belongs in the verdict)
            verdict = self._verdict_on(error)
        self._last = verdict
        self._ever_passed = self._ever_passed or verdict.passed
        self._refusals += verdict.status == "wrong"
        return verdict

    @property
    def is_first_try(self) -> bool:
        """Whether no answer has been refused yet: what could be found by trying is told at a second try only."""
        return self._refusals == 0

    @property
    def passed(self) -> bool:
        """Whether the last answer that was checked is right; False if none was since the kernel started."""
        return self._last is not None and self._last.passed

    def points(self, most: float) -> float:
        """Return what nbgrader takes as the points of the last check: all or none; show why.

        Parameters
        ----------
        most : float
            The points of a right answer, at least 0.

        Returns
        -------
        float
            `most` if the last answer that was checked is right, 0.0 otherwise, also if none was.

        Examples
        --------
        >>> exercise = __import__("xai_widgets.course", fromlist=["exercise"]).exercise("00.margin")
        >>> exercise.points(3)
        0.0
        """
        if self._last is not None and not self._last.passed:
            print(self._last)  # noqa: T201  (nbgrader's feedback shows it)
        return float(most) if self.passed else 0.0

    def hint(self, step: int | None = None) -> Note:
        """Return the next hint, or hint number `step`, counted from 1."""
        total = count_hints(self.name, language())
        if step is not None and not 1 <= step <= total:
            raise ValueError(f"exercise {self.name!r} has hints 1 to {total}, got {step!r}")
        if step is None and self._hints_given >= total:
            return Note(self.name, message("course.hint.none_left"), message("course.hint.then", exercise=self.name))
        step = step or self._hints_given + 1
        self._hints_given = max(self._hints_given, step)
        title = message("course.hint.title", step=step, total=total)
        return Note(self.name, title, message(f"course.{self.name}.hint.{step}"))

    def solution(self) -> Note:
        """Show the solution; the first call asks whether you are sure, unless your answer has passed its check.

        Where the environment says ``XAI_WIDGETS_SOLUTIONS=no``, as on a class's server, and where the package holds
        none, none is shown.
        """
        withheld = os.environ.get("XAI_WIDGETS_SOLUTIONS", "").casefold() in {"no", "0", "false"}
        if withheld or self.name not in solutions():
            return Note(self.name, message("course.solution.withheld"), message("course.solution.withheld_text"))
        if not (self._ever_passed or self._solution_asked):
            self._solution_asked = True
            return Note(self.name, message("course.solution.sure"), message("course.solution.again"))
        code = in_language(solutions()[self.name], language())
        return Note(self.name, message("course.solution.title"), "", code)

    def _verdict(self, status: Status, reason: str | None, text: str) -> Verdict:
        return Verdict(self.name, status, reason, text)

    def _verdict_on(self, error: BaseException) -> Verdict:
        """Return the verdict on an answer that has stopped its check, or that `examine` has refused."""
        if isinstance(error, (ToDo, NotImplementedError)):  # the second is what nbgrader puts in a solution's place
            return self._verdict("to_do", None, message("course.verdict.to_do_text", exercise=self.name))
        try:
            if isinstance(error, Mistake):
                return self._verdict("wrong", error.reason, self._explain(error))
        except Exception as broken:  # noqa: BLE001  (an object of the student's that cannot be written)
            error = broken
        if isinstance(error, TimeIsUp):
            return self._verdict("wrong", "too_long", message("course.mistake.too_long", seconds=f"{self.seconds:g}"))
        return self._verdict("error", type(error).__name__, _where(error))

    def _explain(self, mistake: Mistake) -> str:
        own = f"{self.name}.mistake.{mistake.reason}"
        known = own in catalogue("course", language())
        return message(f"course.{own}" if known else f"course.mistake.{mistake.reason}", **mistake.fields)


def count_hints(name: str, code: str) -> int:
    """Return how many hints the exercise has in a language; the numbers run from 1 without a gap."""
    texts = catalogue("course", code)
    number = 0
    while f"{name}.hint.{number + 1}" in texts:
        number += 1
    return number


def solutions() -> dict[str, str]:
    """Return the solution of every exercise as code, comments in both languages, as the builder took it.

    A package for students may be without them. In the file they are encoded, so that a search of the installed package
    for a word of an exercise does not show its solution; who wants to read it there can.
    """
    file = resources.files("xai_widgets.course.exercises") / "solutions.json"
    if not file.is_file():
        return {}
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return {name: base64.b64decode(code).decode() for name, code in found.items()}


def missing_texts(name: str) -> list[str]:
    """Return what an exercise lacks in the catalogues: the verdict "right", hints."""
    lacking = []
    for code in LANGUAGES:
        if f"{name}.right" not in catalogue("course", code):
            lacking.append(f"{code}: {name}.right")
        if not count_hints(name, code):
            lacking.append(f"{code}: {name}.hint.1")
    return lacking


def _where(error: BaseException) -> str:
    """Return a sentence that names the line of the student's code that raised an exception."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_students(f.filename)]
    text = written_error(error) or message("course.error.no_text")
    if not frames:
        return message("course.error.elsewhere", kind=type(error).__name__, text=text)
    line = (frames[-1].line or linecache.getline(frames[-1].filename, frames[-1].lineno or 0)).strip()
    fields = {"number": frames[-1].lineno, "line": line, "kind": type(error).__name__, "text": text}
    return message("course.error.at_line", **fields)


def written_error(error: BaseException) -> str:
    """Return what an exception says; nothing if it cannot say it."""
    try:
        with limited(_SECONDS_TO_SPEAK):
            return str(error)
    except BaseException:  # noqa: BLE001  (the exception may be of the student's own class)
        return ""


def _is_students(filename: str) -> bool:
    """Tell a notebook's cell or a script of the student from this package, Python's library and installed packages."""
    paths = sysconfig.get_paths()
    libraries = (paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib"))
    places = (str(resources.files("xai_widgets")), *libraries)
    return not filename.startswith((*places, "<frozen"))
