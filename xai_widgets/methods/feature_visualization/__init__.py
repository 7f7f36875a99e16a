"""Feature visualisation: pictures optimised to excite a network, and DeepDream.

What can be raised: `logit`, `channel`, `neuron`, `direction`, `interaction`, `excitement`, `diversity`, `caricature`,
`inversion`, `style`, `guide`. What can be taken away: `total_variation`, `l1`, `l2`, `alpha`. How a picture is written:
`Fourier`, `Pixels`, `Laplacian`, `CPPN`. How it is moved: `Jitter`, `Scale`, `Rotate`, `pad`, `crop`. The library lucid
does the same on TensorFlow, on the same models: `to_lucid`, `lucid_visualization`, `LucidMaximization`.
"""

from __future__ import annotations

from xai_widgets.methods.feature_visualization.dream import deep_dream
from xai_widgets.methods.feature_visualization.lucid_engine import (
    LucidMaximization,
    LucidWay,
    lucid_is_here,
    lucid_visualization,
    to_lucid,
)
from xai_widgets.methods.feature_visualization.maximization import (
    Maximization,
    activation_maximization,
    objective_scores,
)
from xai_widgets.methods.feature_visualization.objectives import (
    Objective,
    alpha,
    caricature,
    channel,
    direction,
    diversity,
    excitement,
    guide,
    interaction,
    inversion,
    l1,
    l2,
    logit,
    neuron,
    style,
    total_variation,
)
from xai_widgets.methods.feature_visualization.parameterizations import (
    CPPN,
    PARAMETERISATIONS,
    Fourier,
    Laplacian,
    Parameterisation,
    Pixels,
)
from xai_widgets.methods.feature_visualization.regularizer_steps import WAYS, Way
from xai_widgets.methods.feature_visualization.transformations import (
    Jitter,
    Rotate,
    Scale,
    Transformation,
    crop,
    pad,
    standard,
)

__all__ = [
    "CPPN",
    "PARAMETERISATIONS",
    "WAYS",
    "Fourier",
    "Jitter",
    "Laplacian",
    "LucidMaximization",
    "LucidWay",
    "Maximization",
    "Objective",
    "Parameterisation",
    "Pixels",
    "Rotate",
    "Scale",
    "Transformation",
    "Way",
    "activation_maximization",
    "alpha",
    "caricature",
    "channel",
    "crop",
    "deep_dream",
    "direction",
    "diversity",
    "excitement",
    "guide",
    "interaction",
    "inversion",
    "l1",
    "l2",
    "logit",
    "lucid_is_here",
    "lucid_visualization",
    "neuron",
    "objective_scores",
    "pad",
    "standard",
    "style",
    "to_lucid",
    "total_variation",
]
