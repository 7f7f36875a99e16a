"""`ToyNets`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "ToyNets",
    area="toy_nets",
    notebooks=("08_relevance",),
    needs=(),
    example=dict,
    quick=dict,
)
