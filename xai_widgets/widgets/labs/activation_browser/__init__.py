"""`ActivationBrowser`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "ActivationBrowser",
    area="units",
    notebooks=("12_units",),
    needs=("model", "picture"),
    example=lambda: {"model": "photos", "image": "cat", "layer": "conv2_2"},
    quick=lambda: {"model": "digits", "image": "digit-3"},
)
