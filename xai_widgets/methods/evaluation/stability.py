"""Does an explanation stay when the input hardly moves? Max-sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.evaluation.asking import method_function, method_name
from xai_widgets.methods.perturbations import make_ball
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import resolve_classes
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import Score
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from xai_widgets.methods.evaluation.asking import Method
    from xai_widgets.models.targets import Target

_SMALL = 0.02  # of the range of values: a change that no eye sees


def max_sensitivity(
    model: Classifier | keras.Model,
    inputs: Any,
    method: Method,
    target: Target = None,
    *,
    epsilon: float | None = None,
    samples: int = 10,
    seed: int = 0,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Score:
    """Move the input a little, many times, and take the largest change of its explanation.

    Parameters
    ----------
    model, inputs
        As for `saliency`.
    method : str or callable
        A name from `list_methods`, or a function of (model, inputs, target) that gives an Attribution.
    target : str, int, sequence of them, or None
        The explained class; None takes the one predicted for the input that has not moved.
    epsilon : float, optional
        How far each value may move, in units of the input: 2 % of the range of values if left out, 0.02 where that is
        unknown. Moved inputs stay in the range.
    samples : int
        How many times.
    seed : int
    progress : bool or callable, optional
        As for `saliency`; it counts the times.

    Returns
    -------
    Score
        ``.values`` (N,): the largest change, in Euclidean length, as a share of the length of the explanation; 0 for
        one that stays, NaN where it is 0 everywhere.

    Raises
    ------
    ValueError
        For fewer than one sample, a negative epsilon, an unknown method, and what the method itself refuses.

    References
    ----------
    Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar (2019), On the (in)fidelity and
    sensitivity of explanations.

    Examples
    --------
    >>> import keras, numpy as np
    >>> line = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> max_sensitivity(line, np.ones((1, 4)), "saliency", 0).values.tolist()  # the gradient of a line is the same
    [0.0]
    """
    classifier, explain = Classifier.wrap(model), method_function(method)
    batch = classifier.as_inputs(inputs)
    epsilon = _small(classifier) if epsilon is None else epsilon
    if samples < 1 or not 0 <= epsilon < np.inf:
        msg = f"samples must be at least 1 and epsilon a number from 0 on, not {samples} and {epsilon}"
        raise ValueError(msg)
    classes = resolve_classes(classifier, batch, target).tolist()
    still = _flat(explain(classifier, batch, classes))
    ball, sizes = make_ball(classifier, batch, "linf", "auto", None), np.full(len(batch), epsilon)
    rng, report, largest = np.random.default_rng(seed), reporter(progress), np.zeros(len(batch))
    for done in range(samples):
        step = rng.uniform(-1, 1, batch.shape[1:]).astype("float32")  # the same for all, whatever the company
        moved = ball.move(batch, np.broadcast_to(step, batch.shape), sizes)
        change = np.linalg.norm(_flat(explain(classifier, moved, classes)) - still, axis=1)
        largest = np.maximum(largest, change)
        report(done + 1, samples)
    length = np.linalg.norm(still, axis=1)
    told = {"explanation": method_name(method), "epsilon": epsilon, "samples": samples, "seed": seed}
    names = tuple(classifier.labels[index] for index in classes)
    return Score(
        largest / np.where(length > 0, length, np.nan), Recipe("max_sensitivity", classifier.name, names, told)
    )


def _small(classifier: Classifier) -> float:
    if classifier.value_range is None:
        return _SMALL
    return _SMALL * float(np.max(np.subtract(classifier.value_range[1], classifier.value_range[0])))


def _flat(explanation: Any) -> Any:
    return explanation.values.reshape(len(explanation.values), -1).astype("float64")
