"""`BackwardStepper`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "BackwardStepper",
    area="backward",
    notebooks=("06_gradients", "02_convnet_recap"),
    needs=(),
    example=dict,
    quick=dict,
)
