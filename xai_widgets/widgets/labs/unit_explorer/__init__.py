"""`UnitExplorer`."""

from __future__ import annotations

from typing import Any

from xai_widgets.widgets.base.lab_registry import LabEntry


def _example() -> dict[str, Any]:
    from xai_widgets.datasets.creatures import sample_batch

    pictures = sample_batch(300, seed=5).pictures
    return {"model": "creatures", "pictures": pictures, "layer": "conv4_2", "unit": 3, "steps": 32}


def _quick() -> dict[str, Any]:
    return {"model": "digits", "layer": "conv3", "unit": 4, "steps": 4}


LAB = LabEntry(
    __name__,
    "UnitExplorer",
    area="units",
    notebooks=("12_units", "14_debug_a_model"),
    needs=("model", "pictures"),
    example=_example,
    quick=_quick,
)
