"""Deletion and insertion: what the model answers while places are hidden, or shown, in the order of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.perturbation.fills import masked_scorer
from xai_widgets.methods.core.baselines import baseline_name
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.evaluation.place_scores import falling_order, name_of, relevance, stream_of, target_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import MaskingCurve
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, PositiveInt, Progress, Seed
    from xai_widgets.models.outputs.targets import Target


@recorded
@renamed_options(fill="baseline")
def deletion_curve(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    steps: PositiveInt = 20,
    baseline: Any = None,
    seed: Seed = 0,
    output: Output = "probability",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MaskingCurve:
    """Hide more and more of the input, the most relevant places first: a good map makes the score fall early.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    explanation : Attribution or array
        Of the inputs: values for each input value or each pixel.
    target : str, int, sequence of them, callable, or None
        Whose score is followed; None takes what the explanation explains, for an array the predicted class.
    steps : int, default 20
        Equal steps from nothing hidden to everything, 1 or more; no more than there are places are taken.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown instead of what is hidden. A number is that value everywhere, in units of the model's input
        space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    seed : int, default 0
        Seed of the order among places that the map holds equal, 0 or more.
    output : {"probability", "logit"}, default "probability"
        The score that is followed: the outputs after the final softmax or sigmoid, or those before it; the paper
        takes the probability.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting masked copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    MaskingCurve
        ``.shares`` (S,), the share of the places that is hidden, 0 to 1; ``.scores`` (N, S); ``.area`` (N,), the
        area under each curve, in units of the score: the lower the better.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; an explanation that does not fit the inputs or is not finite; a baseline that is unknown, does not
        fit the inputs, or needs a value range that the model does not tell; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Vitali Petsiuk, Abir Das, Kate Saenko (2018), RISE: randomized input sampling for explanation of black-box models,
    arXiv:1806.07421; after Wojciech Samek, Alexander Binder, Grégoire Montavon, Sebastian Lapuschkin, Klaus-Robert
    Müller (2017), Evaluating the visualization of what a deep neural network has learned, arXiv:1509.06321.

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
    options = {"steps": steps, "baseline": baseline, "seed": seed, "output": output}
    run = {"batch_size": batch_size, "progress": progress}
    return _curve("deletion_curve", model, inputs, explanation, target, options=options, run=run)


@recorded
@renamed_options(fill="baseline")
def insertion_curve(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    steps: PositiveInt = 20,
    baseline: Any = None,
    seed: Seed = 0,
    output: Output = "probability",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MaskingCurve:
    """Show more and more of the input, the most relevant places first: a good map makes the score rise early.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    explanation : Attribution or array
        Of the inputs: values for each input value or each pixel.
    target : str, int, sequence of them, callable, or None
        Whose score is followed; None takes what the explanation explains, for an array the predicted class.
    steps : int, default 20
        Equal steps from nothing shown to everything, 1 or more; no more than there are places are taken.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is there before. A number is that value everywhere, in units of the model's input space; (C,) numbers
        are a colour; an array has the shape of one example or of all inputs. ``"black"``, ``"grey"`` and
        ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean colour,
        ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always the same.
        Left out: ``"blurred"`` for pictures, as in the paper; 0 where inputs are no pictures.
    seed : int, default 0
        Seed of the order among places that the map holds equal, 0 or more.
    output : {"probability", "logit"}, default "probability"
        The score that is followed: the outputs after the final softmax or sigmoid, or those before it; the paper
        takes the probability.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting masked copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    MaskingCurve
        ``.shares`` (S,), the share of the places that is shown, 0 to 1; ``.scores`` (N, S); ``.area`` (N,), the
        area under each curve, in units of the score: the higher the better.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; an explanation that does not fit the inputs or is not finite; a baseline that is unknown, does not
        fit the inputs, or needs a value range that the model does not tell; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Vitali Petsiuk, Abir Das, Kate Saenko (2018), RISE: randomized input sampling for explanation of black-box models,
    arXiv:1806.07421.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods import occlusion
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> insertion_curve(digits, three, occlusion(digits, three, "3"), steps=4).shares.tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    options = {"steps": steps, "baseline": baseline, "seed": seed, "output": output}
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
    steps, baseline, seed = (options[name] for name in ("steps", "baseline", "seed"))
    classifier = Classifier.wrap(model)
    batch, inserting = classifier.as_inputs(inputs), kind == "insertion_curve"
    places, wanted = relevance(explanation, batch), target_of(explanation, target, classifier)
    if baseline is None and inserting and batch.ndim == 4:
        baseline = "blurred"
    scorer, baseline = masked_scorer(
        classifier, batch, wanted, baseline, output=options["output"], batch_size=run["batch_size"]
    )
    counts = _counts(places[0].size, steps)
    streams = [_masks(_turns(one, counts, seed), inserting) for one in places]
    found, report, total = (
        np.empty((len(batch), len(counts)), "float32"),
        reporter(run["progress"]),
        len(batch) * len(counts),
    )
    for masked in scorer.scores(streams, len(counts), lambda done: report(done, total)):
        found[masked.example, masked.places] = masked.scores
    told = {"explanation": name_of(explanation), **options, "baseline": baseline_name(baseline)}
    recipe = Recipe(kind, classifier.name, scorer.scalar.names, told)
    return MaskingCurve(counts / places[0].size, found, recipe)


def hiding_shares(
    explanation: Any, inputs: NDArray[np.float32], *, steps: PositiveInt = 20, seed: Seed = 0
) -> NDArray[np.float64]:
    """Return at which point of its deletion curve each place is hidden; of its insertion curve, shown.

    Parameters
    ----------
    explanation : Attribution or array
        Of the inputs: values for each input value or each pixel.
    inputs : (N, ..., C) or (N, F) array
        A batch of N examples in the model's input space.
    steps, seed : int
        Those of the curve.

    Returns
    -------
    (N, ...) float64 array
        For each place, the first of the curve's ``.shares`` at which it is hidden, above 0 and at most 1.

    Raises
    ------
    ValueError
        If the explanation does not fit the inputs or is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> hiding_shares(np.array([[4.0, 1.0, 3.0, 2.0]]), np.zeros((1, 4)), steps=2).tolist()
    [[0.5, 1.0, 0.5, 1.0]]
    """
    places = relevance(explanation, inputs)
    counts = _counts(places[0].size, steps)
    found: NDArray[np.float64] = np.stack([counts[_turns(one, counts, seed)] for one in places]) / places[0].size
    return found


def _counts(places: int, steps: int) -> NDArray[np.int64]:
    """Return how many places are hidden at each point of a curve."""
    return np.unique(np.linspace(0, places, steps + 1).round().astype("int64"))


def _turns(places: NDArray[np.float64], counts: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return for each place of one example the first point of the curve at which it is hidden, shaped like it."""
    order = falling_order(places, seed)
    rank = np.empty(len(order), "int64")
    rank[order] = np.arange(len(order))
    found: NDArray[np.int64] = np.searchsorted(counts, rank, side="right").reshape(places.shape)
    return found


def _masks(turns: NDArray[np.int64], inserting: bool) -> Callable[[int], NDArray[np.float32]]:
    """Return a function that gives the next masks: the first places of the order shown, or all but them."""

    def make(first: int, last: int) -> NDArray[np.float32]:
        points = np.arange(first, last).reshape(-1, *[1] * turns.ndim)
        early = turns <= points
        return (early if inserting else ~early).astype("float32")

    return stream_of(make)
