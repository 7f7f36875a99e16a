"""The recipe of a result: the options that reproduce it, together with the model and its inputs."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import __version__
from xai_widgets.results.recipe_words import recipe_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

_FEW = 3  # the largest number of values or names in a line


def current_versions() -> dict[str, str]:
    """Return the versions of the software on which the values of a result may depend."""
    return {
        "xai_widgets": __version__,
        "keras": str(keras.__version__),
        "backend": str(keras.config.backend()),
        "python": platform.python_version(),
    }


@dataclass(frozen=True)
class Recipe:
    """The method and the options of a result.

    With the same model and inputs, it is enough to make the result again, down to the rounding of another machine: see
    `make_again`. What stands in one line under a picture is its method, target and `options`; `arguments` is complete.
    An array too large to be kept is named by its `fingerprint`: it tells whether another array is the same, and cannot
    give it back.

    Attributes
    ----------
    method : str
        The name of the method for `explain`.
    model : str
        The name of the model.
    target : tuple of str
        What was explained or attacked, one per image; empty where there is no such thing.
    options : mapping
        What a caption tells: the options that matter most, with what was chosen where nothing was said.
    arguments : mapping
        Every argument of the call that bears on the values, defaults included. Empty for a result that was not made by
        a function of this package.
    versions : mapping
        Of this package, Keras, its backend and Python.
    outputs : str
        How the outputs of a classifier were read, ``"softmax over 10 classes"``; empty for others.

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
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    outputs: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        """Return the recipe as one line, for the caption of a figure."""
        names = list(dict.fromkeys(self.target))
        target = ["target " + ", ".join(names[:_FEW]) + (" ..." if len(names) > _FEW else "")] if names else []
        options = [f"{name}={_short(value)}" for name, value in self.options.items() if value is not None]
        return " · ".join([self.method, self.model, *target, *options])


@dataclass(frozen=True)
class NotKept:
    """An option that a file does not hold, such as a function; whoever makes the result again must give it.

    Attributes
    ----------
    what : str
        Its type, and its name if it has one.
    """

    what: str

    def __str__(self) -> str:
        """Say what it was."""
        return self.what


def caption_of(recipe: Recipe | None) -> str:
    """Return the recipe in words, as one line for the caption of a figure; nothing for a result without one."""
    return "" if recipe is None else recipe_in_words(recipe)


def common_recipe(first: Recipe | None, second: Recipe | None) -> Recipe | None:
    """Return the recipe of what two parts of a set make together: theirs if it is the same, otherwise none.

    Examples
    --------
    >>> one, other = Recipe("unit_statistics", "net", (), {}), Recipe("unit_statistics", "another net", (), {})
    >>> common_recipe(one, one) is one, common_recipe(one, other)
    (True, None)
    """
    return first if first == second else None


def exact(values: NDArray[np.float32]) -> Any:
    """Convert float32 numbers to Python floats with the fewest digits that identify them; an array to nested tuples.

    Examples
    --------
    >>> exact(np.array([0.3, 0.25], "float32"))
    (0.3, 0.25)
    """
    if np.ndim(values):
        return tuple(exact(one) for one in values)
    return float(np.format_float_scientific(np.float32(values)))


def fingerprint(array: ArrayLike) -> str:
    """Return the shape of an array and a digest of its values as float32; a last axis of length 1 is ignored.

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
    """Write a number with four digits, a long sequence by its minimum and maximum, and other values by `str`."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if not isinstance(value, (tuple, list)):
        return str(value)
    if len(value) > _FEW and all(isinstance(one, (int, float)) for one in value):
        return f"{_short(min(value))} to {_short(max(value))} ({len(value)} values)"
    return f"({', '.join(map(_short, value))})"
