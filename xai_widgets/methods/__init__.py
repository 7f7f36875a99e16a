"""The science: pure functions from (model, arrays, target) to results. No widget, no plot, no file."""

from __future__ import annotations

from xai_widgets.methods.adversarial import fgsm, pgd
from xai_widgets.methods.atlas import activation_atlas, activation_grid, neuron_groups
from xai_widgets.methods.cam import cam, grad_cam
from xai_widgets.methods.cam_variants import eigen_cam, grad_cam_plus_plus, hires_cam, layer_cam
from xai_widgets.methods.comparison import map_similarity
from xai_widgets.methods.deconvolution import deconvolution, guided_backprop
from xai_widgets.methods.deep_lift import deep_lift
from xai_widgets.methods.dissection import dissect
from xai_widgets.methods.evaluation.compare import compare_methods
from xai_widgets.methods.evaluation.conservation import completeness
from xai_widgets.methods.evaluation.cost import cost
from xai_widgets.methods.evaluation.curves import deletion_curve, insertion_curve
from xai_widgets.methods.evaluation.fidelity import infidelity, mu_fidelity
from xai_widgets.methods.evaluation.localisation import pointing_game, relevance_mass
from xai_widgets.methods.evaluation.parts import part_importance
from xai_widgets.methods.evaluation.randomisation import cascading_randomisation
from xai_widgets.methods.evaluation.road import road
from xai_widgets.methods.evaluation.stability import max_sensitivity
from xai_widgets.methods.expected import expected_gradients
from xai_widgets.methods.feature_visualization import activation_maximization, deep_dream, objective_scores
from xai_widgets.methods.gradient import gradient_times_input, saliency
from xai_widgets.methods.guided_grad_cam import guided_grad_cam
from xai_widgets.methods.layer_maps import layer_maps, layers_with_maps
from xai_widgets.methods.lime_image import lime_image
from xai_widgets.methods.lime_tabular import lime_tabular
from xai_widgets.methods.lrp import lrp, relevance_by_layer
from xai_widgets.methods.noise import smooth_grad, var_grad
from xai_widgets.methods.occlusion import occlusion
from xai_widgets.methods.paths import integrated_gradients
from xai_widgets.methods.registry import explain, list_methods
from xai_widgets.methods.rise import rise
from xai_widgets.methods.robustness import minimal_epsilon, robustness_curve
from xai_widgets.methods.score_cam import score_cam
from xai_widgets.methods.shapley import kernel_shap, shapley_sampling
from xai_widgets.methods.superpixels import superpixels
from xai_widgets.methods.words import lime_text, occlude_words

__all__ = [
    "activation_atlas",
    "activation_grid",
    "activation_maximization",
    "cam",
    "cascading_randomisation",
    "compare_methods",
    "completeness",
    "cost",
    "deconvolution",
    "deep_dream",
    "deep_lift",
    "deletion_curve",
    "dissect",
    "eigen_cam",
    "expected_gradients",
    "explain",
    "fgsm",
    "grad_cam",
    "grad_cam_plus_plus",
    "gradient_times_input",
    "guided_backprop",
    "guided_grad_cam",
    "hires_cam",
    "infidelity",
    "insertion_curve",
    "integrated_gradients",
    "kernel_shap",
    "layer_cam",
    "layer_maps",
    "layers_with_maps",
    "lime_image",
    "lime_tabular",
    "lime_text",
    "list_methods",
    "lrp",
    "map_similarity",
    "max_sensitivity",
    "minimal_epsilon",
    "mu_fidelity",
    "neuron_groups",
    "objective_scores",
    "occlude_words",
    "occlusion",
    "part_importance",
    "pgd",
    "pointing_game",
    "relevance_by_layer",
    "relevance_mass",
    "rise",
    "road",
    "robustness_curve",
    "saliency",
    "score_cam",
    "shapley_sampling",
    "smooth_grad",
    "superpixels",
    "var_grad",
]
