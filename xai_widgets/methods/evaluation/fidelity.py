"""Are promises kept? What an explanation says of random changes of the input, against what the model then does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.perturbation.fills import masked_scorer
from xai_widgets.methods.core.baselines import baseline_name
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import scores
from xai_widgets.methods.evaluation.place_scores import is_gradient, name_of, relevance, target_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import Infidelity, MethodScore, correlation
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, PositiveInt, Progress, ProperShare, Seed, Within
    from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer
    from xai_widgets.models.outputs.targets import Target

    Floats = NDArray[np.float64]


@recorded
@renamed_options(fill="baseline")
def mu_fidelity(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    samples: Annotated[int, Within(least=2)] = 200,
    hidden: ProperShare = 0.2,
    grid: PositiveInt = 9,
    baseline: Any = None,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MethodScore:
    """Correlate, over random subsets of the input, the relevance that is hidden with the fall of the score.

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
        The explanation of the inputs: one value for each input value, (N, H, W, C), (N, T, C) or (N, F), or for
        each place, (N, H, W) or (N, T). Channels are summed or, for gradients, reduced to their largest magnitude.
    target : str, int, sequence of them, callable, or None
        Whose score is followed: a class by name or index, one for all examples or one for each; None takes the
        class that the explanation explains or, for an array and where that is another scalar, the class that the
        model predicts. A callable makes another scalar: from the tensor of outputs (N, K) to a tensor (N,), written
        with ``keras.ops``.
    samples : int, default 200
        Random subsets, 2 or more; every example gets the same ones.
    hidden : float, default 0.2
        The share of the cells that a subset holds, above 0 and below 1.
    grid : int, default 9
        Cells along each side of a picture, 1 or more; of rows each feature is a cell, of sequences each step.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown instead of what is hidden. A number is that value everywhere, in units of the model's input
        space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    seed : int, default 0
        Seed of the subsets, 0 or more.
    output : {"logit", "probability"}, default "logit"
        The score: the outputs before the final softmax or sigmoid, or those after it.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting masked copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    MethodScore
        ``.values`` (N,), Pearson's correlation over the subsets, -1 to 1: the higher the better; 0 where the map or
        the score is the same for all subsets.

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
    Umang Bhatt, Adrian Weller, José M. F. Moura (2020), Evaluating and aggregating feature-based model explanations,
    arXiv:2005.00631.

    Examples
    --------
    >>> import keras, numpy as np
    >>> total = keras.Sequential([keras.Input((9,)), keras.layers.Dense(1, use_bias=False)])
    >>> total.set_weights([np.ones((9, 1))])
    >>> x = np.arange(9.0)[np.newaxis]
    >>> [mu_fidelity(total, x, sign * x, 0).values.round(4).tolist() for sign in (1, -1)]
    [[1.0], [-1.0]]
    """
    asked = {"baseline": baseline, "output": output, "batch_size": batch_size}
    scorer, baseline = _prepare(model, inputs, explanation, target, **asked)
    told = {"samples": samples, "hidden": hidden, "grid": grid, "baseline": baseline_name(baseline), "seed": seed}
    promised, kept = _trials(scorer, relevance(explanation, scorer.inputs), told, progress)
    values = np.array([correlation(one, other) for one, other in zip(promised, kept, strict=True)])
    return MethodScore(values, _recipe("mu_fidelity", scorer, explanation, told))


@recorded
@renamed_options(fill="baseline", slopes="gradients")
def infidelity(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    gradients: bool | None = None,
    samples: Annotated[int, Within(least=2)] = 200,
    hidden: ProperShare = 0.2,
    grid: PositiveInt = 9,
    baseline: Any = None,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Infidelity:
    """Measure how far the fall of the score that an explanation promises is from the one that comes.

    The input is changed by hiding random cells, that is by ``I = (x - baseline)`` there and 0 elsewhere. An explanation
    by gradients predicts a fall of ``I . values``; one by shares of the score predicts the sum of the shares that are
    hidden.

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
        The explanation of the inputs: one value for each input value, (N, H, W, C), (N, T, C) or (N, F), or for
        each place, (N, H, W) or (N, T). Channels are summed or, for gradients, reduced to their largest magnitude.
    target : str, int, sequence of them, callable, or None
        Whose score is followed: a class by name or index, one for all examples or one for each; None takes the
        class that the explanation explains or, for an array and where that is another scalar, the class that the
        model predicts. A callable makes another scalar: from the tensor of outputs (N, K) to a tensor (N,), written
        with ``keras.ops``.
    gradients : bool, optional
        Whether the explanation holds gradients, in units of the score per unit of the input. Left out: yes for
        methods that give gradients (`saliency`, `smooth_grad`), no for the others and for arrays.
    samples : int, default 200
        Random subsets, 2 or more; every example gets the same ones.
    hidden : float, default 0.2
        The share of the cells that a subset holds, above 0 and below 1.
    grid : int, default 9
        Cells along each side of a picture, 1 or more; of rows each feature is a cell, of sequences each step.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown instead of what is hidden. A number is that value everywhere, in units of the model's input
        space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    seed : int, default 0
        Seed of the subsets, 0 or more.
    output : {"logit", "probability"}, default "logit"
        The score: the outputs before the final softmax or sigmoid, or those after it.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting masked copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    Infidelity
        ``.values`` (N,), the mean squared difference, in squared units of the score: 0 at best; ``.relative`` (N,),
        0 to 1, the share of the falls that is left unexplained with the map on its best scale, for maps on a scale
        of their own, such as Grad-CAM's.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; an explanation that does not fit the inputs or is not finite; a baseline that is unknown, does not
        fit the inputs, or needs a value range that the model does not tell; gradients that are not shaped like the
        inputs; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar (2019), On the (in)fidelity and
    sensitivity of explanations, arXiv:1901.09392.

    Examples
    --------
    >>> import keras, numpy as np
    >>> line = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> line.set_weights([np.array([[1.0], [-2.0], [4.0]]), np.ones(1)])
    >>> gradients = np.array([[1.0, -2.0, 4.0]])
    >>> infidelity(line, [[3.0, 2.0, 1.0]], gradients, 0, gradients=True, hidden=0.5).values.tolist()
    [0.0]
    """
    asked = {"baseline": baseline, "output": output, "batch_size": batch_size}
    scorer, baseline = _prepare(model, inputs, explanation, target, **asked)
    told = {"samples": samples, "hidden": hidden, "grid": grid, "baseline": baseline_name(baseline), "seed": seed}
    gradients = is_gradient(explanation) if gradients is None else gradients
    shares = _shares(explanation, scorer) if gradients else relevance(explanation, scorer.inputs)
    promised, kept = _trials(scorer, shares, told, progress)
    recipe = _recipe("infidelity", scorer, explanation, {"gradients": gradients, **told})
    return Infidelity(((promised - kept) ** 2).mean(axis=1), recipe, relative=_unexplained(promised, kept))


def _prepare(
    model: Any, inputs: Any, explanation: Any, target: Target, *, baseline: Any, **options: Any
) -> tuple[MaskedScorer, Any]:
    """Return the scorer, and which baseline was chosen."""
    classifier = Classifier.wrap(model)
    batch = classifier.as_inputs(inputs)
    relevance(explanation, batch)  # refuses what does not fit, before anything is computed
    return masked_scorer(classifier, batch, target_of(explanation, target, classifier), baseline, **options)


def _shares(explanation: Any, scorer: MaskedScorer) -> Floats:
    """Turn gradients into what they promise when a place is hidden."""
    inputs, values = scorer.inputs, np.asarray(getattr(explanation, "values", explanation), "float64")
    if values.shape != inputs.shape:
        msg = f"gradients are shaped like the inputs, {inputs.shape}, not {values.shape}; give gradients=False"
        raise ValueError(msg)
    promised: Floats = values * (inputs - scorer.fills)
    return promised if inputs.ndim == 2 else np.asarray(promised.sum(axis=-1))


def _trials(scorer: MaskedScorer, shares: Floats, options: dict[str, Any], progress: Progress) -> tuple[Floats, Floats]:
    """Hide random cells: what is promised and how far the score falls, each (N, samples)."""
    samples, report = options["samples"], reporter(progress)
    total, drawing = len(scorer) * samples, (options["grid"], options["hidden"], options["seed"])
    whole = scores(scorer.classifier, scorer.inputs, scorer.scalar, scorer.output, scorer.batch_size)
    streams = [_subsets(shares.shape[1:], *drawing) for _ in range(len(scorer))]
    promised, kept = np.empty((2, len(scorer), samples))
    for masked in scorer.scores(streams, samples, lambda done: report(done, total)):
        gone = 1 - masked.masks.reshape(len(masked.masks), -1).astype("float64")
        promised[masked.example, masked.places] = gone @ shares[masked.example].ravel()
        kept[masked.example, masked.places] = whole[masked.example] - masked.scores.astype("float64")
    return promised, kept


def _subsets(shape: tuple[int, ...], grid: int, hidden: float, seed: int) -> Callable[[int], NDArray[np.float32]]:
    """Return a function that draws the next masks: 0 on a random subset of the cells, of fixed size."""
    cells = _cells(shape, grid)
    count = int(cells.max()) + 1
    gone, rng = min(max(1, round(hidden * count)), count), np.random.default_rng(seed)

    def draw(wanted: int) -> NDArray[np.float32]:
        ranks = rng.random((wanted, count)).argsort(axis=1).argsort(axis=1)
        return (ranks >= gone).astype("float32")[:, cells]

    return draw


def _cells(shape: tuple[int, ...], grid: int) -> NDArray[np.int64]:
    """Give each pixel of a picture the number of its cell in a grid, and any other place one of its own.

    Examples
    --------
    >>> _cells((2, 4), 2).tolist()
    [[0, 0, 1, 1], [2, 2, 3, 3]]
    """
    if len(shape) != 2:
        return np.arange(np.prod(shape, dtype="int64")).reshape(shape)
    across = [np.arange(length) * min(grid, length) // length for length in shape]
    return across[0][:, np.newaxis] * min(grid, shape[1]) + across[1]


def _unexplained(promised: Floats, kept: Floats) -> Floats:
    """Return the share of the mean squared fall that is left with the promises on their best scale, (N,)."""
    both, square, due = (promised * kept).mean(axis=1), (promised**2).mean(axis=1), (kept**2).mean(axis=1)
    explained = both**2 / np.where(square > 0, square, 1)
    found: Floats = np.maximum(0, 1 - explained / np.where(due > 0, due, np.nan))
    return found


def _recipe(name: str, scorer: MaskedScorer, explanation: Any, told: dict[str, Any]) -> Recipe:
    options = {"explanation": name_of(explanation), **told, "output": scorer.output}
    return Recipe(name, scorer.classifier.name, scorer.scalar.names, options)
