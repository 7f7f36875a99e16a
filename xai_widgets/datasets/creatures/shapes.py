"""Polygons of curves: ellipses, smooth closed outlines, leaves and ribbons, in the units of the caller."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.datasets.creatures.palettes import Colour

Points = NDArray[np.float64]
_Given = ParamSpec("_Given")


def _remembered(make: Callable[_Given, Points]) -> Callable[_Given, Points]:
    """Cache the last curves of a function: most parts are the same in every picture of a pose."""

    @functools.lru_cache(maxsize=8192)
    def kept(*args: Any, **options: Any) -> Points:
        points = make(*args, **options)
        points.setflags(write=False)
        return points

    @functools.wraps(make)
    def lookup(*args: _Given.args, **options: _Given.kwargs) -> Points:
        plain: dict[str, Any] = options
        return kept(*map(_hashable, args), **plain)

    return lookup


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(tuple(one) if isinstance(one, list) else one for one in value) if isinstance(value, list) else value


class Shape(NamedTuple):
    """A filled polygon and its paint.

    Attributes
    ----------
    points : ndarray, shape (N, 2)
        Corners, x to the right and y down.
    part : str
        The part whose mask it belongs to.
    colour : (int, int, int)
        In full light.
    line : float
        Width of its outline, as a share of the usual one; 0: none.
    volume : float
        How much darker it gets away from the light, 0 (flat) to 1.
    host : str
        The part that it sits on and goes with; "" if it goes with its own part alone.
    grain : float
        How much of the texture shows.
    fade : (int, int, int), optional
        The colour at its bottom, if it goes evenly from `colour` at its top.
    """

    points: Points
    part: str
    colour: Colour
    line: float = 1.0
    volume: float = 0.8
    host: str = ""
    grain: float = 0.09
    fade: Colour | None = None


@functools.cache
def _circle(count: int) -> Points:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@_remembered
def ellipse(x: float, y: float, across: float, down: float, turn: float = 0.0, *, corners: int = 28) -> Points:
    """Return an ellipse around (x, y) with half axes `across` and `down`, turned by `turn` radians.

    Examples
    --------
    >>> ellipse(0, 0, 2, 1, corners=4).round(6).tolist()
    [[2.0, 0.0], [0.0, 1.0], [-2.0, 0.0], [-0.0, -1.0]]
    """
    flat = _circle(corners) * (across, down)
    return moved(turned(flat, turn) if turn else flat, x, y)


def moved(points: Points, x: float, y: float) -> Points:
    """Return points moved by (x, y)."""
    there: Points = points + np.array([x, y])
    return there


def turned(points: Points, angle: float) -> Points:
    """Return points turned about the origin by `angle` radians, clockwise as seen (y points down)."""
    cos, sin = np.cos(angle), np.sin(angle)
    rotated: Points = points @ np.array([[cos, sin], [-sin, cos]])
    return rotated


@functools.cache
def _closed_basis(controls: int, steps: int) -> Points:
    """Return the weights of a closed Catmull-Rom curve: (controls x steps, controls)."""
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    weights = np.concatenate(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=1
    )
    basis = np.zeros((controls, steps, controls))
    for piece in range(controls):
        for offset in range(4):
            basis[piece, :, (piece + offset - 1) % controls] += weights[:, offset] / 2
    return basis.reshape(-1, controls)


@_remembered
def blob(controls: Sequence[tuple[float, float]] | Points, steps: int = 6) -> Points:
    """Return the smooth closed curve through the control points (Catmull and Rom, 1974).

    Examples
    --------
    >>> blob([(0, -1), (1, 0), (0, 1), (-1, 0)], steps=1).tolist()
    [[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]
    """
    points: Points = _closed_basis(len(controls), steps) @ np.asarray(controls, dtype=float)
    return points


@_remembered
def mirrored(half: Sequence[tuple[float, float]], steps: int = 6) -> Points:
    """Return the smooth curve through the points of a right half, top to bottom, and their mirror images."""
    left = [(-x, y) for x, y in reversed(half) if x]
    return blob([*half, *left], steps)


@functools.cache
def _open_basis(controls: int, steps: int) -> Points:
    """Return the weights of an open Catmull-Rom curve, its ends doubled: ((controls - 1) x steps + 1, controls)."""
    at = np.linspace(0, controls - 1, (controls - 1) * steps + 1)
    piece = np.minimum(at.astype(int), controls - 2)
    t = at - piece
    weights = [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    basis = np.zeros((len(at), controls))
    for offset, weight in enumerate(weights):
        np.add.at(basis, (np.arange(len(at)), np.clip(piece + offset - 1, 0, controls - 1)), weight / 2)
    return basis


@_remembered
def ribbon(
    middle: Sequence[tuple[float, float]] | Points, widths: Sequence[float], steps: int = 6, *, cap: bool = True
) -> Points:
    """Return a ribbon along a smooth curve: tails, legs, whiskers, stripes.

    Parameters
    ----------
    middle : sequence of (x, y), at least two
        What the curve goes through.
    widths : sequence of float
        Half of the width at each of these points.
    steps : int
        Corners between two points.
    cap : bool
        Whether the ends are round.

    Returns
    -------
    ndarray, shape (N, 2)

    Examples
    --------
    >>> ribbon([(0, 0), (1, 0)], [0.1, 0.1], steps=1, cap=False).tolist()
    [[0.0, 0.1], [1.0, 0.1], [1.0, -0.1], [0.0, -0.1]]
    """
    basis = _open_basis(len(middle), steps)
    line, half = basis @ np.asarray(middle, dtype=float), (basis @ np.asarray(widths, dtype=float))[:, None]
    along = np.empty_like(line)
    along[1:-1] = line[2:] - line[:-2]
    along[0], along[-1] = line[1] - line[0], line[-1] - line[-2]
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    across = along[:, ::-1] * (-1, 1)
    left, right = line + half * across, (line - half * across)[::-1]
    if not cap:
        return np.concatenate([left, right])
    arc = np.array([[0.78, 0.62], [0.22, 0.97], [-0.22, 0.97], [-0.78, 0.62]])
    far = line[-1] + half[-1] * (arc @ np.stack([across[-1], along[-1]]))
    near = line[0] + half[0] * (arc @ np.stack([-across[0], -along[0]]))
    return np.concatenate([left, far, right, near])


@functools.cache
def _bend(steps: int) -> tuple[Points, Points, Points]:
    t = np.linspace(0, 1, steps)[:, None]
    return (1 - t) ** 2, 2 * t * (1 - t), t**2


@_remembered
def leaf(
    start: tuple[float, float], tip: tuple[float, float], end: tuple[float, float], bulge: float = 0.15, steps: int = 7
) -> Points:
    """Return a shape with a sharp tip: from `start` in a curve to `tip` and in a curve back to `end`.

    `bulge` is how far the sides swell outwards (inwards if negative), as a share of their length.
    """
    ends = np.array([start, tip, end], dtype=float)
    first, middle, last = _bend(steps)
    sides = []
    centre = ends.mean(axis=0)
    for a, b in ((ends[0], ends[1]), (ends[1], ends[2])):
        half = (a + b) / 2
        normal = np.array([b[1] - a[1], a[0] - b[0]])
        if normal @ (half - centre) < 0:
            normal = -normal
        sides.append(first * a + middle * (half + 2 * bulge * normal) + last * b)
    return np.concatenate([sides[0], sides[1][1:]])


def within(points: Points, host: Points, margin: float = 0.97) -> Points:
    """Return points drawn towards the middle of `host` until they lie inside it: a pattern stays on the fur.

    `host` must be star-shaped: every ray from its middle crosses its outline once.
    """
    middle = (host.min(axis=0) + host.max(axis=0)) / 2
    edge, offsets = host - middle, points - middle
    angles = np.arctan2(edge[:, 1], edge[:, 0])
    order = np.argsort(angles)
    reach = np.hypot(edge[:, 0], edge[:, 1])[order]
    allowed = margin * np.interp(np.arctan2(offsets[:, 1], offsets[:, 0]), angles[order], reach, period=2 * np.pi)
    lengths = np.maximum(np.hypot(offsets[:, 0], offsets[:, 1]), 1e-9)
    inside: Points = middle + offsets * np.minimum(1.0, allowed / lengths)[:, None]
    return inside
