"""Arrays from what other libraries give: tensors of TensorFlow, JAX or PyTorch, whichever runs here."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_array(values: Any) -> Any:
    """Return a NumPy array of a tensor or of anything that is like an array; a list of such becomes a list of arrays.

    Texts (those of NumPy too), lists of numbers, pictures of Pillow and other objects are returned as they are.

    Raises
    ------
    ValueError
        For a masked array in which something is masked: what lies under the mask would count as values.

    Examples
    --------
    >>> as_array([np.ones(2), np.ones(3)])[1].shape
    (3,)
    >>> as_array([np.str_("cat"), np.str_("dog")]) == ["cat", "dog"]
    True
    """
    if isinstance(values, np.ma.MaskedArray):
        if np.ma.is_masked(values):
            raise ValueError("the array has masked values; say what they are: array.filled(0), for instance")
        return values.data
    if isinstance(values, np.ndarray):
        return values
    if isinstance(values, (list, tuple)) and any(_is_tensor(one) and not isinstance(one, np.generic) for one in values):
        return [as_array(one) for one in values]
    if not _is_tensor(values):
        return values
    if hasattr(values, "detach"):  # PyTorch's, which may be on a GPU or part of a graph
        values = values.detach().cpu()
    return np.asarray(values.numpy() if hasattr(values, "numpy") else values)


def _is_tensor(values: Any) -> bool:
    return (
        not isinstance(values, str)
        and hasattr(values, "__array__")
        and hasattr(values, "dtype")
        and hasattr(values, "shape")
    )
