"""RISE: the mean of random masks, each weighted by the score of what it leaves to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.perturbation.fills import masked_scorer
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.baselines import baseline_name
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.streaming import FIRST, anytime
from xai_widgets.methods.core.target_scores import pictures_of, scores
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import OneOf, Output, PositiveInt, Progress, ProperShare, Seed
    from xai_widgets.methods.attribution.perturbation.masking import MaskedBatch, MaskedScorer
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]

NORMALISATIONS = ("expected", "observed")


class _Rise:
    """The sums of a RISE that is under way; they need the same room for any number of masks."""

    def __init__(self, scorer: MaskedScorer, options: dict[str, Any], progress: Progress) -> None:
        self.scorer, self.options, self.report = scorer, options, reporter(progress)
        self.first, self.total, self.done = FIRST, options["samples"], 0
        size = scorer.inputs.shape[1:3]
        self.streams = [_masks(size, options["grid"], options["keep"], options["seed"]) for _ in range(len(scorer))]
        # Over the masks m with score f: m and m f, then m^2, m^2 f and m^2 f^2.
        self.firsts = np.zeros((len(scorer), 2, *size))
        self.seconds = np.zeros((len(scorer), 3, *size))

    def advance(self, count: int) -> None:
        """Draw masks and add up what they show."""
        total, before = self.total * len(self.scorer), self.done * len(self.scorer)
        for masked in self.scorer.scores(self.streams, count, lambda done: self.report(before + done, total)):
            self._add(masked)
        self.done += count

    def _add(self, masked: MaskedBatch) -> None:
        score, masks = masked.scores, masked.masks.reshape(len(masked.masks), -1)
        powers = np.stack([np.ones_like(score), score, score**2])
        shape = (-1, *self.scorer.inputs.shape[1:3])
        self.firsts[masked.example] += (powers[:2] @ masks).reshape(shape)
        self.seconds[masked.example] += (powers @ np.square(masks)).reshape(shape)

    def result(self) -> Attribution:
        """Return the means and their standard errors."""
        count, keep = self.done, self.options["keep"]
        (mask, product), (mask2, product2, squares) = self.firsts.swapaxes(0, 1), self.seconds.swapaxes(0, 1)
        if self.options["normalise"] == "expected":
            values, weight = product / (keep * count), keep * count
            spread = squares - product**2 / count
        else:
            weight = np.maximum(mask, np.finfo("float64").tiny)
            values = product / weight
            spread = squares - 2 * values * product2 + values**2 * mask2
        smallest = count / (count - 1) if count > 1 else np.nan
        error = np.sqrt(np.maximum(spread, 0) * smallest) / weight
        run, names = self.scorer, self.scorer.scalar.names
        score = scores(run.classifier, run.inputs, run.scalar, run.output, run.batch_size)
        recipe = Recipe("rise", run.classifier.name, names, self.options | {"samples": count, "output": run.output})
        shown, error = pictures_of(run.classifier, run.inputs), error.astype("float32")
        return Attribution(values.astype("float32"), score, recipe, pictures=shown, error=error, has_channels=False)


@attribution_method(
    family="perturbation",
    paper=Paper("Petsiuk, Das, Saenko", 2018, "RISE: randomized input sampling for explanation", arxiv="1806.07421"),
    forward=1,
    per="samples",
    grain="coarse",
    values="level",
    quick={"samples": 200},
    order=30,
)
@anytime
@renamed_options(fill="baseline")
def rise(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: PositiveInt = 1000,
    grid: PositiveInt = 7,
    keep: ProperShare = 0.5,
    baseline: Any = None,
    normalise: Annotated[str, OneOf(NORMALISATIONS)] = "expected",
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> _Rise:
    """RISE: random masks, weighted by the score of what each leaves to see, averaged.

    ``rise.stream(...)``, with the same arguments, yields a first answer after 32 masks and better ones after.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target.
    inputs : array or pictures
        A batch of N pictures as floats in the model's input space, (N, H, W, C); one such picture without the batch
        axis; or pictures, which are resized and preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a
        sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    samples : int, default 1000
        Masks for each picture, 1 or more; the paper takes 4000 to 8000.
    grid : int, default 7
        Cells along each side of the coarse grid that a mask is made of, 1 or more.
    keep : float, default 0.5
        The chance that a cell is shown, above 0 and below 1.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown instead of what is hidden. A number is that value everywhere, in units of the model's input
        space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    normalise : {"expected", "observed"}, default "expected"
        What the sums are divided by: how much of a pixel masks show on average (the paper), or how much they did
        show, which is less noisy where scores are far from 0.
    seed : int, default 0
        Seed of the masks, 0 or more. Every picture gets the same masks, whatever its company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes. The paper explains probabilities.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting masked copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), in units of the score: the mean score where a pixel is shown; not signed, the
        differences count. ``.error`` (N, H, W), the standard error of each.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; inputs that are no pictures; a baseline that is unknown, does
        not fit the inputs, or needs a value range that the model does not tell; or a model whose scores are not
        finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Vitali Petsiuk, Abir Das, Kate Saenko (2018), RISE: randomized input sampling for explanation of black-box models,
    arXiv:1806.07421.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> [found.recipe.options["samples"] for found in rise.stream(digits, three, "3", samples=100)]
    [32, 64, 100]
    """
    scorer, baseline = masked_scorer(model, inputs, target, baseline, output=output, batch_size=batch_size)
    if scorer.inputs.ndim != 4:
        msg = f"RISE is for pictures (N, H, W, C), not for inputs of shape {scorer.inputs.shape}; use kernel_shap"
        raise ValueError(msg)
    options = {"samples": samples, "grid": grid, "keep": keep, "baseline": baseline_name(baseline)}
    return _Rise(scorer, options | {"normalise": normalise, "seed": seed}, progress)


def _masks(size: tuple[int, ...], grid: int, keep: float, seed: int) -> Callable[[int], Batch]:
    """Return a function that draws the next masks (n, H, W): coarse grids of zeros and ones, shifted, interpolated.

    The grid has a cell more than it needs on each side, so that the shift, of up to a cell, finds values everywhere;
    each value is a mean of cells, so that it is `keep` on average at every pixel.
    """
    rng, nodes = np.random.default_rng(seed), grid + 2
    cells = [length / grid for length in size]

    def draw(count: int) -> Batch:
        drawn = rng.random((count, nodes**2 + 2))
        shown = (drawn[:, 2:] < keep).astype("float32").reshape(count, nodes, nodes)
        rows, columns = (
            _hats((np.arange(length) / cell + drawn[:, [axis]]), nodes)
            for axis, (length, cell) in enumerate(zip(size, cells, strict=True))
        )
        masks: Batch = rows @ shown @ columns.swapaxes(1, 2)
        return masks

    return draw


def _hats(places: NDArray[np.float64], nodes: int) -> Batch:
    """Return how much each node counts at places (n, L) between them, (n, L, nodes): linear interpolation."""
    hats: Batch = np.maximum(0, 1 - np.abs(places[..., np.newaxis] - np.arange(nodes))).astype("float32")
    return hats
