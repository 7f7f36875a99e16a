"""A grid of small pictures with names: some in the running, some out, one chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt


class TileGrid(Component):
    """Small pictures in rows; a click, or the arrows and Enter, choose one.

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
    >>> grid = TileGrid(side=8)
    >>> grid.set_tiles(["cat", "dog"], out={"dog": "asleep"})
    >>> grid.set_picture("cat", np.zeros((8, 8, 3), np.uint8))
    >>> grid
    TileGrid(1 of 2)
    """

    _esm = assets.module("tile_grid")
    _css = assets.style("tile_grid")

    tiles: traitlets.List[dict[str, Any]] = traitlets.List(traitlets.Dict()).tag(sync=True)
    """What the browser draws: key, label, why it is out (empty: it is not), whether its picture is known. Read-only."""

    pixels = traitlets.Bytes(b"").tag(sync=True)
    """The pictures of all tiles in their order, uint8 (K, side, side, 3). Read-only."""

    side = traitlets.Int(80, min=8).tag(sync=True)
    """Height and width of each picture, in pixels of the page."""

    lines = traitlets.Int(3, min=1).tag(sync=True)
    """How many lines a name may take: their room is kept, so that nothing moves when names differ in length."""

    selected = traitlets.Unicode("").tag(sync=True)
    """The key of the chosen tile; empty: none."""

    alt = traitlets.Unicode("").tag(sync=True)
    """Name of the grid for those who do not see it."""

    def __init__(self, **options: Any) -> None:
        self._pictures: dict[str, npt.NDArray[np.uint8]] = {}
        super().__init__(**options)

    def set_tiles(
        self, keys: Sequence[str], labels: Mapping[str, str] | None = None, out: Mapping[str, str] | None = None
    ) -> None:
        """Say which tiles there are, in order.

        Parameters
        ----------
        keys : sequence of str
        labels : mapping, optional
            What is written under a tile; its key if left out.
        out : mapping, optional
            Why a tile is out of the running, by its key.
        """
        labels, out = labels or {}, out or {}
        self._pictures = {key: picture for key, picture in self._pictures.items() if key in keys}
        self._tell(
            [
                {"key": key, "label": labels.get(key, key), "out": out.get(key, ""), "known": key in self._pictures}
                for key in keys
            ]
        )

    def set_picture(self, key: str, picture: npt.NDArray[np.uint8] | None) -> None:
        """Give a tile its picture, uint8 (side, side, 3), or take it away.

        Raises
        ------
        ValueError
            If there is no such tile, or the picture has another shape.
        """
        if key not in [tile["key"] for tile in self.tiles]:
            raise ValueError(f"there is no tile {key!r}")
        self._pictures.pop(key, None)
        if picture is not None:
            if picture.shape != (self.side, self.side, 3) or picture.dtype != np.uint8:
                raise ValueError(f"a tile's picture is uint8 ({self.side}, {self.side}, 3), not {picture.shape}")
            self._pictures[key] = picture
        self._tell([{**tile, "known": tile["key"] in self._pictures} for tile in self.tiles])

    def clear_pictures(self) -> None:
        """Take all pictures away."""
        self._pictures = {}
        self._tell([{**tile, "known": False} for tile in self.tiles])

    def _tell(self, tiles: list[dict[str, Any]]) -> None:
        blank = np.zeros((self.side, self.side, 3), np.uint8)
        with self.hold_sync():
            self.pixels = b"".join(self._pictures.get(tile["key"], blank).tobytes() for tile in tiles)
            self.tiles = tiles

    def __repr__(self) -> str:
        """Count those in the running."""
        return f"{type(self).__name__}({sum(not tile['out'] for tile in self.tiles)} of {len(self.tiles)})"
