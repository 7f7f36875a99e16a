"""The recipe of a result: everything that is needed to make it again."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping


def current_versions() -> dict[str, str]:
    """Return the versions that a number may depend on."""
    return {
        "xai_widgets": __version__,
        "keras": str(keras.__version__),
        "backend": str(keras.config.backend()),
        "python": platform.python_version(),
    }


@dataclass(frozen=True)
class Recipe:
    """How a result was made.

    Attributes
    ----------
    method : str
        The name that `explain` knows it by.
    model : str
        The model's name.
    target : tuple of str
        What was explained or attacked, one per image.
    options : mapping
        Every option that bears on the values.
    versions : mapping
        Of this package, Keras, its backend and Python.

    Examples
    --------
    >>> print(Recipe("saliency", "digits", ("3",), {"output": "logit"}))
    saliency · digits · target 3 · output=logit
    """

    method: str
    model: str
    target: tuple[str, ...]
    options: Mapping[str, Any]
    versions: Mapping[str, str] = field(default_factory=current_versions, repr=False)

    def __str__(self) -> str:
        """One line, as a lab shows it under a picture."""
        names = list(dict.fromkeys(self.target))
        target = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
        options = [f"{name}={_short(value)}" for name, value in self.options.items() if value is not None]
        return " · ".join([self.method, self.model, f"target {target}", *options])


def _short(value: object) -> str:
    """Write a number with few digits and anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
