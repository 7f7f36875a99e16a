"""The capstone of the course, 14_debug_a_model: four networks, three of which have a hidden fault.

One seed makes a set of them: which letter has which fault, the class that is recognised by a mark, the class that is
labelled as another, the layer whose units are dead. ``python -m xai_widgets.course capstone FOLDER --seed 7`` trains
and writes one; `load_suspects` reads it, or the one that is shipped.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "CLASSES": "plan",
    "LAYERS": "plan",
    "Pictures": "team_pictures",
    "Suspect": "suspects",
    "fresh_pictures": "team_pictures",
    "load_suspects": "suspects",
    "show_confusions": "suspect_figures",
    "show_dead": "suspect_figures",
}

__all__ = [
    "CLASSES",
    "LAYERS",
    "Pictures",
    "Suspect",
    "fresh_pictures",
    "load_suspects",
    "show_confusions",
    "show_dead",
]


def __getattr__(name: str) -> Any:
    """Import the public name on first use: exercises are listed without Keras."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
