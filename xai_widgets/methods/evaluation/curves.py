"""Deletion and insertion: what the model answers while places are hidden, or shown, in the order of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.baselines import baseline_name
from xai_widgets.methods.evaluation.maps import falling_order, name_of, relevance, stream_of, target_of
from xai_widgets.methods.fills import masking_of
from xai_widgets.methods.progress import reporter
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import MaskingCurve
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None


def deletion_curve(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    steps: int = 20,
    fill: Any = None,
    seed: int = 0,
    output: str = "probability",
    batch_size: int | None = None,
    progress: Progress = None,
) -> MaskingCurve:
    """Hide more and more of the input, the most relevant places first: a good map makes the score fall early.

    Parameters
    ----------
    model, inputs, batch_size
        As for `saliency`; no gradient is needed.
    explanation : Attribution or array
        Of the inputs: values for each input value or each pixel.
    target : str, int, sequence of them, callable, or None
        Whose score is followed; None takes what the explanation explains, for an array the predicted class.
    steps : int
        Equal steps from nothing hidden to everything.
    fill : number, array or name, optional
        What hides, as for `occlusion`: for pictures the middle of the range if left out, else 0.
    seed : int
        Of the order among places that the map holds equal.
    output : {"probability", "logit"}
        The score that is followed; the paper takes the probability.
    progress : bool or callable, optional
        As for `saliency`; it counts masked copies.

    Returns
    -------
    MaskingCurve
        ``.area`` (N,): the lower the better.

    Raises
    ------
    ValueError
        For fewer than one step, an explanation that does not fit, an unknown fill, and as `saliency` does.

    References
    ----------
    Vitali Petsiuk, Abir Das, Kate Saenko (2018), RISE: randomized input sampling for explanation of black-box models;
    after Wojciech Samek et al. (2017), Evaluating the visualization of what a deep neural network has learned.

    Examples
    --------
    >>> import keras, numpy as np
    >>> total = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
    >>> total.set_weights([np.ones((4, 1))])
    >>> x = np.array([[4.0, 1.0, 3.0, 2.0]])
    >>> curve = deletion_curve(total, x, x, 0, steps=4, output="logit")
    >>> curve.scores.tolist(), curve.area.tolist()
    ([[10.0, 6.0, 3.0, 1.0, 0.0]], [3.75])
    """
    options = {"steps": steps, "fill": fill, "seed": seed, "output": output}
    run = {"batch_size": batch_size, "progress": progress}
    return _curve("deletion_curve", model, inputs, explanation, target, options=options, run=run)


def insertion_curve(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    steps: int = 20,
    fill: Any = None,
    seed: int = 0,
    output: str = "probability",
    batch_size: int | None = None,
    progress: Progress = None,
) -> MaskingCurve:
    """Show more and more of the input, the most relevant places first: a good map makes the score rise early.

    Parameters
    ----------
    model, inputs, explanation, target, steps, seed, output, batch_size, progress
        As for `deletion_curve`.
    fill : number, array or name, optional
        What is there before: for pictures they themselves without details (``"blurred"``, as in the paper) if left
        out, else 0.

    Returns
    -------
    MaskingCurve
        ``.area`` (N,): the higher the better.

    Raises
    ------
    ValueError
        As `deletion_curve` does.

    References
    ----------
    Vitali Petsiuk, Abir Das, Kate Saenko (2018), RISE: randomized input sampling for explanation of black-box models.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods import occlusion
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> insertion_curve(digits, three, occlusion(digits, three, "3"), steps=4).shares.tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    options = {"steps": steps, "fill": fill, "seed": seed, "output": output}
    run = {"batch_size": batch_size, "progress": progress}
    return _curve("insertion_curve", model, inputs, explanation, target, options=options, run=run)


def _curve(
    kind: str,
    model: Any,
    inputs: Any,
    explanation: Any,
    target: Target,
    *,
    options: dict[str, Any],
    run: dict[str, Any],
) -> MaskingCurve:
    steps, fill, seed = (options[name] for name in ("steps", "fill", "seed"))
    if steps < 1:
        msg = f"steps must be at least 1, not {steps}"
        raise ValueError(msg)
    classifier = Classifier.wrap(model)
    batch, inserting = classifier.as_inputs(inputs), kind == "insertion_curve"
    places, wanted = relevance(explanation, batch), target_of(explanation, target, classifier)
    if fill is None and inserting and batch.ndim == 4:
        fill = "blurred"
    masking, fill = masking_of(classifier, batch, wanted, fill, output=options["output"], batch_size=run["batch_size"])
    counts = np.unique(np.linspace(0, places[0].size, steps + 1).round().astype("int64"))
    streams = [_masks(falling_order(one, seed), counts, one.shape, inserting) for one in places]
    found, report, total = (
        np.empty((len(batch), len(counts)), "float32"),
        reporter(run["progress"]),
        len(batch) * len(counts),
    )
    for copies in masking.scores(streams, len(counts), lambda done: report(done, total)):
        found[copies.example, copies.places] = copies.scores
    told = {"explanation": name_of(explanation), **options, "fill": baseline_name(fill)}
    recipe = Recipe(kind, classifier.name, masking.scalar.names, told)
    return MaskingCurve(counts / places[0].size, found, recipe)


def _masks(
    order: NDArray[np.int64], counts: NDArray[np.int64], shape: tuple[int, ...], inserting: bool
) -> Callable[[int], NDArray[np.float32]]:
    """Return a function that gives the next masks: the first `count` places of the order shown, or all but them."""
    rank = np.empty(len(order), "int64")
    rank[order] = np.arange(len(order))

    def make(first: int, last: int) -> NDArray[np.float32]:
        early = rank < counts[first:last, np.newaxis]
        return (early if inserting else ~early).astype("float32").reshape(-1, *shape)

    return stream_of(make)
