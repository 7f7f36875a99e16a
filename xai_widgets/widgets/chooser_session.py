"""What the method chooser knows: the slides' questions, what each rules out, and small maps of one picture."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from xai_widgets.widgets.attribution_session import AttributionSession
from xai_widgets.widgets.components.colours import CENTRE, ENTRIES, colour_table
from xai_widgets.widgets.pictures import picture_names, read_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.methods.registry import Method
    from xai_widgets.widgets.attribution_session import Explained

FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "gradient": (
        "saliency",
        "gradient_times_input",
        "smooth_grad",
        "var_grad",
        "integrated_gradients",
        "expected_gradients",
        "deconvolution",
        "guided_backprop",
    ),
    "relevance": ("lrp", "deep_lift"),
    "perturbation": ("occlusion", "lime_image", "rise", "kernel_shap", "shapley_sampling"),
    "activation": (
        "cam",
        "grad_cam",
        "guided_grad_cam",
        "grad_cam_plus_plus",
        "score_cam",
        "layer_cam",
        "hires_cam",
        "eigen_cam",
    ),
}
"""How a method works: the slide's kinds of approaches."""

# Enough to see what a map looks like; what a method needs for an answer to rely on stands in its own documentation.
QUICK: Final[dict[str, dict[str, Any]]] = {
    "smooth_grad": {"samples": 16},
    "var_grad": {"samples": 16},
    "integrated_gradients": {"steps": 16},
    "expected_gradients": {"samples": 32},
    "lime_image": {"samples": 100},
    "rise": {"samples": 200},
    "kernel_shap": {"samples": 100},
    "shapley_sampling": {"samples": 200},
}
_OPACITY = 0.75  # of a map over the grey picture


@dataclass(frozen=True)
class Question:
    """One question of the slide.

    Attributes
    ----------
    name : str
        Of the lab's trait, and of its texts in the catalogue.
    answers : tuple of str
        The first is "whatever".
    fits : callable
        ``fits(method, answer)``: whether a method is still in the running.
    """

    name: str
    answers: tuple[str, ...]
    fits: Callable[[Method, str], bool]


def family_of(method: str) -> str:
    """Return how a method works.

    Examples
    --------
    >>> family_of("lrp")
    'relevance'
    """
    return next(family for family, members in FAMILIES.items() if method in members)


def few_passes(method: Method) -> bool:
    """Tell whether a method's price is fixed: a pass or three, not one for each sample or position.

    Examples
    --------
    >>> from xai_widgets.methods.registry import METHODS
    >>> few_passes(METHODS["grad_cam"]), few_passes(METHODS["rise"])
    (True, False)
    """
    return " per " not in method.passes


def is_agnostic(method: Method) -> bool:
    """Tell whether a method asks nothing of the model but its answers.

    Examples
    --------
    >>> from xai_widgets.methods.registry import METHODS
    >>> is_agnostic(METHODS["lime_image"]), is_agnostic(METHODS["eigen_cam"])
    (True, False)
    """
    return family_of(method.name) == "perturbation"


QUESTIONS: Final = (
    Question("inside", ("any", "gradients", "outputs"), lambda m, a: a != "outputs" or is_agnostic(m)),
    Question("network", ("any", "convolutional", "other"), lambda m, a: a != "other" or not m.needs_convolutions),
    Question("retraining", ("any", "yes", "no"), lambda m, a: a != "no" or not m.needs_retraining),
    Question("price", ("any", "few", "many"), lambda m, a: a == "any" or few_passes(m) == (a == "few")),
    Question("grain", ("any", "fine", "coarse"), lambda m, a: a in ("any", m.grain)),
    Question("family", ("any", *FAMILIES), lambda m, a: a in ("any", family_of(m.name))),
)


def ruled_out(method: Method, answers: dict[str, str]) -> str:
    """Return the first question whose answer rules a method out; nothing if it is in the running.

    Examples
    --------
    >>> from xai_widgets.methods.registry import METHODS
    >>> ruled_out(METHODS["grad_cam"], {"network": "other"}), ruled_out(METHODS["rise"], {"network": "other"})
    ('network', '')
    """
    for question in QUESTIONS:
        if not question.fits(method, answers.get(question.name, "any")):
            return question.name
    return ""


class ChooserSession(AttributionSession):
    """One picture seen by one model, with a quick map by every method that takes it.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array
        One image.

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """

    def quick(self, method: str, target: int, progress: Callable[[int, int], object] | None = None) -> Explained:
        """Explain one class by one method, with few samples; what the method refuses is raised."""
        options = QUICK.get(method, {})
        if method == "expected_gradients":
            options = {**options, "baselines": self._company}
        found = self.explained(method, target, options, progress)
        if method != "rise":
            return found
        # Its values are mean scores, of any sign: the differences count.
        return replace(found, heatmap=found.heatmap - found.heatmap.min(), signed=False)

    @functools.cached_property
    def _company(self) -> NDArray[np.float32]:
        """Other pictures of the kind that the model is offered, for the method that compares with a data set."""
        pictures = [read_picture(name, self.classifier) for name in picture_names(self.classifier)]
        return self.classifier.as_inputs(pictures)


def thumbnail(picture: NDArray[np.uint8], explained: Explained, side: int) -> NDArray[np.uint8]:
    """Blend a map over the grey picture, uint8 (side, side, 3).

    Parameters
    ----------
    picture : (H, W, 3) uint8 array
    explained : Explained
    side : int
    """
    grey = np.asarray(Image.fromarray(picture).convert("L").resize((side, side)), "float32")
    heat = np.asarray(Image.fromarray(explained.heatmap.astype("float32")).resize((side, side)), "float32")
    limit = float(np.abs(heat).max()) or 1.0
    share = np.clip(heat / limit, -1, 1)
    entries = CENTRE + (CENTRE - 1) * share if explained.signed else (ENTRIES - 1) * np.maximum(share, 0)
    colours = colour_table(signed=explained.signed)[entries.round().astype("int64")].astype("float32")
    blended = _OPACITY * colours + (1 - _OPACITY) * grey[..., np.newaxis]
    small: NDArray[np.uint8] = blended.round().astype("uint8")
    return small
