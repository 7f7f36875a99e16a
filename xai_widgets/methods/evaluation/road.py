"""ROAD, remove and debias: deletion without the edges that hiding draws into the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.evaluation.imputation import impute
from xai_widgets.methods.evaluation.maps import falling_order, name_of, relevance, stream_of, target_of
from xai_widgets.methods.points import gradients_at_points
from xai_widgets.methods.scores import explained_scalar
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import RoadCurve
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.targets import Target


def road(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    steps: int = 9,
    noise: float = 0.01,
    seed: int = 0,
    output: str = "probability",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> RoadCurve:
    """Replace pixels by what their neighbours suggest, the most relevant first, and then the least relevant first.

    Parameters
    ----------
    model, inputs, batch_size
        As for `saliency`; pictures alone. No gradient is needed.
    explanation, target
        As for `deletion_curve`.
    steps : int
        How many shares of the pixels are replaced, evenly between none and all, both left out; 9 gives 10 % to 90 %.
    noise : float
        Standard deviation of the noise that is added to what is replaced, as a fraction of the model's value range;
        where that is unknown, of each picture's own range.
    seed : int
        Of the noise, and of the order among pixels that the map holds equal.
    output : {"probability", "logit"}
        The score that is followed.
    progress : bool or callable, optional
        As for `saliency`; it counts pictures with pixels replaced.

    Returns
    -------
    RoadCurve
        ``.gap`` (N,): the higher the better. A map that ranks at random scores near 0.

    Raises
    ------
    ValueError
        For fewer than one step, a negative noise, inputs that are no pictures, an explanation that does not fit, and
        as `saliency` does.

    References
    ----------
    Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci (2022), A consistent and efficient
    evaluation strategy for attribution methods. They follow the accuracy over a data set; the score is followed here,
    so that one picture has an answer too.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods import occlusion
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> road(digits, three, occlusion(digits, three, "3"), steps=3).shares.tolist()
    [0.25, 0.5, 0.75]
    """
    if steps < 1 or noise < 0:
        msg = f"steps must be at least 1 and noise 0 or more, not {steps} and {noise}"
        raise ValueError(msg)
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
