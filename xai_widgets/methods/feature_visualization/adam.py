"""Steps uphill whose length does not depend on that of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8


class Adam:
    """Kingma and Ba (2014), Adam: a method for stochastic optimization, uphill, on NumPy arrays.

    Parameters
    ----------
    numbers : list of float32 arrays
        What is optimised; changed in place.
    rate : float

    Examples
    --------
    >>> place = [np.zeros(2, "float32")]
    >>> ascent = Adam(place, rate=0.1)
    >>> ascent.step([np.array([5.0, -0.01], "float32")])
    >>> place[0].round(4).tolist()
    [0.10000000149011612, -0.10000000149011612]
    """

    def __init__(self, numbers: list[NDArray[np.float32]], rate: float) -> None:
        self.numbers, self.rate = numbers, rate
        self._mean = [np.zeros_like(one) for one in numbers]
        self._square = [np.zeros_like(one) for one in numbers]
        self._steps = 0

    def step(self, gradients: list[NDArray[np.float32]]) -> None:
        """Move along the running mean of the gradient, divided by the root of that of its square."""
        self._steps += 1
        shrink = np.float32(self.rate * np.sqrt(1 - _SECOND**self._steps) / (1 - _FIRST**self._steps))
        groups = zip(self.numbers, self._mean, self._square, gradients, strict=True)
        for numbers, mean, square, gradient in groups:
            mean[...] = mean + np.float32(1 - _FIRST) * (gradient - mean)
            square[...] = square + np.float32(1 - _SECOND) * (gradient * gradient - square)
            numbers[...] = numbers + shrink * mean / (np.sqrt(square) + np.float32(_TINY))
