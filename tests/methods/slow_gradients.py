"""A second implementation of the averaged gradients: float64, plain loops, one point at a time."""

import numpy as np

from tests.methods import slow


def integrated_gradients(function, x, base, steps=2000):
    """Sum central differences at the middles of many equal steps."""
    x, base = np.asarray(x, "float64"), np.broadcast_to(np.asarray(base, "float64"), np.shape(x))
    total = np.zeros_like(x)
    for step in range(steps):
        point = base + (step + 0.5) / steps * (x - base)
        total += slow.gradient(function, point) / steps
    return (x - base) * total


def shapley(function, x, base):
    """Average what each value adds over all orders in which the values come in."""
    from itertools import permutations

    x, base = np.asarray(x, "float64"), np.asarray(base, "float64")
    orders = list(permutations(range(len(x))))
    total = np.zeros_like(x)
    for order in orders:
        point = base.copy()
        for place in order:
            before = function(point)
            point[place] = x[place]
            total[place] += (function(point) - before) / len(orders)
    return total


def noisy_gradients(function, x, deviation, samples, seed):
    """Return the gradient at each noisy copy, (samples, ...)."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(samples):
        noise = rng.standard_normal(np.shape(x), "float32").astype("float64")
        found.append(slow.gradient(function, np.asarray(x, "float64") + deviation * noise))
    return np.stack(found)
