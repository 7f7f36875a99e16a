"""A second implementation of gradients and attacks: float64, central differences, plain loops."""

import math

import numpy as np


def gradient(function, x, step=1e-6):
    """Differentiate a scalar function of one input by central differences, value by value."""
    x = np.asarray(x, "float64")
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[place] += step
        behind[place] -= step
        found[place] = (function(ahead) - function(behind)) / (2 * step)
    return found


def margin(numbers, x, index):
    """Log of the summed exponentials of the other logits, minus the class's own."""
    logits = numbers.logits(x[np.newaxis])[0]
    others = np.delete(logits, index)
    return others.max() + np.log(np.exp(others - others.max()).sum()) - logits[index]


def steepest(steep, norm, mask):
    allowed = steep if mask is None else steep * mask
    if norm == "l2":
        allowed = allowed.astype("float64")  # the length of tiny numbers has few digits in float32
        length = math.hypot(*allowed.ravel())
        return allowed / length if length else np.zeros_like(allowed)
    found = np.zeros_like(allowed)
    for place in np.ndindex(allowed.shape):
        if allowed[place] > 0:
            found[place] = 1
        elif allowed[place] < 0:
            found[place] = -1
    return found


def into_range(x, clip):
    return x if clip is None else np.minimum(np.maximum(x, clip[0]), clip[1])


def project(moved, start, epsilon, *, norm, clip, mask):
    """Bring one point back into the ball around its start, then into the range."""
    step = moved - start if mask is None else (moved - start) * mask
    if norm == "linf":
        for place in np.ndindex(step.shape):
            step[place] = min(max(step[place], -epsilon), epsilon)
    else:
        length = math.hypot(*step.ravel())
        if length > epsilon:
            step = step * (epsilon / length)
    return into_range(start + step, clip)


def fgsm(numbers, x, index, *, epsilon, norm="linf", clip=None, mask=None, targeted=False):
    steep = gradient(lambda point: margin(numbers, point, index), x) * (-1 if targeted else 1)
    return into_range(x + epsilon * steepest(steep, norm, mask), clip)


def pgd(numbers, x, index, *, epsilon, step_size, steps, norm="linf", clip=None, mask=None, targeted=False):
    """Take the steps one by one, from the input itself."""
    start = np.asarray(x, "float64")
    point = start.copy()
    for _ in range(steps):
        steep = gradient(lambda place: margin(numbers, place, index), point) * (-1 if targeted else 1)
        moved = into_range(point + step_size * steepest(steep, norm, mask), clip)
        point = project(moved, start, epsilon, norm=norm, clip=clip, mask=mask)
    return point
