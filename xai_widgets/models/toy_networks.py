"""The two toy networks of the DeepLIFT paper: saturation, and a discontinuous gradient."""

from __future__ import annotations

import keras
import numpy as np


def saturating_net() -> keras.Model:
    """Return y = 1 - relu(1 - i1 - i2), which is min(i1 + i2, 1).

    Returns
    -------
    keras.Model
        Maps (N, 2) to (N, 1).

    References
    ----------
    Avanti Shrikumar, Peyton Greenside, Anshul Kundaje (2017), Learning important features through propagating
    activation differences, arXiv 1704.02685, figure 1.

    Examples
    --------
    >>> net = saturating_net()
    >>> net.predict_on_batch(np.array([[0.25, 0.5], [1.0, 1.0]])).ravel().tolist()
    [0.75, 1.0]
    """
    rest = keras.layers.Dense(1, activation="relu", name="rest")
    output = keras.layers.Dense(1, name="y")
    net = keras.Sequential([keras.Input((2,)), rest, output], name="saturation")
    rest.set_weights([np.full((2, 1), -1.0), np.ones(1)])
    output.set_weights([np.full((1, 1), -1.0), np.ones(1)])
    return net


def threshold_net() -> keras.Model:
    """Return y = relu(x - 10), whose gradient is discontinuous at 10.

    Returns
    -------
    keras.Model
        Maps (N, 1) to (N, 1).

    References
    ----------
    Avanti Shrikumar, Peyton Greenside, Anshul Kundaje (2017), Learning important features through propagating
    activation differences, arXiv 1704.02685, figure 2.

    Examples
    --------
    >>> threshold_net().predict_on_batch(np.array([[9.0], [10.5]])).ravel().tolist()
    [0.0, 0.5]
    """
    unit = keras.layers.Dense(1, activation="relu", name="y")
    net = keras.Sequential([keras.Input((1,)), unit], name="discontinuity")
    unit.set_weights([np.ones((1, 1)), np.full(1, -10.0)])
    return net
