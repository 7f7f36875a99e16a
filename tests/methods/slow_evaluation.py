"""A second implementation of the evaluations, from their papers: float64, plain loops, one copy at a time."""

import numpy as np


def masking_curve(score, x, places, fill, counts, *, inserting):
    """Hide or show the first places of the order, one after the other; `places` holds no two equal values."""
    order = sorted(np.ndindex(places.shape), key=lambda place: -places[place])
    found = []
    for count in counts:
        shown = fill.copy() if inserting else x.copy()
        for place in order[:count]:
            shown[place] = x[place] if inserting else fill[place]
        found.append(score(shown))
    return np.array(found)


def area(shares, scores):
    """Add up trapezoids."""
    return sum(
        (shares[place + 1] - shares[place]) * (scores[place] + scores[place + 1]) / 2
        for place in range(len(shares) - 1)
    )


def subsets(shape, grid, hidden, samples, seed):
    """Draw the hidden pixels of each sample: all pixels of a random set of cells."""
    height, width = shape
    across, down = min(grid, width), min(grid, height)
    cells, rng = across * down, np.random.default_rng(seed)
    for row in rng.random((samples, cells)):
        lowest = sorted(range(cells), key=lambda cell: row[cell])[: max(1, round(hidden * cells))]
        yield [
            (y, x)
            for y in range(height)
            for x in range(width)
            if (y * down // height) * across + x * across // width in lowest
        ]


def trials(score, x, shares, fill, hidden_pixels):
    """Return what each subset promises and how far the score falls."""
    promised, kept = [], []
    for pixels in hidden_pixels:
        changed = x.copy()
        for pixel in pixels:
            changed[pixel] = fill[pixel]
        promised.append(sum(shares[pixel] for pixel in pixels))
        kept.append(score(x) - score(changed))
    return np.array(promised), np.array(kept)


def imputed(picture, hidden, sweeps=300):
    """Let every hidden pixel become the weighted mean of its neighbours, again and again, until nothing moves."""
    filled = np.where(hidden[..., np.newaxis], picture[~hidden].mean(axis=0), picture.astype("float64"))
    height, width = hidden.shape
    for _ in range(sweeps):
        for y, x in zip(*np.nonzero(hidden), strict=True):
            total, weights = 0.0, 0.0
            for down in (-1, 0, 1):
                for right in (-1, 0, 1):
                    if (down, right) != (0, 0) and 0 <= y + down < height and 0 <= x + right < width:
                        weight = 1 / 6 if down * right == 0 else 1 / 12
                        total, weights = total + weight * filled[y + down, x + right], weights + weight
            filled[y, x] = total / weights
    return filled
