"""`LimeLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "LimeLab",
    area="lime",
    notebooks=("05_lime",),
    needs=("model", "picture"),
    example=lambda: {"model": "photos", "image": "cat"},
    quick=lambda: {"model": "digits", "image": "digit-3", "segments": "grid", "count": 16, "samples": 64, "seeds": 2},
)
