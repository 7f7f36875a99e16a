"""Which rule of relevance for which layer: one for all, a composite, or by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.methods.rules.engine import UnsupportedLayerError
from xai_widgets.methods.rules.kinds import Kind
from xai_widgets.methods.rules.recurrent import GATED_BIAS, ONE_MINUS
from xai_widgets.methods.rules.relevance import (
    BY_KIND,
    RULES,
    AlphaBeta,
    Epsilon,
    Flat,
    Gamma,
    Rule,
    ZBox,
    ZPlus,
    gated,
)
from xai_widgets.models.graph import resolve_path
from xai_widgets.models.names import match, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.methods.rules.engine import Call
    from xai_widgets.methods.rules.node import Node
    from xai_widgets.methods.rules.nodes import Net

    Ends = tuple[Any, Any]

_GATES = ("sigmoid", "hardsigmoid", "hard_sigmoid", "softmax")
_ADVICE = (
    "Give one by path, rule={path: Epsilon()} to treat a layer as if it were linear, or use integrated_gradients, "
    "which needs no rules"
)


@dataclass(frozen=True)
class Composite:
    """Rules by the kind of layer.

    Attributes
    ----------
    dense, convolution : Rule
        For layers with weights.
    first : Rule or None
        For those that no other comes before; None: as the others.
    """

    dense: Rule
    convolution: Rule
    first: Rule | None = None


@dataclass(frozen=True)
class Numbers:
    """What rules given by name take.

    Attributes
    ----------
    epsilon, gamma : float
    ends : callable
        Gives the range of the inputs; asked only for z-box.
    """

    epsilon: float
    gamma: float
    ends: Callable[[], Ends] = field(compare=False)


COMPOSITES: dict[str, Callable[[Numbers], Composite]] = {
    "epsilon_plus": lambda n: Composite(Epsilon(n.epsilon), ZPlus()),
    "epsilon_plus_flat": lambda n: Composite(Epsilon(n.epsilon), ZPlus(), Flat()),
    "epsilon_gamma_box": lambda n: Composite(Epsilon(n.epsilon), Gamma(n.gamma), ZBox(*n.ends())),
    "epsilon_alpha2_beta1": lambda n: Composite(Epsilon(n.epsilon), AlphaBeta(2.0, 1.0)),
    "epsilon_alpha2_beta1_flat": lambda n: Composite(Epsilon(n.epsilon), AlphaBeta(2.0, 1.0), Flat()),
}


@dataclass(frozen=True)
class Plan:
    """A choice of rules, the same for the same numbers.

    Attributes
    ----------
    composite : Composite
    by_path : tuple of (path, Rule)
        Stronger than the composite; the path of a nested model stands for all its layers.
    name : str
        How a recipe writes it.
    """

    composite: Composite
    by_path: tuple[tuple[str, Rule], ...] = ()
    name: str = field(default="", compare=False)


def make_plan(rule: Any, composite: str | Composite, numbers: Numbers) -> Plan:
    """Return the plan that `lrp` was asked for; see there."""
    if isinstance(rule, Mapping):
        paths = tuple((str(path), _rule(one, numbers)) for path, one in rule.items())
        plan = make_plan(None, composite, numbers)
        return Plan(plan.composite, paths, f"{plan.name} but {', '.join(f'{path}: {one}' for path, one in paths)}")
    if rule is not None:
        one = _rule(rule, numbers)
        return Plan(Composite(one, one), (), str(one))
    if isinstance(composite, Composite):
        return Plan(composite, (), str(composite))
    name = match(str(composite), COMPOSITES)
    if name is None:
        msg = f"unknown composite {composite!r}; {suggestion(str(composite), COMPOSITES)}"
        raise ValueError(msg)
    return Plan(COMPOSITES[name](numbers), (), name)


def _rule(given: Any, numbers: Numbers) -> Rule:
    """Return a rule given as one, or by its name."""
    if isinstance(given, Rule):
        return given
    name = match(given, RULES) if isinstance(given, str) else None
    if name is None:
        msg = f"unknown rule {given!r}; {suggestion(str(given), RULES)}"
        raise ValueError(msg)
    options = {"epsilon": (numbers.epsilon,), "gamma": (numbers.gamma,)}.get(name, ())
    return RULES[name](*(numbers.ends() if name == "z_box" else options))


def assign(plan: Plan, net: Net) -> list[Callable[..., Any]]:
    """Return the rule of each node.

    Raises
    ------
    UnsupportedLayerError
        If a node has none; all such are named.
    ValueError
        If a path is unknown, or its rule is not for such a layer.
    """
    chosen = _by_path(plan, net)
    first = net.first_affine() if plan.composite.first is not None else set()
    rules = [chosen.get(node) or _usual(plan.composite, net, node, first=node in first) for node in net.nodes]
    missing = [node for node, rule in zip(net.nodes, rules, strict=True) if rule is None]
    if missing:
        raise UnsupportedLayerError("lrp", missing, _ADVICE)
    return rules  # type: ignore[return-value]  # none is missing


def bound(rules: list[Callable[..., Any]], net: Net, inputs: Any) -> list[Callable[..., Any]]:
    """Give z-box rules the range at their own layer: that of the inputs, taken through what comes before."""
    return [
        partial(rule.between, *_range_at(net, node, inputs, rule)) if isinstance(rule, ZBox) else rule
        for node, rule in zip(net.nodes, rules, strict=True)
    ]


def _range_at(net: Net, node: Node, inputs: Any, rule: ZBox) -> tuple[Any, Any]:
    """Run what comes before a node on both ends of the range, one value everywhere."""
    before = net.leading_to(node)
    if any(node.kind not in (Kind.UNITS, Kind.MOVE, Kind.LINEAR) or len(node.inputs) > 1 for node in before):
        msg = f"ZBox is for first layers, of which the range is known, not for {node.name}; choose another rule for it"
        raise ValueError(msg)
    found = []
    for end in rule.ends():
        values = net.program.start(keras.tree.map_structure(lambda x, end=end: keras.ops.ones_like(x) * end, inputs))
        for earlier in before:
            made = earlier.function(*[values[slot] for slot in earlier.inputs])
            values.update(zip(earlier.outputs, made if isinstance(made, (list, tuple)) else [made], strict=True))
        found.append(values[node.inputs[0]])
    return keras.ops.minimum(*found), keras.ops.maximum(*found)


def _usual(composite: Composite, net: Net, node: Node, *, first: bool) -> Callable[..., Any] | None:
    if node.kind is Kind.AFFINE and node.affine is not None:
        if first and composite.first is not None:
            return composite.first
        return composite.convolution if node.affine.convolutional else composite.dense
    if node.kind is Kind.PRODUCT:
        return _product(net, node)
    return BY_KIND.get(node.kind)


def _by_path(plan: Plan, net: Net) -> dict[Node, Rule]:
    """Find the nodes that rules are given for; a longer path is stronger than a shorter one."""
    chosen: dict[Node, Rule] = {}
    for given, rule in sorted(plan.by_path, key=lambda pair: len(pair[0])):
        path = resolve_path(given, net.program.made_by)
        inside = [node for node in net.nodes if node.path == path or node.path.startswith(path + "/")]
        fitting = [node for node in inside if node.kind is Kind.AFFINE or (rule.for_any_layer and node.path == path)]
        if not fitting:
            _refuse(path, rule, inside)
        usual = {node: _usual(plan.composite, net, node, first=False) for node in fitting}
        needing = [node for node in fitting if node.kind is Kind.AFFINE or usual[node] is None]
        chosen |= dict.fromkeys(needing or fitting, rule)
    return chosen


def _refuse(path: str, rule: Rule, inside: list[Node]) -> None:
    """Say why a rule given by path has no place."""
    if not inside:
        msg = f"{path!r} is merged into the layer before it; name that one, or pass merge=False"
        raise ValueError(msg)
    msg = f"{type(rule).__name__} is for layers with weights, not for {inside[0].name}; Epsilon and Pass go anywhere"
    raise ValueError(msg)


def _product(net: Net, node: Node) -> Callable[..., Any] | None:
    """Return the rule of a product of a signal and a gate; None where neither, or both, are gates."""
    if node.label == GATED_BIAS:
        return _to_the_first
    gates = [_is_gate(net, slot) for slot in node.inputs]
    return gated(gates.index(False)) if sum(gates) == len(gates) - 1 else None


def _to_the_first(call: Call, relevance: Any) -> Sequence[Any]:
    """Hand all on to the first input."""
    return [relevance, *(keras.ops.zeros_like(one) for one in call.inputs[1:])]


def _is_gate(net: Net, slot: int) -> bool:
    """Tell whether a slot holds numbers between 0 and 1 that a sigmoid or softmax made."""
    node = net.maker(slot)
    while node is not None and len(node.inputs) == 1 and (node.kind is Kind.MOVE or node.label == ONE_MINUS):
        node = net.maker(node.inputs[0])
    if node is None:
        return False
    operation = getattr(node.operation, "activation", node.operation)
    name = getattr(operation, "__name__", type(operation).__name__)
    return node.kind in (Kind.ACTIVATION, Kind.OTHER) and name.lower() in _GATES
