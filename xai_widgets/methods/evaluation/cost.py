"""What a method asks for: seconds on this machine, and how many forward passes that is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.evaluation.asking import method_function
from xai_widgets.methods.scores import resolve_classes
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import Cost

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from xai_widgets.methods.evaluation.asking import Method
    from xai_widgets.models.targets import Target

_PASSES = 5  # of the network itself are timed: one is so short that chance counts


def cost(model: Classifier | keras.Model, inputs: Any, method: Method, target: Target = None, *, runs: int = 3) -> Cost:
    """Time a method, beside the network itself.

    A first call, which compiles, is not counted. `list_methods` tells what is passed through the network; this tells
    what comes of it here, with all that is around.

    Parameters
    ----------
    model, inputs, target
        As for `saliency`.
    method : str or callable
        A name from `list_methods`, or a function of (model, inputs, target) that gives an Attribution.
    runs : int
        Calls that are timed; their median counts.

    Returns
    -------
    Cost

    Raises
    ------
    ValueError
        For fewer than one run, an unknown method, and what the method itself refuses.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> found = cost(xai.load_model("digits"), xai.sample_image("digit-3"), "saliency", "3")
    >>> found.seconds > 0, found.forward_passes > 0
    (True, True)
    """
    if runs < 1:
        msg = f"runs must be at least 1, not {runs}"
        raise ValueError(msg)
    classifier, explain = Classifier.wrap(model), method_function(method)
    batch = classifier.as_inputs(inputs)
    classes = resolve_classes(classifier, batch, target).tolist()
    one = _median(lambda: classifier.logits(batch), _PASSES)
    seconds = _median(lambda: explain(classifier, batch, classes), runs)
    return Cost(seconds, seconds / one, runs)


def _median(call: Callable[[], object], runs: int) -> float:
    call()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))
