"""The science: pure functions from (model, arrays, target) to results. No widget, no plot, no file."""

from __future__ import annotations

from xai_widgets.methods.adversarial import fgsm, pgd
from xai_widgets.methods.comparison import map_similarity
from xai_widgets.methods.expected import expected_gradients
from xai_widgets.methods.gradient import gradient_times_input, saliency
from xai_widgets.methods.noise import smooth_grad, var_grad
from xai_widgets.methods.occlusion import occlusion
from xai_widgets.methods.paths import integrated_gradients
from xai_widgets.methods.registry import explain, list_methods
from xai_widgets.methods.robustness import minimal_epsilon, robustness_curve

__all__ = [
    "expected_gradients",
    "explain",
    "fgsm",
    "gradient_times_input",
    "integrated_gradients",
    "list_methods",
    "map_similarity",
    "minimal_epsilon",
    "occlusion",
    "pgd",
    "robustness_curve",
    "saliency",
    "smooth_grad",
    "var_grad",
]
