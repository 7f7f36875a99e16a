"""`DissectionExplorer`."""

from __future__ import annotations

from typing import Any

from xai_widgets.widgets.base.lab_registry import LabEntry


def _example() -> dict[str, Any]:
    from xai_widgets.methods.dissection import CreatureConcepts

    return {"model": "creatures", "concepts": CreatureConcepts(120, seed=1), "layer": "conv4_2"}


def _quick() -> dict[str, Any]:
    from xai_widgets.methods.dissection import CreatureConcepts

    return {"model": "creatures", "concepts": CreatureConcepts(12, seed=1), "layer": "conv4_2"}


LAB = LabEntry(
    __name__,
    "DissectionExplorer",
    area="dissection",
    notebooks=("11_atlas_and_dissection",),
    needs=("model", "concepts"),
    example=_example,
    quick=_quick,
)
