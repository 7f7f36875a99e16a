"""How nbgrader calls the cells of an exercise."""

from __future__ import annotations

# The marks of a source script, and how the names of these cells begin.
GRADED = {"exercise": "answer", "check": "check"}


def grade_id(kind: str, name: str) -> str:
    """Return the name of a cell for nbgrader.

    Examples
    --------
    >>> grade_id("exercise", "03.smallest_epsilon"), grade_id("check", "03.fgsm")
    ('answer-03-smallest-epsilon', 'check-03-fgsm')
    """
    return f"{GRADED[kind]}-{name.replace('.', '-').replace('_', '-')}"
