"""Patterns of fur: spots, stripes and patches that stay inside what they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.datasets.creatures.shapes import Points, Shape, ellipse, ribbon, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.datasets.creatures.ingredients import Part

_SPOTS = (
    (-0.62, -0.1),
    (-0.2, -0.62),
    (0.4, -0.5),
    (0.68, 0.02),
    (0.3, 0.32),
    (-0.35, 0.42),
    (-0.05, -0.12),
    (0.62, 0.55),
)
_PATCHES = ((-0.62, -0.42, 0.52), (0.55, 0.2, 0.46))


def on_fur(pattern: Part, outline: Points, host: str, chance: Sequence[float]) -> list[Shape]:
    """Return a pattern on a body or a head.

    Parameters
    ----------
    pattern : Part
    outline : ndarray, shape (N, 2)
        Of what it is on; the pattern stays inside.
    host : str
        The name of what it is on.
    chance : sequence of float
        At least 16 random numbers, 0..1.
    """
    low, high = outline.min(axis=0), outline.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2
    make = {"spots": _spots, "stripes": _stripes, "patches": _patches}[pattern.variant]
    pieces = make(host, chance)
    inside = within(np.concatenate(pieces) * half + middle, outline, 0.95)
    cuts = np.cumsum([len(piece) for piece in pieces])[:-1]
    return [Shape(points, "pattern", pattern.colour, 0.0, 0.6, host) for points in np.split(inside, cuts)]


def _spots(host: str, chance: Sequence[float]) -> list[Points]:
    chosen = _SPOTS if host == "body" else _SPOTS[:4]
    return [
        ellipse(
            x + 0.22 * (chance[2 * i % 16] - 0.5),
            y + 0.22 * (chance[(2 * i + 1) % 16] - 0.5),
            0.13 + 0.06 * chance[i],
            0.12 + 0.06 * chance[i + 1],
            3 * chance[i],
            corners=14,
        )
        for i, (x, y) in enumerate(chosen)
    ]


def _stripes(host: str, chance: Sequence[float]) -> list[Points]:
    if host == "head":  # three from the crown downwards, as on a tabby
        tops = ((-0.3, -0.95, -0.2, -0.5), (0.0, -1.0, 0.0, -0.42), (0.3, -0.95, 0.2, -0.5))
        return [ribbon([(a, b), ((a + c) / 2, (b + d) / 2), (c, d)], [0.09, 0.085, 0.02], 3) for a, b, c, d in tops]
    heights = (-0.42, -0.1, 0.22, 0.54)
    bends = [0.1 + 0.1 * value for value in chance[:4]]
    lines = []
    for side in (-1, 1):
        for height, bend in zip(heights, bends, strict=True):
            points = [(side * 1.05, height - bend), (side * 0.7, height), (side * 0.4, height + 0.04)]
            lines.append(ribbon(points, [0.085, 0.075, 0.02], 4))
    return lines


def _patches(host: str, chance: Sequence[float]) -> list[Points]:
    side = 1 if chance[3] > 0.5 else -1
    if host == "head":
        return [ellipse(side * 0.5, -0.32, 0.4, 0.56, 0.3 * side)]
    return [
        ellipse(side * x, y, size * (0.85 + 0.3 * chance[i]), size * (0.75 + 0.3 * chance[i + 2]), chance[i])
        for i, (x, y, size) in enumerate(_PATCHES)
    ]


def rings(pattern: Part, line: Points, widths: Sequence[float]) -> list[Shape]:
    """Return rings round a tail that runs along `line` with half the given widths."""
    shapes = []
    for at in range(1, len(line) - 1):
        here, to = line[at], (line[at + 1] - line[at - 1])
        to = to / np.hypot(*to)
        across = np.array([-to[1], to[0]]) * widths[at] * 0.86
        ring = ribbon(np.stack([here - across, here + 0.012 * to, here + across]), [0.016] * 3, 3, cap=False)
        shapes.append(Shape(ring, "pattern", pattern.colour, 0.0, 0.4, "tail"))
    return shapes
