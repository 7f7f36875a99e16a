"""`ConvolutionLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "ConvolutionLab",
    area="convolution",
    notebooks=("02_convnet_recap",),
    needs=(),
    example=dict,
    quick=dict,
)
