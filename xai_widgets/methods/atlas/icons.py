"""Small pictures of directions: what excites a layer along each of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.methods.feature_visualization import activation_maximization, direction

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.classifier import Classifier

POWER = 2.0  # of the cosine: an icon shows its direction, and little else
BATCH = 16  # icons drawn together
RATE = 0.2  # of Adam: twice the usual, since an icon gets few steps
_SHRINKAGE = 0.1  # of the mean variance, added to all: the smallest variances are poorly estimated from few activations
_TINY = 1e-12


def whitening(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the matrix (C, C) from the mean activation of a cell to the direction that distinguishes it from others.

    It is the inverse of the matrix of second moments: along a direction that all activations share, a large value says
    little. A tenth of the mean variance is added to every variance.

    Parameters
    ----------
    vectors : (M, C) array
        M activations of C channels.

    Returns
    -------
    (C, C) float32 array
        Symmetric; a mean activation (C,) times it is the direction.

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


@checked_options
def draw_icons(
    model: Classifier | keras.Model,
    directions: NDArray[np.float32],
    *,
    layer: str,
    size: PositiveInt | None = None,
    steps: PositiveInt = 32,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> NDArray[np.float32]:
    """Draw a small picture for each direction of a layer's channels.

    Pictures are waves in independent colours, moved before each look; what is raised is the product with the direction
    times a power of the cosine. All batches run the same compiled step.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; takes pictures. A bare model is taken to see 0..255.
    directions : (M, C) array
        Directions in the space of the layer's C channels, taken at length 1; a direction of zeros gives mid-grey.
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C).
    size : int, optional
        Pixels a side of an icon, 1 or more; what the model takes if left out. Another one only where the layers up
        to this one take it.
    steps : int, default 32
        Steps of each icon's optimisation, 1 or more.
    seed : int, default 0
        Seed of the icons, 0 or more; icon n is the same alone and among others, but for rounding.
    batch_size : int, optional
        How many icons are drawn at a time, 1 or more; 16 if left out.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps of the icons, and may raise an error to
        stop. None is silent.

    Returns
    -------
    (M, size, size, 3) float32 array
        Values 0 to 1.

    Raises
    ------
    ValueError
        If the layer is unknown, the directions do not fit it or are all zero, the model does not take the size, or
        an option's value is not allowed.

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
