"""`MethodChooser`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "MethodChooser",
    area="chooser",
    notebooks=("09_choosing",),
    needs=("model", "picture"),
    example=lambda: {"model": "photos", "image": "cat"},
    quick=lambda: {"model": "digits", "image": "digit-3"},
)
