"""`FilterBrowser`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "FilterBrowser",
    area="units",
    notebooks=("12_units",),
    needs=("model",),
    example=lambda: {"model": "photos"},
    quick=lambda: {"model": "digits"},
)
