"""DeepLIFT: what each input's difference from a reference contributes to the score's difference from its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.baselines import baseline_name, make_baselines
from xai_widgets.methods.rules.cancelling import walker as reveal_cancel
from xai_widgets.methods.rules.differences import walker as rescale
from xai_widgets.methods.rules.engine import forward
from xai_widgets.methods.rules.runs import Run, at_inputs, check_weighted_sum, totals
from xai_widgets.models.names import match, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target
    from xai_widgets.results.attribution import Attribution

_RULES: dict[str, Callable[..., Any]] = {"rescale": rescale, "reveal_cancel": reveal_cancel}


def deep_lift(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    baseline: Any = 0,
    rule: str = "rescale",
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Attribution:
    """DeepLIFT: share the score's difference from a reference out among the inputs' differences from theirs.

    Parameters
    ----------
    model, inputs, batch_size, progress
        As for `saliency`. The model must be functional or Sequential; nested models are opened, and a layer may be
        called several times.
    target : str, int, sequence of them, callable, or None
        As for `saliency`, but a callable must be a weighted sum of the logits.
    baseline : number, array, or {"black", "white", "grey", "blurred", "mean", "uniform"}
        The reference, in units of the model's input space, see `make_baselines`. For several inputs: a number, or one
        baseline for each, nested as the inputs.
    rule : {"rescale", "reveal_cancel"}
        How differences pass an activation: by their ratio, or in two parts, so that what pushes up and what pushes down
        does not hide each other.
    seed : int
        Of the baseline ``"uniform"``.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C) in units of the logit; ``.delta`` (N,), the completeness error: their sum minus the
        logit's difference from its reference, 0 but for rounding. For several inputs, one attribution for each.

    Raises
    ------
    UnsupportedLayerError
        If a layer has no rule (softmax inside, attention, normalisation by computed numbers, layers of one's own; with
        RevealCancel also products with constant matrices). All are named.
    ValueError
        For an unknown rule or baseline, several baselines, a callable that is no weighted sum, and as `saliency` does.

    Notes
    -----
    The difference of two maxima goes to the place that holds the maximum now where it rose, and to the one that held
    it where it fell; that of a product of two signals is shared by Shapley values. The paper leaves both open.

    References
    ----------
    Avanti Shrikumar, Peyton Greenside, Anshul Kundaje (2017), Learning important features through propagating
    activation differences.

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
        explained = totals({slot: slope * (values[slot] - before[slot]) for slot, slope in start.signals.items()})
        pairs = {slot: (values[slot], before[slot]) for slot in net.program.inputs}
        differences = {
            slot: keras.ops.cast(one, "float32") - keras.ops.cast(base, "float32")
            for slot, (one, base) in pairs.items()
        }
        found = multipliers(differences, calls, base_calls, start.signals)
        contributions = {slot: one * differences[slot] for slot, one in found.items() if slot in differences}
        return start.score, rise, explained, at_inputs(net, x, contributions)

    return whole
