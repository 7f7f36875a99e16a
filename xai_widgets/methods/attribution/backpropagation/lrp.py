"""Layer-wise relevance propagation: the score is shared out, layer by layer, among what made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.backpropagation.rules.batch_runs import Run, at_inputs, check_weighted_sum, totals
from xai_widgets.methods.attribution.backpropagation.rules.composites import (
    COMPOSITES,
    Composite,
    RuleNumbers,
    RulePlan,
    assign,
    bound,
    make_rule_plan,
)
from xai_widgets.methods.attribution.backpropagation.rules.engine import LayerCall, backward, forward
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.recording import recorded
from xai_widgets.results.relevance_result import LayerRelevance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegative, PositiveInt, Progress
    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net
    from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Rule
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target
    from xai_widgets.results.attribution_result import Attribution

    Choice = str | Rule | Mapping[str, str | Rule] | None


@attribution_method(
    family="relevance",
    paper=Paper(
        "Bach et al.",
        2015,
        "On pixel-wise explanations by layer-wise relevance propagation",
        doi="10.1371/journal.pone.0130140",
    ),
    forward=1,
    backward=1,
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    order=10,
)
@renamed_options(epsilon="stabilizer")
def lrp(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    rule: Choice = None,
    composite: str | Composite = "epsilon_plus",
    stabilizer: NonNegative = 1e-6,
    gamma: NonNegative = 0.25,
    low: float | NDArray[np.floating] | None = None,
    high: float | NDArray[np.floating] | None = None,
    merge: bool = True,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Layer-wise relevance propagation: share the logit out among the inputs, layer by layer.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened.
    inputs : array, pictures, or several of them
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several inputs
        takes one array for each, nested as the model takes them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain, which must be a weighted sum of the logits: from
        the tensor of outputs, (N, K) or nested as the model gives them, to a tensor (N,), written with
        ``keras.ops``.
    rule : str, Rule or mapping, optional
        One rule for all layers with weights: ``"zero"``, ``"epsilon"``, ``"gamma"``, ``"z_plus"``,
        ``"alpha_beta"``, ``"w_square"``, ``"flat"``, ``"z_box"``, or one with numbers of its own,
        ``AlphaBeta(2, 1)``. Or rules by path, ``{"block1/conv": "flat", "backbone": Gamma(0.1)}``, for the named
        layers and all layers of named models; the others follow the composite. ``Epsilon`` and ``Pass`` may be
        given to layers without weights too.
    composite : str or Composite, default "epsilon_plus"
        Which rule is for which layer, where `rule` does not say. ``"epsilon_plus"``: epsilon for dense layers, z+
        for convolutions; ``"epsilon_plus_flat"``: the same, flat for the first layer; ``"epsilon_gamma_box"``:
        epsilon, gamma, z-box for the first layer; ``"epsilon_alpha2_beta1"``, ``"epsilon_alpha2_beta1_flat"``.
    stabilizer : float, default 1e-06
        What the epsilon rule adds to its denominators, 0 or more, in units of the layers' outputs.
    gamma : float, default 0.25
        The number of the gamma rule, 0 or more: how much positive weights are favoured.
    low : number or array, optional
        The smallest value of the inputs, for z-box: one number, or one for each channel (C,). Left out, that of the
        model's value range.
    high : number or array, optional
        The largest value of the inputs, for z-box: one number, or one for each channel (C,). Left out, that of the
        model's value range.
    merge : bool, default True
        Whether a batch normalisation becomes part of the layer before it, where it may.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures, in units of the logit; ``.delta`` (N,), the
        conservation error: their sum minus the logit. For several inputs, one attribution for each, nested as the
        model takes them.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule: normalisation by computed numbers, attention, products of two signals, layers of
        one's own. All are named.
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; an unknown rule, composite or path; a range that z-box needs and the model does not tell; a
        callable that is no weighted sum of the logits; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If the conservation error is more than twice the logit.

    Notes
    -----
    Relevance is conserved but for: what biases take (``Epsilon(bias=False)`` shares that out); epsilon's own share;
    alpha2-beta1 at outputs without negative contributions (`AlphaBeta(conserve=True)` takes alpha 1 there); z+ at
    outputs without positive ones. Layers without weights: activations and changes of units (batch normalisation that
    could not be merged, rescaling) pass it on; sums and averages share it by the epsilon rule; maxima give it to the
    winner; a product gives all to the signal, also one that is taken several times (h * h), and none to its gates:
    numbers in 0..1 that a sigmoid, a softmax or relu6(x + 3) / 6, the hard sigmoid of MobileNetV3, made (Arras et al.
    2017). Products of several signals are refused, but ``Epsilon()`` given to one by path shares it out among the
    factors in equal parts (Achtibat et al. 2024). Recurrent layers (LSTM, GRU, SimpleRNN, `Bidirectional`, ``RNN`` of
    their cells, up to 256 steps) are unrolled, and their gates get nothing either; the bias that a GRU gates is shared
    out at its first step. Other rules that are given by path to a layer without weights share as if it were linear;
    where it is not, ``.delta`` says what was lost.

    Look at ``.delta`` before you trust a map. Where units live by their biases little arrives at the picture: of a
    MobileNetV2's score nearly all is lost on the way, since many of its depthwise filters see nothing but zeros.

    References
    ----------
    Sebastian Bach, Alexander Binder, Grégoire Montavon, Frederick Klauschen, Klaus-Robert Müller, Wojciech Samek
    (2015), On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation,
    doi:10.1371/journal.pone.0130140. Grégoire Montavon, Alexander Binder, Sebastian Lapuschkin, Wojciech Samek,
    Klaus-Robert Müller (2019), Layer-wise relevance propagation: an overview, doi:10.1007/978-3-030-28954-6_10. Leila
    Arras, Grégoire Montavon, Klaus-Robert Müller, Wojciech Samek (2017), Explaining recurrent neural network
    predictions in sentiment analysis, arXiv:1706.07206. Reduan Achtibat et al. (2024), AttnLRP: attention-aware
    layer-wise relevance propagation for transformers, arXiv:2402.05602.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> lrp(digits, three, target="3")
    Attribution(1x8x8x1: lrp · digits · target 3 · rules=epsilon_plus · stabilizer=1e-06)
    """
    run = Run(model, inputs, target, merge=merge, batch_size=batch_size)
    numbers = RuleNumbers(stabilizer, gamma, lambda: _ends(run, low, high))
    plan = make_rule_plan(rule, composite, numbers)
    net, begin, rules = run.net, run.begin(), assign(plan, run.net)

    def whole(x: Any, rows: Any) -> Any:
        values, calls = forward(net, x)
        start = begin(values, rows)
        signals = {slot: gradient * values[slot] for slot, gradient in start.signals.items()}
        return start.score, totals(signals), at_inputs(net, x, backward(calls, bound(rules, net, x), signals))

    score, explained, found = run.each(run.compiled(("lrp", plan, merge), whole), progress)
    check_weighted_sum("lrp", score, explained)
    made: Attribution = run.attribution("lrp", found, score, _options(plan, numbers, merge=merge), score)
    return made


@recorded
@renamed_options(epsilon="stabilizer")
def relevance_by_layer(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    rule: Choice = None,
    composite: str | Composite = "epsilon_plus",
    stabilizer: NonNegative = 1e-6,
    gamma: NonNegative = 0.25,
    low: float | NDArray[np.floating] | None = None,
    high: float | NDArray[np.floating] | None = None,
    merge: bool = True,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> LayerRelevance:
    """Relevance of every layer's output on its way from the logit to the input.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened.
    inputs : array, pictures, or several of them
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several inputs
        takes one array for each, nested as the model takes them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain, which must be a weighted sum of the logits: from
        the tensor of outputs, (N, K) or nested as the model gives them, to a tensor (N,), written with
        ``keras.ops``.
    rule : str, Rule or mapping, optional
        One rule for all layers with weights: ``"zero"``, ``"epsilon"``, ``"gamma"``, ``"z_plus"``,
        ``"alpha_beta"``, ``"w_square"``, ``"flat"``, ``"z_box"``, or one with numbers of its own,
        ``AlphaBeta(2, 1)``. Or rules by path, ``{"block1/conv": "flat", "backbone": Gamma(0.1)}``, for the named
        layers and all layers of named models; the others follow the composite. ``Epsilon`` and ``Pass`` may be
        given to layers without weights too.
    composite : str or Composite, default "epsilon_plus"
        Which rule is for which layer, where `rule` does not say. ``"epsilon_plus"``: epsilon for dense layers, z+
        for convolutions; ``"epsilon_plus_flat"``: the same, flat for the first layer; ``"epsilon_gamma_box"``:
        epsilon, gamma, z-box for the first layer; ``"epsilon_alpha2_beta1"``, ``"epsilon_alpha2_beta1_flat"``.
    stabilizer : float, default 1e-06
        What the epsilon rule adds to its denominators, 0 or more, in units of the layers' outputs.
    gamma : float, default 0.25
        The number of the gamma rule, 0 or more: how much positive weights are favoured.
    low : number or array, optional
        The smallest value of the inputs, for z-box: one number, or one for each channel (C,). Left out, that of the
        model's value range.
    high : number or array, optional
        The largest value of the inputs, for z-box: one number, or one for each channel (C,). Left out, that of the
        model's value range.
    merge : bool, default True
        Whether a batch normalisation becomes part of the layer before it, where it may.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    LayerRelevance
        From the input to the logits, in units of the logit: ``.values[path]`` (N, ...) at the output of each layer,
        ``.through[path]`` (N,), all relevance at that depth, skip connections included; ``.rules[path]``, the rule
        of each layer with weights.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule: normalisation by computed numbers, attention, products of two signals, layers of
        one's own. All are named.
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; an unknown rule, composite or path; a range that z-box needs and the model does not tell; a
        callable that is no weighted sum of the logits; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Sebastian Bach, Alexander Binder, Grégoire Montavon, Frederick Klauschen, Klaus-Robert Müller, Wojciech Samek
    (2015), On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation,
    doi:10.1371/journal.pone.0130140.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = relevance_by_layer(digits, three, target="3", rule="zero")
    >>> found.values["input"].shape, list(found.through)[-1] == list(found.values)[-1]
    ((1, 8, 8, 1), True)
    """
    run = Run(model, inputs, target, merge=merge, batch_size=batch_size)
    numbers = RuleNumbers(stabilizer, gamma, lambda: _ends(run, low, high))
    plan = make_rule_plan(rule, composite, numbers)
    net, begin, rules = run.net, run.begin(), assign(plan, run.net)
    places = _places(net)

    def whole(x: Any, rows: Any) -> Any:
        values, calls = forward(net, x)
        start = begin(values, rows)
        signals = {slot: gradient * values[slot] for slot, gradient in start.signals.items()}
        depths: dict[int, Any] = {}

        def watch(call: LayerCall, waiting: dict[int, Any]) -> None:
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


def _options(plan: RulePlan, numbers: RuleNumbers, *, merge: bool) -> dict[str, object]:
    """Return what bears on the values, for the recipe; a rule writes its own numbers down."""
    options: dict[str, object] = {"rules": plan.name}
    named = plan.name.partition(" ")[0]
    if named in COMPOSITES:
        options["stabilizer"] = numbers.stabilizer
        options |= {"gamma": numbers.gamma} if "gamma" in named else {}
        options |= dict(zip(("low", "high"), numbers.ends(), strict=True)) if "box" in named else {}
    return options if merge else options | {"merge": merge}
