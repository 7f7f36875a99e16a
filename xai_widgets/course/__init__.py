"""The course: exercises with checks, hints and solutions, and the builder of the notebooks.

Students use three names: `exercise` (an exercise by its name), `say` (a sentence of the course with figures computed
on the spot) and `check_machine`. Instructors use ``python -m xai_widgets.course build`` and ``check``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xai_widgets.course.machine import check_machine as check_machine
    from xai_widgets.course.registry import exercise as exercise
    from xai_widgets.course.registry import list_exercises as list_exercises
    from xai_widgets.course.sentences import Table as Table
    from xai_widgets.course.sentences import say as say

_HOME = {
    "Table": "xai_widgets.course.sentences",
    "check_machine": "xai_widgets.course.machine",
    "exercise": "xai_widgets.course.registry",
    "list_exercises": "xai_widgets.course.registry",
    "say": "xai_widgets.course.sentences",
}

__all__ = ["Table", "check_machine", "exercise", "list_exercises", "say"]


def __getattr__(name: str) -> Any:
    """Import the public name on first use: the builder needs packages that a student lacks, and the reverse."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
