"""RevealCancel: DeepLIFT with two multipliers for each value, one for what pushed it up, one for what pushed it down.

Every slot holds two differences from its reference: the sum of the positive contributions to it and the sum of the
negative ones. Affine layers make them, by the sign of weight times difference; layers that only move, scale or add hand
them on; behind an activation a difference is one number again, counted as up or as down by its sign.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets import backend
from xai_widgets.methods.attribution.backpropagation.rules.difference_rules import RESCALE
from xai_widgets.methods.attribution.backpropagation.rules.engine import LayerCall, UnsupportedLayerError, backward
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.methods.attribution.backpropagation.rules.node import Node
    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net

    Tensor = Any
    Pushes = dict[int, tuple[Tensor, Tensor]]

_CURVES = (Kind.RECTIFIER, Kind.ACTIVATION, Kind.POINTWISE)
_ENDS = (Kind.MAXIMUM, Kind.MINIMUM, Kind.PRODUCT, Kind.LOOKUP)  # as by Rescale
_WEIGHING = ("Matmul", "Dot", "Tensordot", "Einsum", "Conv", "DepthwiseConv", "ConvTranspose")  # signs unseen
_SCALED = ("Multiply", "Divide", "TrueDivide", "Negative", "Add", "Subtract")  # by or with one constant


def split(difference: Tensor) -> tuple[Tensor, Tensor]:
    """Return what is up and what is down in a difference."""
    return keras.ops.maximum(difference, 0.0), keras.ops.minimum(difference, 0.0)


def pushes_of(calls: Sequence[LayerCall], base_calls: Sequence[LayerCall], start: Pushes) -> Pushes:
    """Return the two differences of every slot; `start` has those of the inputs."""
    pushes = dict(start)
    for call, base in zip(calls, base_calls, strict=True):
        taken = [pushes[slot] for slot in call.node.inputs]
        pushes.update(zip(call.node.outputs, _push(call, base, taken), strict=True))
    return pushes


def _push(call: LayerCall, base: LayerCall, taken: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """Return the two differences that a call makes of those of its inputs."""
    node = call.node
    if node.kind is Kind.AFFINE:
        return [_push_affine(call, base)]
    if node.kind in _CURVES or node.kind in _ENDS:
        return [split(call.output - base.output)]
    if _is_diagonal(node):
        scale = call.pull(keras.ops.ones_like(call.output))[0]
        (up, down) = taken[0]
        parts = [split(up * scale), split(down * scale)]
        return [(parts[0][0] + parts[1][0], parts[0][1] + parts[1][1])]
    if node.label == "Subtract":
        (up, down), (other_up, other_down) = taken
        return [(up - other_down, down - other_up)]
    ups, downs = (_listed(node.function(*[push[place] for push in taken])) for place in (0, 1))
    return list(zip(ups, downs, strict=True))


def _push_affine(call: LayerCall, base: LayerCall) -> tuple[Tensor, Tensor]:
    affine: Any = call.node.affine
    kernel = affine.kernel()
    (more, less), (positive, negative) = split(call.inputs[0] - base.inputs[0]), split(kernel)
    up = affine.apply(more, positive) + affine.apply(less, negative)
    return up, affine.apply(more, negative) + affine.apply(less, positive)


def _listed(made: Any) -> list[Tensor]:
    return list(made) if isinstance(made, (list, tuple)) else [made]


def _is_diagonal(node: Node) -> bool:
    """Tell whether a node multiplies each value by a number of its own, and perhaps adds one."""
    return node.kind is Kind.UNITS or (node.kind is Kind.LINEAR and node.label in _SCALED and len(node.inputs) == 1)


def _rule_of(node: Node) -> Callable[..., Sequence[Tensor]] | None:
    """Return the rule of a node: from pushes, call, both multipliers and the call on the reference, to the inputs'."""
    if node.label == "Pad" or (node.kind is Kind.LINEAR and node.label in _WEIGHING):
        return None
    if _is_diagonal(node):
        return _diagonal
    return _difference if node.label == "Subtract" else _RULES.get(node.kind)


def _one(signal: Tensor, difference: Tensor) -> Tensor:
    """Return the one multiplier of a difference: that of its sign."""
    middle = keras.ops.where(difference < 0, signal[1], (signal[0] + signal[1]) / 2)
    return keras.ops.where(difference > 0, signal[0], middle)


def _both(multiplier: Tensor) -> Tensor:
    return keras.ops.stack([multiplier, multiplier])


def _affine(_pushes: Pushes, call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Carry back by the weights that pushed up what pushed up, by the others what pushed down."""
    affine: Any = call.node.affine
    x, difference = call.inputs[0], call.inputs[0] - base.inputs[0]
    pulls = [backend.pullback(lambda t, k=kernel: affine.apply(t, k))(x)[1] for kernel in split(affine.kernel())]
    same = pulls[0](signal[0])[0] + pulls[1](signal[1])[0]  # where the input went up
    swapped = pulls[0](signal[1])[0] + pulls[1](signal[0])[0]
    return [_both(_one(keras.ops.stack([same, swapped]), difference))]


def _curve(pushes: Pushes, call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    """Average over both orders: up first, or down first."""
    start, f = base.inputs[0], call.node.function
    up, down = pushes[call.node.inputs[0]]
    multiplier = _one(signal, call.output - base.output)
    only_up, only_down = f(start + up), f(start + down)
    risen = (only_up - base.output + call.output - only_down) / 2
    fallen = (only_down - base.output + call.output - only_up) / 2
    gradient = call.pull(multiplier)[0]
    pairs = ((risen, up), (fallen, down))
    parts = [
        keras.ops.where(push == 0, gradient, multiplier * change / keras.ops.where(push == 0, 1.0, push))
        for change, push in pairs
    ]
    return [keras.ops.stack(parts)]


def _as_rescale(_pushes: Pushes, call: LayerCall, signal: Tensor, base: LayerCall) -> Sequence[Tensor]:
    parts = RESCALE[call.node.kind](call, _one(signal, call.output - base.output), base)
    return [_both(part) for part in parts]


def _diagonal(_pushes: Pushes, call: LayerCall, signal: Tensor, _base: LayerCall) -> Sequence[Tensor]:
    """Swap the two where the factor is negative."""
    positive, negative = split(call.pull(keras.ops.ones_like(call.output))[0])
    up, down = signal[0], signal[1]
    return [keras.ops.stack([positive * up + negative * down, positive * down + negative * up])]


def _difference(_pushes: Pushes, call: LayerCall, signal: Tensor, _base: LayerCall) -> Sequence[Tensor]:
    """Swap the two of what is taken away."""
    (up, other_up), (down, other_down) = call.pull(signal[0]), call.pull(signal[1])
    return [keras.ops.stack([up, down]), keras.ops.stack([other_down, other_up])]


def _each(_pushes: Pushes, call: LayerCall, signal: Tensor, _base: LayerCall) -> Sequence[Tensor]:
    """Carry both back alike."""
    several = isinstance(signal, list)
    parts = [call.pull([one[place] for one in signal] if several else signal[place]) for place in (0, 1)]
    return [keras.ops.stack(list(pair)) for pair in zip(*parts, strict=True)]


_RULES: dict[Kind, Callable[..., Sequence[Any]]] = {
    Kind.AFFINE: _affine,
    Kind.MOVE: _each,
    Kind.LINEAR: _each,
    **dict.fromkeys(_CURVES, _curve),
    **dict.fromkeys(_ENDS, _as_rescale),
}


def walker(net: Net) -> Callable[..., dict[int, Tensor]]:
    """Return the function (inputs' values, calls, calls on the reference, gradients) -> multipliers by input slot.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule.
    """
    rules = [_rule_of(node) for node in net.nodes]
    missing = [node for node, rule in zip(net.nodes, rules, strict=True) if rule is None]
    if missing:
        raise UnsupportedLayerError("deep_lift with RevealCancel", missing, 'rule="rescale" may have one')

    def walk(
        differences: dict[int, Tensor],
        calls: Sequence[LayerCall],
        base_calls: Sequence[LayerCall],
        gradients: dict[int, Tensor],
    ) -> dict[int, Tensor]:
        pushes = pushes_of(calls, base_calls, {slot: split(one) for slot, one in differences.items()})
        bound = [partial(rule, pushes) for rule in rules if rule is not None]
        signals = backward(calls, bound, {slot: _both(gradient) for slot, gradient in gradients.items()}, base_calls)
        return {slot: _one(signals[slot], one) for slot, one in differences.items() if slot in signals}

    return walk
