"""Layer-wise relevance propagation: the score is shared out, layer by layer, among what made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.rules.composites import COMPOSITES, Composite, Numbers, Plan, assign, bound, make_plan
from xai_widgets.methods.rules.engine import Call, backward, forward
from xai_widgets.methods.rules.kinds import Kind
from xai_widgets.methods.rules.runs import Run, at_inputs, check_weighted_sum, totals
from xai_widgets.results.relevance import LayerRelevance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xai_widgets.methods.rules.nodes import Net
    from xai_widgets.methods.rules.relevance import Rule
    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target
    from xai_widgets.results.attribution import Attribution

    Progress = Callable[[int, int], object] | bool | None
    Choice = str | Rule | Mapping[str, str | Rule] | None


def lrp(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    rule: Choice = None,
    composite: str | Composite = "epsilon_plus",
    epsilon: float = 1e-6,
    gamma: float = 0.25,
    low: Any = None,
    high: Any = None,
    merge: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Layer-wise relevance propagation: share the logit out among the inputs, layer by layer.

    Parameters
    ----------
    model, inputs, batch_size, progress
        As for `saliency`. The model must be functional or Sequential; nested models are opened.
    target : str, int, sequence of them, callable, or None
        As for `saliency`, but a callable must be a weighted sum of the logits.
    rule : str, Rule or mapping, optional
        One rule for all layers with weights: ``"zero"``, ``"epsilon"``, ``"gamma"``, ``"z_plus"``, ``"alpha_beta"``,
        ``"w_square"``, ``"flat"``, ``"z_box"``, or one with numbers of its own, ``AlphaBeta(2, 1)``. Or rules by path,
        ``{"block1/conv": "flat", "backbone": Gamma(0.1)}``, for the named layers and all layers of named models; the
        others follow the composite. ``Epsilon`` and ``Pass`` may be given to layers without weights too.
    composite : str or Composite
        Which rule for which layer. ``"epsilon_plus"``: epsilon for dense layers, z+ for convolutions;
        ``"epsilon_plus_flat"``: the same, flat for the first layer; ``"epsilon_gamma_box"``: epsilon, gamma, z-box for
        the first layer; ``"epsilon_alpha2_beta1"``, ``"epsilon_alpha2_beta1_flat"``.
    epsilon, gamma : float
        Of the rules of these names. Epsilon is in units of the layers' outputs.
    low, high : number or array, optional
        The range of the inputs, for z-box; left out, that of the model's input space.
    merge : bool
        Whether a batch normalisation becomes part of the layer before it, where it may.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C) in units of the logit; ``.delta`` (N,), the conservation error: their sum minus the
        logit. For several inputs, one attribution for each, nested as the model takes them.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule: normalisation by computed numbers, attention, products of two signals, layers of one's
        own. All are named.
    ValueError
        For an unknown rule or path, a range that is needed but unknown, a callable that is no weighted sum, and as
        `saliency` does.

    Notes
    -----
    Relevance is conserved but for: what biases take (``Epsilon(bias=False)`` shares that out); epsilon's own share;
    alpha2-beta1 at outputs without negative contributions (`AlphaBeta(conserve=True)` takes alpha 1 there); z+ at
    outputs without positive ones. Layers without weights: activations and changes of units (batch normalisation that
    could not be merged, rescaling) pass it on; sums and averages share it by the epsilon rule; maxima give it to the
    winner; a product gives all to the signal and none to its gate (sigmoid, softmax). Recurrent layers (LSTM, GRU,
    SimpleRNN, up to 256 steps) are unrolled, and their gates get nothing either (Arras et al. 2017);
    the bias that a GRU gates is shared out at its first step.

    Look at ``.delta`` before you trust a map. Where units live by their biases little arrives at the picture: of a
    MobileNetV2's score nearly all is lost on the way, since many of its depthwise filters see nothing but zeros.

    References
    ----------
    Sebastian Bach et al. (2015), On pixel-wise explanations for non-linear classifier decisions by layer-wise
    relevance propagation. Grégoire Montavon et al. (2019), Layer-wise relevance propagation: an overview.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> lrp(digits, three, target="3")
    Attribution(1x8x8x1: lrp · digits · target 3 · rules=epsilon_plus · epsilon=1e-06)
    """
    run = Run(model, inputs, target, merge=merge, batch_size=batch_size)
    numbers = Numbers(epsilon, gamma, lambda: _ends(run, low, high))
    plan = make_plan(rule, composite, numbers)
    net, begin, rules = run.net, run.begin(), assign(plan, run.net)

    def whole(x: Any, rows: Any) -> Any:
        values, calls = forward(net, x)
        start = begin(values, rows)
        signals = {slot: slope * values[slot] for slot, slope in start.signals.items()}
        return start.score, totals(signals), at_inputs(net, x, backward(calls, bound(rules, net, x), signals))

    score, explained, found = run.each(run.compiled(("lrp", plan, merge), whole), progress)
    check_weighted_sum("lrp", score, explained)
    made: Attribution = run.attribution("lrp", found, score, _options(plan, numbers, merge=merge), score)
    return made


def relevance_by_layer(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    rule: Choice = None,
    composite: str | Composite = "epsilon_plus",
    epsilon: float = 1e-6,
    gamma: float = 0.25,
    low: Any = None,
    high: Any = None,
    merge: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> LayerRelevance:
    """Relevance of every layer's output on its way from the logit to the input.

    Parameters
    ----------
    model, inputs, target, rule, composite, epsilon, gamma, low, high, merge, batch_size, progress
        As for `lrp`.

    Returns
    -------
    LayerRelevance
        From the input to the logits: ``.values[path]`` (N, ...) at the output of each layer, ``.through[path]`` (N,),
        all relevance at that depth, skip connections included; ``.rules[path]``, the rule of each layer with weights.

    Raises
    ------
    UnsupportedLayerError, ValueError
        As `lrp` does.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = relevance_by_layer(digits, three, target="3", rule="zero")
    >>> found.values["input"].shape, list(found.through)[-1] == list(found.values)[-1]
    ((1, 8, 8, 1), True)
    """
    run = Run(model, inputs, target, merge=merge, batch_size=batch_size)
    numbers = Numbers(epsilon, gamma, lambda: _ends(run, low, high))
    plan = make_plan(rule, composite, numbers)
    net, begin, rules = run.net, run.begin(), assign(plan, run.net)
    places = _places(net)

    def whole(x: Any, rows: Any) -> Any:
        values, calls = forward(net, x)
        start = begin(values, rows)
        signals = {slot: slope * values[slot] for slot, slope in start.signals.items()}
        depths: dict[int, Any] = {}

        def watch(call: Call, waiting: dict[int, Any]) -> None:
            depths.update(dict.fromkeys(call.node.outputs, totals(waiting)))

        found = backward(calls, bound(rules, net, x), signals, watch=watch)
        depths |= dict.fromkeys(net.program.inputs, totals({slot: found[slot] for slot in net.program.inputs}))
        absent = keras.ops.zeros_like
        at = [found[slot] if slot in found else absent(values[slot]) for slot in places.values()]
        return start.score, totals(signals), at, [depths[slot] for slot in places.values()]

    score, explained, at, through = run.each(run.compiled(("relevance", plan, merge), whole), progress)
    check_weighted_sum("relevance_by_layer", score, explained)
    followed = {node.path: str(one) for node, one in zip(net.nodes, rules, strict=True) if node.kind is Kind.AFFINE}
    at, through = (dict(zip(places, found, strict=True)) for found in (at, through))
    return LayerRelevance(score, run.scalar.names, at, through, followed)


def _places(net: Net) -> dict[str, int]:
    """Return the slot of each layer's output by path, inputs first; ``"conv#1"`` is a second call."""
    inputs = net.program.inputs
    names = ["input"] if len(inputs) == 1 else [f"input {number}" for number in range(len(inputs))]
    places = dict(zip(names, inputs, strict=True))
    made = {slot for node in net.nodes for slot in node.outputs}
    for path in dict.fromkeys(node.path for node in net.nodes):
        calls = [net.merged.get(slots[0], slots[0]) for slots in net.program.made_by[path]]
        kept = [slot for slot in calls if slot in made]
        places |= {path if len(kept) == 1 else f"{path}#{call}": slot for call, slot in enumerate(kept)}
    return places


def _ends(run: Run, low: Any, high: Any) -> tuple[Any, Any]:
    """Return the ends of the input range as numbers, or tuples of one for each channel."""
    known = run.subject.value_range if low is None or high is None else (low, high)
    if known is None:
        msg = (
            "the z-box rule needs the range of the inputs, which the model does not tell: give low and high, or "
            "Classifier(value_range=(low, high))"
        )
        raise ValueError(msg)
    ends = [known[place] if given is None else given for place, given in enumerate((low, high))]
    low, high = (tuple(map(float, np.ravel(end))) if np.ndim(end) else float(end) for end in ends)
    return low, high


def _options(plan: Plan, numbers: Numbers, *, merge: bool) -> dict[str, object]:
    """Return what bears on the values, for the recipe; a rule writes its own numbers down."""
    options: dict[str, object] = {"rules": plan.name}
    named = plan.name.partition(" ")[0]
    if named in COMPOSITES:
        options["epsilon"] = numbers.epsilon
        options |= {"gamma": numbers.gamma} if "gamma" in named else {}
        options |= dict(zip(("low", "high"), numbers.ends(), strict=True)) if "box" in named else {}
    return options if merge else options | {"merge": merge}
