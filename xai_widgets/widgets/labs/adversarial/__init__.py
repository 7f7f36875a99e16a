"""`AdversarialLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "AdversarialLab",
    area="adversarial",
    notebooks=("03_adversarial", "00_start"),
    needs=("model", "picture"),
    example=lambda: {"model": "photos", "image": "cat", "epsilon": 0.012},
    quick=lambda: {"model": "digits", "image": "digit-3", "epsilon": 0.1},
)
