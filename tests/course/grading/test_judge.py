"""Answers judged in another process: the same verdicts as in the notebook, and nothing of the student's is run."""

import numpy as np
import pytest

from tests.course.capstone.test_capstone import mended_names, right_report
from tests.course.exercises.test_exercises import bisection, function_exercises, known_mistakes
from tests.course.exercises.test_hostile_answers import Unwritable, leaves, loops
from xai_widgets.course.capstone import fresh_pictures, load_suspects
from xai_widgets.course.capstone.suspects import current_set
from xai_widgets.course.exercises.answer_messages import Opaque, from_bytes, to_bytes
from xai_widgets.course.exercises.answered_exercise import AnsweredExercise
from xai_widgets.course.exercises.exercise_registry import new_exercise
from xai_widgets.course.grading.judge import Judge
from xai_widgets.course.grading.students_package import copy_for_students


@pytest.fixture
def judge(monkeypatch):
    with Judge() as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made


def judged(judge, name, answer):
    """Hand an answer over; return what the student is told, which is what counts."""
    judge.expect(name)
    told = AnsweredExercise(name).check(answer)
    counted = judge.verdict()
    assert counted == told
    assert str(counted) == str(told)
    return counted


@pytest.mark.parametrize("name", function_exercises)
def test_a_right_function_passes_from_another_process(judge, name):
    verdict = judged(judge, name, new_exercise(name).reference)
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize(("name", "reason"), known_mistakes[::5])
def test_a_known_mistake_is_known_from_another_process_too(judge, name, reason):
    assert judged(judge, name, new_exercise(name).mistakes[reason]).reason == reason


def stub(p):
    """Nothing yet."""


def changes(p):
    p[:] = 0
    return p[:, 0]


def refuses(p):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (stub, None),
        (None, None),
        (refuses, None),
        (3, "not_a_function"),
        (changes, "changes_its_input"),
        (lambda p: Unwritable(), "not_numbers"),
        (lambda p: p, "shape"),
        (lambda p: p.sing(), "AttributeError"),
        (leaves, "SystemExit"),
        (lambda p: p.sort(), "returns_nothing"),
    ],
)
def test_answers_that_are_none(judge, answer, reason):
    verdict = judged(judge, "00.margin", answer)
    assert (verdict.reason, verdict.passed) == (reason, False)


def test_functions_may_ask_back(judge):
    assert judged(judge, "03.smallest_epsilon", bisection).passed

    def endless(fooled, maximum, tolerance):
        while not fooled(-1):
            pass

    assert judged(judge, "03.smallest_epsilon", endless).reason == "endless"


def test_a_loop_is_ended(judge, monkeypatch):
    monkeypatch.setattr(type(new_exercise("00.margin")), "seconds", 0.5)
    assert judged(judge, "00.margin", loops).reason == "too_long"
    assert judged(judge, "00.margin", lambda p: np.sort(p)[:, -1] - np.sort(p)[:, -2]).passed  # and the next one judged


def test_a_network_is_judged_by_its_weights(judge):
    from xai_widgets import load_model

    assert judged(judge, "03.adversarial_training", load_model("digits").model).reason == "same_model"


@pytest.mark.slow
def test_the_answers_of_the_capstone_are_judged_too(judge):
    """A report in words and figures, and a letter with a network that was trained on."""
    shipped, plan = load_suspects(), current_set()[1]
    report, mended = right_report(shipped, plan), mended_names(shipped, plan, fresh_pictures(1200, seed=41))
    assert judged(judge, "14.report", report).passed
    assert judged(judge, "14.report", report | {plan.letter("dead"): ("sound",)}).reason == "twice"
    assert judged(judge, "14.mend", mended).passed
    letter = plan.letter("mislabelled")
    assert judged(judge, "14.mend", (letter, shipped[letter].copy())).reason == "unchanged"


def test_what_is_handed_over_for_another_exercise_does_not_count(judge):
    judge.expect("00.strongest_pixel")
    assert AnsweredExercise("00.margin").check(new_exercise("00.margin").reference).passed
    assert judge.verdict() is None


def test_words_that_are_no_answer_end_nothing(judge):
    from multiprocessing.connection import Client

    address, key = judge._listener.address, judge._key
    for message in (b"", b"{", b"[]", b"\x80\x04N.", b'{"array": "AAAA"}', b'{"network": "AAAA"}', b'{"list": [1]}'):
        with Client(address, authkey=key) as student:
            student.send_bytes(message)
    assert judged(judge, "00.margin", new_exercise("00.margin").reference).passed


def test_data_go_there_and_back_and_objects_do_not():
    data = {"a": [1, 2.5, None, True, "x"], 3: (np.arange(4), {"y"}), "nan": float("inf")}
    back = from_bytes(to_bytes(data, []), lambda number: number)
    assert back["a"] == data["a"]
    assert back[3][0].tolist() == [0, 1, 2, 3]
    assert back[3][1] == {"y"}
    assert back["nan"] == float("inf")
    opaque = from_bytes(to_bytes(np.array([object()], dtype=object), []), lambda number: number)
    assert isinstance(opaque, Opaque)
    assert type(opaque).__name__ == "ndarray"


def test_the_package_of_students_holds_no_reference_and_no_solution(tmp_path):
    copied = copy_for_students(tmp_path)
    names = {path.relative_to(copied).as_posix() for path in copied.rglob("*") if path.is_file()}
    assert "course/exercises/by_notebook/__init__.py" in names
    assert not any("by_notebook/ex" in name or "solutions.json" in name or "/grading/" in name for name in names)
    assert "i18n/catalogue/en/course.json" in names
    code = "".join(path.read_text("utf-8") for path in copied.rglob("*.py"))
    assert "def reference(self, probabilities" not in code
    assert "np.unravel_index(number, values.shape)" not in code
