"""Expected gradients: integrated gradients over a whole data set of baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.points import gradients_at_points, weighted_sum
from xai_widgets.methods.scores import Scalar, explained_scalar, pictures_of, scores, wrapped
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Batch = NDArray[np.float32]
    Progress = Callable[[int, int], object] | bool | None


def expected_gradients(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    baselines: Any,
    samples: int = 200,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Integrate gradients over many baselines at once: each sample is one place on the path from one of them.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`.
    baselines : array
        A data set: floats (D, H, W, C) in the model's input space, or pictures (uint8).
    samples : int
        Gradients for each example: each with a baseline drawn from the data set and a place on the path to it, the
        places spread evenly (one in each of as many equal parts), which is unbiased and varies less.
    seed : int
        Every example gets the same draws, whatever its company.
    progress : bool or callable, optional
        As for `saliency`; it counts samples.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C) in units of the score; ``.delta`` (N,), the completeness error: their sum minus what
        the score is above its mean over the drawn baselines. It falls with the root of `samples`.

    Raises
    ------
    ValueError
        For fewer than one sample, baselines of another shape, and as `saliency` does.

    References
    ----------
    Gabriel Erion, Joseph D. Janizek, Pascal Sturmfels, Scott M. Lundberg, Su-In Lee (2021), Improving performance of
    deep learning models with axiomatic attribution priors and expected gradients.

    Examples
    --------
    >>> import numpy as np, xai_widgets as xai
    >>> others = np.stack([xai.sample_image(f"digit-{n}") for n in (3, 7)])
    >>> expected_gradients(xai.load_model("digits"), others[0], "3", baselines=others, samples=20).values.shape
    (1, 8, 8, 1)
    """
    if samples < 1:
        msg = f"samples must be at least 1, not {samples}"
        raise ValueError(msg)
    classifier, batch = wrapped(model, inputs)
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
    return Attribution(values.astype("float32"), score, recipe, delta, pictures_of(classifier, batch))


def _mean_scores(
    classifier: Classifier,
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
