"""`SuperpixelAttribution`: the contribution of each superpixel or group of features to the score."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.results.attribution_result import Attribution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class SuperpixelAttribution(Attribution):
    """One weight for each superpixel of N examples; in the map, each pixel has the weight of its superpixel.

    Attributes
    ----------
    values : ndarray of float32, shape (N, H, W) or (N, F)
        The weight of the superpixel of each pixel; the sum over pixels has no meaning.
    score : ndarray of float32, shape (N,)
        The explained score.
    recipe : Recipe
        The method and the options that reproduce the result.
    delta : ndarray of float64, shape (N,), or None
        The error of completeness: the sum of the weights minus its theoretical value. None for methods without one.
    pictures : ndarray of float32, shape (N, H, W, 3), or None
        The inputs as pictures, 0..1; None if the inputs are not pictures.
    error : ndarray of float32, the shape of `values`, or None
        The standard error of the weight at each pixel.
    has_channels : bool or None
        Whether the last axis of `values` is that of features; False for maps over places.
    segments : ndarray of int64, shape (N, H, W) or (N, F)
        The superpixel of each pixel, 0 to S - 1; S may differ between pictures.
    weights : tuple of ndarray of float64, shape (S,)
        For each of N examples, one weight for each superpixel, in units of the score.
    errors : tuple of ndarray of float64, shape (S,)
        For each of N examples, the standard error of each weight, in units of the score.
    intercept : ndarray of float64, shape (N,)
        The value of the linear model, or of the game, with every superpixel hidden.
    fit : ndarray of float64, shape (N,), or None
        For LIME, the weighted coefficient of determination (R squared) of the linear model, at most 1.
    names : tuple of tuple of str
        For each of N examples, the name of each weight if features have names; empty otherwise.
    """

    segments: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, "int64"))
    weights: tuple[NDArray[np.float64], ...] = ()
    errors: tuple[NDArray[np.float64], ...] = ()
    intercept: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    fit: NDArray[np.float64] | None = None
    names: tuple[tuple[str, ...], ...] = ()

    def _check_fields(self) -> None:
        super()._check_fields()
        for segments, weights in zip(self.segments, self.weights, strict=False):
            if segments.size and not 0 <= segments.min() <= segments.max() < len(weights):
                raise ValueError(
                    f"segments has the numbers 0 to {segments.max()}, and there are {len(weights)} weights"
                )

    def mask(self, count: int = 5, example: int = 0, *, sign: int = 1) -> NDArray[np.bool_]:
        """Return the mask of the superpixels with the largest weights.

        Parameters
        ----------
        count : int, default 5
            The largest number of superpixels.
        example : int, default 0
            The index of the example.
        sign : {1, -1, 0}
            1 chooses positive weights, -1 negative ones, 0 both by magnitude.

        Returns
        -------
        ndarray of bool, shape (H, W)
            True at the pixels of these superpixels.
        """
        weights = self.weights[example]
        strength = np.abs(weights) if sign == 0 else sign * weights
        best = np.argsort(-strength, kind="stable")[:count]
        found: NDArray[np.bool_] = np.isin(self.segments[example], best[strength[best] > 0])
        return found

    def _row(self, place: int) -> tuple[list[str], NDArray[Any]]:
        """Return the names and the weights of the groups of features, or of the features, of one row."""
        if not self.names:
            return super()._row(place)
        return list(self.names[place]), self.weights[place]

    def _feature_names(self) -> list[str]:
        alike = self.names and len(set(self.names)) == 1 and len(self.names[0]) == self.values.shape[1]
        return list(self.names[0]) if alike else super()._feature_names()

    def _columns(self) -> Mapping[str, Any]:
        if self.values.ndim == 2 or not self.weights:
            return super()._columns()
        sizes = [len(weights) for weights in self.weights]
        example = np.repeat(np.arange(len(self)), sizes)
        return {
            "example": example,
            "target": [self._targets()[place] for place in example],
            "score": np.asarray(self.score)[example],
            "superpixel": np.concatenate([np.arange(size) for size in sizes]),
            "weight": np.concatenate(self.weights),
            "error": np.concatenate(self.errors) if self.errors else np.full(len(example), np.nan),
        }


def on_map(weights: Sequence[NDArray[np.float64]], segments: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return a map in which each pixel has the weight of its superpixel.

    Examples
    --------
    >>> on_map([np.array([0.5, 2.0])], np.array([[[0, 1], [1, 1]]])).tolist()
    [[[0.5, 2.0], [2.0, 2.0]]]
    """
    return np.stack([of[where] for of, where in zip(weights, segments, strict=True)]).astype("float32")
