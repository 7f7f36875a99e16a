"""The random draws of our evaluations, made again for other libraries: a subset of a grid's cells, a small step."""

import numpy as np

SEED, SAMPLES, GRID, HIDDEN = 3, 40, 6, 0.25
STEPS, EPSILON = 8, 0.1


def hidden_pixels(shape):
    """Return which pixels each sample hides, (SAMPLES, H, W) bool: all of a random set of cells, always as many."""
    rng = np.random.default_rng(SEED)
    down, across = (np.arange(length) * GRID // length for length in shape)
    cells = down[:, np.newaxis] * GRID + across
    lowest = np.argsort(rng.random((SAMPLES, GRID * GRID)), axis=1)[:, : round(HIDDEN * GRID * GRID)]
    return np.stack([np.isin(cells, chosen) for chosen in lowest])


def small_steps(shape):
    """Return directions in which an input is moved, (STEPS, H, W, C), each value between -1 and 1."""
    rng = np.random.default_rng(SEED)
    return np.stack([rng.uniform(-1, 1, shape).astype("float32") for _ in range(STEPS)])


def random_map(shape):
    return np.random.default_rng(5).normal(0, 1, shape).astype("float32")


def masks_of_things(shape):
    """Return two rectangles, (2, H, W) bool."""
    masks = np.zeros((2, *shape), bool)
    masks[0, 2:7, 3:9] = masks[1, 5:, :6] = True
    return masks
