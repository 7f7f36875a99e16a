"""ROAD, remove and debias: deletion without the edges that hiding draws into the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.point_gradients import gradients_at_points
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import explained_scalar
from xai_widgets.methods.evaluation.imputation import impute
from xai_widgets.methods.evaluation.place_scores import falling_order, name_of, relevance, stream_of, target_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import RoadCurve
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegative, Output, PositiveInt, Progress, Seed
    from xai_widgets.models.outputs.targets import Target


@recorded
def road(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    steps: PositiveInt = 9,
    noise: NonNegative = 0.01,
    seed: Seed = 0,
    output: Output = "probability",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> RoadCurve:
    """Replace pixels by what their neighbours suggest, the most relevant first, and then the least relevant first.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N pictures as floats in the model's input space, (N, H, W, C); one such picture without the batch
        axis; or pictures, which are resized and preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a
        sequence of them.
    explanation : Attribution or array
        The explanation of the inputs: one value for each input value, (N, H, W, C), (N, T, C) or (N, F), or for
        each place, (N, H, W) or (N, T). Channels are summed or, for gradients, reduced to their largest magnitude.
    target : str, int, sequence of them, callable, or None
        Whose score is followed: a class by name or index, one for all examples or one for each; None takes the
        class that the explanation explains or, for an array and where that is another scalar, the class that the
        model predicts. A callable makes another scalar: from the tensor of outputs (N, K) to a tensor (N,), written
        with ``keras.ops``.
    steps : int, default 9
        How many shares of the pixels are replaced, evenly between none and all, both left out; 1 or more. 9 gives
        10 % to 90 %.
    noise : float, default 0.01
        Standard deviation of the noise that is added to what is replaced, 0 or more, as a fraction of the model's
        value range; where that is unknown, of each picture's own range.
    seed : int, default 0
        Seed of the noise, and of the order among pixels that the map holds equal; 0 or more.
    output : {"probability", "logit"}, default "probability"
        The score that is followed: the outputs after the final softmax or sigmoid, or those before it.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures with pixels replaced, and may raise
        an error to stop. None is silent.

    Returns
    -------
    RoadCurve
        ``.shares`` (S,), the share of the pixels that is replaced, 0 to 1; ``.most_first`` and ``.least_first`` (N,
        S), the scores; ``.gap`` (N,), the mean difference between the two, in units of the score: the higher the
        better. A map that ranks at random scores near 0.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; inputs that are no pictures; an explanation that does not fit the inputs or is not finite; or a
        model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci (2022), A consistent and efficient
    evaluation strategy for attribution methods, arXiv:2202.00449. They follow the accuracy over a data set; the score
    is followed here, so that one picture has an answer too.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods import occlusion
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> road(digits, three, occlusion(digits, three, "3"), steps=3).shares.tolist()
    [0.25, 0.5, 0.75]
    """
    classifier = Classifier.wrap(model)
    batch = classifier.as_inputs(inputs)
    if batch.ndim != 4:
        msg = f"ROAD is for pictures (N, H, W, C), not for inputs of shape {batch.shape}; use deletion_curve"
        raise ValueError(msg)
    places = relevance(explanation, batch)
    scalar = explained_scalar(classifier, batch, target_of(explanation, target, classifier), output, batch_size)
    counts = (np.arange(1, steps + 1) / (steps + 1) * places[0].size).round().astype("int64")
    widths = noise * _ranges(classifier, batch)

    def streams(example: int) -> Any:
        return _replaced(batch[example], places[example], counts, float(widths[example]), seed)

    found = np.empty((len(batch), 2 * steps), "float32")
    run: dict[str, Any] = {"output": output, "batch_size": batch_size, "progress": progress}
    for part in gradients_at_points(classifier, scalar, streams, 2 * steps, differentiate=False, **run):
        found[part.example, part.places] = part.scores
    told = {"explanation": name_of(explanation), "steps": steps, "noise": noise, "seed": seed, "output": output}
    recipe = Recipe("road", classifier.name, scalar.names, told)
    return RoadCurve(counts / places[0].size, found[:, :steps], found[:, steps:], recipe)


def _ranges(classifier: Classifier, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the width of the range of values for each example, (N,)."""
    if classifier.value_range is None:
        own: NDArray[np.float64] = np.ptp(inputs.reshape(len(inputs), -1), axis=1).astype("float64")
        return own
    return np.full(len(inputs), float(np.max(np.subtract(classifier.value_range[1], classifier.value_range[0]))))


def _replaced(
    picture: NDArray[np.float32], places: NDArray[np.float64], counts: NDArray[np.int64], noise: float, seed: int
) -> Callable[[int], NDArray[np.float32]]:
    """Return a function that gives the next pictures: most relevant pixels replaced first, then least relevant ones."""
    orders = [falling_order(sign * places, seed) for sign in (1, -1)]
    rng = np.random.default_rng(seed)

    def one(place: int) -> NDArray[np.float32]:
        direction, step = divmod(place, len(counts))
        hidden = np.zeros(places.size, bool)
        hidden[orders[direction][: counts[step]]] = True
        return impute(picture, hidden.reshape(places.shape), noise, rng)

    return stream_of(lambda first, last: np.stack([one(place) for place in range(first, last)]))
