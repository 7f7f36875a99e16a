"""`CamLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "CamLab",
    area="cam",
    notebooks=("07_cam",),
    needs=("model", "picture"),
    example=lambda: {"model": "creatures", "image": "creature-cat-dog"},
    quick=lambda: {"model": "digits", "image": "digit-3"},
)
