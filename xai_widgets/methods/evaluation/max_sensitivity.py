"""Does an explanation stay when the input hardly moves? Max-sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.adversarial.threat_model import perturbation_set
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import resolve_classes
from xai_widgets.methods.evaluation.named_methods import method_function, method_name
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import MethodScore
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras

    from xai_widgets.common.option_types import NonNegative, PositiveInt, Progress, Seed
    from xai_widgets.methods.evaluation.named_methods import Method
    from xai_widgets.models.outputs.targets import Target

_SMALL = 0.02  # of the range of values: a change that no eye sees


@recorded
def max_sensitivity(
    model: Classifier | keras.Model,
    inputs: Any,
    method: Method,
    target: Target = None,
    *,
    epsilon: NonNegative | None = None,
    samples: PositiveInt = 10,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MethodScore:
    """Move the input a little, many times, and take the largest change of its explanation.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    method : str or callable
        A name from `list_methods`, or a function of (model, inputs, target) that gives an Attribution, such as
        ``functools.partial(smooth_grad, samples=10)``.
    target : str, int, sequence of them, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts for the input that has not moved.
    epsilon : float, optional
        How far each value may move, 0 or more, in units of the input: 2 % of the range of values if left out, 0.02
        where that is unknown. Moved inputs stay in the range.
    samples : int, default 10
        How many times the input is moved, 1 or more.
    seed : int, default 0
        Seed of the moves, 0 or more. Every example gets the same ones, whatever its company.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. A function that takes no `batch_size` is called without it.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting moves, and may raise an error to stop. None is
        silent.

    Returns
    -------
    MethodScore
        ``.values`` (N,): the largest change, in Euclidean length, as a share of the length of the explanation; 0 for
        one that stays, NaN where it is 0 everywhere.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; inputs outside the range of values; or an unknown method, or what the method itself refuses.
    TypeError
        If the model is no Keras model, `method` is neither a name nor a function, the inputs are no numbers, a
        target is not a class, or an option does not exist.

    References
    ----------
    Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar (2019), On the (in)fidelity and
    sensitivity of explanations, arXiv:1901.09392.

    Examples
    --------
    >>> import keras, numpy as np
    >>> line = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> max_sensitivity(line, np.ones((1, 4)), "saliency", 0).values.tolist()  # the gradient of a line is the same
    [0.0]
    """
    classifier, explain = Classifier.wrap(model), method_function(method, batch_size)
    batch = classifier.as_inputs(inputs)
    epsilon = _small(classifier) if epsilon is None else epsilon
    classes = resolve_classes(classifier, batch, target, batch_size).tolist()
    still = _flat(explain(classifier, batch, classes))
    allowed, sizes = perturbation_set(classifier, batch, "linf", "auto", None), np.full(len(batch), epsilon)
    rng, report, largest = np.random.default_rng(seed), reporter(progress), np.zeros(len(batch))
    for done in range(samples):
        step = rng.uniform(-1, 1, batch.shape[1:]).astype("float32")  # the same for all, whatever the company
        moved = allowed.move(batch, np.broadcast_to(step, batch.shape), sizes)
        change = np.linalg.norm(_flat(explain(classifier, moved, classes)) - still, axis=1)
        largest = np.maximum(largest, change)
        report(done + 1, samples)
    length = np.linalg.norm(still, axis=1)
    told = {"explanation": method_name(method), "epsilon": epsilon, "samples": samples, "seed": seed}
    names = tuple(classifier.labels[index] for index in classes)
    return MethodScore(
        largest / np.where(length > 0, length, np.nan), Recipe("max_sensitivity", classifier.name, names, told)
    )


def _small(classifier: Classifier) -> float:
    if classifier.value_range is None:
        return _SMALL
    return _SMALL * float(np.max(np.subtract(classifier.value_range[1], classifier.value_range[0])))


def _flat(explanation: Any) -> Any:
    return explanation.values.reshape(len(explanation.values), -1).astype("float64")
