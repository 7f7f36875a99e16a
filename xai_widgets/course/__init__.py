"""The course: exercises with checks, hints and solutions, and the builder of the notebooks.

Students meet `exercise` (an exercise by its name), `check_machine`, the `loss` of the slides and its gradient, and what
shows figures computed on the spot: `say` (a sentence), `Table`, `compare_curves`. Instructors use
``python -m xai_widgets.course build`` and ``check``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xai_widgets.course.drawings import Drawing as Drawing
    from xai_widgets.course.drawings import compare_curves as compare_curves
    from xai_widgets.course.losses import loss as loss
    from xai_widgets.course.losses import loss_gradient as loss_gradient
    from xai_widgets.course.machine import check_machine as check_machine
    from xai_widgets.course.registry import exercise as exercise
    from xai_widgets.course.registry import list_exercises as list_exercises
    from xai_widgets.course.sentences import Table as Table
    from xai_widgets.course.sentences import say as say

_HOME = {
    "Drawing": "xai_widgets.course.drawings",
    "Table": "xai_widgets.course.sentences",
    "check_machine": "xai_widgets.course.machine",
    "compare_curves": "xai_widgets.course.drawings",
    "exercise": "xai_widgets.course.registry",
    "list_exercises": "xai_widgets.course.registry",
    "loss": "xai_widgets.course.losses",
    "loss_gradient": "xai_widgets.course.losses",
    "say": "xai_widgets.course.sentences",
}

__all__ = [
    "Drawing",
    "Table",
    "check_machine",
    "compare_curves",
    "exercise",
    "list_exercises",
    "loss",
    "loss_gradient",
    "say",
]


def __getattr__(name: str) -> Any:
    """Import the public name on first use: the builder needs packages that a student lacks, and the reverse."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
