"""Occlusion: how much a score falls where a part of the input is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.baselines import baseline_name
from xai_widgets.methods.fills import masking_of
from xai_widgets.methods.incremental import Incremental
from xai_widgets.methods.incremental import incremental as incremental_run
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.regions import REDUCTIONS, Groups, Windows
from xai_widgets.methods.scores import pictures_of, scores
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.copies import Masking
    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Batch = NDArray[np.float32]
    Progress = Callable[[int, int], object] | bool | None


def occlusion(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    patch: int | tuple[int, ...] | None = None,
    stride: int | tuple[int, ...] | None = None,
    groups: Sequence[Sequence[int]] | None = None,
    fill: Any = None,
    reduce: str = "average",
    incremental: bool | None = None,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Occlusion: how much a class score falls where a patch slides over the input, or a feature is taken away.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`. Inputs may also be sequences (N, T, C), or rows of features (N, F).
    patch : int or tuple, optional
        Size of the occluder in pixels (height and width, if they differ); a seventh of the shorter side if left out.
    stride : int or tuple, optional
        How far it moves, at most its own size; half of it if left out. Where the last step would go over the border,
        the last window is flush with it.
    groups : sequence of sequences of int, optional
        For rows of features: which columns are hidden together. Each alone, if left out.
    fill : number, array, {"grey", "black", "white", "mean", "blurred"}, optional
        What is shown instead: a value in units of the input space, a colour (C,), a whole input, or a name as in
        `make_baselines`. Left out: grey where the model's value range is known, else each picture's mean colour; 0
        where inputs are no pictures.
    reduce : {"average", "sum"}
        Where windows overlap, a pixel gets the average of their falls, or the sum.
    incremental : bool, optional
        Recompute only what each window can reach, layer by layer: the same answers but for rounding, several times
        sooner on convolutional networks. Left out, that is done where it pays; False runs every copy from end to end.
        The recipe tells what was done.
    progress : bool or callable, optional
        As for `saliency`; it counts occluded copies.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), (N, T) or (N, F), in units of the score: score of the input minus score of the occluded
        one. Positive where the input speaks for the class.

    Raises
    ------
    ValueError
        For a patch or stride that does not fit, columns that do not exist, an unknown fill or reduction, an
        incremental run that the model does not allow, and as `saliency` does; a gradient is not needed.

    References
    ----------
    Matthew D. Zeiler, Rob Fergus (2013), Visualizing and understanding convolutional networks. Supun Nakandala, Arun
    Kumar, Yannis Papakonstantinou (2019), Incremental and approximate inference for faster occlusion-based deep CNN
    explanations.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> found = occlusion(xai.load_model("digits"), xai.sample_image("digit-3"), "3", patch=2, stride=1)
    >>> found.values.shape
    (1, 8, 8)
    """
    if reduce not in REDUCTIONS:
        msg = f"reduce must be one of {', '.join(map(repr, REDUCTIONS))}, not {reduce!r}"
        raise ValueError(msg)
    masking, fill = masking_of(model, inputs, target, fill, output=output, batch_size=batch_size)
    classifier, batch, scalar = masking.classifier, masking.inputs, masking.scalar
    regions = make_regions(batch, patch, stride, groups)
    runner = _runner(masking, regions, incremental)
    if runner is None:
        score, found = _by_full_passes(masking, regions, progress)
    else:
        score, found = _by_boxes(masking, runner, progress)
    falls = score[:, np.newaxis] - found
    options = regions.options | {"fill": baseline_name(fill), "reduce": reduce, "incremental": runner is not None}
    recipe = Recipe("occlusion", classifier.name, scalar.names, options | {"output": output})
    return Attribution(regions.spread(falls, reduce), score, recipe, pictures=pictures_of(classifier, batch))


def make_regions(inputs: Batch, patch: Any, stride: Any, groups: Any) -> Windows | Groups:
    """Lay out what is hidden, by the kind of input; refuse options that belong to another kind."""
    if inputs.ndim == 2:
        if patch is not None or stride is not None:
            msg = "patch and stride are for pictures and sequences; rows of features (N, F) have groups"
            raise ValueError(msg)
        return Groups.of(inputs.shape[1], groups)
    if groups is not None:
        msg = f"groups are for rows of features (N, F), not for inputs of shape {inputs.shape}"
        raise ValueError(msg)
    return Windows.on(inputs.shape[1:-1], patch, stride)


def _runner(masking: Masking, regions: Windows | Groups, wanted: bool | None) -> Incremental | None:
    """Return what runs the windows incrementally; None for full passes."""
    if wanted is False:
        return None
    found = None
    if isinstance(regions, Windows):
        found = incremental_run(masking, regions) if wanted is None else incremental_run(masking, regions, worth_it=0)
    if wanted and found is None:
        msg = (
            f"{masking.classifier.name!r} cannot be run incrementally: that takes pictures (N, H, W, C), and a "
            "functional or Sequential model; leave incremental out"
        )
        raise ValueError(msg)
    return found


def _by_boxes(masking: Masking, runner: Incremental, progress: Progress) -> tuple[Batch, Batch]:
    """Return the scores (N,), and those with each window hidden (N, P), by incremental inference."""
    report, count = reporter(progress), len(runner.plan.windows.first)

    def of(example: int) -> tuple[np.float32, Batch]:
        return runner.scores(masking, example, lambda done: report(example * count + done, len(masking) * count))

    score, found = zip(*map(of, range(len(masking))), strict=True)
    return np.array(score), np.stack(found)


def _by_full_passes(masking: Masking, regions: Windows | Groups, progress: Progress) -> tuple[Batch, Batch]:
    """Return the scores (N,), and those with each region hidden (N, P), every copy being run from end to end."""
    run = masking
    score = scores(run.classifier, run.inputs, run.scalar, run.output, run.batch_size)
    found, report = np.empty((len(masking), len(regions)), "float32"), reporter(progress)
    streams = [_in_order(regions) for _ in range(len(masking))]
    for copies in masking.scores(streams, len(regions), lambda done: report(done, found.size)):
        found[copies.example, copies.places] = copies.scores
    return score, found


def _in_order(regions: Windows | Groups) -> Callable[[int], Batch]:
    """Return a function that gives the masks of the next regions."""
    begun = 0

    def following(count: int) -> Batch:
        nonlocal begun
        begun += count
        return regions.kept(slice(begun - count, begun))

    return following
