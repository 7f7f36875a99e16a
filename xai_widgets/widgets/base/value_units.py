"""In which unit the values of a map are: what is read of a pixel says it."""

from __future__ import annotations

from xai_widgets.i18n import catalogue, message
from xai_widgets.methods.registry import METHODS

_AREA = "attribution"


def value_unit(method: str, language: str, output: str = "logit") -> str:
    """Return the unit of a method's values in words, as it stands after a number.

    Parameters
    ----------
    method : str
        A name from `list_methods`.
    language : {"en", "fr"}
    output : {"logit", "probability"}
        The score that is explained.

    Returns
    -------
    str
        What the values are shares or changes of; of values that are no effect on the score, what they are instead.

    Raises
    ------
    KeyError
        If there is no such method.

    Examples
    --------
    >>> value_unit("integrated_gradients", "en"), value_unit("occlusion", "en", "probability")
    ('of the logit', 'probability lost when hidden')
    >>> value_unit("grad_cam", "en"), value_unit("guided_backprop", "en")
    ('class activation', 'without a unit')
    """
    own, kind = f"unit_{method}", f"unit_{_kind(method)}"
    key = own if own in catalogue(_AREA, language) else kind
    score, of_score = (message(f"{_AREA}.{name}_{output}", language) for name in ("score", "of_score"))
    return message(f"{_AREA}.{key}", language, score=score, of_score=of_score)


def _kind(method: str) -> str:
    """Return how a method's values are read; maps of a layer are no shares that add up to the score."""
    described = METHODS[method]
    is_layer_map = described.needs_convolutions and described.values == "share"
    return "activation" if is_layer_map else described.values
