"""The recipe of a result: what is needed, beside the model and its inputs, to make it again."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

_FEW = 3  # numbers or names that one line lists


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

    With the same model and inputs, it is enough to make the result again, down to the rounding of another machine. An
    array too large to be written down, such as a mask, is named by its `fingerprint`: it tells whether another array
    is the same, and cannot give it back.

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
        target = ", ".join(names[:_FEW]) + (" ..." if len(names) > _FEW else "")
        options = [f"{name}={_short(value)}" for name, value in self.options.items() if value is not None]
        return " · ".join([self.method, self.model, f"target {target}", *options])


def exact(values: NDArray[np.float32]) -> Any:
    """Return float32 numbers as Python's, as short as float32 tells them apart; nested tuples for an array.

    Examples
    --------
    >>> exact(np.array([0.3, 0.25], "float32"))
    (0.3, 0.25)
    """
    if np.ndim(values):
        return tuple(exact(one) for one in values)
    return float(np.format_float_scientific(np.float32(values)))


def fingerprint(array: ArrayLike) -> str:
    """Name an array by its shape and a digest of its values as float32; a last axis of length 1 does not count.

    Examples
    --------
    >>> mask = np.eye(8)
    >>> fingerprint(mask)
    '8x8 4c8763cfc2d312e7'
    >>> fingerprint(mask[:, :, np.newaxis] > 0) == fingerprint(mask), fingerprint(1 - mask) == fingerprint(mask)
    (True, False)
    """
    values = np.ascontiguousarray(array, dtype="<f4") + np.float32(0)  # no minus zero
    shape = values.shape[:-1] if values.ndim > 1 and values.shape[-1] == 1 else values.shape
    return f"{'x'.join(map(str, shape))} {hashlib.sha256(values.tobytes()).hexdigest()[:16]}"


def _short(value: object) -> str:
    """Write a number with few digits, many numbers by their ends, and anything else as it is."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if not isinstance(value, (tuple, list)):
        return str(value)
    if len(value) > _FEW and all(isinstance(one, (int, float)) for one in value):
        return f"{_short(min(value))} to {_short(max(value))} ({len(value)} values)"
    return f"({', '.join(map(_short, value))})"
