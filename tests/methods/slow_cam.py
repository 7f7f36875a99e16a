"""A second implementation of the class activation maps: float64, plain loops over maps and places."""

import numpy as np


def grad_cam(activations, gradients):
    height, width, channels = activations.shape
    found = np.zeros((height, width))
    for channel in range(channels):
        weight = sum(gradients[i, j, channel] for i in range(height) for j in range(width)) / (height * width)
        found += weight * activations[..., channel]
    return found


def grad_cam_plus_plus(activations, gradients, formula="paper"):
    height, width, channels = activations.shape
    found = np.zeros((height, width))
    for channel in range(channels):
        total, shares = activations[..., channel].sum(), np.zeros((height, width))
        for i, j in np.ndindex(height, width):
            gradient = gradients[i, j, channel]
            if gradient:
                shares[i, j] = gradient**2 / (2 * gradient**2 + total * gradient**3)
        if formula == "normalised" and shares.sum():
            shares /= shares.sum()
        weight = sum(shares[i, j] * max(gradients[i, j, channel], 0) for i, j in np.ndindex(height, width))
        found += weight * activations[..., channel]
    return found


def layer_cam(activations, gradients):
    found = np.zeros(activations.shape[:2])
    for i, j, channel in np.ndindex(*activations.shape):
        found[i, j] += max(gradients[i, j, channel], 0) * activations[i, j, channel]
    return found


def hires_cam(activations, gradients):
    found = np.zeros(activations.shape[:2])
    for i, j, channel in np.ndindex(*activations.shape):
        found[i, j] += gradients[i, j, channel] * activations[i, j, channel]
    return found


def eigen_cam(activations, _gradients=None, rounds=2000):
    """Find the first direction by multiplying again and again."""
    height, width, channels = activations.shape
    rows = activations.reshape(-1, channels)
    direction = np.ones(channels)
    for _ in range(rounds):
        direction = rows.T @ (rows @ direction)
        direction /= np.linalg.norm(direction)
    found = (rows @ direction).reshape(height, width)
    return found if found.sum() >= 0 else -found


def score_cam(activations, score, picture):
    """Mask the picture with each map, enlarged pixel by pixel."""
    scores = []
    for channel in range(activations.shape[-1]):
        mask = bilinear(activations[..., channel], picture.shape[:2])
        low, high = mask.min(), mask.max()
        mask = (mask - low) / (high - low) if high > low else np.zeros_like(mask)
        scores.append(score(picture * mask[..., np.newaxis]))
    powers = np.exp(np.array(scores) - max(scores))
    return (activations * (powers / powers.sum())).sum(axis=-1)


def bilinear(small, size):
    """Enlarge a map pixel by pixel: each takes the four nearest centres of cells by their closeness."""
    found = np.zeros(size)
    for row, column in np.ndindex(*size):
        places = []
        for place, length, count in ((row, size[0], small.shape[0]), (column, size[1], small.shape[1])):
            centre = min(max((place + 0.5) * count / length - 0.5, 0), count - 1)
            low = int(np.floor(centre))
            places.append([(low, 1 - (centre - low)), (min(low + 1, count - 1), centre - low)])
        for (i, one), (j, other) in ((a, b) for a in places[0] for b in places[1]):
            found[row, column] += one * other * small[i, j]
    return found
