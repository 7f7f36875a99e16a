"""What is explained: a class by name or index, the predicted class, or any scalar made from the outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from xai_widgets.models.names import match, suggestion

if TYPE_CHECKING:
    from numpy.typing import NDArray

Target = str | int | Sequence[str | int] | Callable[[Any], Any] | None


def class_index(target: str | int, labels: Sequence[str]) -> int:
    """Return the index of a class given by name or index.

    Raises
    ------
    ValueError
        If the name is unknown (the nearest ones are offered) or the index is out of range.
    TypeError
        If it is neither a name nor an integer.

    Examples
    --------
    >>> class_index("bee", ["ant", "bee"])
    1
    >>> class_index("bees", ["ant", "bee"])
    Traceback (most recent call last):
    ...
    ValueError: unknown class 'bees'; did you mean bee?
    """
    if isinstance(target, str):
        return _named_index(target, labels)
    if isinstance(target, (bool, np.bool_)) or not isinstance(target, (int, np.integer)):
        msg = f"a target is a class name, a class index, or a callable on the outputs, not {target!r}"
        raise TypeError(msg)
    if not -len(labels) <= target < len(labels):
        msg = f"class index {target} is out of range: the model has {len(labels)} classes, 0 to {len(labels) - 1}"
        raise ValueError(msg)
    return int(target) % len(labels)


def _named_index(name: str, labels: Sequence[str]) -> int:
    """Look a name up exactly, then without regard to case and punctuation."""
    if name in labels:
        return list(labels).index(name)
    found = match(name, labels)
    if found is None:
        msg = f"unknown class {name!r}; {suggestion(name, labels)}"
        raise ValueError(msg)
    return list(labels).index(found)


def class_indices(target: Target, labels: Sequence[str], predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one class index per image.

    Parameters
    ----------
    target : str, int, sequence of them, or None
        One class for all images, one per image, or None for the predicted ones.
    labels : sequence of str
    predicted : (N,) int array
        What the model answers for each image.

    Raises
    ------
    ValueError
        If a class is unknown or there are not as many classes as images.
    """
    if target is None:
        return predicted
    if callable(target):
        msg = "this needs a class (name, index, or one of them per image), not a callable"
        raise TypeError(msg)
    if isinstance(target, (str, int)) or np.ndim(target) == 0:
        return np.full(len(predicted), class_index(cast("str | int", target), labels))
    indices = [class_index(one, labels) for one in target]
    if len(indices) != len(predicted):
        msg = f"{len(indices)} targets were given for {len(predicted)} images; give one for all, or one per image"
        raise ValueError(msg)
    return np.asarray(indices, dtype="int64")
