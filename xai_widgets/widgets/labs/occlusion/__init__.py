"""`OcclusionLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "OcclusionLab",
    area="occlusion",
    notebooks=("04_occlusion",),
    needs=("model", "picture"),
    example=lambda: {"model": "creatures", "image": "creature-cat-dog"},
    quick=lambda: {"model": "digits", "image": "digit-3", "whole": True},
)
