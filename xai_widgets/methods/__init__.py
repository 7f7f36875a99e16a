"""The science: pure functions from (model, arrays, target) to results. No widget, no plot, no file.

The attribution methods stand here by the names under which they are described, see `attribution_method`.
"""

from __future__ import annotations

from typing import Any

from xai_widgets.methods.adversarial.attacks import fgsm, pgd
from xai_widgets.methods.adversarial.robustness import minimal_epsilon, robustness_curve
from xai_widgets.methods.atlas import activation_atlas, activation_grid, neuron_groups
from xai_widgets.methods.attribution.backpropagation.lrp import relevance_by_layer
from xai_widgets.methods.attribution.cam.layer_maps import layer_maps, layers_with_maps
from xai_widgets.methods.attribution.perturbation.superpixels import superpixels
from xai_widgets.methods.core.recording import make_again
from xai_widgets.methods.dissection import dissect
from xai_widgets.methods.evaluation.conservation import completeness
from xai_widgets.methods.evaluation.cost import cost
from xai_widgets.methods.evaluation.deletion_insertion import deletion_curve, insertion_curve
from xai_widgets.methods.evaluation.fidelity import infidelity, mu_fidelity
from xai_widgets.methods.evaluation.localization import pointing_game, relevance_mass
from xai_widgets.methods.evaluation.max_sensitivity import max_sensitivity
from xai_widgets.methods.evaluation.method_comparison import compare_methods
from xai_widgets.methods.evaluation.parts import part_importance
from xai_widgets.methods.evaluation.randomization import cascading_randomisation
from xai_widgets.methods.evaluation.road import road
from xai_widgets.methods.evaluation.similarity import map_similarity
from xai_widgets.methods.feature_visualization import activation_maximization, deep_dream, objective_scores
from xai_widgets.methods.registry import FUNCTIONS, explain, list_methods

__all__ = [
    "activation_atlas",
    "activation_grid",
    "activation_maximization",
    "cascading_randomisation",
    "compare_methods",
    "completeness",
    "cost",
    "deep_dream",
    "deletion_curve",
    "dissect",
    "explain",
    "fgsm",
    "infidelity",
    "insertion_curve",
    "layer_maps",
    "layers_with_maps",
    "list_methods",
    "make_again",
    "map_similarity",
    "max_sensitivity",
    "minimal_epsilon",
    "mu_fidelity",
    "neuron_groups",
    "objective_scores",
    "part_importance",
    "pgd",
    "pointing_game",
    "relevance_by_layer",
    "relevance_mass",
    "road",
    "robustness_curve",
    "superpixels",
]
__all__ += sorted(FUNCTIONS)  # noqa: PLE0605  (names: the methods that are described)


def __getattr__(name: str) -> Any:
    """Return an attribution method by its name."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """Names for completion, the attribution methods included."""
    return sorted({*globals(), *FUNCTIONS})
