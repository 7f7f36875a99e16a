"""The activation atlas of a layer, the activation grid of one picture, and groups of neurons."""

from __future__ import annotations

from xai_widgets.methods.atlas.activation_atlas import activation_atlas
from xai_widgets.methods.atlas.activation_grid import activation_grid, neuron_groups
from xai_widgets.methods.atlas.activation_sampling import ActivationSample, sample_activations
from xai_widgets.methods.atlas.grid_cells import Cells, cells_of, unit_square
from xai_widgets.methods.atlas.icons import draw_icons, whitening

__all__ = [
    "ActivationSample",
    "Cells",
    "activation_atlas",
    "activation_grid",
    "cells_of",
    "draw_icons",
    "neuron_groups",
    "sample_activations",
    "unit_square",
    "whitening",
]
