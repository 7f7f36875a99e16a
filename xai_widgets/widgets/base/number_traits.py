"""Traits of labs that are numbers: checked as the options of the methods are, in the same words."""

from __future__ import annotations

import math
from typing import Any

import traitlets

from xai_widgets.common.option_types import UNFIT, NumberKind, Within, refusal


class FiniteFloat(traitlets.Float[Any, Any]):
    """A finite number; `min` and `max` belong to its range, and ``.tag(above=0)`` says of a bound that it does not.

    Examples
    --------
    >>> class Box(traitlets.HasTraits):
    ...     width = FiniteFloat(1.0, min=0)
    >>> Box(width=float("nan"))
    Traceback (most recent call last):
        ...
    traitlets.traitlets.TraitError: Box: width must be a finite number of at least 0, not nan
    """

    def validate(self, obj: Any, value: Any) -> float:
        """Return a float, or refuse what is no number of the range."""
        return float(_number(self, obj, value, whole=False))


class WholeNumber(traitlets.Int[Any, Any]):
    """A whole number, of Python or NumPy; `min` and `max` belong to its range."""

    def validate(self, obj: Any, value: Any) -> int:
        """Return an int, or refuse what is no whole number of the range."""
        return int(_number(self, obj, value, whole=True))


def _number(trait: Any, obj: Any, value: Any, *, whole: bool) -> Any:
    least, most = (None if end is None or math.isinf(end) else end for end in (trait.min, trait.max))
    kind = NumberKind(whole, Within(least, most, above=trait.metadata.get("above")))
    found = kind.read(value)
    if found is UNFIT:
        raise traitlets.TraitError(f"{type(obj).__name__}: {trait.name} {refusal(kind, value)}")
    return found
