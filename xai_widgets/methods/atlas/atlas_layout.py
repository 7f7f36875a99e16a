"""Where activations lie on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import naming
from xai_widgets.methods.embedding import LAYOUTS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_NEIGHBOURS = 15  # that UMAP keeps near, as long as there are so many
_PERPLEXITY = 30.0  # of t-SNE, as long as there are three times as many activations


def laid_out(vectors: NDArray[np.float32], layout: str | ArrayLike, seed: int) -> NDArray[np.float64]:
    """Lay activations (M, C) out in two dimensions, (M, 2), by the name of a way or at given places.

    Before, each is brought to length 1: near are those of one direction, as in the paper.

    Raises
    ------
    ValueError
        For an unknown name, too few activations, or places that are not one for each activation.

    Examples
    --------
    >>> laid_out(np.eye(6, 4, dtype="float32"), "pca", seed=0).shape
    (6, 2)
    """
    count = len(vectors)
    if not isinstance(layout, str):
        with naming("layout"):
            points = np.asarray(layout, "float64")
        if points.shape != (count, 2):
            raise ValueError(f"layout must hold one place for each of {count} activations, not {points.shape}")
        return points
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}; choose one of {', '.join(LAYOUTS)}, or give places (M, 2)")
    options: dict[str, dict[str, Any]] = {
        "tsne": {"perplexity": max(1.0, min(_PERPLEXITY, (count - 1) / 3))},
        "umap": {"neighbours": max(2, min(_NEIGHBOURS, count - 1))},
    }
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = vectors / np.where(lengths > 0, lengths, 1)
    return np.asarray(LAYOUTS[layout](directions, seed=seed, **options.get(layout, {})).points, "float64")
