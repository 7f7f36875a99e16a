"""`EmbeddingLab`."""

from __future__ import annotations

from xai_widgets.widgets.base.lab_registry import LabEntry

LAB = LabEntry(
    __name__,
    "EmbeddingLab",
    area="embedding",
    notebooks=("13_tsne",),
    needs=("vectors",),
    example=lambda: {"data": "photos"},
    quick=lambda: {"data": "faces", "steps": 20},
)
