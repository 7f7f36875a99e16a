"""RISE: the mean of random masks, each weighted by the score of what it leaves to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.anytime import FIRST, anytime
from xai_widgets.methods.baselines import baseline_name
from xai_widgets.methods.fills import masking_of
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import pictures_of, scores
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.copies import Copies, Masking
    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Batch = NDArray[np.float32]
    Progress = Callable[[int, int], object] | bool | None

NORMALISATIONS = ("expected", "observed")


class _Rise:
    """The sums of a RISE that is under way; they need the same room for any number of masks."""

    def __init__(self, masking: Masking, options: dict[str, Any], progress: Progress) -> None:
        self.masking, self.options, self.report = masking, options, reporter(progress)
        self.first, self.total, self.done = FIRST, options["samples"], 0
        size = masking.inputs.shape[1:3]
        self.streams = [_masks(size, options["grid"], options["keep"], options["seed"]) for _ in range(len(masking))]
        # Over the masks m with score f: m and m f, then m^2, m^2 f and m^2 f^2.
        self.firsts = np.zeros((len(masking), 2, *size))
        self.seconds = np.zeros((len(masking), 3, *size))

    def advance(self, count: int) -> None:
        """Draw masks and add up what they show."""
        total, before = self.total * len(self.masking), self.done * len(self.masking)
        for copies in self.masking.scores(self.streams, count, lambda done: self.report(before + done, total)):
            self._add(copies)
        self.done += count

    def _add(self, copies: Copies) -> None:
        score, masks = copies.scores, copies.masks.reshape(len(copies.masks), -1)
        powers = np.stack([np.ones_like(score), score, score**2])
        shape = (-1, *self.masking.inputs.shape[1:3])
        self.firsts[copies.example] += (powers[:2] @ masks).reshape(shape)
        self.seconds[copies.example] += (powers @ np.square(masks)).reshape(shape)

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
        run, names = self.masking, self.masking.scalar.names
        score = scores(run.classifier, run.inputs, run.scalar, run.output, run.batch_size)
        recipe = Recipe("rise", run.classifier.name, names, self.options | {"samples": count, "output": run.output})
        shown = pictures_of(run.classifier, run.inputs)
        return Attribution(values.astype("float32"), score, recipe, pictures=shown, error=error.astype("float32"))


@anytime
def rise(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: int = 1000,
    grid: int = 7,
    keep: float = 0.5,
    fill: Any = None,
    normalise: str = "expected",
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> _Rise:
    """RISE: random masks, weighted by the score of what each leaves to see, averaged.

    ``rise.stream(...)``, with the same arguments, yields a first answer after 32 masks and better ones after.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`; no gradient is needed. The paper explains probabilities.
    samples : int
        Masks for each picture; the paper takes 4000 to 8000.
    grid : int
        Cells along each side of the coarse grid that a mask is made of.
    keep : float
        The chance that a cell is shown, between 0 and 1.
    fill : number, array or name, optional
        What is shown where the mask is 0, as for `occlusion`.
    normalise : {"expected", "observed"}
        What the sums are divided by: how much of a pixel masks show on average (the paper), or how much they did
        show, which is less noisy where scores are far from 0.
    seed : int
        Every picture gets the same masks, whatever its company.
    progress : bool or callable, optional
        As for `saliency`; it counts masked copies.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W): the mean score where a pixel is shown; not signed, the differences count. ``.error``
        (N, H, W), the standard error of each.

    Raises
    ------
    ValueError
        For fewer than one sample or cell, a chance that is none, an unknown fill or normalisation, inputs that are no
        pictures, and as `saliency` does.

    References
    ----------
    Vitali Petsiuk, Abir Das, Kate Saenko (2018), RISE: randomized input sampling for explanation of black-box models.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> [found.recipe.options["samples"] for found in rise.stream(digits, three, "3", samples=100)]
    [32, 64, 100]
    """
    if samples < 1 or grid < 1 or not 0 < keep < 1:
        msg = f"samples and grid must be at least 1, and keep between 0 and 1, not {samples}, {grid} and {keep}"
        raise ValueError(msg)
    if normalise not in NORMALISATIONS:
        msg = f"normalise must be one of {', '.join(map(repr, NORMALISATIONS))}, not {normalise!r}"
        raise ValueError(msg)
    masking, fill = masking_of(model, inputs, target, fill, output=output, batch_size=batch_size)
    if masking.inputs.ndim != 4:
        msg = f"RISE is for pictures (N, H, W, C), not for inputs of shape {masking.inputs.shape}; use kernel_shap"
        raise ValueError(msg)
    options = {"samples": samples, "grid": grid, "keep": keep, "fill": baseline_name(fill), "normalise": normalise}
    return _Rise(masking, options | {"seed": seed}, progress)


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
