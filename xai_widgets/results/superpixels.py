"""`SuperpixelAttribution`: what each superpixel, or group of features, counts for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.results.attribution import Attribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SuperpixelAttribution(Attribution):
    """One weight for each superpixel of N examples; as a map, each pixel has the weight of its superpixel.

    Attributes
    ----------
    values, error : (N, H, W) or (N, F) float32 arrays
        The weights and their standard errors, at each pixel; their sum over pixels has no meaning.
    segments : (N, H, W) or (N, F) int array
        Which superpixel each pixel belongs to, 0 to S - 1; S may differ from picture to picture.
    weights, errors : tuples of N float64 arrays (S,)
        One for each superpixel, in units of the score.
    intercept : (N,) float64 array
        What the linear model, or the game, gives with every superpixel hidden.
    fit : (N,) float64 array or None
        For LIME, how well the linear model fits around the input (R squared, weighted): 1 is perfect.
    names : tuple of N tuples of S str
        What each weight speaks of, where features have names; empty otherwise.
    """

    segments: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, "int64"))
    weights: tuple[NDArray[np.float64], ...] = ()
    errors: tuple[NDArray[np.float64], ...] = ()
    intercept: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    fit: NDArray[np.float64] | None = None
    names: tuple[tuple[str, ...], ...] = ()

    def mask(self, count: int = 5, example: int = 0, *, sign: int = 1) -> NDArray[np.bool_]:
        """Return where the `count` superpixels with the most weight are, as a map (H, W).

        Parameters
        ----------
        count : int
        example : int
        sign : {1, -1, 0}
            Those that speak for what is explained, those against it, or both by magnitude.
        """
        weights = self.weights[example]
        strength = np.abs(weights) if sign == 0 else sign * weights
        best = np.argsort(-strength, kind="stable")[:count]
        found: NDArray[np.bool_] = np.isin(self.segments[example], best[strength[best] > 0])
        return found


def on_map(weights: Sequence[NDArray[np.float64]], segments: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give each pixel the weight of its superpixel.

    Examples
    --------
    >>> on_map([np.array([0.5, 2.0])], np.array([[[0, 1], [1, 1]]])).tolist()
    [[[0.5, 2.0], [2.0, 2.0]]]
    """
    return np.stack([of[where] for of, where in zip(weights, segments, strict=True)]).astype("float32")
