"""Answers that do not want to be checked, for every exercise: each gets a verdict, and none passes."""

import numpy as np

from tests.adversarial.judging import Case
from tests.course.exercises.test_hostile_answers import HOSTILE, Unwritable
from xai_widgets.course import exercise, list_exercises

VALUES = {
    "None": None,
    "a number": 0,
    "NaN": float("nan"),
    "a text": "right",
    "a script": "<script>1</script>",
    "a list": [],
    "an array of objects": np.full(3, None),
    "an array": np.zeros((3, 3)),
    "an object that cannot be written": Unwritable(),
    "a class": dict,
    "a generator": (n for n in "ab"),
    "a function of nothing": lambda: 1,
    "a function of anything": lambda *a, **k: None,
    "its own verdict": "verdict",
}
SECONDS = 0.3  # that an answer may take here; a student's has longer


def checked(name, answer):
    """Check an answer on an exercise of its own; return the exercise and its verdict."""
    kind = type(exercise(name))
    own = type(kind.__name__, (kind,), {"seconds": SECONDS})()
    if isinstance(answer, str) and answer == "verdict":
        answer = own.check(None)
    return own, own.check(answer)


def has_a_verdict(found):
    own, verdict = found
    return not verdict.passed and not own.passed and own.points(2) == 0 and "<script>" not in verdict._repr_html_()


def cases():
    names = list_exercises()
    for name in names:
        for said, answer in {**{said: made for said, (made, _, _) in HOSTILE.items()}, **VALUES}.items():
            yield Case(
                "students", f"{name}: {said}", lambda name=name, answer=answer: checked(name, answer), has_a_verdict,
                may_refuse=False, quick=name == names[0] or said in {"sys.exit", "None"},
            )  # fmt: skip
