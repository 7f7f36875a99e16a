"""Painting: polygons to a map of surfaces at three times the resolution, and surfaces to colours.

Every point of the fine map belongs to one surface: the part that is in front there. Its colour depends on that surface
and on the point alone, so what an intervention does not cover stays as it was, to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.datasets.creatures.animals import Group
    from xai_widgets.datasets.creatures.ingredients import Light
    from xai_widgets.datasets.creatures.shapes import Points, Shape

FINE: Final = 3
"""Points per pixel and axis; odd, so that one of them is the pixel's centre."""

Floats = NDArray[np.float32]

_SPREAD: Final = 0.33  # Pillow fills the points on the edge too: on average that much beyond it, in points
_SHADE: Final = np.array([0.64, 0.56, 0.68])
_LINE: Final = np.array([0.36, 0.29, 0.33])
_FLAT: Final = 0.1  # the shade below which a surface is not darkened
_LINE_FLOOR: Final = np.array([16.0, 10.0, 16.0])


class Surfaces(NamedTuple):
    """The surface at each point of the fine map, and the paint of each surface.

    Attributes
    ----------
    at : ndarray of uint16, shape (3 H, 3 W)
        The number of the surface.
    table : ndarray of float32, shape (M, 12)
        Lit colour (3), what the shade adds to it (3), then a, b, c, d: the shade at (x, y) is (a x + c)^2 + (b y + d)^2
        less a little, within 0..1; then the grain.
    owner : tuple of (animal or None, part, host), length M
    """

    at: NDArray[np.uint16]
    table: Floats
    owner: tuple[tuple[int | None, str, str], ...]


def rasterise(groups: Sequence[Group], light: Light, size: int) -> Surfaces:
    """Return the surfaces of shapes, later ones in front of earlier ones.

    Parameters
    ----------
    groups : sequence of Group
        The first shape must cover the whole picture.
    light : Light
    size : int
        Side of the picture in pixels.
    """
    image = Image.new("I;16", (FINE * size, FINE * size))
    brush = ImageDraw.Draw(image)
    lines, fills, table = _prepare(groups, light, size)
    owners = [(group.owner, shape.part, shape.host) for group in groups for shape in group.shapes for _ in "-+"]
    shapes = [shape for group in groups for shape in group.shapes]
    for number, (shape, line, fill) in enumerate(zip(shapes, lines, fills, strict=True)):
        if shape.line:
            brush.polygon(line, fill=2 * number)
        brush.polygon(fill, fill=2 * number + 1)
    return Surfaces(np.asarray(image), table, tuple(owners))


def _prepare(groups: Sequence[Group], light: Light, size: int) -> tuple[list[list[float]], list[list[float]], Floats]:
    """Return the outlines, the polygons (both in fine points) and the table of all shapes."""
    shapes = [shape for group in groups for shape in group.shapes]
    placed = [
        np.concatenate([shape.points for shape in group.shapes]) @ group.matrix + group.offset
        for group in groups
        if group.shapes
    ]
    points = np.concatenate(placed)
    counts = np.array([len(shape.points) for shape in shapes])
    ends = np.cumsum(counts)
    starts = ends - counts
    widths = np.repeat([shape.line * group.unit for group in groups for shape in group.shapes], counts)
    outward, inset = _outward(points, starts, ends), _SPREAD / (FINE * size)
    points, grown = points - inset * outward, points + (widths[:, None] - inset) * outward
    bounds = list(zip(starts.tolist(), ends.tolist(), strict=True))
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    fills, lines = _corners(points, bounds, size), _corners(grown, bounds, size)
    return lines, fills, _table(shapes, low, high, light)


def _corners(points: Points, bounds: list[tuple[int, int]], size: int) -> list[list[float]]:
    flat = (points * (FINE * size)).ravel().tolist()  # Pillow cuts the digits off: the point that a corner lies in
    return [flat[2 * start : 2 * end] for start, end in bounds]


def _outward(points: Points, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> Points:
    """Return the unit normals of polygons that lie one behind the other in an array."""
    after = np.arange(1, len(points) + 1)
    after[ends - 1] = starts
    before = np.arange(-1, len(points) - 1)
    before[starts] = ends - 1
    following = points[after]
    area = np.add.reduceat(points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1], starts)
    along = following - points[before]
    sign = np.repeat(np.sign(area), ends - starts) / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-12)
    normals: Points = np.stack([along[:, 1] * sign, -along[:, 0] * sign], axis=1)
    return normals


def _table(shapes: Sequence[Shape], low: Points, high: Points, light: Light) -> Floats:
    """Return two rows for each shape: its outline's and its own."""
    colour = np.array([shape.colour for shape in shapes], dtype=float)
    fade = np.array([shape.fade or (0, 0, 0) for shape in shapes], dtype=float)
    faded = np.array([shape.fade is not None for shape in shapes])
    volume = np.array([shape.volume for shape in shapes])
    round_ = (volume > 0)[:, None]
    half = np.maximum((high - low) / 2, 1e-4)
    angle = np.radians(light.angle)
    towards = np.array([np.sin(angle), -np.cos(angle)])
    slope = np.where(round_, np.sqrt(0.5) / half, 0)
    slope[faded] = np.array([0, np.sqrt(1 + _FLAT)]) / (2 * half[faded])
    middle = np.where(faded[:, None], low, (low + high) / 2 + 0.42 * half * towards)
    table = np.zeros((len(shapes), 2, 12), dtype=np.float32)
    table[:, 0, :3] = colour * _LINE + _LINE_FLOOR
    table[:, 1, :3] = colour + (255 - colour) * (0.1 * volume[:, None])
    dark = np.where(faded[:, None], fade, colour * _SHADE)
    depth = np.where(volume > 0, volume, 1)  # a flat surface is never shaded, but its grain needs a measure
    table[:, 1, 3:6] = (dark - table[:, 1, :3]) * depth[:, None]
    table[:, 1, 6:8], table[:, 1, 8:10] = slope, -slope * middle
    table[:, 1, 10] = np.array([shape.grain for shape in shapes]) / depth
    return table.reshape(-1, 12)


def colours(table: Floats, which: NDArray[np.uint16], x: Floats, y: Floats, grain: Floats) -> Floats:
    """Return the colours of points: surfaces `which` at (x, y); (..., 3), 0..255."""
    row = np.ascontiguousarray(table.T).take(which.astype(np.intp), axis=1)
    across, down = row[6], row[7]
    across *= x
    across += row[8]
    across *= across
    down *= y
    down += row[9]
    down *= down
    shade = across
    shade += down
    shade -= np.float32(_FLAT)
    np.clip(shade, 0, 1, out=shade)
    row[10] *= grain
    shade += row[10]
    row[3:6] *= shade
    row[3:6] += row[:3]
    painted: Floats = row[3:6]
    return painted


def develop(surfaces: Surfaces, grain: Floats, shadow: Floats) -> Floats:
    """Return the picture's colours, (H, W, 3), 0..255: each pixel the mean of its points.

    Parameters
    ----------
    surfaces : Surfaces
    grain : ndarray of float32, shape (H, W)
        A texture around 0.
    shadow : ndarray of float32, shape (H, W)
        How much darker the ground is, 0..1; what belongs to an animal stays as it is.
    """
    size = len(grain)
    centre = surfaces.at[FINE // 2 :: FINE, FINE // 2 :: FINE]
    even = np.ones((size, size), dtype=bool)
    for row in range(FINE):
        for column in range(FINE):
            even &= surfaces.at[row::FINE, column::FINE] == centre
    middle = ((np.arange(size) + 0.5) / size).astype(np.float32)
    ground = np.array([owner is None and part == "background" for owner, part, _ in surfaces.owner], dtype=np.float32)
    picture = np.empty((size, size, 3), dtype=np.float32)
    painted = colours(surfaces.table, centre, middle[None, :], middle[:, None], grain)
    painted *= 1 - shadow * ground[centre]
    picture[:] = painted.transpose(1, 2, 0)
    rows, columns = np.nonzero(~even)
    fine = surfaces.at.reshape(size, FINE, size, FINE)[rows, :, columns, :].transpose(1, 2, 0)
    step = ((np.arange(FINE) - FINE // 2) / (FINE * size)).astype(np.float32)
    x = middle[columns] + step[None, :, None]
    y = middle[rows] + step[:, None, None]
    mixed = colours(surfaces.table, fine, x, y, grain[rows, columns])
    mixed *= 1 - shadow[rows, columns] * ground[fine]
    picture[rows, columns] = mixed.mean(axis=(1, 2)).T
    return picture
