"""What is explained: a class by name or index, the predicted class, or any scalar made from the outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from xai_widgets.common.arrays import as_array
from xai_widgets.common.name_matching import match, suggestion

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
    target : str, int, sequence of them, tensor, one-hot rows (N, K), or None
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
    given: Any = target if isinstance(target, str) else _from_rows(as_array(target), len(predicted), len(labels))
    if isinstance(given, (str, int)) or np.ndim(given) == 0:
        return np.full(len(predicted), class_index(cast("str | int", given), labels))
    indices = [class_index(_number(one), labels) for one in given]
    if len(indices) != len(predicted):
        msg = f"{len(indices)} targets were given for {len(predicted)} images; give one for all, or one per image"
        raise ValueError(msg)
    return np.asarray(indices, dtype="int64")


def _number(target: Any) -> Any:
    """Return the number of an array that holds a single one, without axes; anything else as it is."""
    return target.item() if isinstance(target, np.ndarray) and target.ndim == 0 else target


def _from_rows(target: Any, count: int, classes: int) -> Any:
    """Return the classes of one-hot rows (N, K), and a column (N, 1) of classes as a row; anything else as it is.

    Raises
    ------
    ValueError
        If there are other rows.
    """
    rows = np.asarray(target) if isinstance(target, (np.ndarray, list, tuple)) and np.ndim(target) == 2 else None
    if rows is None or rows.dtype.kind not in "iufb":
        return _number(target)
    if rows.shape == (count, 1) and rows.dtype.kind in "iu" and classes > 1:
        return rows[:, 0]
    one_hot = rows.shape == (count, classes) and np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all()
    if not one_hot:
        msg = (
            f"rows of targets must be one-hot, one row for each image and one column for each class, "
            f"({count}, {classes}), not of shape {rows.shape}; give class names or indices, or targets.argmax(axis=1)"
        )
        raise ValueError(msg)
    return rows.argmax(axis=1)
