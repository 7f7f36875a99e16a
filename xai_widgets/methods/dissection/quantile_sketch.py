"""Quantiles of streams of numbers, many at a time, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ACCURACY = 2.0**-7
"""The largest error of a quantile, as a share of its own size."""

SMALLEST = 2.0**-40
"""Magnitudes below this count as 0."""

_SHIFT = 16  # of the 23 bits of a float32's mantissa, 7 are kept
_FIRST = int(np.float32(SMALLEST).view("int32")) >> _SHIFT  # the bucket of the smallest magnitude
_ROWS = 2**20  # numbers looked at together


class QuantileSketch:
    """Counts of numbers in buckets that are narrow relative to their values, for several streams side by side.

    A bucket holds the numbers that share sign, exponent and the first bits of the mantissa. So a quantile is known up
    to `ACCURACY` of its own size, whatever the order in which numbers came; and sketches of parts of a stream add up to
    the very sketch of the whole. At most 43,000 buckets a stream are ever kept: those between the extremes seen.

    Parameters
    ----------
    streams : int
        How many.

    References
    ----------
    Charles Masson, Jee Rim, Homin Lee (2019), DDSketch: a fast and fully-mergeable quantile sketch with relative-error
    guarantees.

    Examples
    --------
    >>> sketch = QuantileSketch(1)
    >>> sketch.add(np.arange(1, 1001)[:, np.newaxis])
    >>> bool(abs(sketch.quantile(0.99)[0] - 990) <= 990 * ACCURACY)
    True
    """

    def __init__(self, streams: int) -> None:
        self.counts: NDArray[np.int64] = np.zeros((streams, 0), "int64")
        self._low = 0  # the bucket of the first column

    @property
    def total(self) -> int:
        """The number of values counted for each stream."""
        return int(self.counts[0].sum()) if len(self.counts) else 0

    def add(self, values: ArrayLike) -> None:
        """Count numbers.

        Parameters
        ----------
        values : (N, streams) array
            Finite; a row for each step of all streams.

        Raises
        ------
        ValueError
            If the shape does not fit, or a number is not finite.
        """
        rows = np.asarray(values, "float32")
        streams = len(self.counts)
        if rows.ndim != 2 or rows.shape[1] != streams:
            raise ValueError(f"the numbers of {streams} streams have shape (N, {streams}), not {rows.shape}")
        if not np.isfinite(rows).all():
            raise ValueError("a quantile needs finite numbers; some of these are NaN or infinite")
        step = max(1, _ROWS // max(streams, 1))
        for start in range(0, len(rows), step):
            self._count(_buckets(rows[start : start + step]))

    def __add__(self, other: QuantileSketch) -> QuantileSketch:
        """Return the sketch of both streams, one after the other."""
        if len(self.counts) != len(other.counts):
            raise ValueError(f"sketches of {len(self.counts)} and of {len(other.counts)} streams do not add up")
        both = QuantileSketch(len(self.counts))
        for one in (self, other):
            if one.counts.size:
                both._cover(one._low, one._low + one.counts.shape[1])
                at = one._low - both._low
                both.counts[:, at : at + one.counts.shape[1]] += one.counts
        return both

    def quantile(self, share: float) -> NDArray[np.float64]:
        """Return for each stream the smallest number that at least this share of its numbers do not exceed.

        This is NumPy's ``method="inverted_cdf"``, up to `ACCURACY`.

        Parameters
        ----------
        share : float
            0 to 1.

        Returns
        -------
        (streams,) float64 array
            One number for each stream.

        Raises
        ------
        ValueError
            If the share is not in [0, 1], or nothing was counted.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies in [0, 1], not {share}")
        if not self.total:
            raise ValueError("nothing was counted yet: there is no quantile")
        rank = max(1, int(np.ceil(share * self.total * (1 - 1e-12))))
        below = np.cumsum(self.counts, axis=1)
        column = np.argmax(below >= rank, axis=1)
        streams = np.arange(len(self.counts))
        inside = self.counts[streams, column]
        part = (rank - below[streams, column] + inside - 0.5) / inside
        low, high = _edges(column + self._low)
        found: NDArray[np.float64] = low + part * (high - low)
        return found

    def _count(self, buckets: NDArray[np.int64]) -> None:
        if not buckets.size:
            return
        self._cover(int(buckets.min()), int(buckets.max()) + 1)
        streams, width = self.counts.shape
        places = buckets - self._low + width * np.arange(streams)
        self.counts += np.bincount(places.ravel(), minlength=streams * width).reshape(streams, width)

    def _cover(self, low: int, high: int) -> None:
        """Make room for buckets from `low` up to, and without, `high`."""
        if not self.counts.size:
            self._low, self.counts = low, np.zeros((len(self.counts), high - low), "int64")
        left = max(self._low - low, 0)
        right = max(high - self._low - self.counts.shape[1], 0)
        if left or right:
            self.counts = np.pad(self.counts, ((0, 0), (left, right)))
            self._low -= left


def _buckets(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return signed numbers of buckets: 0 for what is next to nothing, growing with the value."""
    size = np.abs(values)
    number = (size.view("int32").astype("int64") >> _SHIFT) - _FIRST + 1
    return np.where(size < SMALLEST, 0, np.where(values < 0, -number, number))


def _edges(buckets: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values at which buckets begin and end, smaller first."""
    number = np.abs(buckets) - 1 + _FIRST
    near, far = ((one << _SHIFT).astype("int32").view("float32").astype("float64") for one in (number, number + 1))
    low, high = np.where(buckets < 0, -far, near), np.where(buckets < 0, -near, far)
    nothing = buckets == 0
    return np.where(nothing, 0.0, low), np.where(nothing, 0.0, high)
