"""A network as rules see it: one node for each thing that is computed, fused activations taken apart."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xai_widgets.methods.attribution.backpropagation.rules.affine_layers import affine_parts, normalised, single
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind, activation_kind, kind_of
from xai_widgets.methods.attribution.backpropagation.rules.node import Node
from xai_widgets.methods.attribution.backpropagation.rules.recurrent_layers import unrolled
from xai_widgets.models.graph.each_step import EachStep, inner_operation
from xai_widgets.models.graph.reading import WithoutActivation

if TYPE_CHECKING:
    from xai_widgets.models.graph.computation_steps import Program, Step


@dataclass(eq=False)
class Net:
    """What leads from a model's inputs to its outputs, in the order of computation.

    Attributes
    ----------
    program : Program
    nodes : list of Node
    merged : dict
        For slots that no node makes any more, the slot that stands for them.
    """

    program: Program
    nodes: list[Node] = field(default_factory=list)
    merged: dict[int, int] = field(default_factory=dict)

    def readers(self, slot: int) -> list[Node]:
        """Return the nodes that take a slot."""
        return [node for node in self.nodes if slot in node.inputs]

    def maker(self, slot: int) -> Node | None:
        """Return the node that makes a slot; None for an input."""
        return next((node for node in self.nodes if slot in node.outputs), None)

    def leading_to(self, node: Node) -> list[Node]:
        """Return the nodes that a node depends on, in order."""
        wanted, kept = set(node.inputs), []
        for earlier in reversed(self.nodes):
            if wanted.intersection(earlier.outputs):
                kept.append(earlier)
                wanted.update(earlier.inputs)
        return kept[::-1]

    def first_affine(self) -> set[Node]:
        """Return the affine nodes that no other affine one comes before."""
        later: set[int] = set()  # slots that an affine node leads to
        found = set()
        for node in self.nodes:
            reached = bool(later.intersection(node.inputs))
            if node.kind is Kind.AFFINE and not reached:
                found.add(node)
            if node.kind is Kind.AFFINE or reached:
                later.update(node.outputs)
        return found


def read_net(program: Program, *, merge: bool) -> Net:
    """Take a program apart.

    Parameters
    ----------
    program : Program
    merge : bool
        Whether a batch normalisation right after an affine layer becomes part of it.
    """
    net = Net(program)
    for step in program.needed(program.outputs):
        net.nodes += _nodes_of(step, program)
    if merge:
        _merge_normalisations(net)
    _mark_nonnegative(net)
    return net


def _nodes_of(step: Step, program: Program) -> list[Node]:
    """Return the nodes of one call: an affine layer and its activation are two or three, a recurrent one is many."""
    layer = step.operation.layer if isinstance(step.operation, WithoutActivation) else step.operation
    seen = dataclasses.replace(step, operation=layer)
    if (steps := unrolled(seen, program)) is not None:
        return steps
    each, layer = layer if isinstance(layer, EachStep) else None, inner_operation(layer)
    kind = kind_of(dataclasses.replace(step, operation=layer))
    parts = affine_parts(layer) if kind is Kind.AFFINE else None
    if parts is None:
        kind = Kind.UNKNOWN if kind is Kind.AFFINE else kind
        return [_whole(seen, kind)]
    if each is not None:
        parts = [dataclasses.replace(part, apply=each.each(part.apply)) for part in parts]
    label, last = type(layer).__name__, activation_kind(layer.activation)
    between = [program.new_slot(step.shapes[0]) for _ in range(len(parts) - 1 + (last is not None))]
    slots = [step.inputs[0], *between, step.outputs[0]]
    nodes = [
        Node(step.path, label, Kind.AFFINE, (start,), (end,), part, part, layer)
        for part, start, end in zip(parts, slots, slots[1:], strict=False)
    ]
    if last is not None:
        named = f"{label} with activation {getattr(layer.activation, '__name__', 'of its own')!r}"
        nodes.append(
            Node(step.path, named, last, (slots[-2],), (slots[-1],), layer.activation, operation=layer.activation)
        )
    return nodes


def _whole(step: Step, kind: Kind) -> Node:
    """Return a call as one node."""
    slots = tuple(dict.fromkeys(step.inputs))

    def run(*tensors: Any) -> Any:
        values = dict(zip(slots, tensors, strict=True))
        step.run(values)
        made = [single(values[slot]) for slot in step.outputs]
        return made[0] if len(made) == 1 else made

    operation = inner_operation(step.operation)
    taken = tuple(step.inputs.count(slot) for slot in slots)
    return Node(step.path, type(operation).__name__, kind, slots, step.outputs, run, operation=operation, taken=taken)


def _merge_normalisations(net: Net) -> None:
    """Make each batch normalisation part of the affine layer before it, where nothing else looks between them."""
    for norm in [node for node in net.nodes if node.label == "BatchNormalization" and node.kind is Kind.UNITS]:
        (slot,) = norm.inputs
        before = net.maker(slot)
        alone = len(net.readers(slot)) == 1 and slot not in net.program.outputs
        if before is None or before.affine is None or before.affine.spread is None or not alone:
            continue
        rank = len(net.program.shapes[slot])
        if norm.operation.axis % rank != before.affine.channel_axis % rank:
            continue
        affine = normalised(before.affine, norm.operation)
        merged = dataclasses.replace(before, outputs=norm.outputs, function=affine, affine=affine)
        net.nodes[net.nodes.index(before)] = merged
        net.nodes.remove(norm)
        net.merged[slot] = norm.outputs[0]


_CUTTING = ("relu", "relu6", "sigmoid", "hardsigmoid", "hard_sigmoid", "softplus", "softmax")


def _mark_nonnegative(net: Net) -> None:
    """Find the slots that never hold a number below 0, and tell the nodes that take them."""
    known: set[int] = set()
    for place, node in enumerate(net.nodes):
        taken = known.issuperset(node.inputs)
        net.nodes[place] = dataclasses.replace(node, nonnegative=taken)
        if _cuts_off(node) or (taken and _keeps_sign(node)):
            known.update(node.outputs)


def _cuts_off(node: Node) -> bool:
    """Tell whether what a node makes is never below 0, whatever it takes."""
    if node.kind not in (Kind.RECTIFIER, Kind.ACTIVATION, Kind.OTHER):
        return False
    if node.label == "ReLU":
        return not node.operation.negative_slope
    operation = node.operation.activation if node.label == "Activation" else node.operation
    return getattr(operation, "__name__", type(operation).__name__).lower() in _CUTTING


def _keeps_sign(node: Node) -> bool:
    """Tell whether a node makes no negative number of others."""
    if node.kind is Kind.MOVE:
        return node.label != "Pad"
    if node.kind is Kind.LINEAR:
        return "AveragePool" in node.label or (node.label in ("Add", "Average") and len(node.inputs) > 1)
    return node.kind in (Kind.MAXIMUM, Kind.MINIMUM, Kind.PRODUCT)
