"""Which rule of relevance for which layer: one for all, a composite, or by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.methods.attribution.backpropagation.rules.engine import UnsupportedLayerError
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind
from xai_widgets.methods.attribution.backpropagation.rules.recurrent_layers import GATED_BIAS, ONE_MINUS
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import (
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
from xai_widgets.models.graph.reading import resolve_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.methods.attribution.backpropagation.rules.engine import LayerCall
    from xai_widgets.methods.attribution.backpropagation.rules.node import Node
    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net

    Ends = tuple[Any, Any]

_GATES = ("sigmoid", "hardsigmoid", "hard_sigmoid", "softmax")
_SCALING = ("Multiply", "Divide", "TrueDivide", "Rescaling")  # by a constant
_ROUNDING = 1e-5
_ADVICE = (
    "Give one by path: rule={path: 'epsilon'} treats a layer as if it were linear and shares a product out equally "
    "among its factors, rule={path: 'pass'} hands relevance on value by value; or use integrated_gradients, which "
    "needs no rules"
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
class RuleNumbers:
    """What rules given by name take.

    Attributes
    ----------
    stabilizer, gamma : float
    ends : callable
        Gives the range of the inputs; asked only for z-box.
    """

    stabilizer: float
    gamma: float
    ends: Callable[[], Ends] = field(compare=False)


COMPOSITES: dict[str, Callable[[RuleNumbers], Composite]] = {
    "epsilon_plus": lambda n: Composite(Epsilon(n.stabilizer), ZPlus()),
    "epsilon_plus_flat": lambda n: Composite(Epsilon(n.stabilizer), ZPlus(), Flat()),
    "epsilon_gamma_box": lambda n: Composite(Epsilon(n.stabilizer), Gamma(n.gamma), ZBox(*n.ends())),
    "epsilon_alpha2_beta1": lambda n: Composite(Epsilon(n.stabilizer), AlphaBeta(2.0, 1.0)),
    "epsilon_alpha2_beta1_flat": lambda n: Composite(Epsilon(n.stabilizer), AlphaBeta(2.0, 1.0), Flat()),
}


@dataclass(frozen=True)
class RulePlan:
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


def make_rule_plan(rule: Any, composite: str | Composite, numbers: RuleNumbers) -> RulePlan:
    """Return the plan that `lrp` was asked for; see there."""
    if isinstance(rule, Mapping):
        paths = tuple((str(path), _rule(one, numbers)) for path, one in rule.items())
        plan = make_rule_plan(None, composite, numbers)
        return RulePlan(plan.composite, paths, f"{plan.name} but {', '.join(f'{path}: {one}' for path, one in paths)}")
    if rule is not None:
        one = _rule(rule, numbers)
        return RulePlan(Composite(one, one), (), str(one))
    if isinstance(composite, Composite):
        return RulePlan(composite, (), str(composite))
    name = match(str(composite), COMPOSITES)
    if name is None:
        msg = f"unknown composite {composite!r}; {suggestion(str(composite), COMPOSITES)}"
        raise ValueError(msg)
    return RulePlan(COMPOSITES[name](numbers), (), name)


def _rule(given: Any, numbers: RuleNumbers) -> Rule:
    """Return a rule given as one, or by its name."""
    if isinstance(given, Rule):
        return given
    name = match(given, RULES) if isinstance(given, str) else None
    if name is None:
        msg = f"unknown rule {given!r}; {suggestion(str(given), RULES)}"
        raise ValueError(msg)
    options = {"epsilon": (numbers.stabilizer,), "gamma": (numbers.gamma,)}.get(name, ())
    return RULES[name](*(numbers.ends() if name == "z_box" else options))


def assign(plan: RulePlan, net: Net) -> list[Callable[..., Any]]:
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
    if node.factors > 1:
        return _product(net, node)
    return BY_KIND.get(node.kind)


def _by_path(plan: RulePlan, net: Net) -> dict[Node, Rule]:
    """Find the nodes that rules are given for; a longer path is stronger than a shorter one."""
    chosen: dict[Node, Rule] = {}
    for given, rule in sorted(plan.by_path, key=lambda pair: len(pair[0])):
        path = resolve_path(given, net.program.made_by)
        inside = [node for node in net.nodes if node.path == path or node.path.startswith(path + "/")]
        masking = [node for node in inside if node.looks_up and node.kind is Kind.UNKNOWN]
        if masking:  # no rule makes numbers of vectors out of it
            raise UnsupportedLayerError("lrp", masking, _ADVICE)
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
    """Return the rule of a product of one signal and gates; None where there is no signal, or several."""
    if node.label == GATED_BIAS:
        return _to_the_first
    gates = [_is_gate(net, slot) for slot in node.inputs]
    return gated(gates.index(False)) if sum(gates) == len(gates) - 1 else None


def _to_the_first(call: LayerCall, relevance: Any) -> Sequence[Any]:
    """Hand all on to the first input."""
    return [relevance, *(keras.ops.zeros_like(one) for one in call.inputs[1:])]


def _is_gate(net: Net, slot: int) -> bool:
    """Tell whether a slot holds numbers between 0 and 1 that a sigmoid or softmax made.

    A ReLU with an upper limit, divided by that limit, is one too: relu6(x + 3) / 6 is the hard sigmoid of MobileNetV3.
    """
    node = net.maker(slot)
    while node is not None and len(node.inputs) == 1 and (node.kind is Kind.MOVE or node.label == ONE_MINUS):
        node = net.maker(node.inputs[0])
    if node is None:
        return False
    operation = getattr(node.operation, "activation", node.operation)
    name = getattr(operation, "__name__", type(operation).__name__)
    if node.kind in (Kind.ACTIVATION, Kind.OTHER) and name.lower() in _GATES:
        return True
    limit = _limit(net, node)
    return limit is not None and abs(limit - 1) < _ROUNDING


def _limit(net: Net, node: Node | None) -> float | None:
    """Return the upper limit of what a node makes, if a ReLU with such a limit makes it, moved and scaled perhaps."""
    if node is None or len(node.inputs) != 1:
        return None
    if node.kind is Kind.RECTIFIER:
        return _limit_of_rectifier(node)
    before = _limit(net, net.maker(node.inputs[0])) if node.kind in (Kind.MOVE, Kind.LINEAR, Kind.UNITS) else None
    if before is None or node.kind is Kind.MOVE:
        return before
    ends = _at_numbers(net, node, (0.0, before)) if node.label in _SCALING else None
    return ends[1] if ends is not None and ends[0] == 0 and ends[1] > 0 else None


def _limit_of_rectifier(node: Node) -> float | None:
    """Return the upper limit of a rectifier, 1 for that of a ReLU of at most 1; None if it has none."""
    operation = getattr(node.operation, "activation", node.operation)
    name = getattr(operation, "__name__", type(operation).__name__).lower()
    highest: Any = getattr(operation, "max_value", getattr(operation, "x_max", 6.0 if name == "relu6" else None))
    single = highest is not None and np.ndim(highest) == 0
    return float(highest) if single and not getattr(operation, "negative_slope", 0) else None


def _at_numbers(net: Net, node: Node, numbers: Sequence[float]) -> list[float] | None:
    """Return what a node that scales by a constant makes of numbers; None if its constant is no single number."""
    shape = [size or 1 for size in net.program.shapes[node.inputs[0]][1:]]
    found = []
    for number in numbers:
        made = keras.ops.convert_to_numpy(node.function(keras.ops.full((1, *shape), number)))
        if made.size == 0 or np.ptp(made) > 0:
            return None
        found.append(float(made.flat[0]))
    return found
