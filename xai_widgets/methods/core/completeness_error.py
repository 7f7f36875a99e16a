"""A completeness error that is far larger than what is explained, said aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.warning import warn_of_doubt

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FACTOR = 2.0  # of what the values should sum to: as much is missing where relevance does not arrive at all
_SHARE = 0.1  # of the sum of all magnitudes: a smaller error changes no map

_CAUSES = {
    "integrated_gradients": (
        "the gradient changes more along the path than the steps can follow: give tolerance=0.01, which refines where "
        "it does; if that does not help, the scores are too large for float32 (an untrained network, or inputs "
        "outside the range that the model was trained on)"
    ),
    "deep_lift": (
        "an activation differs so little from its reference that its multiplier is rounding, or a layer computes what "
        "no multiplier can share out (a product of two signals): try another baseline="
    ),
    "lrp": (
        "layers on the way make or lose relevance, at biases and where contributions cancel: relevance_by_layer shows "
        "where, and another composite= or a larger stabilizer= changes it"
    ),
}


def warn_of_large_delta(method: str, values: Any, delta: NDArray[np.floating], due: NDArray[np.floating]) -> None:
    """Warn of examples whose completeness error is more than twice what their values should sum to.

    Parameters
    ----------
    method : {"integrated_gradients", "deep_lift", "lrp"}
        Says what the likely cause is.
    values : (N, ...) array, or several nested
        The attributions.
    delta : (N,) array
        The sum of each example's values minus `due`.
    due : (N,) array
        What they should sum to.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_of_large_delta("lrp", np.ones((1, 8)), np.array([7.0]), np.array([1.0]))
    >>> str(caught[0].message)[:72]
    'lrp: the values of 1 of 1 inputs sum to 8 where 1 is explained, since pr'
    """
    magnitudes = sum(
        np.abs(one).reshape(len(one), -1).sum(axis=1, dtype="float64") for one in keras.tree.flatten(values)
    )
    error, wanted = np.abs(delta), np.abs(due)
    large = (error > _FACTOR * wanted) & (error > _SHARE * magnitudes)
    if not large.any():
        return
    worst = int(np.argmax(np.where(large, error / np.maximum(wanted, 1e-12), 0)))
    warn_of_doubt(
        f"{method}: the values of {int(large.sum())} of {len(large)} inputs sum to {due[worst] + delta[worst]:.3g} "
        f"where {due[worst]:.3g} is explained, since probably {_CAUSES[method]}; the error is .delta"
    )
