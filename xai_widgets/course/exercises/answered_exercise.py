"""An exercise in the process of a student whose work is graded: it hands the answer over, and judges nothing."""

from __future__ import annotations

import os
from multiprocessing.connection import Client
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from xai_widgets.course.exercises.answer_messages import SentClassifier, from_bytes, network_from, to_bytes
from xai_widgets.course.exercises.exercise import Exercise, written_error
from xai_widgets.course.exercises.function_exercise import is_stub
from xai_widgets.course.exercises.own_work import require_own_work
from xai_widgets.course.exercises.time_limit import limited
from xai_widgets.course.exercises.verdict import Verdict
from xai_widgets.i18n import language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection

GRADER = "XAI_WIDGETS_GRADER"  # where whoever judges listens: port, and a key in hexadecimal digits


def is_graded() -> bool:
    """Tell whether this process runs the work of a student that another one judges."""
    return bool(os.environ.get(GRADER))


class AnsweredExercise(Exercise):
    """An exercise without its reference: another process asks the answer, and says what it is worth.

    Parameters
    ----------
    name : str
        The name of the exercise.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name  # type: ignore[misc]

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object] | None:
        """Do nothing: whoever judges does."""
        raise NotImplementedError

    def measured_on(self, *about: Any) -> Self:
        """Return the exercise as it is: whoever judges measures the shipped network."""
        del about
        return self

    def check(self, answer: Any, *, seed: int | None = None) -> Verdict:
        """Hand over an answer, and return the verdict on it."""
        del seed  # the data are drawn where they are judged
        port, _, key = os.environ[GRADER].partition(",")
        with Client(("127.0.0.1", int(port)), authkey=bytes.fromhex(key)) as judge:
            self._last = _Answer(judge).give(self.name, answer)
        return self._last


class _Judged(BaseException):
    """Raised through the student's function when there is a verdict already."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


class _Answer:
    """What has been handed over: its functions are called when whoever judges asks for it."""

    def __init__(self, judge: Connection) -> None:
        self._judge = judge
        self._functions: list[Callable[..., Any]] = []

    def give(self, name: str, answer: Any) -> Verdict:
        handed = None if callable(answer) and not hasattr(answer, "get_weights") and is_stub(answer) else answer
        self._send([name, handed, language()])
        try:
            self._serve("verdict")
        except _Judged as judged:
            return judged.verdict
        raise AssertionError  # it ends with a verdict

    def ask(self, number: int, arguments: tuple[Any, ...]) -> Any:
        """Call a function that stays with whoever judges."""
        self._send(["ask", number, list(arguments)])
        return self._serve("answer")

    def _serve(self, until: str) -> Any:
        """Call functions as whoever judges asks, until a value comes that was waited for."""
        while True:
            asked, *about = self._receive()
            if asked == "verdict":  # also while a function waits for a value
                raise _Judged(Verdict(*about))
            if asked == until:
                return about[0]
            self._send(self._called(*about))

    def _called(self, number: int, arguments: tuple[Any, ...], seconds: float) -> list[Any]:
        given = [_made(argument) for argument in arguments]
        try:
            require_own_work(self._functions[number])
            with limited(seconds):
                result = self._functions[number](*given)
        except _Judged:
            raise
        except BaseException as error:  # noqa: BLE001  (whatever the student's code raises is told)
            return ["raised", type(error).__name__, written_error(error)[:2000]]
        return ["result", result, [one if isinstance(one, np.ndarray) else None for one in given]]

    def _send(self, message: Any) -> None:
        self._judge.send_bytes(to_bytes(message, self._functions))

    def _receive(self) -> Any:
        return from_bytes(self._judge.recv_bytes(), lambda number: lambda *arguments: self.ask(number, arguments))


def _made(argument: Any) -> Any:
    """Return an argument as the student's function takes it."""
    if not isinstance(argument, SentClassifier):
        return argument
    from xai_widgets.models.kinds.classifier import Classifier

    low, high = argument.about["value_range"] or (0.0, 255.0)
    return Classifier(
        network_from(argument.network),
        preprocess=lambda pixels: low + (high - low) * pixels / 255,
        **argument.about,
    )
