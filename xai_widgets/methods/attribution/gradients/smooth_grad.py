"""Gradients averaged over noisy copies of the input: SmoothGrad and VarGrad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.point_gradients import Segment, gradients_at_points, weighted_sum
from xai_widgets.methods.core.target_scores import explained_scalar, pictures_of, scores, wrapped
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegative, OneOf, Output, PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.kinds.wrapped_model import WrappedModel
    from xai_widgets.models.outputs.targets import Target


REDUCTIONS = ("mean", "mean_abs", "square")
_BEFORE_THE_MEAN: dict[str, Any] = {"mean": np.asarray, "variance": np.asarray, "mean_abs": np.abs, "square": np.square}


@attribution_method(
    family="gradient",
    paper=Paper("Smilkov et al.", 2017, "SmoothGrad: removing noise by adding noise", arxiv="1706.03825"),
    forward=1,
    backward=1,
    per="samples",
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    values="gradient",
    quick={"samples": 16},
    order=30,
)
def smooth_grad(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: PositiveInt = 50,
    noise: NonNegative = 0.1,
    reduce: Annotated[str, OneOf(REDUCTIONS)] = "mean",
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """SmoothGrad: the gradient averaged over copies of the input with Gaussian noise.

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
        model predicts for the input without noise. A callable makes another scalar to explain: from the tensor of
        outputs, (N, K) or nested as the model gives them, to a tensor (N,), written with ``keras.ops``.
    samples : int, default 50
        Noisy copies for each example, 1 or more.
    noise : float, default 0.1
        Standard deviation of the noise, 0 or more, as a fraction of the model's value range; where that is unknown,
        of each example's own range (as in the paper).
    reduce : {"mean", "mean_abs", "square"}, default "mean"
        The signed mean of the paper; the mean of absolute values, which many libraries draw; or the mean of squares
        (SmoothGrad-squared, Hooker et al. 2019).
    seed : int, default 0
        Seed of the noise, 0 or more. Every example gets the same draws, whatever its company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting noisy copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures, in units of the score per unit of the input,
        squared for ``"square"``.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; or a model that no gradient goes through, or whose scores or
        gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Daniel Smilkov, Nikhil Thorat, Been Kim, Fernanda Viégas, Martin Wattenberg (2017), SmoothGrad: removing noise by
    adding noise, arXiv:1706.03825. Sara Hooker, Dumitru Erhan, Pieter-Jan Kindermans, Been Kim (2019), A benchmark for
    interpretability methods in deep neural networks, arXiv:1806.10758.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> smooth_grad(xai.load_model("digits"), xai.sample_image("digit-3"), "3", samples=20)
    Attribution(1x8x8x1: smooth_grad · digits · target 3 · samples=20 · noise=0.1 · reduce=mean · seed=0 · output=logit)
    """
    options = {"samples": samples, "noise": noise, "reduce": reduce, "seed": seed, "output": output}
    return _over_noise("smooth_grad", model, inputs, target, options, batch_size=batch_size, progress=progress)


@attribution_method(
    family="gradient",
    paper=Paper(
        "Adebayo et al.", 2018, "Local explanation methods lack sensitivity to parameter values", arxiv="1810.03307"
    ),
    forward=1,
    backward=1,
    per="samples",
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    values="pattern",
    quick={"samples": 16},
    order=40,
)
def var_grad(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: PositiveInt = 50,
    noise: NonNegative = 0.1,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """VarGrad: the variance of the gradient over copies of the input with Gaussian noise.

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
        model predicts for the input without noise. A callable makes another scalar to explain: from the tensor of
        outputs, (N, K) or nested as the model gives them, to a tensor (N,), written with ``keras.ops``.
    samples : int, default 50
        Noisy copies for each example, 1 or more.
    noise : float, default 0.1
        Standard deviation of the noise, 0 or more, as a fraction of the model's value range; where that is unknown,
        of each example's own range (as in the paper).
    seed : int, default 0
        Seed of the noise, 0 or more. Every example gets the same draws, whatever its company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting noisy copies, and may raise an error to stop.
        None is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures: the variance over the samples (divided by
        their number), 0 or more, in squared units of the score per unit of the input. It says where the gradient is
        unsteady, not which way it points.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; or a model that no gradient goes through, or whose scores or
        gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Julius Adebayo, Justin Gilmer, Ian Goodfellow, Been Kim (2018), Local explanation methods for deep neural networks
    lack sensitivity to parameter values, arXiv:1810.03307.

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
    return Attribution(
        values, score, recipe, pictures=pictures_of(classifier, batch), has_channels=classifier.has_channels(batch)
    )


def noise_deviations(classifier: WrappedModel, inputs: NDArray[np.float32], noise: float) -> NDArray[np.float32]:
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
