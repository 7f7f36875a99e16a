"""Deconvolution and guided backpropagation: the gradient, with another way back through rectifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.methods.rules.engine import Call, UnsupportedLayerError, backward, forward, own_derivative
from xai_widgets.methods.rules.kinds import Kind
from xai_widgets.methods.rules.runs import Run, at_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.methods.rules.engine import Rule
    from xai_widgets.methods.rules.nodes import Net
    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target
    from xai_widgets.results.attribution import Attribution


def deconvolution(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Attribution:
    """Deconvolution: what is carried back is itself rectified at each rectifier, wherever that was on or off.

    Parameters
    ----------
    model, inputs, target, output, batch_size, progress
        As for `saliency`. The model must be functional or Sequential (nested models are welcome) and have a rectifier:
        as a layer, as an activation, fused into another layer, or as ``keras.ops.relu``.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C): the pattern carried back. It is no derivative, and its scale has no unit. Max pooling
        sends what comes to the place of the maximum; all other layers act by their own derivative. For several inputs,
        one attribution for each, nested as the model takes them.

    Raises
    ------
    UnsupportedLayerError
        If a layer is not one of Keras' own (rectifiers might hide in it), or there is no rectifier at all.
    ValueError
        As `saliency` does; `NoGraphError` for a subclassed model.

    References
    ----------
    Matthew Zeiler, Rob Fergus (2014), Visualizing and understanding convolutional networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> deconvolution(digits, xai.sample_image("digit-3"), target="3")
    Attribution(1x8x8x1: deconvolution · digits · target 3 · output=logit)
    """
    run = Run(model, inputs, target, output=output, merge=False, batch_size=batch_size)
    return _carried_back("deconvolution", run, progress)


def guided_backprop(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Attribution:
    """Guided backpropagation: the gradient, its negative values dropped at each rectifier on the way back.

    Parameters
    ----------
    model, inputs, target, output, batch_size, progress
        As for `deconvolution`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C): what is left of the gradient. A ReLU lets through what is positive and comes to a unit
        that was on; other rectifiers (ReLU6, leaky, ELU, GELU, swish) multiply what is positive by their own slope.
        All other layers act by their own derivative. For several inputs, one attribution for each.

    Raises
    ------
    UnsupportedLayerError, ValueError
        As `deconvolution` does.

    Notes
    -----
    The map shows edges that many units agree on, hardly depends on the class and resembles the picture even for random
    weights (Adebayo et al. 2018, Sanity checks for saliency maps).

    References
    ----------
    Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller (2015), Striving for simplicity: the
    all convolutional net.

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


def _rectified(_call: Call, signal: Any) -> Sequence[Any]:
    return [keras.ops.relu(signal)]


def _guided(call: Call, signal: Any) -> Sequence[Any]:
    positive = keras.ops.relu(signal)
    if call.node.label in ("Maximum", "Clip"):  # backends do not agree on their slope at 0: it is that of a ReLU
        positive = keras.ops.where(call.output > 0, positive, 0.0)
    return call.pull(positive)


def _carried_back(method: str, run: Run, progress: Callable[[int, int], object] | bool | None) -> Attribution:
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
    net : Net

    Raises
    ------
    UnsupportedLayerError, ValueError
        As `deconvolution` does.
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
