"""The capstone of the course, 14_debug_a_model: four networks, three of which have a hidden fault.

One seed makes a set of them: which letter has which fault, the class that goes by a mark, the class that bears the name
of another, the layer whose units are dead. ``python -m xai_widgets.course capstone FOLDER --seed 7`` trains and writes
one; `load_suspects` reads it, or the one that is shipped.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "CLASSES": "plan",
    "LAYERS": "plan",
    "Pictures": "pictures",
    "Suspect": "suspects",
    "fresh_pictures": "pictures",
    "load_suspects": "suspects",
    "show_confusions": "figures",
    "show_dead": "figures",
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
