"""A grid of small pictures with names: some in the running, some out, one chosen; many on pages, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt


class TileGrid(Component):
    """Small pictures in rows; a click, or the arrows and Enter, choose one.

    Where there are more than `per_page`, they are on pages: only the pictures of one page are made and sent. Two
    buttons, the page keys, Home and End go through the pages, and a search by name or number finds one of thousands.

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

    Of 512 units, the pictures of 32 are made at a time:

    >>> units = TileGrid(side=8, per_page=32)
    >>> numbers = [str(unit) for unit in range(512)]
    >>> units.set_tiles(numbers, picture=lambda key: np.full((8, 8, 3), int(key) // 2, np.uint8))
    >>> units.pages, units.shown[-1]
    (16, '31')
    >>> units.query = "300"
    >>> units.shown
    ('300',)
    """

    _esm = assets.module("tile_grid")
    _css = assets.style("tile_grid")

    tiles: traitlets.List[dict[str, Any]] = traitlets.List(traitlets.Dict()).tag(sync=True)
    """What the browser draws, the tiles of one page: key, label, why it is out (empty: it is not), whether its picture
    is known. Read-only."""

    pixels = traitlets.Bytes(b"").tag(sync=True)
    """The pictures of the page's tiles in their order, uint8 (K, side, side, 3). Read-only."""

    side = traitlets.Int(80, min=8).tag(sync=True)
    """Height and width of each picture, in pixels of the page."""

    lines = traitlets.Int(3, min=1).tag(sync=True)
    """How many lines a name may take: their room is kept, so that nothing moves when names differ in length."""

    selected = traitlets.Unicode("").tag(sync=True)
    """The key of the chosen tile; empty: none."""

    alt = traitlets.Unicode("").tag(sync=True)
    """Name of the grid for those who do not see it."""

    per_page = traitlets.Int(60, min=1).tag(sync=True)
    """How many tiles a page has (default 60)."""

    page = traitlets.Int(0, min=0).tag(sync=True)
    """Which page is shown, from 0; one beyond the last shows the last."""

    pages = traitlets.Int(1, min=1).tag(sync=True)
    """How many pages there are of what is found. Read-only."""

    total = traitlets.Int(0, min=0).tag(sync=True)
    """How many tiles there are on all pages, found or not. Read-only."""

    count = traitlets.Int(0, min=0).tag(sync=True)
    """How many tiles the search finds. Read-only."""

    query = traitlets.Unicode("").tag(sync=True)
    """What is searched: a number, with which the key or the label of a tile begins, or a part of its label; empty: all
    tiles are shown (default)."""

    def __init__(self, **options: Any) -> None:
        self._pictures: dict[str, npt.NDArray[np.uint8]] = {}
        self._all: dict[str, dict[str, str]] = {}  # every tile, on whatever page
        self._picture: Callable[[str], npt.NDArray[np.uint8]] | None = None
        super().__init__(**options)

    @property
    def shown(self) -> tuple[str, ...]:
        """The keys of the tiles on the page that is shown."""
        return tuple(tile["key"] for tile in self.tiles)

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of the tiles on the page that have no picture yet."""
        return tuple(tile["key"] for tile in self.tiles if not tile["known"])

    def set_tiles(
        self,
        keys: Sequence[str],
        labels: Mapping[str, str] | None = None,
        out: Mapping[str, str] | None = None,
        picture: Callable[[str], npt.NDArray[np.uint8]] | None = None,
    ) -> None:
        """Say which tiles there are, in order; the page stays where these are the tiles of before.

        Parameters
        ----------
        keys : sequence of str
        labels : mapping, optional
            What is written under a tile; its key if left out.
        out : mapping, optional
            Why a tile is out of the running, by its key.
        picture : callable, optional
            Makes the picture of a tile from its key, uint8 (side, side, 3): it is called for the tiles of one page,
            each time that they are shown. Left out, pictures are those that `set_picture` gives.
        """
        labels, out = labels or {}, out or {}
        moved = list(self._all) != list(keys)
        self._all = {key: {"key": key, "label": labels.get(key, key), "out": out.get(key, "")} for key in keys}
        self._pictures = {} if picture else {key: one for key, one in self._pictures.items() if key in self._all}
        self._picture = picture
        if moved:
            self._turn_to(self.selected)
        else:
            self._tell()

    def set_picture(self, key: str, picture: npt.NDArray[np.uint8] | None) -> None:
        """Give a tile its picture, uint8 (side, side, 3), or take it away.

        Raises
        ------
        ValueError
            If there is no such tile, or the picture has another shape.
        """
        self.set_pictures({key: picture})

    def set_pictures(self, pictures: Mapping[str, npt.NDArray[np.uint8] | None]) -> None:
        """Give tiles their pictures by their keys, as `set_picture` does, in one message.

        Raises
        ------
        ValueError
            If there is no such tile, or a picture has another shape.
        """
        for key, picture in pictures.items():
            if key not in self._all:
                raise ValueError(f"there is no tile {key!r}")
            self._pictures.pop(key, None)
            if picture is not None:
                self._pictures[key] = self._checked(picture)
        self._tell()

    def clear_pictures(self) -> None:
        """Take all pictures away."""
        self._pictures, self._picture = {}, None
        self._tell()

    def _checked(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        if picture.shape != (self.side, self.side, 3) or picture.dtype != np.uint8:
            raise ValueError(f"a tile's picture is uint8 ({self.side}, {self.side}, 3), not {picture.shape}")
        return picture

    def _found(self) -> list[str]:
        """Return the keys of all tiles that the search finds; that which is named exactly comes first."""
        query = self.query.strip().casefold()
        if not query:
            return list(self._all)

        def fits(tile: dict[str, str]) -> bool:
            key, label = tile["key"].casefold(), tile["label"].casefold()
            begins = key.startswith(query) or label.startswith(query)
            return begins or (not query.isdigit() and query in label)

        found = [key for key, tile in self._all.items() if fits(tile)]
        return sorted(found, key=lambda key: key.casefold() != query)

    def _turn_to(self, key: str) -> None:
        """Show the page of a tile; the first one where the tile is not found."""
        found = self._found()
        page = found.index(key) // self.per_page if key in found else 0
        if page == self.page:
            self._tell()
        else:
            self.page = page

    @traitlets.observe("page", "per_page")
    def _on_page(self, _change: object) -> None:
        self._tell()

    @traitlets.observe("query")
    def _on_query(self, _change: object) -> None:
        """Show the first of what is found; without a search, the page of the chosen tile."""
        self._turn_to("" if self.query.strip() else self.selected)

    @traitlets.observe("selected")
    def _on_selected(self, change: dict[str, Any]) -> None:
        """Turn to the page of a tile that was chosen elsewhere."""
        if change["new"] in self._all and change["new"] not in self.shown:
            self._turn_to(change["new"])

    def _tell(self) -> None:
        """Send one page."""
        found = self._found()
        pages = max(1, -(-len(found) // self.per_page))
        page = min(self.page, pages - 1)
        keys = found[page * self.per_page : (page + 1) * self.per_page]
        make, blank = self._picture, np.zeros((self.side, self.side, 3), np.uint8)
        pictures = self._pictures if make is None else {key: self._checked(make(key)) for key in keys}
        with self.hold_sync():
            self.pages, self.page, self.total, self.count = pages, page, len(self._all), len(found)
            self.pixels = b"".join(pictures.get(key, blank).tobytes() for key in keys)
            self.tiles = [{**self._all[key], "known": key in pictures} for key in keys]

    def __repr__(self) -> str:
        """Count those in the running."""
        return f"{type(self).__name__}({sum(not tile['out'] for tile in self._all.values())} of {len(self._all)})"
