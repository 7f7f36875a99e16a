"""The rules of DeepLIFT: multipliers, by which differences from a reference are carried back instead of gradients.

The Rescale rule gives each value one multiplier. RevealCancel gives two, one for what pushed the value up and one for
what pushed it down; they become one again where the next activation before them is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.attribution.backpropagation.rules.engine import (
    LayerCall,
    UnsupportedLayerError,
    backward,
    own_derivative,
)
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net

    Tensor = Any

_CLOSE = 1e-6  # relative: nearer to its reference than this, a value's gradient stands for its multiplier


def rescale(call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Multiply by the difference of the outputs over that of the inputs; by the gradient where that is 0 / 0."""
    (x,), (start,) = call.inputs, base.inputs
    difference = x - start
    close = keras.ops.abs(difference) <= _CLOSE * (keras.ops.abs(x) + keras.ops.abs(start))
    secant = (call.output - base.output) / keras.ops.where(close, 1.0, difference)
    return [keras.ops.where(close, call.pull(signal)[0], signal * secant)]


def chosen(call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Share the difference of two maxima (or minima) between the places that held them, then and now.

    A maximum that rose did so because the value that holds it now rose; one that fell, because the one that held it
    fell. Each moved by at least as much as the maximum, in the same direction, so that no multiplier is above 1.
    """
    starts = [keras.ops.broadcast_to(b, keras.ops.shape(x)) for x, b in zip(call.inputs, base.inputs, strict=True)]
    _, pull_base = backend.pullback(call.node.function)(*starts)
    change = call.output - base.output
    rose, fell = keras.ops.maximum(change, 0.0), keras.ops.minimum(change, 0.0)
    now, then = (fell, rose) if call.node.kind is Kind.MINIMUM else (rose, fell)
    shares = zip(call.inputs, starts, call.pull(signal * now), pull_base(signal * then), strict=True)
    return [_over(new + old, x - start) for x, start, new, old in shares]


def product(call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Share a product's difference out among its factors by their Shapley values.

    These are the derivatives of the product, averaged over the straight line from the reference to the input (Owen
    1972, Multilinear extensions of games). Along it they are polynomials, of which Gauss's quadrature gives the exact
    mean: shares add up to the difference, for any number of factors, of which some may be the same tensor.
    """
    starts = [keras.ops.broadcast_to(b, keras.ops.shape(x)) for x, b in zip(call.inputs, base.inputs, strict=True)]
    places, weights = np.polynomial.legendre.leggauss((call.node.factors + 1) // 2)
    totals: list[Tensor] = [0.0] * len(starts)
    for share, weight in zip(((places + 1) / 2).tolist(), (weights / 2).tolist(), strict=True):
        between = [start + share * (x - start) for x, start in zip(call.inputs, starts, strict=True)]
        _, pull = backend.pullback(call.node.function)(*between)
        totals = [total + weight * part for total, part in zip(totals, pull(signal), strict=True)]
    return totals


def looked_up(call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Give a word what its vector gets in all; words are numbers, and their difference only cancels later."""
    (words,), (start,) = call.inputs, base.inputs
    total = keras.ops.sum(signal * (call.output - base.output), axis=-1)
    return [_over(total, keras.ops.cast(words, total.dtype) - keras.ops.cast(start, total.dtype))]


def _over(total: Tensor, difference: Tensor) -> Tensor:
    nothing = difference == 0
    return keras.ops.where(nothing, 0.0, total / keras.ops.where(nothing, 1.0, difference))


def plain(call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Use the derivative, which is the same everywhere."""
    del base
    return own_derivative(call, signal)


RESCALE: dict[Kind, Callable[..., Sequence[Any]]] = {
    Kind.AFFINE: plain,
    Kind.UNITS: plain,
    Kind.MOVE: plain,
    Kind.LINEAR: plain,
    Kind.RECTIFIER: rescale,
    Kind.ACTIVATION: rescale,
    Kind.POINTWISE: rescale,
    Kind.MAXIMUM: chosen,
    Kind.MINIMUM: chosen,
    Kind.PRODUCT: product,
    Kind.LOOKUP: looked_up,
}
_ADVICE = "integrated_gradients answers the same question without rules"


def walker(net: Net) -> Callable[..., dict[int, Tensor]]:
    """Return the function (differences at inputs, calls, calls on the reference, gradients) -> multipliers by slot.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule.
    """
    missing = [node for node in net.nodes if node.kind not in RESCALE]
    if missing:
        raise UnsupportedLayerError("deep_lift", missing, _ADVICE)
    rules = [RESCALE[node.kind] for node in net.nodes]

    def walk(
        _differences: dict[int, Tensor],
        calls: Sequence[LayerCall],
        base_calls: Sequence[LayerCall],
        gradients: dict[int, Tensor],
    ) -> dict[int, Tensor]:
        return backward(calls, rules, gradients, base_calls)

    return walk
