"""DeepLIFT: what each input's difference from a reference contributes to the score's difference from its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.methods.attribution.backpropagation.rules.batch_runs import Run, at_inputs, check_weighted_sum, totals
from xai_widgets.methods.attribution.backpropagation.rules.difference_rules import walker as rescale
from xai_widgets.methods.attribution.backpropagation.rules.engine import forward
from xai_widgets.methods.attribution.backpropagation.rules.reveal_cancel import walker as reveal_cancel
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.baselines import baseline_name, make_baselines

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target
    from xai_widgets.results.attribution_result import Attribution

_RULES: dict[str, Callable[..., Any]] = {"rescale": rescale, "reveal_cancel": reveal_cancel}


@attribution_method(
    family="relevance",
    paper=Paper("Shrikumar, Greenside, Kundaje", 2017, "Learning important features", arxiv="1704.02685"),
    forward=2,
    backward=1,
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    order=20,
)
def deep_lift(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    baseline: Any = 0,
    rule: str = "rescale",
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """DeepLIFT: share the score's difference from a reference out among the inputs' differences from theirs.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened, and a layer may be called several times.
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
    baseline : number, array, {"black", "grey", "white", "blurred", "mean", "uniform"}, or one for each input, default 0
        The reference. A number is that value everywhere, in units of the model's input space: 0 is black only where
        black is 0. An array has the shape of one example or of all inputs. ``"black"``, ``"grey"`` and ``"white"``
        are the ends and the middle of the value range; ``"mean"`` is each picture's mean colour, ``"blurred"`` each
        picture without its details, ``"uniform"`` random values from the range. For several inputs: one for all, or
        one for each, nested as the inputs.
    rule : {"rescale", "reveal_cancel"}, default "rescale"
        How differences pass an activation: by their ratio, or in two parts, so that what pushes up and what pushes
        down does not hide each other.
    seed : int, default 0
        Seed of the baseline ``"uniform"``, 0 or more; no other baseline is random.
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
        completeness error: their sum minus the logit's difference from its reference, 0 but for rounding. For
        several inputs, one attribution for each, nested as the model takes them.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule (softmax inside, attention, normalisation by computed numbers, layers of one's own;
        with RevealCancel also products with constant matrices). All are named.
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; an unknown rule; a baseline that is unknown, does not fit the inputs, or needs a value range
        that the model does not tell; several baselines for one input; a callable that is no weighted sum of the
        logits; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If the completeness error is more than twice what there is to explain, or if rows of features far from 0 are
        compared with the baseline 0.

    Notes
    -----
    The difference of two maxima goes to the place that holds the maximum now where it rose, and to the one that held
    it where it fell; that of a product of signals, however many, is shared out by their Shapley values. The paper
    leaves both open. Every rule shares out exactly the difference, so that the sum is complete for any model that is
    not refused.

    References
    ----------
    Avanti Shrikumar, Peyton Greenside, Anshul Kundaje (2017), Learning important features through propagating
    activation differences, arXiv:1704.02685.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = deep_lift(digits, three, target="3")
    >>> found, bool(abs(found.delta[0]) < 1e-3)
    (Attribution(1x8x8x1: deep_lift · digits · target 3 · baseline=0 · rule=rescale), True)
    """
    name = match(rule, _RULES)
    if name is None:
        raise ValueError(f"unknown rule {rule!r}; {suggestion(str(rule), _RULES)}")
    run = Run(model, inputs, target, merge=True, batch_size=batch_size)
    starts = _starts(run, baseline, seed)
    compiled = run.compiled(("deep_lift", name), _contributions(run, _RULES[name](run.net)))
    score, rise, explained, found = run.each(compiled, progress, starts)
    check_weighted_sum("deep_lift", rise, explained)
    written = keras.tree.map_structure(baseline_name, baseline) if isinstance(run.inputs, np.ndarray) else baseline
    options: dict[str, object] = {"baseline": written, "rule": name}
    if "uniform" in str(written):
        options["seed"] = seed
    made: Attribution = run.attribution("deep_lift", found, score, options, rise)
    return made


def _starts(run: Run, baseline: Any, seed: int) -> Any:
    """Return the reference of each input, (N, ...), or (1, ...) where all examples have the same."""
    if isinstance(run.inputs, np.ndarray):
        return _one_start(run, run.inputs, baseline, seed)
    flat = keras.tree.flatten(run.inputs)
    given = keras.tree.flatten(baseline) if isinstance(baseline, (list, tuple, dict)) else [baseline] * len(flat)
    if len(given) != len(flat):
        raise ValueError(f"{len(given)} baselines were given for {len(flat)} inputs; give one, or one for each")
    made = [_one_start(run, one, start, seed).astype(one.dtype) for one, start in zip(flat, given, strict=True)]
    return keras.tree.pack_sequence_as(run.inputs, made)


def _one_start(run: Run, inputs: NDArray[np.float32], baseline: Any, seed: int) -> NDArray[np.float32]:
    starts = make_baselines(run.subject, inputs, baseline, seed)
    if len(starts) != 1:
        raise ValueError("deep_lift takes one baseline; average its answers over several, or use integrated_gradients")
    (start,) = starts
    same = start.strides[0] == 0 or len(start) == 1 or bool((start == start[:1]).all())
    return np.ascontiguousarray(start[:1] if same else start)


def _contributions(run: Run, multipliers: Callable[..., dict[int, Any]]) -> Callable[..., Any]:
    """Return the function (inputs, rows, starts) -> (score, its rise, the rise that is explained, contributions)."""
    net, begin = run.net, run.begin()

    def whole(x: Any, rows: Any, starts: Any) -> Any:
        values, calls = forward(net, x)
        before, base_calls = forward(net, starts, record=False)
        start = begin(values, rows)
        rise = start.score - begin(before, rows).score
        explained = totals({slot: gradient * (values[slot] - before[slot]) for slot, gradient in start.signals.items()})
        pairs = {slot: (values[slot], before[slot]) for slot in net.program.inputs}
        differences = {
            slot: keras.ops.cast(one, "float32") - keras.ops.cast(base, "float32")
            for slot, (one, base) in pairs.items()
        }
        found = multipliers(differences, calls, base_calls, start.signals)
        contributions = {slot: one * differences[slot] for slot, one in found.items() if slot in differences}
        return start.score, rise, explained, at_inputs(net, x, contributions)

    return whole
