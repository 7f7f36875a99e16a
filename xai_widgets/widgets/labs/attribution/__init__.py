"""`AttributionExplorer`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "AttributionExplorer",
    area="attribution",
    notebooks=("06_gradients", "01_motivation", "08_relevance", "14_debug_a_model"),
    needs=("model", "picture"),
    example=lambda: {"model": "creatures", "image": "creature-cat-dog"},
    quick=lambda: {"model": "digits", "image": "digit-3", "methods": ("saliency", "integrated_gradients")},
)
