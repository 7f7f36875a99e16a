"""A warning where an explanation says nothing: a map that is zero, or one value, everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xai_widgets.common.warning import warn_of_doubt
from xai_widgets.results.attribution_result import Attribution

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CAUSES: Final = {
    "gradient": (
        "the score does not react to small changes of these inputs: an output that is saturated (output='logit' "
        "explains what comes before it), units that are dead, or values outside the model's range. occlusion tries "
        "large changes; check_model(model, inputs) looks for the cause"
    ),
    "relevance": (
        "nothing of the score reaches these inputs: units that are dead, or a score of 0. check_model(model, inputs) "
        "looks for the cause"
    ),
    "perturbation": (
        "hiding parts of these inputs does not change the score: the model ignores them, or what is shown instead is "
        "what was there (another baseline=). check_model(model, inputs) looks for the cause"
    ),
    "activation": (
        "nothing in this layer speaks for the target: negative=True shows what speaks against it, where the method has "
        "it, and layer= names another layer"
    ),
}
_FEWEST: Final = 4  # values of one input: one to three that are alike are no map, and often the very point of a toy
_ONE_SEGMENT: Final = (
    "the input was cut into one segment, which has all of the value: segments='grid' cuts pictures into equal parts, "
    "and segments= takes labels of your own"
)


def warn_of_flat_maps(found: Any, family: str) -> None:
    """Warn where the map of an input has one value everywhere, and name the likely cause.

    Parameters
    ----------
    found : Attribution, or several that are nested, or any other result, which is left alone
    family : str
        How the method works; "gradient", "relevance", "perturbation" and "activation" have causes of their own.
    """
    if isinstance(found, dict):
        found = list(found.values())
    for one in found if isinstance(found, (list, tuple)) else [found]:
        if isinstance(one, Attribution) and one.values.size >= _FEWEST * len(one.values):
            _warn(one, family)


def _in_one_piece(found: Attribution, flat: NDArray[np.bool_]) -> bool:
    """Tell whether inputs were cut into a single segment, which is given one value."""
    weights = getattr(found, "weights", None)
    return weights is not None and any(len(weights[place]) == 1 for place in flat.nonzero()[0])


def _warn(found: Attribution, family: str) -> None:
    rows: NDArray[np.float32] = found.values.reshape(len(found.values), -1)
    flat = rows.min(axis=1) == rows.max(axis=1)
    if not flat.any():
        return
    what = "0" if not rows[flat].any() else "one value"
    which = "the map" if len(rows) == 1 else f"{int(flat.sum())} of {len(rows)} maps"
    verb = "is" if len(rows) == 1 or flat.sum() == 1 else "are"
    cause = _ONE_SEGMENT if _in_one_piece(found, flat) else _CAUSES.get(family, "nothing is told apart")
    warn_of_doubt(f"{found.recipe.method}: {which} {verb} {what} everywhere; {cause}")
