"""A map of points to zoom and move: hover shows whose point it is, a line drawn around points chooses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.plots.palette import LOOKS, look
from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


class PointMap(Component):
    """Points of the plane in the colours and marks of their groups, each with a name and a small picture.

    A drag draws around points, or moves the map where that tool is on; the wheel zooms once the map has the focus. By
    the keys, + and - zoom, 0 shows the whole map, Shift and arrows move it, the arrows go from point to point, Enter
    chooses one, and L begins a line around points: the arrows move a cross, Space sets a corner, Enter closes the line.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.

    Examples
    --------
    >>> view = PointMap(title="Four points")
    >>> view.set_items(["a", "b", "c", "d"], groups=[0, 0, 1, 1])
    >>> view.set_points(np.eye(4)[:, :2])
    >>> view
    PointMap(4 points)
    """

    _esm = assets.module("point_map")
    _css = assets.style("point_map")

    points = traitlets.Bytes(b"").tag(sync=True)
    """Float32 (N, 2); empty: not laid out yet. Read-only: `set_points` fills it."""

    names: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """What each point is called. Read-only: `set_items` fills it."""

    looks: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    """Colour, mark and name of each group. Read-only."""

    groups = traitlets.Bytes(b"").tag(sync=True)
    """Uint8 (N,): the place of each point's group in `looks`. Read-only."""

    rings = traitlets.Bytes(b"").tag(sync=True)
    """Uint8 (N,): 1 where a point has a ring around it; empty: none has. Read-only."""

    pictures = traitlets.Bytes(b"").tag(sync=True)
    """Uint8 (N, side, side, 3); empty: there are none. Read-only."""

    side = traitlets.Int(32, min=1).tag(sync=True)
    """Height and width of the pictures in pixels. Read-only."""

    size = traitlets.Int(400, min=120).tag(sync=True)
    """Height and greatest width of the map, in pixels of the page."""

    chosen: traitlets.List[int] = traitlets.List(traitlets.Int()).tag(sync=True)
    """Numbers of the chosen points, in order; the others fade."""

    pointed = traitlets.Int(-1).tag(sync=True)
    """Number of the point under the pointer or the keys; -1: none. Linked in the browser, unknown to the kernel."""

    title = traitlets.Unicode("").tag(sync=True)
    """A line over the map."""

    caption = traitlets.Unicode("").tag(sync=True)
    """A line under it."""

    alt = traitlets.Unicode("").tag(sync=True)
    """What the map shows, for those who do not see it."""

    empty = traitlets.Unicode("").tag(sync=True)
    """What stands in its place while there are no points."""

    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    """Share of the computation that is done, 0 to 1; None: nothing runs."""

    def set_items(
        self,
        names: Sequence[str],
        groups: ArrayLike,
        group_names: Sequence[str] = (),
        pictures: NDArray[np.uint8] | None = None,
        rings: ArrayLike | None = None,
    ) -> None:
        """Say what the points are; those that lie on the map are taken away.

        Parameters
        ----------
        names : sequence of N str
        groups : (N,) array of int
            0 to at most 29.
        group_names : sequence of str, optional
        pictures : (N, S, S, 3) uint8 array, optional
        rings : (N,) array of bool, optional

        Raises
        ------
        ValueError
            If the lengths differ or there are too many groups.
        """
        of = np.asarray(groups)
        if len(of) != len(names) or (of.size and not 0 <= of.min() <= of.max() < LOOKS):
            raise ValueError(f"groups are {len(names)} numbers from 0 to {LOOKS - 1}, one for each name")
        for what, values in (("pictures", pictures), ("rings", rings)):
            if values is not None and len(np.asarray(values)) != len(names):
                raise ValueError(f"{len(names)} names need as many {what}")
        count = int(of.max()) + 1 if of.size else 0
        with self.hold_sync():
            self.points, self.chosen, self.pointed = b"", [], -1
            self.names = list(map(str, names))
            self.looks = [[*look(one)[:2], group_names[one] if one < len(group_names) else ""] for one in range(count)]
            self.groups = of.astype(np.uint8).tobytes()
            self.rings = b"" if rings is None else np.asarray(rings, np.uint8).tobytes()
            self.pictures = b"" if pictures is None else np.ascontiguousarray(pictures, np.uint8).tobytes()
            self.side = self.side if pictures is None else int(pictures.shape[1])

    def set_points(self, points: ArrayLike) -> None:
        """Lay the points out, (N, 2); their units do not matter.

        Raises
        ------
        ValueError
            If there are not as many points as names.
        """
        array: NDArray[Any] = np.ascontiguousarray(points, np.float32)
        if array.shape != (len(self.names), 2):
            raise ValueError(f"{len(self.names)} names need points ({len(self.names)}, 2), got {array.shape}")
        self.points = array.tobytes()

    def __repr__(self) -> str:
        """Count the points."""
        return f"PointMap({len(self.points) // 8} points)"
