"""Guided Grad-CAM: fine where guided backpropagation is, and of the target alone as Grad-CAM is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.cam import grad_cam
from xai_widgets.methods.deconvolution import guided_backprop
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None


def guided_grad_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Guided Grad-CAM: guided backpropagation, kept where Grad-CAM sees the target.

    Parameters
    ----------
    model, inputs, target, layer, output, batch_size
        As for `grad_cam`.
    progress : bool or callable, optional
        As for `saliency`; it counts the images of guided backpropagation, which takes longer.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C): the product of both, signed, fine and of the target alone. It has no unit to speak of.

    Raises
    ------
    ValueError
        As `grad_cam` and `guided_backprop` do.

    References
    ----------
    Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra (2017),
    Grad-CAM: visual explanations from deep networks via gradient-based localization.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> guided_grad_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8, 1)
    """
    coarse = grad_cam(model, inputs, target, layer=layer, output=output, batch_size=batch_size)
    fine = guided_backprop(model, inputs, target, output=output, batch_size=batch_size, progress=progress)
    options = {"layer": coarse.recipe.options["layer"], "output": output}
    recipe = Recipe("guided_grad_cam", coarse.recipe.model, coarse.recipe.target, options)
    values = fine.values * coarse.values[..., np.newaxis]
    return Attribution(values, coarse.score, recipe, pictures=coarse.pictures)
