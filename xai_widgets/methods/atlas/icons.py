"""Small pictures of directions: what excites a layer along each of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.feature_visualization import activation_maximization, direction

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier

POWER = 2.0  # of the cosine: an icon shows its direction, and little else
BATCH = 16  # icons drawn together
RATE = 0.2  # of Adam: twice the usual, since an icon gets few steps
_SHRINKAGE = 0.1  # of the mean variance, added to all: few activations say little of the smallest variances
_TINY = 1e-12


def whitening(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the matrix (C, C) that takes the mean activation of a cell to the direction that tells it from others.

    It is the inverse of the matrix of second moments: along a direction that all activations share, a large value says
    little. A tenth of the mean variance is added to every variance.

    Parameters
    ----------
    vectors : (M, C) array

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> vectors = rng.normal(0, [10.0, 1.0], (5000, 2))
    >>> matrix = whitening(vectors)
    >>> bool(matrix[1, 1] > 5 * matrix[0, 0] > 0)
    True
    """
    values = np.asarray(vectors, "float64")
    moments = values.T @ values / len(values)
    size = len(moments)
    moments += np.eye(size) * (_SHRINKAGE * np.trace(moments) / size + _TINY)
    return np.linalg.inv(moments).astype("float32")


def draw_icons(
    model: Classifier | keras.Model,
    directions: NDArray[np.float32],
    *,
    layer: str,
    size: int | None = None,
    steps: int = 32,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> NDArray[np.float32]:
    """Draw a small picture for each direction of a layer's channels.

    Pictures are waves in independent colours, moved before each look; what is raised is the product with the direction
    times a power of the cosine. All batches run the same compiled step.

    Parameters
    ----------
    model : Classifier or keras.Model
    directions : (M, C) array
        Taken at length 1; a direction of zeros gives mid-grey.
    layer : str
    size : int, optional
        Pixels a side; what the model takes if left out. Another one only where the layers up to this take it.
    steps, seed, progress
        As for `activation_maximization`; icon number n of a seed is the same alone and among others, but for rounding.
    batch_size : int, optional
        Icons at a time, 16 if left out.

    Returns
    -------
    (M, size, size, 3) float32 array
        Values 0 to 1.

    Raises
    ------
    ValueError
        If the directions do not fit the layer, or the model does not take the size.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> draw_icons(xai.load_model("digits"), np.eye(64)[:3], layer="conv4", steps=2).shape
    (3, 8, 8, 3)
    """
    rows = np.asarray(directions, "float32")
    wanted = np.linalg.norm(rows, axis=-1) > 0
    if not wanted.any():
        raise ValueError("all directions are zero: there is nothing to draw")
    rows = np.where(wanted[:, np.newaxis], rows, rows[wanted][0])
    objective = direction(layer, rows, POWER)
    options: dict[str, Any] = {
        "rate": RATE,
        "size": size,
        "steps": steps,
        "seed": seed,
        "batch_size": batch_size or BATCH,
        "progress": progress,
    }
    drawn = activation_maximization(model, objective, **options).pictures[..., :3]
    drawn[~wanted] = 0.5
    return drawn
