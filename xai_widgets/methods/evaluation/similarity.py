"""Does an explanation survive? Similarity of two attribution maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from scipy.stats import rankdata

from xai_widgets.common.checked_options import checked_options
from xai_widgets.common.option_types import OneOf
from xai_widgets.results.attribution_result import Attribution

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURES = ("spearman", "cosine", "top")
Measure = Annotated[str, OneOf(MEASURES)]

_TOP_SHARE = 0.1  # of the pixels count as "most important"


@checked_options
def map_similarity(first: Any, second: Any, measure: Measure = "spearman") -> NDArray[np.float64]:
    """Compare the attribution maps of N images pair by pair.

    Parameters
    ----------
    first, second : Attribution, or array of shape (N, H, W)
        Two explanations of the same N examples, or maps of them such as `Attribution.heatmap` gives. Of an Attribution
        of pictures, the map with the largest magnitude of the channels is compared, as ``heatmap()`` draws it; give
        ``heatmap("sum")`` to compare signed maps. Of rows and other shapes, the values themselves.
    measure : {"spearman", "cosine", "top"}, default "spearman"
        Rank correlation over the pixels (-1 to 1); cosine of the angle between the maps (-1 to 1); share of the most
        important tenth of the pixels that both maps have in common (0 to 1, a tenth by chance).

    Returns
    -------
    (N,) float64 array
        One number for each example: 1 for equal maps. 0 where a map ranks nothing: a constant one, or for the cosine
        one of zeros.

    Raises
    ------
    ValueError
        If the shapes differ, arrays are not (N, H, W), or the measure is unknown.

    References
    ----------
    Amirata Ghorbani, Abubakar Abid, James Zou (2019), Interpretation of neural networks is fragile,
    arXiv:1710.10547, for rank correlation and the intersection of the most important pixels.

    Examples
    --------
    >>> import numpy as np
    >>> grid = np.arange(16.0).reshape(1, 4, 4)
    >>> map_similarity(grid, grid**2).tolist()
    [1.0]
    """
    maps = [_compared(one) for one in (first, second)]
    if maps[0].shape != maps[1].shape:
        msg = f"maps must both be of one shape (N, H, W), not {maps[0].shape} and {maps[1].shape}"
        raise ValueError(msg)
    flat = [one.reshape(len(one), -1) for one in maps]
    return np.array([_BY_NAME[measure](a, b) for a, b in zip(*flat, strict=True)])


def _compared(one: Any) -> NDArray[np.float64]:
    """Return what is compared: the maps of an Attribution of pictures, the values of another, or an array as it is."""
    if isinstance(one, Attribution):
        values: NDArray[np.float64] = (one.heatmap() if one.values.ndim == 4 else one.values).astype("float64")
        return values
    maps = np.asarray(one, dtype="float64")
    if maps.ndim != 3:
        raise ValueError(f"maps must be (N, H, W), not {maps.shape}; see Attribution.heatmap")
    return maps


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / lengths, -1, 1)) if lengths > 0 else 0.0


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Correlate ranks; ties share their mean rank."""
    ranks = [rankdata(one) for one in (a, b)]
    return _cosine(ranks[0] - ranks[0].mean(), ranks[1] - ranks[1].mean())


def _top(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    count = max(1, round(_TOP_SHARE * len(a)))
    best = [set(np.argsort(-one, kind="stable")[:count].tolist()) for one in (a, b)]
    return len(best[0] & best[1]) / count


_BY_NAME = dict(zip(MEASURES, (_spearman, _cosine, _top), strict=True))
