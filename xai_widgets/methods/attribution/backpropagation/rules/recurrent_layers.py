"""Recurrent layers, step by step: the dense layers, gates, products and sums that they are made of.

A gate is a factor between 0 and 1; what it multiplies is the signal. Relevance goes to signals alone.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.methods.attribution.backpropagation.rules.affine_layers import Affine, read
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind, activation_kind, cell_of
from xai_widgets.methods.attribution.backpropagation.rules.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.models.graph.computation_steps import Program, Step

ONE_MINUS = "Subtract"  # what 1 - gate is called, as in a graph
GATED_BIAS = "Add of a gated bias"  # what a GRU's first step adds: no state, hence no signal but the new one
MOST_STEPS = 256  # each is a dozen nodes, and compiling takes its time
_INPUT, _STATE = 0, 1  # rows of the two biases of a GRU


def unrolled(step: Step, program: Program) -> list[Node] | None:
    """Return a call of a recurrent layer as nodes; None if it is none, or cannot be taken apart.

    Parameters
    ----------
    step : Step
        Of one input and one output: no state comes in or goes out.
    program : Program
        Gets the slots between the nodes.

    References
    ----------
    Leila Arras, Grégoire Montavon, Klaus-Robert Müller, Wojciech Samek (2017), Explaining recurrent neural network
    predictions in sentiment analysis.
    """
    layer = step.operation
    if not type(layer).__module__.startswith("keras.") or len(step.inputs) != 1 or len(step.outputs) != 1:
        return None
    if type(layer).__name__ == "Bidirectional":
        return _both_ways(step, program)
    known = cell_of(layer)
    if known is None or layer.stateful:
        return None
    count = program.shapes[step.inputs[0]][1]
    kinds = [activation_kind(getattr(known, name, None)) for name in ("activation", "recurrent_activation")]
    if count is None or not 0 < count <= MOST_STEPS or Kind.UNKNOWN in kinds or Kind.OTHER in kinds:
        return None
    return _Unroller(step, program, count).nodes_of(_CELLS[type(known).__name__])


def _both_ways(step: Step, program: Program) -> list[Node] | None:
    """Return a layer that runs in both directions as the nodes of each, and what joins them; None if one is unknown."""
    layer = step.operation
    if layer.merge_mode not in _JOINS:
        return None
    kind, label, function = _JOINS[layer.merge_mode]
    nodes, ends = list[Node](), list[int]()
    for one in (layer.forward_layer, layer.backward_layer):
        ends.append(program.new_slot(step.shapes[0]))
        found = unrolled(dataclasses.replace(step, operation=one, outputs=(ends[-1],)), program)
        if found is None:
            return None
        nodes += found
    if layer.return_sequences:
        last, ends[1] = ends[1], program.new_slot(step.shapes[0])
        turned = (last,), (ends[1],), lambda x: keras.ops.flip(x, axis=1)
        nodes.append(Node(step.path, "Flip", Kind.MOVE, *turned, operation=layer))
    return [*nodes, Node(step.path, label, kind, tuple(ends), step.outputs, function, operation=layer)]


_JOINS: dict[str, tuple[Kind, str, Callable[[Any, Any], Any]]] = {
    "concat": (Kind.MOVE, "Concatenate", lambda a, b: keras.ops.concatenate([a, b], axis=-1)),
    "sum": (Kind.LINEAR, "Add", lambda a, b: a + b),
    "ave": (Kind.LINEAR, "Average", lambda a, b: (a + b) / 2),
    "mul": (Kind.PRODUCT, "Multiply", lambda a, b: a * b),
}


class _Unroller:
    """Writes the nodes of one call down, in the order of computation."""

    def __init__(self, step: Step, program: Program, count: int) -> None:
        self.layer = step.operation
        self.cell: Any = cell_of(self.layer)
        self._step, self._program, self._count = step, program, count
        self._nodes: list[Node] = []

    def nodes_of(self, cell: Callable[[_Unroller, int, Any], Any]) -> list[Node]:
        """Run a cell over time: from (inputs, state) to a new state, whose first part is the output."""
        times = range(self._count)
        state: Any = None
        outputs = []
        for time in reversed(times) if self.layer.go_backwards else times:
            seen = self.add(Kind.MOVE, lambda x, time=time: x[:, time], *self._step.inputs)
            state = cell(self, seen, state)
            outputs.append(state[0])
        if self.layer.return_sequences:
            self.add(Kind.MOVE, lambda *states: keras.ops.stack(states, axis=1), *outputs)
        last = self._nodes[-1]
        self._nodes[-1] = Node(
            last.path,
            last.label,
            last.kind,
            last.inputs,
            self._step.outputs,
            last.function,
            last.affine,
            last.operation,
        )
        return self._nodes

    def add(
        self, kind: Kind, function: Callable[..., Any], *inputs: int, operation: Any = None, label: str = ""
    ) -> int:
        """Add a node; return the slot of its output."""
        slot = self._program.new_slot(self._step.shapes[0])
        affine = function if isinstance(function, Affine) else None
        name = label or type(self.layer).__name__
        made = operation or self.layer
        self._nodes.append(Node(self._step.path, name, kind, inputs, (slot,), function, affine, made))
        return slot

    def joined(self, seen: int, state: int | None) -> int:
        """Put the state beside the inputs; before the first step there is none."""
        if state is None:
            return seen
        return self.add(Kind.MOVE, lambda *parts: keras.ops.concatenate(parts, axis=-1), seen, state)

    def weighed(self, slot: int, part: int, *, inputs: bool = True, state: bool = True) -> int:
        """Apply the weights of one part of the cell: of the inputs, of the state, or of both side by side."""
        cell = self.cell
        columns = slice(part * cell.units, (part + 1) * cell.units)

        def kernel() -> Any:
            used = [cell.kernel] * inputs + [cell.recurrent_kernel] * state
            return keras.ops.concatenate([read(one)[:, columns] for one in used], axis=0)

        def bias() -> Any:
            found = read(cell.bias)
            if found is None:
                return None
            if len(found.shape) == 1:
                return found[columns]
            if part == _CANDIDATE:  # of a GRU, whose two biases are apart
                return found[_INPUT if inputs else _STATE, columns]
            return keras.ops.sum(found, axis=0)[columns]

        affine = Affine(keras.ops.matmul, kernel, bias, -1, lambda scale: scale, convolutional=False)
        return self.add(Kind.AFFINE, affine, slot)

    def activated(self, slot: int, activation: Any) -> int:
        """Apply an activation function."""
        kind = activation_kind(activation)
        return slot if kind is None else self.add(kind, activation, slot, operation=activation)

    def gate(self, joined: int, part: int, *, state: bool) -> int:
        """Compute a gate from the inputs and the state."""
        return self.activated(self.weighed(joined, part, state=state), self.cell.recurrent_activation)

    def product(self, one: int, other: int) -> int:
        """Multiply two."""
        return self.add(Kind.PRODUCT, lambda a, b: a * b, one, other)

    def total(self, one: int, other: int) -> int:
        """Add two."""
        return self.add(Kind.LINEAR, lambda a, b: a + b, one, other, label="Add")


_CANDIDATE = 2  # of the parts of a GRU: update, reset, candidate


def _simple(net: _Unroller, seen: int, state: Any) -> tuple[int]:
    before = None if state is None else state[0]
    total = net.weighed(net.joined(seen, before), 0, state=before is not None)
    return (net.activated(total, net.cell.activation),)


def _lstm(net: _Unroller, seen: int, state: Any) -> tuple[int, int]:
    """Gates in, forget, (candidate,) out; c = f c + i g, h = o tanh(c)."""
    before, memory = (None, None) if state is None else state
    joined, known = net.joined(seen, before), before is not None
    into = net.gate(joined, 0, state=known)
    candidate = net.activated(net.weighed(joined, 2, state=known), net.cell.activation)
    written = net.product(into, candidate)
    if memory is not None:
        forget = net.gate(joined, 1, state=known)
        written = net.total(net.product(forget, memory), written)
    out = net.gate(joined, 3, state=known)
    return net.product(out, net.activated(written, net.cell.activation)), written


def _gru(net: _Unroller, seen: int, state: Any) -> tuple[int]:
    """Gates update, reset; h = z h + (1 - z) times the candidate."""
    before = None if state is None else state[0]
    joined, known = net.joined(seen, before), before is not None
    update = net.gate(joined, 0, state=known)
    total = (_candidate_after if net.cell.reset_after else _candidate_before)(net, seen, joined, before)
    candidate = net.activated(total, net.cell.activation)
    rest = net.add(Kind.LINEAR, lambda gate: 1.0 - gate, update, label=ONE_MINUS)
    new = net.product(rest, candidate)
    return (new if before is None else net.total(net.product(update, before), new),)


def _candidate_before(net: _Unroller, seen: int, _joined: int, before: int | None) -> int:
    """Reset the state, then weigh it."""
    if before is None:
        return net.weighed(seen, _CANDIDATE, state=False)
    reset = net.gate(_joined, 1, state=True)
    return net.weighed(net.joined(seen, net.product(reset, before)), _CANDIDATE)


def _candidate_after(net: _Unroller, seen: int, joined: int, before: int | None) -> int:
    """Weigh the state, then reset what comes of it, its bias included."""
    new = net.weighed(seen, _CANDIDATE, state=False)
    if before is None and net.cell.bias is None:
        return new
    reset = net.gate(joined, 1, state=before is not None)
    if before is not None:
        return net.total(new, net.product(reset, net.weighed(before, _CANDIDATE, inputs=False)))
    cell = net.cell
    columns = slice(_CANDIDATE * cell.units, None)
    return net.add(
        Kind.PRODUCT, lambda new, gate: new + gate * read(cell.bias)[_STATE, columns], new, reset, label=GATED_BIAS
    )


_CELLS: dict[str, Callable[[_Unroller, int, Any], Any]] = {
    "SimpleRNNCell": _simple,
    "LSTMCell": _lstm,
    "GRUCell": _gru,
}
