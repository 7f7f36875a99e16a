"""`RelevanceLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "RelevanceLab",
    area="relevance",
    notebooks=("08_relevance",),
    needs=("model", "picture"),
    example=lambda: {"model": "photos", "image": "cat"},
    quick=lambda: {"model": "digits", "image": "digit-3"},
)
