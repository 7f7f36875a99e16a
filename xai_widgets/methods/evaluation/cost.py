"""What a method asks for: seconds on this machine, and how many forward passes that is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import resolve_classes
from xai_widgets.methods.evaluation.named_methods import method_function
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import MeasuredCost

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from xai_widgets.common.option_types import PositiveInt, Progress
    from xai_widgets.methods.evaluation.named_methods import Method
    from xai_widgets.models.outputs.targets import Target

_PASSES = 5  # of the network itself are timed: one is so short that chance counts


@recorded
def cost(
    model: Classifier | keras.Model,
    inputs: Any,
    method: Method,
    target: Target = None,
    *,
    runs: PositiveInt = 3,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MeasuredCost:
    """Time a method, beside the network itself.

    A first call, which compiles, is not counted. `list_methods` tells what is passed through the network; this tells
    what comes of it here, with all that is around.

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
        model predicts.
    runs : int, default 3
        Calls that are timed, 1 or more; their median counts.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. A function that takes no `batch_size` is called without it.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting calls of the method, and may raise an error to
        stop. None is silent.

    Returns
    -------
    MeasuredCost
        ``.seconds``, the median of a call for all N inputs together; ``.forward_passes``, how many forward passes
        of these inputs take as long; ``.runs``.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; or an unknown method, or what the method itself refuses.
    TypeError
        If the model is no Keras model, `method` is neither a name nor a function, the inputs are no numbers, a
        target is not a class, or an option does not exist.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> found = cost(xai.load_model("digits"), xai.sample_image("digit-3"), "saliency", "3")
    >>> found.seconds > 0, found.forward_passes > 0
    (True, True)
    """
    classifier, explain = Classifier.wrap(model), method_function(method, batch_size)
    batch = classifier.as_inputs(inputs)
    classes = resolve_classes(classifier, batch, target, batch_size).tolist()
    one = _median(lambda: classifier.logits(batch, batch_size=batch_size), _PASSES, reporter(None))
    seconds = _median(lambda: explain(classifier, batch, classes), runs, reporter(progress))
    return MeasuredCost(seconds, seconds / one, runs)


def _median(call: Callable[[], object], runs: int, report: Callable[[int, int], object]) -> float:
    call()
    taken: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
        report(len(taken), runs)
    return float(np.median(taken))
