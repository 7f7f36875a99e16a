"""How an explanation is read: one number for each place of the input, a pixel or a feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.registry import METHODS
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target


def relevance(explanation: Any, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how much each place of the inputs counts, as the explanation has it.

    Parameters
    ----------
    explanation : Attribution or array
        Values shaped like the inputs, or without their last axis.
    inputs : (N, ..., C) or (N, F) array
        Pictures have places that are pixels, their channels being summed (or, for gradients, whose sign says nothing
        of how much a pixel counts, reduced to their largest magnitude); of rows each feature is a place.

    Returns
    -------
    (N, ...) float64 array

    Raises
    ------
    ValueError
        If the shapes do not fit, or values are not finite.

    Examples
    --------
    >>> relevance(np.array([[[[1.0, -3.0]]]]), np.zeros((1, 1, 1, 2), "float32")).tolist()
    [[[-2.0]]]
    """
    values = np.asarray(getattr(explanation, "values", explanation), "float64")
    rows = inputs.ndim == 2
    allowed = {inputs.shape} if rows else {inputs.shape, inputs.shape[:-1]}
    if values.shape not in allowed:
        msg = (
            f"an explanation of shape {values.shape} does not fit inputs of shape {inputs.shape}; give one value for "
            "each input value, or for each pixel (upsample=True for maps of a layer)"
        )
        raise ValueError(msg)
    if not np.isfinite(values).all():
        msg = "the explanation holds NaN or infinite values"
        raise ValueError(msg)
    if rows or values.ndim < inputs.ndim:
        return values
    method = METHODS.get(method_of(explanation) or "")
    by_magnitude = method is not None and method.drawn_by_magnitude
    found: NDArray[np.float64] = np.abs(values).max(axis=-1) if by_magnitude else values.sum(-1)
    return found


def is_gradient(explanation: Any) -> bool:
    """Tell whether the values of an explanation are per unit of the input, and not yet multiplied with it."""
    method = METHODS.get(method_of(explanation) or "")
    return method is not None and method.values == "gradient"


def method_of(explanation: Any) -> str | None:
    """Return the name of the method that made an explanation; None for an array."""
    return explanation.recipe.method if isinstance(explanation, Attribution) else None


def name_of(explanation: Any) -> str:
    """Return how a recipe writes which explanation was judged.

    Examples
    --------
    >>> name_of(np.eye(8))
    'array 8x8 4c8763cfc2d312e7'
    """
    return method_of(explanation) or f"array {fingerprint(explanation)}"


def target_of(explanation: Any, target: Target, classifier: Classifier) -> Target:
    """Return what is asked about: where nothing was said, the very classes that the explanation explains."""
    if target is not None or not isinstance(explanation, Attribution):
        return target
    told = explanation.recipe.target
    return list(told) if set(told) <= set(classifier.labels) else None


def falling_order(places: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    """Sort the places of one example, the most relevant first; equal ones come in a drawn order, not from the top left.

    Examples
    --------
    >>> falling_order(np.array([1.0, 3.0, 2.0]), seed=0).tolist()
    [1, 2, 0]
    """
    flat = places.ravel()
    order: NDArray[np.int64] = np.lexsort((np.random.default_rng(seed).random(flat.size), -flat))
    return order


def stream_of(make: Callable[[int, int], Any]) -> Callable[[int], Any]:
    """Turn a function of (first, last) into one that gives the next n."""
    done = 0

    def following(count: int) -> Any:
        nonlocal done
        done += count
        return make(done - count, done)

    return following
