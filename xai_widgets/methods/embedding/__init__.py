"""Many vectors laid out in the plane, and measures of how faithful the layout is."""

from __future__ import annotations

from xai_widgets.methods.embedding.agreement import align, neighbour_overlap, procrustes
from xai_widgets.methods.embedding.groups import centre_distances, group_spread, islands, within_between
from xai_widgets.methods.embedding.layouts import LAYOUTS, pca, tsne, umap
from xai_widgets.methods.embedding.quality import MapQuality, map_quality

__all__ = [
    "LAYOUTS",
    "MapQuality",
    "align",
    "centre_distances",
    "group_spread",
    "islands",
    "map_quality",
    "neighbour_overlap",
    "pca",
    "procrustes",
    "tsne",
    "umap",
    "within_between",
]
