"""The process that judges: it draws the data, holds the references, and only asks the student's process for values."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from multiprocessing.connection import Listener
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from xai_widgets.course.exercises.answer_messages import LARGEST, SentClassifier, from_bytes, network_bytes, to_bytes
from xai_widgets.course.exercises.answered_exercise import GRADER
from xai_widgets.course.exercises.exercise_registry import new_exercise
from xai_widgets.course.exercises.own_work import Borrowed
from xai_widgets.course.exercises.time_limit import TimeIsUp
from xai_widgets.i18n import language, set_language
from xai_widgets.models.kinds.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from xai_widgets.course.exercises.verdict import Verdict

_LOOK = 0.2  # seconds between two looks, at which a check that takes too long is ended


class Judge:
    """Judges answers that come from one other process, to the exercise that is being checked there."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._listener = Listener(("127.0.0.1", 0), authkey=self._key)
        self._expected = ""
        self._verdict: Verdict | None = None
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True, name="judge of answers").start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        with contextlib.suppress(OSError):  # nobody may be listening any more
            socket.create_connection(self._listener.address).close()  # or it would go on waiting
        self._listener.close()

    def environment(self) -> dict[str, str]:
        """Return the variable that tells the other process where to hand its answers over."""
        return {GRADER: f"{self._listener.address[1]},{self._key.hex()}"}

    def expect(self, name: str) -> None:
        """Begin the check of an exercise: of what comes until its end, answers to others do not count."""
        with self._lock:
            self._expected, self._verdict = name, None

    def verdict(self) -> Verdict | None:
        """End the check; return its last verdict, None if no answer came."""
        with self._lock:
            self._expected = ""
            return self._verdict

    def _listen(self) -> None:
        while not self._ended:
            try:
                with self._listener.accept() as student:
                    if not self._ended:
                        self._hear(student)
            except Exception:  # noqa: BLE001, S112  (one that is closed, is none of ours, or says what is no answer)
                continue

    def _hear(self, student: Connection) -> None:
        asked = _Asked(student)
        name, answer, code = asked.receive()
        exercise = new_exercise(name)
        asked.seconds = exercise.seconds
        before = language()
        set_language(code)
        try:
            verdict = exercise.check(answer)
        finally:
            set_language(before)
        with self._lock:
            if self._expected == name:
                self._verdict = verdict
        asked.send("verdict", verdict.exercise, verdict.status, verdict.reason, verdict.text)


class _Asked:
    """The student's process, of which values of functions are asked."""

    def __init__(self, student: Connection) -> None:
        self._student = student
        self._functions: list[Callable[..., Any]] = []
        self.seconds = 0.0  # that a function of the student's may take

    def send(self, *message: Any) -> None:
        self._student.send_bytes(to_bytes(message, self._functions))

    def receive(self) -> Any:
        """Wait for a message; it ends where the time of the check is up."""
        while not self._student.poll(_LOOK):
            pass
        return from_bytes(self._student.recv_bytes(LARGEST), lambda number: _AskedFunction(self, number))

    def call(self, number: int, arguments: tuple[Any, ...]) -> Any:
        self.send("call", number, tuple(_sent(argument) for argument in arguments), self.seconds)
        while True:
            said, *about = self.receive()
            if said == "ask":
                self.send("answer", self._functions[about[0]](*about[1]))
            elif said == "raised":
                raise _error(*about)
            else:
                result, arrays = about
                _write_back(arguments, arrays)
                return result


class _AskedFunction:
    """A function of the student's, in the process that judges."""

    def __init__(self, asked: _Asked, number: int) -> None:
        self._asked, self._number = asked, number

    def __call__(self, *arguments: Any) -> Any:
        return self._asked.call(self._number, arguments)


def _sent(argument: Any) -> Any:
    """Return an argument of the student's function as it travels: of a classifier, what makes it again."""
    if not isinstance(argument, Classifier):
        return argument
    about = {"labels": list(argument.labels), "name": argument.name, "value_range": argument.value_range}
    return SentClassifier(network_bytes(argument.model), about)


def _error(kind: object, text: object) -> BaseException:
    """Return what the student's function has raised, as an exception of the same name."""
    if kind == "NotImplementedError":
        return NotImplementedError()
    name = str(kind) if str(kind).isidentifier() else "Exception"
    if name == TimeIsUp.__name__:
        return TimeIsUp()
    if name == Borrowed.__name__:
        return Borrowed(str(text))
    kind_of_error: type[Exception] = type(name, (Exception,), {})
    return kind_of_error(str(text))


def _write_back(arguments: tuple[Any, ...], arrays: Any) -> None:
    """Do to the arrays here what the student's function has done to its own: a check may look at it."""
    for argument, array in zip(arguments, arrays, strict=True):
        if isinstance(argument, np.ndarray) and isinstance(array, np.ndarray) and array.shape == argument.shape:
            argument[...] = array
