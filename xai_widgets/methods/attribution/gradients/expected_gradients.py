"""Expected gradients: integrated gradients over a whole data set of baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import naming
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.point_gradients import gradients_at_points, weighted_sum
from xai_widgets.methods.core.target_scores import Scalar, explained_scalar, pictures_of, scores, wrapped
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.kinds.wrapped_model import WrappedModel
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]


@attribution_method(
    family="gradient",
    paper=Paper(
        "Erion et al.",
        2021,
        "Improving performance with axiomatic attribution priors",
        doi="10.1038/s42256-021-00343-w",
        arxiv="1906.10670",
    ),
    forward=1,
    backward=1,
    per="samples",
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    quick={"samples": 32},
    background="baselines",
    order=60,
)
def expected_gradients(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    baselines: Any,
    samples: PositiveInt = 200,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Integrate gradients over many baselines at once: each sample is one place on the path from one of them.

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
    baselines : array or pictures
        A data set of D examples of the inputs' shape: floats (D, ...) in the model's input space, or pictures
        (uint8).
    samples : int, default 200
        Gradients for each example, 1 or more: each with a baseline drawn from the data set and a place on the path
        to it, the places spread evenly (one in each of as many equal parts), which is unbiased and varies less.
    seed : int, default 0
        Seed of the draws, 0 or more. Every example gets the same draws, whatever its company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting samples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures, in units of the score; ``.delta`` (N,), the
        completeness error: their sum minus what the score is above its mean over the drawn baselines. It falls with
        the root of `samples`.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; a model that no gradient goes through, or whose scores or
        gradients are not finite; or baselines of another shape.
    TypeError
        If `baselines` is left out, the model is no Keras model, the inputs are no numbers, a target is neither a
        class nor a callable, or an option does not exist.

    References
    ----------
    Gabriel Erion, Joseph D. Janizek, Pascal Sturmfels, Scott M. Lundberg, Su-In Lee (2021), Improving performance of
    deep learning models with axiomatic attribution priors and expected gradients, arXiv:1906.10670,
    doi:10.1038/s42256-021-00343-w.

    Examples
    --------
    >>> import numpy as np, xai_widgets as xai
    >>> others = np.stack([xai.sample_image(f"digit-{n}") for n in (3, 7)])
    >>> expected_gradients(xai.load_model("digits"), others[0], "3", baselines=others, samples=20).values.shape
    (1, 8, 8, 1)
    """
    classifier, batch = wrapped(model, inputs)
    with naming("baselines"):
        data = classifier.as_inputs(baselines)
    scalar = explained_scalar(classifier, batch, target, output, batch_size)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(data), size=samples)
    places = ((rng.permutation(samples) + rng.random(samples)) / samples).astype("float32")
    places = places.reshape(-1, *[1] * (batch.ndim - 1))

    def stream(example: int) -> Callable[[int], Batch]:
        taken = 0

        def following(count: int) -> Batch:
            nonlocal taken
            now, taken = slice(taken, taken + count), taken + count
            starts = data[chosen[now]]
            points: Batch = starts + places[now] * (batch[example] - starts)
            return points

        return following

    values, span = np.zeros(batch.shape), np.full(1, 1 / samples)
    for segment in gradients_at_points(
        classifier, scalar, stream, samples, output=output, batch_size=batch_size, progress=progress
    ):
        ways = batch[segment.example] - data[chosen[segment.places]]
        values[segment.example] += weighted_sum(np.repeat(span, len(ways)), segment.gradients * ways)
    score = scores(classifier, batch, scalar, output, batch_size)
    expected = _mean_scores(classifier, scalar, data, chosen, output=output, batch_size=batch_size)
    delta = values.reshape(len(values), -1).sum(axis=1) - (score - expected)
    options = {"baselines": len(data), "samples": samples, "seed": seed, "output": output}
    recipe = Recipe("expected_gradients", classifier.name, scalar.names, options)
    return Attribution(
        values.astype("float32"),
        score,
        recipe,
        delta,
        pictures_of(classifier, batch),
        has_channels=classifier.has_channels(batch),
    )


def _mean_scores(
    classifier: WrappedModel,
    scalar: Scalar,
    data: Batch,
    chosen: NDArray[np.int64],
    *,
    output: str,
    batch_size: int | None,
) -> NDArray[np.float64]:
    """Return for each example the mean, over the drawn baselines, of the score that explains it."""
    drawn, counts = np.unique(chosen, return_counts=True)
    targets, which = np.unique(scalar.rows, axis=0, return_inverse=True)
    means = []
    for row in targets:
        rows = np.repeat(row[np.newaxis], len(drawn), axis=0)
        same = Scalar(("",) * len(drawn), rows, scalar.of, scalar.lasting)
        means.append(np.average(scores(classifier, data[drawn], same, output, batch_size), weights=counts))
    return np.asarray(means, "float64")[which.reshape(-1)]
