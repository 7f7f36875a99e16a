"""The table of methods: what each needs, gives and costs, and how `explain` finds it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xai_widgets.i18n import message
from xai_widgets.methods.cam import cam, grad_cam
from xai_widgets.methods.cam_variants import eigen_cam, grad_cam_plus_plus, hires_cam, layer_cam
from xai_widgets.methods.deconvolution import deconvolution, guided_backprop
from xai_widgets.methods.deep_lift import deep_lift
from xai_widgets.methods.expected import expected_gradients
from xai_widgets.methods.gradient import gradient_times_input, saliency
from xai_widgets.methods.guided_grad_cam import guided_grad_cam
from xai_widgets.methods.lime_image import lime_image
from xai_widgets.methods.lrp import lrp
from xai_widgets.methods.noise import smooth_grad, var_grad
from xai_widgets.methods.occlusion import occlusion
from xai_widgets.methods.paths import integrated_gradients
from xai_widgets.methods.rise import rise
from xai_widgets.methods.score_cam import score_cam
from xai_widgets.methods.shapley import kernel_shap, shapley_sampling
from xai_widgets.models.names import match, suggestion
from xai_widgets.models.pictures import load_image
from xai_widgets.models.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target
    from xai_widgets.results.attribution import Attribution


@dataclass(frozen=True)
class Method:
    """One attribution method, by the questions of the slides.

    Attributes
    ----------
    name : str
    needs_gradients, needs_convolutions, needs_retraining : bool
    passes : str
        Cost for one image, in passes through the network.
    grain : {"fine", "coarse"}
        Pixels, or regions.
    paper : str
    """

    name: str
    needs_gradients: bool
    needs_convolutions: bool
    needs_retraining: bool
    passes: str
    grain: str
    paper: str


FUNCTIONS: dict[str, Callable[..., Attribution]] = {
    "saliency": saliency,
    "gradient_times_input": gradient_times_input,
    "smooth_grad": smooth_grad,
    "var_grad": var_grad,
    "integrated_gradients": integrated_gradients,
    "expected_gradients": expected_gradients,
    "deconvolution": deconvolution,
    "guided_backprop": guided_backprop,
    "lrp": lrp,
    "deep_lift": deep_lift,
    "occlusion": occlusion,
    "lime_image": lime_image,
    "rise": rise,
    "kernel_shap": kernel_shap,
    "shapley_sampling": shapley_sampling,
    "cam": cam,
    "grad_cam": grad_cam,
    "guided_grad_cam": guided_grad_cam,
    "grad_cam_plus_plus": grad_cam_plus_plus,
    "score_cam": score_cam,
    "layer_cam": layer_cam,
    "hires_cam": hires_cam,
    "eigen_cam": eigen_cam,
}
METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "saliency",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward",
            grain="fine",
            paper="Simonyan, Vedaldi, Zisserman (2013), Deep inside convolutional networks",
        ),
        Method(
            "gradient_times_input",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward",
            grain="fine",
            paper="Shrikumar et al. (2016), Not just a black box",
        ),
        Method(
            "smooth_grad",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward per sample",
            grain="fine",
            paper="Smilkov et al. (2017), SmoothGrad: removing noise by adding noise",
        ),
        Method(
            "var_grad",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward per sample",
            grain="fine",
            paper="Adebayo et al. (2018), Local explanation methods lack sensitivity to parameter values",
        ),
        Method(
            "integrated_gradients",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward per step",
            grain="fine",
            paper="Sundararajan, Taly, Yan (2017), Axiomatic attribution for deep networks",
        ),
        Method(
            "expected_gradients",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward per sample",
            grain="fine",
            paper="Erion et al. (2021), Improving performance with axiomatic attribution priors",
        ),
        Method(
            "deconvolution",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward",
            grain="fine",
            paper="Zeiler, Fergus (2014), Visualizing and understanding convolutional networks",
        ),
        Method(
            "guided_backprop",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward",
            grain="fine",
            paper="Springenberg et al. (2015), Striving for simplicity: the all convolutional net",
        ),
        Method(
            "lrp",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward, 1 backward",
            grain="fine",
            paper="Bach et al. (2015), On pixel-wise explanations by layer-wise relevance propagation",
        ),
        Method(
            "deep_lift",
            needs_gradients=True,
            needs_convolutions=False,
            needs_retraining=False,
            passes="2 forward, 1 backward",
            grain="fine",
            paper="Shrikumar, Greenside, Kundaje (2017), Learning important features",
        ),
        Method(
            "occlusion",
            needs_gradients=False,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward per position",
            grain="coarse",
            paper="Zeiler, Fergus (2013), Visualizing and understanding convolutional networks",
        ),
        Method(
            "lime_image",
            needs_gradients=False,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward per sample",
            grain="coarse",
            paper="Ribeiro, Singh, Guestrin (2016), Why should I trust you?",
        ),
        Method(
            "rise",
            needs_gradients=False,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward per sample",
            grain="coarse",
            paper="Petsiuk, Das, Saenko (2018), RISE: randomized input sampling for explanation",
        ),
        Method(
            "kernel_shap",
            needs_gradients=False,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward per sample",
            grain="coarse",
            paper="Lundberg, Lee (2017), A unified approach to interpreting model predictions",
        ),
        Method(
            "shapley_sampling",
            needs_gradients=False,
            needs_convolutions=False,
            needs_retraining=False,
            passes="1 forward per sample",
            grain="coarse",
            paper="Štrumbelj, Kononenko (2014), Explaining prediction models and individual predictions",
        ),
        Method(
            "cam",
            needs_gradients=False,
            needs_convolutions=True,
            needs_retraining=True,
            passes="1 forward",
            grain="coarse",
            paper="Zhou et al. (2016), Learning deep features for discriminative localization",
        ),
        Method(
            "grad_cam",
            needs_gradients=True,
            needs_convolutions=True,
            needs_retraining=False,
            passes="1 forward, 1 backward of the head",
            grain="coarse",
            paper="Selvaraju et al. (2017), Grad-CAM",
        ),
        Method(
            "guided_grad_cam",
            needs_gradients=True,
            needs_convolutions=True,
            needs_retraining=False,
            passes="2 forward, 1 backward",
            grain="fine",
            paper="Selvaraju et al. (2017), Grad-CAM",
        ),
        Method(
            "grad_cam_plus_plus",
            needs_gradients=True,
            needs_convolutions=True,
            needs_retraining=False,
            passes="1 forward, 1 backward of the head",
            grain="coarse",
            paper="Chattopadhay et al. (2018), Grad-CAM++",
        ),
        Method(
            "score_cam",
            needs_gradients=False,
            needs_convolutions=True,
            needs_retraining=False,
            passes="1 forward per map",
            grain="coarse",
            paper="Wang et al. (2020), Score-CAM",
        ),
        Method(
            "layer_cam",
            needs_gradients=True,
            needs_convolutions=True,
            needs_retraining=False,
            passes="1 forward, 1 backward of the head",
            grain="coarse",
            paper="Jiang et al. (2021), LayerCAM",
        ),
        Method(
            "hires_cam",
            needs_gradients=True,
            needs_convolutions=True,
            needs_retraining=False,
            passes="1 forward, 1 backward of the head",
            grain="coarse",
            paper="Draelos, Carin (2020), HiResCAM",
        ),
        Method(
            "eigen_cam",
            needs_gradients=False,
            needs_convolutions=True,
            needs_retraining=False,
            passes="1 forward",
            grain="coarse",
            paper="Muhammad, Yeasin (2020), Eigen-CAM",
        ),
    )
}


def explain(
    model: Classifier | keras.Model, image: Any, method: str, target: Target = None, **options: Any
) -> Attribution:
    """Explain what a model answers for an image, by a method given by name.

    Parameters
    ----------
    model : Classifier or keras.Model
    image : array, PIL image, path or address
        A picture (uint8), floats in the model's input space (a batch of either is welcome), or a file or web address
        that `load_image` reads.
    method : str
        A name from `list_methods`.
    target : str, int, callable or None
        What is explained; None takes the predicted class.
    **options
        Of the method.

    Returns
    -------
    Attribution

    Raises
    ------
    ValueError
        If the method is unknown (the nearest names are given), and for what the method itself refuses.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> xai.explain(xai.load_model("digits"), xai.sample_image("digit-7"), "saliency", target="7")
    Attribution(1x8x8x1: saliency · digits · target 7 · output=logit)
    """
    found = match(method, FUNCTIONS)
    if found is None:
        msg = f"unknown method {method!r}; {suggestion(method, FUNCTIONS)}"
        raise ValueError(msg)
    picture = load_image(image) if isinstance(image, (str, os.PathLike)) else image
    return FUNCTIONS[found](model, picture, target, **options)


def list_methods() -> Table[Method]:
    """Return the attribution methods by the questions that help to choose one.

    Returns
    -------
    Table
        One row a method: whether it needs gradients, a convolutional network, another training; what it costs; how
        fine its maps are; who described it. Headings are in the current language.

    Examples
    --------
    >>> list_methods()["saliency"].grain
    'fine'
    """
    words = {True: message("methods.yes"), False: message("methods.no")}
    needs = dict.fromkeys(("needs_gradients", "needs_convolutions", "needs_retraining"), words.__getitem__)
    spoken = {"passes": _translated, "grain": _translated}
    return Table(METHODS.values(), "methods.column_", {**needs, **spoken})


def _translated(value: str) -> str:
    """Look a cell's wording up in the catalogue."""
    return message("methods." + value.replace(", ", "_").replace(" ", "_"))
