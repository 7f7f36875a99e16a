"""Attributions that are plain gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.target_scores import pictures_of, score_gradient, wrapped
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from typing import Any

    import keras

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target


@attribution_method(
    family="gradient",
    paper=Paper("Simonyan, Vedaldi, Zisserman", 2013, "Deep inside convolutional networks", arxiv="1312.6034"),
    forward=1,
    backward=1,
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    values="gradient",
    order=10,
)
def saliency(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Gradient of a class score with respect to the input.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values`` is the signed gradient, shaped like the inputs, (N, H, W, C) for pictures, in units of the score
        per unit of the input; ``.score`` (N,). Saliency maps draw the largest magnitude over the channels:
        ``.heatmap()``.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; or a model that no gradient goes through, or whose scores or
        gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Karen Simonyan, Andrea Vedaldi, Andrew Zisserman (2013), Deep inside convolutional networks: visualising image
    classification models and saliency maps, arXiv:1312.6034.

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
    return Attribution(
        found.gradient,
        found.score,
        recipe,
        pictures=pictures_of(classifier, batch),
        has_channels=classifier.has_channels(batch),
    )


@attribution_method(
    family="gradient",
    paper=Paper("Shrikumar et al.", 2016, "Not just a black box", arxiv="1605.01713"),
    forward=1,
    backward=1,
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    order=20,
)
def gradient_times_input(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Gradient of a class score with respect to the input, times the input.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures, in units of the score: how much each input
        value would contribute if the model were the linear one that touches it here. ``.heatmap("sum")`` adds the
        channels. For a network of rectifiers without biases the values sum to the score; in general they do not,
        and no ``.delta`` is given.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; or a model that no gradient goes through, or whose scores or
        gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Avanti Shrikumar, Peyton Greenside, Anna Shcherbina, Anshul Kundaje (2016), Not just a black box: learning important
    features through propagating activation differences, arXiv:1605.01713.

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
    return Attribution(
        found.gradient * batch,
        found.score,
        recipe,
        pictures=pictures_of(classifier, batch),
        has_channels=classifier.has_channels(batch),
    )
