"""Gradients averaged over noisy copies of the input: SmoothGrad and VarGrad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.points import Segment, gradients_at_points, weighted_sum
from xai_widgets.methods.scores import explained_scalar, pictures_of, scores, wrapped
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None

REDUCTIONS = ("mean", "mean_abs", "square")
_BEFORE_THE_MEAN: dict[str, Any] = {"mean": np.asarray, "variance": np.asarray, "mean_abs": np.abs, "square": np.square}


def smooth_grad(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: int = 50,
    noise: float = 0.1,
    reduce: str = "mean",
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """SmoothGrad: the gradient averaged over copies of the input with Gaussian noise.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`. A target left out is what the model predicts for the input without noise.
    samples : int
        Noisy copies for each example.
    noise : float
        Standard deviation, as a fraction of the model's value range; where that is unknown, of each example's own
        range (as in the paper).
    reduce : {"mean", "mean_abs", "square"}
        The signed mean of the paper; the mean of absolute values, which many libraries draw; or the mean of squares
        (SmoothGrad-squared, Hooker et al. 2019).
    seed : int
        Every example gets the same draws, whatever its company.
    progress : bool or callable, optional
        As for `saliency`; it counts noisy copies.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C), in units of the score per unit of the input, squared for ``"square"``.

    Raises
    ------
    ValueError
        For fewer than one sample, a negative noise, an unknown reduction, and as `saliency` does.

    References
    ----------
    Daniel Smilkov, Nikhil Thorat, Been Kim, Fernanda Viégas, Martin Wattenberg (2017), SmoothGrad: removing noise by
    adding noise. Sara Hooker, Dumitru Erhan, Pieter-Jan Kindermans, Been Kim (2019), A benchmark for interpretability
    methods in deep neural networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> smooth_grad(xai.load_model("digits"), xai.sample_image("digit-3"), "3", samples=20)
    Attribution(1x8x8x1: smooth_grad · digits · target 3 · samples=20 · noise=0.1 · reduce=mean · seed=0 · output=logit)
    """
    if reduce not in REDUCTIONS:
        msg = f"reduce must be one of {', '.join(map(repr, REDUCTIONS))}, not {reduce!r}"
        raise ValueError(msg)
    options = {"samples": samples, "noise": noise, "reduce": reduce, "seed": seed, "output": output}
    return _over_noise("smooth_grad", model, inputs, target, options, batch_size=batch_size, progress=progress)


def var_grad(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: int = 50,
    noise: float = 0.1,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """VarGrad: the variance of the gradient over copies of the input with Gaussian noise.

    Parameters
    ----------
    model, inputs, target, samples, noise, seed, output, batch_size, progress
        As for `smooth_grad`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C): the variance over the samples (divided by their number), 0 or more, in squared units
        of the score per unit of the input. It says where the gradient is unsteady, not which way it points.

    Raises
    ------
    ValueError
        As `smooth_grad` does.

    References
    ----------
    Julius Adebayo, Justin Gilmer, Ian Goodfellow, Been Kim (2018), Local explanation methods for deep neural networks
    lack sensitivity to parameter values.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> bool((var_grad(xai.load_model("digits"), xai.sample_image("digit-3"), samples=20).values >= 0).all())
    True
    """
    options = {"samples": samples, "noise": noise, "seed": seed, "output": output}
    return _over_noise("var_grad", model, inputs, target, options, batch_size=batch_size, progress=progress)


def _over_noise(
    name: str,
    model: Any,
    inputs: Any,
    target: Target,
    options: dict[str, Any],
    *,
    batch_size: int | None,
    progress: Progress,
) -> Attribution:
    """Reduce the gradients of noisy copies; what the two methods share."""
    samples, noise, output = options["samples"], options["noise"], options["output"]
    reduce = options.get("reduce", "variance")
    if samples < 1 or not noise >= 0:
        msg = f"samples must be at least 1 and noise at least 0, not {samples} and {noise}"
        raise ValueError(msg)
    classifier, batch = wrapped(model, inputs)
    scalar = explained_scalar(classifier, batch, target, output, batch_size)
    deviations = noise_deviations(classifier, batch, noise)

    def noisy_copies(example: int) -> Callable[[int], NDArray[np.float32]]:
        rng, centre = np.random.default_rng(options["seed"]), batch[example]

        def following(count: int) -> NDArray[np.float32]:
            drawn: NDArray[np.float32] = rng.standard_normal((count, *centre.shape), "float32")
            drawn *= deviations[example]
            drawn += centre
            return drawn

        return following

    values, moments = np.empty(batch.shape, "float32"), _Moments(reduce)
    points = gradients_at_points(
        classifier, scalar, noisy_copies, samples, output=output, batch_size=batch_size, progress=progress
    )
    for segment in points:
        moments = _Moments(reduce) if segment.places.start == 0 else moments
        moments.add(segment)
        if segment.places.stop == samples:
            values[segment.example] = moments.result()
    score = scores(classifier, batch, scalar, output, batch_size)
    recipe = Recipe(name, classifier.name, scalar.names, options)
    return Attribution(values, score, recipe, pictures=pictures_of(classifier, batch))


def noise_deviations(classifier: Classifier, inputs: NDArray[np.float32], noise: float) -> NDArray[np.float32]:
    """Return the standard deviation of each example's noise, to be multiplied with values of one example's shape."""
    if classifier.value_range is not None:
        low, high = classifier.value_range
        span = np.broadcast_to(np.asarray(high, "float32") - low, inputs.shape[-1:])
        return np.broadcast_to((noise * span).astype("float32"), (len(inputs), inputs.shape[-1]))
    own: NDArray[np.float32] = (noise * np.ptp(inputs.reshape(len(inputs), -1), axis=1)).astype("float32")
    return own


class _Moments:
    """Sums what a reduction needs, segment by segment; the variance by merging means, which loses no digits."""

    def __init__(self, reduce: str) -> None:
        self.reduce, self.count = reduce, 0
        self.mean: Any = 0.0
        self.spread: Any = 0.0

    def add(self, segment: Segment) -> None:
        """Merge the gradients of a segment into mean and summed squared deviations."""
        gradients, count = _BEFORE_THE_MEAN[self.reduce](segment.gradients), len(segment.gradients)
        mean = weighted_sum(np.full(count, 1 / count), gradients)
        total, away = self.count + count, mean - self.mean
        if self.reduce == "variance":
            inner = np.square(gradients - mean.astype("float32")).sum(axis=0, dtype="float64")
            self.spread = self.spread + inner + np.square(away) * (self.count * count / total)
        self.mean = self.mean + away * (count / total)
        self.count = total

    def result(self) -> Any:
        """Return the reduced gradients."""
        return self.spread / self.count if self.reduce == "variance" else self.mean
