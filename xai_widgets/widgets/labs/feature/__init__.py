"""`FeatureLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "FeatureLab",
    area="feature",
    notebooks=("10_activation_maximization",),
    needs=("model",),
    example=lambda: {"model": "creatures", "layer": "conv4_2", "unit": 3, "steps": 64},
    quick=lambda: {"model": "digits", "unit": 3, "steps": 8},
)
