"""Attributions that are plain gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.methods.scores import pictures_of, score_gradient, wrapped
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import keras

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target


def saliency(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Attribution:
    """Gradient of a class score with respect to the input.

    Parameters
    ----------
    model : Classifier or keras.Model
    inputs : array
        A batch (N, H, W, C) of floats in the model's input space, one such example, or pictures (uint8).
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all or one per image; None takes the predicted class. A callable
        makes a scalar per image, shape (N,), out of the outputs (N, K), with ``keras.ops``.
    output : {"logit", "probability"}
        What is differentiated. Probabilities mix in all other classes and vanish where the model is sure.
    batch_size : int, optional
        How many images at a time; as many as memory allows, 32 to 512, if left out.
    progress : bool or callable, optional
        True for a bar; a callable gets ``(done, total)`` and may raise to stop.

    Returns
    -------
    Attribution
        ``.values`` is the signed gradient, shape (N, H, W, C), in units of the score per unit of the input. Saliency
        maps draw its largest magnitude over the channels: ``.heatmap()``.

    Raises
    ------
    ValueError
        For a wrong shape, NaN, an unknown class, or a model that no gradient goes through.

    References
    ----------
    Karen Simonyan, Andrea Vedaldi, Andrew Zisserman (2013), Deep inside convolutional networks: visualising image
    classification models and saliency maps.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> saliency(digits, xai.sample_image("digit-3"), target="3")
    Attribution(1x8x8x1: saliency · digits · target 3 · output=logit)
    """
    classifier, batch = wrapped(model, inputs)
    found = score_gradient(classifier, batch, target, output=output, batch_size=batch_size, progress=progress)
    recipe = Recipe("saliency", classifier.name, found.names, {"output": output})
    return Attribution(found.gradient, found.score, recipe, pictures=pictures_of(classifier, batch))


def gradient_times_input(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Attribution:
    """Gradient of a class score with respect to the input, times the input.

    Parameters
    ----------
    model, inputs, target, output, batch_size, progress
        As for `saliency`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C) in units of the score: how much each input value would contribute if the model were
        the linear one that touches it here. ``.heatmap("sum")`` adds the channels. For a network of rectifiers without
        biases the values sum to the score; in general they do not, and no ``.delta`` is given.

    Raises
    ------
    ValueError
        As `saliency` does.

    References
    ----------
    Avanti Shrikumar, Peyton Greenside, Anna Shcherbina, Anshul Kundaje (2016), Not just a black box: learning important
    features through propagating activation differences.

    Examples
    --------
    >>> import numpy as np, xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> three = digits.as_inputs(xai.sample_image("digit-3"))
    >>> product = gradient_times_input(digits, three, "3").values
    >>> bool(np.allclose(product, three * saliency(digits, three, "3").values))
    True
    """
    classifier, batch = wrapped(model, inputs)
    found = score_gradient(classifier, batch, target, output=output, batch_size=batch_size, progress=progress)
    recipe = Recipe("gradient_times_input", classifier.name, found.names, {"output": output})
    return Attribution(found.gradient * batch, found.score, recipe, pictures=pictures_of(classifier, batch))
