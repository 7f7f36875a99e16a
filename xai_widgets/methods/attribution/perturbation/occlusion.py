"""Occlusion: how much a score falls where a part of the input is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.perturbation.fills import masked_scorer
from xai_widgets.methods.attribution.perturbation.incremental.inference import Incremental
from xai_widgets.methods.attribution.perturbation.incremental.inference import incremental as incremental_run
from xai_widgets.methods.attribution.perturbation.windows import REDUCTIONS, Groups, Windows
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.baselines import baseline_name
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.target_scores import pictures_of, scores
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import OneOf, Output, PositiveInt, Progress
    from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]


@attribution_method(
    family="perturbation",
    paper=Paper(
        "Zeiler, Fergus",
        2013,
        "Visualizing and understanding convolutional networks",
        doi="10.1007/978-3-319-10590-1_53",
        arxiv="1311.2901",
    ),
    forward=1,
    per="positions",
    explains=("picture", "sequence", "row"),
    grain="coarse",
    order=10,
)
@renamed_options(fill="baseline")
def occlusion(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    patch: PositiveInt | tuple[PositiveInt, ...] | None = None,
    stride: PositiveInt | tuple[PositiveInt, ...] | None = None,
    groups: Sequence[Sequence[int]] | None = None,
    baseline: Any = None,
    reduce: Annotated[str, OneOf(REDUCTIONS)] = "average",
    incremental: bool | None = None,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Occlusion: how much a class score falls where a patch slides over the input, or a feature is taken away.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    patch : int or tuple, optional
        Size of the occluder in pixels, 1 or more (height and width, if they differ), or in steps of a sequence; a
        seventh of the shorter side, at least 2, if left out. Not for rows of features.
    stride : int or tuple, optional
        How far it moves in pixels, from 1 to its own size; half of it if left out. Where the last step would go
        over the border, the last window is flush with it. Not for rows of features.
    groups : sequence of sequences of int, optional
        For rows of features: which columns, 0 to F - 1, are hidden together. Each alone, if left out.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown instead of what is hidden. A number is that value everywhere, in units of the model's input
        space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    reduce : {"average", "sum"}, default "average"
        Where windows overlap, a pixel gets the average of their falls, or the sum.
    incremental : bool, optional
        Recompute only what each window can reach, layer by layer: the same answers but for rounding, several times
        sooner on convolutional networks. Left out, that is done where it pays; False runs every copy from end to
        end. The recipe tells what was done.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting occluded copies, and may raise an error to
        stop. None is silent.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W) for pictures, (N, T) for sequences or (N, F) for rows, in units of the score: score of
        the input minus score of the occluded one. Positive where the input speaks for the class.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; a patch, a stride or groups that do not fit the inputs, or
        columns that do not exist; a baseline that is unknown, does not fit the inputs, or needs a value range that
        the model does not tell; an incremental run that the model does not allow; or a model whose scores are not
        finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Matthew D. Zeiler, Rob Fergus (2013), Visualizing and understanding convolutional networks, arXiv:1311.2901,
    doi:10.1007/978-3-319-10590-1_53. Supun Nakandala, Arun Kumar, Yannis Papakonstantinou (2019), Incremental and
    approximate inference for faster occlusion-based deep CNN explanations, doi:10.1145/3299869.3319874.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> found = occlusion(xai.load_model("digits"), xai.sample_image("digit-3"), "3", patch=2, stride=1)
    >>> found.values.shape
    (1, 8, 8)
    """
    scorer, baseline = masked_scorer(model, inputs, target, baseline, output=output, batch_size=batch_size)
    classifier, batch, scalar = scorer.classifier, scorer.inputs, scorer.scalar
    places = batch.shape[1:] if classifier.has_channels(batch) is False else batch.shape[1:-1]
    regions = make_regions(batch, patch, stride, groups, places)
    runner = _runner(scorer, regions, incremental)
    if runner is None:
        score, found = _by_full_passes(scorer, regions, progress)
    else:
        score, found = _by_boxes(scorer, runner, progress)
    falls = score[:, np.newaxis] - found
    options = regions.options | {
        "baseline": baseline_name(baseline),
        "reduce": reduce,
        "incremental": runner is not None,
    }
    recipe = Recipe("occlusion", classifier.name, scalar.names, options | {"output": output})
    rows = isinstance(regions, Groups)  # whose values are those of features; all others are those of places
    shown = pictures_of(classifier, batch)
    return Attribution(regions.spread(falls, reduce), score, recipe, pictures=shown, has_channels=rows)


def make_regions(
    inputs: Batch, patch: Any, stride: Any, groups: Any, places: tuple[int, ...] | None = None
) -> Windows | Groups:
    """Lay out what is hidden, by the kind of input; refuse options that belong to another kind.

    `places` is the shape of one input without its channels; left out, all axes but the last.
    """
    if inputs.ndim == 2:
        if patch is not None or stride is not None:
            msg = "patch and stride are for pictures and sequences; rows of features (N, F) have groups"
            raise ValueError(msg)
        return Groups.of(inputs.shape[1], groups)
    if groups is not None:
        msg = f"groups are for rows of features (N, F), not for inputs of shape {inputs.shape}"
        raise ValueError(msg)
    return Windows.on(inputs.shape[1:-1] if places is None else places, patch, stride)


def _runner(scorer: MaskedScorer, regions: Windows | Groups, wanted: bool | None) -> Incremental | None:
    """Return what runs the windows incrementally; None for full passes."""
    if wanted is False:
        return None
    found = None
    if isinstance(regions, Windows):
        found = incremental_run(scorer, regions) if wanted is None else incremental_run(scorer, regions, worth_it=0)
    if wanted and found is None:
        msg = (
            f"{scorer.classifier.name!r} cannot be run incrementally: that takes pictures (N, H, W, C), and a "
            "functional or Sequential model that gives one row of scores; leave incremental out"
        )
        raise ValueError(msg)
    return found


def _by_boxes(scorer: MaskedScorer, runner: Incremental, progress: Progress) -> tuple[Batch, Batch]:
    """Return the scores (N,), and those with each window hidden (N, P), by incremental inference."""
    report, count = reporter(progress), len(runner.plan.windows.first)

    def of(example: int) -> tuple[np.float32, Batch]:
        return runner.scores(scorer, example, lambda done: report(example * count + done, len(scorer) * count))

    score, found = zip(*map(of, range(len(scorer))), strict=True)
    return np.array(score), np.stack(found)


def _by_full_passes(scorer: MaskedScorer, regions: Windows | Groups, progress: Progress) -> tuple[Batch, Batch]:
    """Return the scores (N,), and those with each region hidden (N, P), every copy being run from end to end."""
    run = scorer
    score = scores(run.classifier, run.inputs, run.scalar, run.output, run.batch_size)
    found, report = np.empty((len(scorer), len(regions)), "float32"), reporter(progress)
    streams = [_in_order(regions) for _ in range(len(scorer))]
    for masked in scorer.scores(streams, len(regions), lambda done: report(done, found.size)):
        found[masked.example, masked.places] = masked.scores
    return score, found


def _in_order(regions: Windows | Groups) -> Callable[[int], Batch]:
    """Return a function that gives the masks of the next regions."""
    begun = 0

    def following(count: int) -> Batch:
        nonlocal begun
        begun += count
        return regions.kept(slice(begun - count, begun))

    return following
