"""Answers that do not want to be checked: each gets a verdict, none ends the kernel, and marks are numbers."""

# What students write by mistake or on purpose:
# ruff: noqa: BLE001, N818, PLE0307, S112

import os
import sys
import threading
import time

import numpy as np
import pytest

from xai_widgets.course import exercise
from xai_widgets.course.exercises.exercise import Exercise
from xai_widgets.course.exercises.time_limit import TimeIsUp, limited


def new(name="00.margin"):
    return type(exercise(name))()


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no")


class Endless(Exception):
    def __str__(self):
        while True:
            pass


class Leaves(Exception):
    def __str__(self):
        sys.exit(3)


class Unwritable:
    def __array__(self, *_, **__):
        raise Silent

    def __repr__(self):
        sys.exit(4)

    __str__ = __format__ = __repr__


def raises(error):
    def margin(p):
        raise error

    return margin


def leaves(p):
    sys.exit("bye")


def loops(p):
    while True:
        p.sum()


def loops_and_catches(p):
    while True:
        try:
            p.sum()
        except Exception:
            continue


def loops_and_catches_all(p):
    turns = 0
    while True:
        turns += 1
        try:
            p.sum()
        except BaseException:
            continue


def sleeps(p):
    time.sleep(3600)


def calls_itself(p):
    return calls_itself(p)


class Callable:
    def __call__(self, p):
        return Unwritable()

    def __getattr__(self, name):
        raise Silent


HOSTILE = {
    "sys.exit": (leaves, "error", "SystemExit"),
    "exit of a program": (raises(SystemExit(1)), "error", "SystemExit"),
    "interrupt": (raises(KeyboardInterrupt()), "error", "KeyboardInterrupt"),
    "end of a generator": (raises(GeneratorExit()), "error", "GeneratorExit"),
    "own BaseException": (raises(type("Own", (BaseException,), {})()), "error", "Own"),
    "str raises": (raises(Silent()), "error", "Silent"),
    "str leaves": (raises(Leaves()), "error", "Leaves"),
    "str does not end": (raises(Endless()), "error", "Endless"),
    "recursion": (calls_itself, "error", "RecursionError"),
    "memory": (raises(MemoryError()), "error", "MemoryError"),
    "no array": (lambda p: Unwritable(), "error", "Silent"),
    "attributes raise": (Callable(), "error", "Silent"),
    "loop": (loops, "wrong", "too_long"),
    "loop that catches errors": (loops_and_catches, "wrong", "too_long"),
    "loop that catches all": (loops_and_catches_all, "wrong", "too_long"),
    "sleep": (sleeps, "wrong", "too_long"),
}


@pytest.mark.parametrize(("answer", "status", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_every_answer_gets_a_verdict(monkeypatch, answer, status, reason):
    if reason == "too_long":
        monkeypatch.setattr(type(exercise("00.margin")), "seconds", 0.3)
    if answer is sleeps and os.name != "posix":
        pytest.skip("a wait in the system ends by a signal")
    ex = new()
    verdict = ex.check(answer)
    assert (verdict.status, verdict.reason) == (status, reason)
    assert verdict._repr_html_()
    assert not ex.passed
    assert ex.points(2) == 0.0


def test_an_answer_that_cannot_be_written_is_no_end_of_the_check():
    class Refuses(Exercise):
        name = "00.margin"

        def examine(self, answer, rng):
            from xai_widgets.course.exercises.exercise import Mistake

            raise Mistake("differs", difference=answer)

    assert Refuses().check(Unwritable()).status == "error"


def test_no_thread_stays_and_nothing_comes_after_the_end():
    before = threading.active_count()
    for _ in range(20):
        with limited(60):
            pass
    with pytest.raises(TimeIsUp), limited(0.01):
        loops(np.zeros(3))
    for _ in range(100_000):  # where a late exception would be raised
        pass
    assert threading.active_count() <= before + 1


def test_outside_the_main_thread_a_loop_is_ended_too(monkeypatch):
    monkeypatch.setattr(type(exercise("00.margin")), "seconds", 0.3)
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(new().check(loops)))
    thread.start()
    thread.join(60)
    assert [verdict.reason for verdict in verdicts] == ["too_long"]


def test_a_verdict_belongs_to_its_exercise_and_to_the_last_answer():
    first, second = new("00.margin"), new("00.strongest_pixel")
    assert (first.passed, second.passed) == (False, False)
    assert first.check(first.reference).passed
    assert (first.passed, second.passed) == (True, False)
    first.check(lambda p: p.max(axis=1))
    assert not first.passed
    assert first.solution().code  # for who has found it once


@pytest.mark.parametrize(("answer", "points"), [("reference", 3.0), (lambda p: p.max(axis=1), 0.0), (None, 0.0)])
def test_points_are_numbers_that_nbgrader_reads(answer, points, capsys):
    ex = new()
    ex.check(ex.reference if answer == "reference" else answer)
    assert float(repr(ex.points(3))) == points
    assert bool(capsys.readouterr().out) == (points == 0)  # the feedback says why


def test_without_a_check_there_are_no_points():
    assert repr(new().points(5)) == "0.0"
