"""The walk: forward through a network's nodes, then back with a rule for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets import backend
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xai_widgets.methods.attribution.backpropagation.rules.node import Node
    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net

    Rule = Callable[..., Sequence[Any]]


_OF_TOKENS = (
    "An embedding looks vectors up by number, which no gradient and no rule goes through; occlusion and kernel_shap, "
    "which need neither, explain the numbers"
)
_OVER_STEPS = ("TimeDistributed", "Bidirectional", "RNN", "LSTM", "GRU", "SimpleRNN")
_STEPS = (
    "Layers over steps are taken apart where the number of steps is fixed, Input((steps, ...)), recurrent ones of one "
    "cell up to 256 steps, without states or masks."
)


class UnsupportedLayerError(ValueError):
    """A method has no rule for some layers of a model."""

    def __init__(self, method: str, nodes: Iterable[Node], advice: str) -> None:
        """Name the layers, and say what to do; where one is an embedding, no other advice holds."""
        nodes = list(nodes)
        advice = _OF_TOKENS if any(node.looks_up for node in nodes) else advice
        names = list(dict.fromkeys(node.name for node in nodes))
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        opened = f" {_STEPS}" if any(node.label in _OVER_STEPS for node in nodes) else ""
        super().__init__(f"{method} has no rule for {shown}.{opened} {advice}")


@dataclass(frozen=True, eq=False)
class LayerCall:
    """A node with what went in and came out.

    Attributes
    ----------
    node : Node
    inputs : tuple of tensors
    output : tensor, or list of several
    pull : callable
        From a cotangent of the output to those of the inputs, by the node's own derivative.
    """

    node: Node
    inputs: tuple[Any, ...]
    output: Any
    pull: Callable[[Any], Sequence[Any]]


def forward(net: Net, inputs: Any, *, record: bool = True) -> tuple[dict[int, Any], list[LayerCall]]:
    """Run a network; return the values of all slots, and the calls.

    Parameters
    ----------
    net : Net
    inputs : tensors
        Nested as the model takes them.
    record : bool
        Whether anything will be pulled back through the calls.
    """
    values = net.program.start(inputs)
    calls = []
    for node in net.nodes:
        taken = tuple(values[slot] for slot in node.inputs)
        output, pull = _run(node, taken, record=record)
        made = output if isinstance(output, (list, tuple)) else [output]
        values.update(zip(node.outputs, made, strict=True))
        calls.append(LayerCall(node, taken, output, pull))
    return values, calls


def _run(node: Node, taken: tuple[Any, ...], *, record: bool) -> tuple[Any, Callable[[Any], Sequence[Any]]]:
    if node.kind is Kind.LOOKUP or not record:  # numbers of words have no derivative
        return node.function(*taken), _no_derivative
    return backend.pullback(node.function)(*taken)


def _no_derivative(_cotangent: Any) -> Sequence[Any]:
    raise backend.NoGradientError


def backward(
    calls: Sequence[LayerCall],
    rules: Sequence[Rule],
    start: dict[int, Any],
    *others: Sequence[LayerCall],
    watch: Callable[[LayerCall, dict[int, Any]], object] | None = None,
) -> dict[int, Any]:
    """Carry signals from the outputs back to the inputs.

    Parameters
    ----------
    calls : sequence of LayerCall
    rules : sequence of callables, one for each call
        From the call, the signal at its output (and the same call of the `others`) to the signals for its inputs.
    start : dict
        The signals at slots of the outputs.
    *others : sequences of LayerCall
        Runs of the same network on something else.
    watch : callable, optional
        Gets each call before its rule, and all signals that wait at this moment, by slot.

    Returns
    -------
    dict
        The signal at each slot that any reached.
    """
    waiting, passed = dict(start), {}
    for call, rule, *beside in reversed(list(zip(calls, rules, *others, strict=True))):
        if watch is not None:
            watch(call, waiting)
        found = [waiting.pop(slot, None) for slot in call.node.outputs]
        if all(one is None for one in found):
            continue
        signal = _filled(found, call.output) if isinstance(call.output, (list, tuple)) else found[0]
        passed.update({slot: one for slot, one in zip(call.node.outputs, found, strict=True) if one is not None})
        for slot, part in zip(call.node.inputs, rule(call, signal, *beside), strict=True):
            waiting[slot] = part if slot not in waiting else waiting[slot] + part
    return passed | waiting


def _filled(found: list[Any], outputs: Sequence[Any]) -> list[Any]:
    """Put zeros where no signal came."""
    pairs = zip(found, outputs, strict=True)
    return [keras.ops.zeros_like(made) if signal is None else signal for signal, made in pairs]


def own_derivative(call: LayerCall, signal: Any) -> Sequence[Any]:
    """Carry a signal back by the node's own derivative."""
    return call.pull(signal)
