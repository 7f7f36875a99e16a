"""The course: exercises with checks, hints and solutions, and the builder of the notebooks.

Students use `exercise` (an exercise by its name), `add_exercises` (those of their instructor), `check_machine`, the
`loss` of the slides and its gradient, and what shows figures computed on the spot: `say` (a sentence), `claim` (a
sentence that is true within bounds), `Table`, `compare_curves`. `bet`, `settle` and `calibration` keep what a
reader predicts; `ConceptTest` and `learning_gain` tell what was learnt. Instructors use
``python -m xai_widgets.course build``, ``check`` and ``claims``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from xai_widgets.moved_modules import renamed_names

if TYPE_CHECKING:
    from xai_widgets.course.assessment.concept_test import ConceptTest as ConceptTest
    from xai_widgets.course.assessment.learning_gain import learning_gain as learning_gain
    from xai_widgets.course.display.bets import bet as bet
    from xai_widgets.course.display.bets import calibration as calibration
    from xai_widgets.course.display.bets import settle as settle
    from xai_widgets.course.display.claims import claim as claim
    from xai_widgets.course.display.claims import interval_of as interval_of
    from xai_widgets.course.display.described_figures import DescribedFigure as DescribedFigure
    from xai_widgets.course.display.described_figures import compare_curves as compare_curves
    from xai_widgets.course.display.machine_check import check_machine as check_machine
    from xai_widgets.course.display.sentences import Table as Table
    from xai_widgets.course.display.sentences import say as say
    from xai_widgets.course.examples.losses import loss as loss
    from xai_widgets.course.examples.losses import loss_gradient as loss_gradient
    from xai_widgets.course.exercises.exercise_registry import add_exercises as add_exercises
    from xai_widgets.course.exercises.exercise_registry import exercise as exercise
    from xai_widgets.course.exercises.exercise_registry import list_exercises as list_exercises
    from xai_widgets.course.exercises.missing_names import explain_missing_names as explain_missing_names

_renamed = renamed_names(__name__, {"Drawing": "DescribedFigure"}, stacklevel=3)

_HOME = {
    "ConceptTest": "xai_widgets.course.assessment.concept_test",
    "DescribedFigure": "xai_widgets.course.display.described_figures",
    "Table": "xai_widgets.course.display.sentences",
    "add_exercises": "xai_widgets.course.exercises.exercise_registry",
    "bet": "xai_widgets.course.display.bets",
    "calibration": "xai_widgets.course.display.bets",
    "check_machine": "xai_widgets.course.display.machine_check",
    "claim": "xai_widgets.course.display.claims",
    "compare_curves": "xai_widgets.course.display.described_figures",
    "explain_missing_names": "xai_widgets.course.exercises.missing_names",
    "exercise": "xai_widgets.course.exercises.exercise_registry",
    "interval_of": "xai_widgets.course.display.claims",
    "learning_gain": "xai_widgets.course.assessment.learning_gain",
    "list_exercises": "xai_widgets.course.exercises.exercise_registry",
    "loss": "xai_widgets.course.examples.losses",
    "loss_gradient": "xai_widgets.course.examples.losses",
    "say": "xai_widgets.course.display.sentences",
    "settle": "xai_widgets.course.display.bets",
}

__all__ = [
    "ConceptTest",
    "DescribedFigure",
    "Table",
    "add_exercises",
    "bet",
    "calibration",
    "check_machine",
    "claim",
    "compare_curves",
    "exercise",
    "explain_missing_names",
    "interval_of",
    "learning_gain",
    "list_exercises",
    "loss",
    "loss_gradient",
    "say",
    "settle",
]


def __getattr__(name: str) -> Any:
    """Import the public name on first use: the builder needs packages that a student lacks, and the reverse."""
    if name not in _HOME:
        return _renamed(name)
    return getattr(importlib.import_module(_HOME[name]), name)
