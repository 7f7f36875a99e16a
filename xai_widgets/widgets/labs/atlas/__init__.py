"""`AtlasExplorer`."""

from __future__ import annotations

from typing import Any

from xai_widgets.widgets.base.lab_registry import LabEntry


def _example() -> dict[str, Any]:
    from xai_widgets.datasets.creatures import sample_batch

    return {"model": "creatures", "pictures": sample_batch(300, seed=5).pictures}


def _quick() -> dict[str, Any]:
    from xai_widgets.datasets.creatures import sample_batch

    pictures = sample_batch(8, seed=1).pictures
    return {"model": "creatures", "pictures": pictures, "layout": "pca", "grid": 2, "steps": 1}


LAB = LabEntry(
    __name__,
    "AtlasExplorer",
    area="atlas",
    notebooks=("11_atlas_and_dissection",),
    needs=("model", "pictures"),
    example=_example,
    quick=_quick,
)
