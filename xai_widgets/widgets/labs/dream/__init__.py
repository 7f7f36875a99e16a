"""`DreamLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "DreamLab",
    area="dream",
    notebooks=("10_activation_maximization",),
    needs=("model", "picture"),
    example=lambda: {"model": "photos", "image": "cat"},
    quick=lambda: {"model": "digits", "image": "digit-3", "size": 16, "octaves": 1, "steps": 2},
)
