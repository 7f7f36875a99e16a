"""What a layer sees, all of it at once: the activation atlas, the activation grid of a picture, groups of neurons."""

from __future__ import annotations

from xai_widgets.methods.atlas.atlas import activation_atlas
from xai_widgets.methods.atlas.grid import Cells, cells_of, unit_square
from xai_widgets.methods.atlas.icons import draw_icons, whitening
from xai_widgets.methods.atlas.picture import activation_grid, neuron_groups
from xai_widgets.methods.atlas.sampling import ActivationSample, sample_activations

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
