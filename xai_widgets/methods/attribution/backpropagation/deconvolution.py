"""Deconvolution and guided backpropagation: the gradient, with another way back through rectifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.methods.attribution.backpropagation.rules.batch_runs import Run, at_inputs
from xai_widgets.methods.attribution.backpropagation.rules.engine import (
    LayerCall,
    UnsupportedLayerError,
    backward,
    forward,
    own_derivative,
)
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind
from xai_widgets.methods.core.attribution_method import Paper, attribution_method

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.methods.attribution.backpropagation.rules.engine import Rule
    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target
    from xai_widgets.results.attribution_result import Attribution


@attribution_method(
    family="gradient",
    paper=Paper(
        "Zeiler, Fergus",
        2014,
        "Visualizing and understanding convolutional networks",
        doi="10.1007/978-3-319-10590-1_53",
        arxiv="1311.2901",
    ),
    forward=1,
    backward=1,
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    values="pattern",
    order=70,
)
def deconvolution(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Deconvolution: what is carried back is itself rectified at each rectifier, wherever that was on or off.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened, and a layer may be called several times. It must have a
        rectifier: as a layer, as an activation, fused into another layer, or as ``keras.ops.relu``.
    inputs : array, pictures, or several of them
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several inputs
        takes one array for each, nested as the model takes them.
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
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures: the pattern carried back. It is no
        derivative, and its scale has no unit. Max pooling sends what comes to the place of the maximum; all other
        layers act by their own derivative. For several inputs, one attribution for each, nested as the model takes
        them.

    Raises
    ------
    UnsupportedLayerError
        If a layer is not one of Keras' own (rectifiers might hide in it), or is an embedding, which has no
        gradient. All are named.
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model without a rectifier; or a model that no gradient goes through, or whose scores or
        gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Matthew Zeiler, Rob Fergus (2014), Visualizing and understanding convolutional networks, arXiv:1311.2901,
    doi:10.1007/978-3-319-10590-1_53.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> deconvolution(digits, xai.sample_image("digit-3"), target="3")
    Attribution(1x8x8x1: deconvolution · digits · target 3 · output=logit)
    """
    run = Run(model, inputs, target, output=output, merge=False, batch_size=batch_size)
    return _carried_back("deconvolution", run, progress)


@attribution_method(
    family="gradient",
    paper=Paper("Springenberg et al.", 2015, "Striving for simplicity: the all convolutional net", arxiv="1412.6806"),
    forward=1,
    backward=1,
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    values="pattern",
    order=80,
)
def guided_backprop(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Guided backpropagation: the gradient, its negative values dropped at each rectifier on the way back.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened, and a layer may be called several times. It must have a
        rectifier: as a layer, as an activation, fused into another layer, or as ``keras.ops.relu``.
    inputs : array, pictures, or several of them
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several inputs
        takes one array for each, nested as the model takes them.
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
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures: what is left of the gradient, in units of
        the score per unit of the input. A ReLU lets through what is positive and comes to a unit that was on; other
        rectifiers (ReLU6, leaky, ELU, GELU, swish) multiply what is positive by their own gradient. All other
        layers act by their own derivative. For several inputs, one attribution for each, nested as the model takes
        them.

    Raises
    ------
    UnsupportedLayerError
        If a layer is not one of Keras' own (rectifiers might hide in it), or is an embedding, which has no
        gradient. All are named.
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model without a rectifier; or a model that no gradient goes through, or whose scores or
        gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Notes
    -----
    The map shows edges that many units agree on, hardly depends on the class and resembles the picture even for random
    weights (Adebayo et al. 2018, Sanity checks for saliency maps, arXiv:1810.03292).

    References
    ----------
    Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller (2015), Striving for simplicity: the
    all convolutional net, arXiv:1412.6806.

    Examples
    --------
    >>> import numpy as np, xai_widgets as xai
    >>> start = keras.Input((4,))
    >>> squares = keras.ops.square(keras.layers.ReLU()(start))
    >>> model = keras.Model(start, keras.ops.sum(squares, axis=-1, keepdims=True))
    >>> guided_backprop(model, np.array([[5.0, 0, -5, 10]]), 0).values.tolist()
    [[10.0, 0.0, 0.0, 20.0]]
    """
    run = Run(model, inputs, target, output=output, merge=False, batch_size=batch_size)
    return _carried_back("guided_backprop", run, progress)


def _rectified(_call: LayerCall, signal: Any) -> Sequence[Any]:
    return [keras.ops.relu(signal)]


def _guided(call: LayerCall, signal: Any) -> Sequence[Any]:
    positive = keras.ops.relu(signal)
    if call.node.label in ("Maximum", "Clip"):  # backends do not agree on their gradient at 0: it is that of a ReLU
        positive = keras.ops.where(call.output > 0, positive, 0.0)
    return call.pull(positive)


def _carried_back(method: str, run: Run, progress: Progress) -> Attribution:
    rules, net, begin = rules_at_rectifiers(method, run.net), run.net, run.begin()

    def whole(inputs: Any, rows: Any) -> tuple[Any, Any]:
        values, calls = forward(net, inputs)
        start = begin(values, rows)
        return start.score, at_inputs(net, inputs, backward(calls, rules, start.signals))

    score, found = run.each(run.compiled((method,), whole), progress)
    made: Attribution = run.attribution(method, found, score, {"output": run.output})
    return made


def rules_at_rectifiers(method: str, net: Net) -> list[Rule]:
    """Choose a rule for each node; refuse a model in which the method would be the plain gradient.

    Parameters
    ----------
    method : {"deconvolution", "guided_backprop"}
        What is done at rectifiers.
    net : Net
        The nodes of the model.

    Raises
    ------
    UnsupportedLayerError
        If a layer is not one of Keras' own, or is an embedding.
    ValueError
        If the model has no rectifier.
    """
    at_rectifiers = {"deconvolution": _rectified, "guided_backprop": _guided}[method]
    unknown = [node for node in net.nodes if node.kind in (Kind.UNKNOWN, Kind.LOOKUP)]
    if unknown:
        advice = (
            "Write it with Keras' own layers, so that rectifiers inside are seen, and let the model start after an "
            "embedding; or take a method without rules, such as saliency"
        )
        raise UnsupportedLayerError(method, unknown, advice)
    if not any(node.kind is Kind.RECTIFIER for node in net.nodes):
        msg = (
            f"{method} changes what rectifiers do, and {net.program.name!r} has none; use saliency, the plain gradient"
        )
        raise ValueError(msg)
    return [at_rectifiers if node.kind is Kind.RECTIFIER else own_derivative for node in net.nodes]
