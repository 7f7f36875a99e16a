"""A map of icons: zoom and move it, point at a cell to read its classes, leave one class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.plots.palette import look
from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


class AtlasMap(Component):
    """Icons in the cells of a square grid; everything but their making happens in the browser.

    Drag, or the wheel once the map has the focus, moves and zooms; so do + and -. The arrows go from cell to cell. What
    the pointer or the arrows are on is read beside the map.

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
    >>> shown, icons = AtlasMap(), np.zeros((1, 4, 4, 3), np.uint8)
    >>> shown.set_cells(icons, [(0, 1)], [12], np.array([[0.2, 0.7]]), ["cat", "dog"], grid=2)
    >>> shown
    AtlasMap(1 cells of 2x2)
    """

    _esm = assets.module("atlas_map")
    _css = assets.style("atlas_map")

    pixels = traitlets.Bytes(b"").tag(sync=True)
    """The icons, uint8 (M, side, side, 3); set them through `set_cells`."""

    side = traitlets.Int(0, min=0).tag(sync=True)
    """Height and width of an icon in its own pixels. Read-only."""

    grid = traitlets.Int(1, min=1).tag(sync=True)
    """Rows and columns of the map. Read-only."""

    cells: traitlets.List[dict[str, Any]] = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Of each cell: row, column, count, and what it says for each class, ``said``. Read-only."""

    labels: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Names of the classes. Read-only."""

    looks: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    """Colour and hatch of each class. Read-only."""

    chosen = traitlets.Unicode("").tag(sync=True)
    """The class whose cells stand out; empty: all alike (default)."""

    selected = traitlets.Int(-1, min=-1).tag(sync=True)
    """The number of the cell that was clicked on; -1: none (default)."""

    size = traitlets.Int(480, min=64).tag(sync=True)
    """Largest width and height of the map on screen, in CSS pixels (default 480)."""

    alt = traitlets.Unicode("").tag(sync=True)
    """What the map shows, in words."""

    progress = traitlets.Float(None, allow_none=True, min=0.0, max=1.0).tag(sync=True)
    """How much of a computation is done, as a thin bar; None: no bar (default)."""

    def set_cells(
        self,
        icons: npt.NDArray[np.uint8],
        places: Sequence[tuple[int, int]],
        counts: Sequence[int],
        said: npt.NDArray[np.floating],
        labels: Sequence[str],
        *,
        grid: int,
    ) -> None:
        """Show other cells.

        Parameters
        ----------
        icons : (M, side, side, 3) uint8 array
        places : sequence of M (int, int)
            Row and column of each.
        counts : sequence of M int
            How many activations each holds.
        said : (M, K) array
            What each says for each class.
        labels : sequence of K str
        grid : int
            Rows and columns of the map.

        Raises
        ------
        ValueError
            If these do not fit together.
        """
        array = np.asarray(icons)
        if array.ndim != 4 or array.dtype != np.uint8 or array.shape[1] != array.shape[2] or array.shape[3] != 3:
            raise ValueError(f"icons are uint8 (M, side, side, 3), not {array.dtype} {array.shape}")
        if not len(array) == len(places) == len(counts) == len(said) or said.shape[1] != len(labels):
            raise ValueError(
                f"{len(array)} icons need as many places, counts and rows of {len(labels)} numbers, "
                f"not {len(places)}, {len(counts)} and {said.shape}"
            )
        if any(not (0 <= row < grid and 0 <= column < grid) for row, column in places):
            raise ValueError(f"every cell must lie in the {grid}x{grid} map")
        with self.hold_sync():
            self.chosen, self.selected = "", -1
            self.pixels, self.side, self.grid, self.labels = array.tobytes(), array.shape[1], grid, list(labels)
            drawn = [look(place) for place in range(len(labels))]
            self.looks = [[one.colour, one.hatch] for one in drawn]
            self.cells = [
                {"row": int(row), "column": int(column), "count": int(count), "said": [float(one) for one in numbers]}
                for (row, column), count, numbers in zip(places, counts, said, strict=True)
            ]

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: dict[str, Any]) -> str:
        chosen: str = proposal["value"]
        if chosen and chosen not in self.labels:
            raise traitlets.TraitError(f"the map knows the classes {', '.join(self.labels)}, not {chosen!r}")
        return chosen

    @traitlets.validate("selected")
    def _check_selected(self, proposal: dict[str, Any]) -> int:
        selected: int = proposal["value"]
        if selected >= len(self.cells):
            raise traitlets.TraitError(f"there are the cells 0 to {len(self.cells) - 1}, not {selected}")
        return selected

    def __repr__(self) -> str:
        """Count the cells."""
        return f"{type(self).__name__}({len(self.cells)} cells of {self.grid}x{self.grid})"
