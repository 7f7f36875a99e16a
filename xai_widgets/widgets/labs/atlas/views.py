"""What the atlas lab shows: the map of icons, and the pictures behind one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.embedding import LAYOUTS
from xai_widgets.plots.dissection_figures import mosaic
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.views import Views, menu, row
from xai_widgets.widgets.components import AtlasMap, PictureCanvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ipywidgets as widgets
    from numpy.typing import NDArray

    from xai_widgets.results.atlas_results import Atlas

SHOWN = 8  # pictures of a cell
_MAP, _ROW = 396, 780  # CSS pixels
_MENU_WIDTH = "240px"
_GAP = 2  # pixels between two pictures


class AtlasViews(Views):
    """The lab's widgets, and how an atlas is painted on them.

    Parameters
    ----------
    layers : sequence of str
        What the menu of layers offers.
    layer, way : str
        What the menus show first.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "atlas"

    def __init__(self, layers: Sequence[str], layer: str, way: str, language: str) -> None:
        super().__init__(language)
        ways = [(self.text(f"way_{name}"), name) for name in ("tsne", "umap", "pca") if name in LAYOUTS]
        self.layer_menu = menu(self.text("layer"), layer_options(layers), layer)
        self.way_menu = menu(self.text("way"), ways, way)
        for one in (self.layer_menu, self.way_menu):
            one.layout.max_width = _MENU_WIDTH
        self.map = AtlasMap(size=_MAP, language=language)
        self.canvas = PictureCanvas(
            size=_ROW, legend=False, readout=False, empty=self.text("no_cell"), language=language
        )

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return self.map, self.canvas

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = row([self.layer_menu, self.way_menu], align_items="center", grid_gap="4px 12px")
        return controls, self.map, self.canvas

    def show_layers(self, layers: Sequence[str], layer: str) -> None:
        """Offer the layers of a model."""
        self.layer_menu.options, self.layer_menu.value = layer_options(layers), layer

    def clear(self) -> None:
        """Show no cells: those of another model say nothing of this one."""
        self.map.set_cells(np.zeros((0, 1, 1, 3), "uint8"), [], [], np.zeros((0, 0)), [], grid=1)
        self.map.alt = self.text("empty")

    def show_atlas(self, atlas: Atlas) -> None:
        """Show the icons of an atlas at their places."""
        icons = np.round(255 * np.clip(atlas.icons, 0, 1)).astype("uint8")
        places = list(zip(atlas.rows.tolist(), atlas.columns.tolist(), strict=True))
        self.map.set_cells(icons, places, atlas.counts.tolist(), atlas.attribution, atlas.labels, grid=atlas.grid)

    def describe_map(self, atlas: Atlas, pictures: int, chosen: str) -> None:
        """Say in words what the map shows."""
        text = self.text("alt", cells=len(atlas), layer=atlas.layer, pictures=pictures)
        if chosen:
            text += " " + self.text("alt_class", label=chosen, cells=int(atlas.for_class(chosen).sum()))
        self.map.alt = text

    def show_members(self, pictures: NDArray[np.uint8], label: str) -> None:
        """Show the pictures that a cell's activations come from."""
        self.canvas.layout.visibility = "visible"
        with self.canvas.hold_sync():
            self.canvas.set_picture(mosaic(pictures, SHOWN))
            self.canvas.title = self.text("pictures")
            self.canvas.alt = self.text("pictures_alt", count=len(pictures), label=label)

    def keep_room(self, height: int, width: int) -> None:
        """Show no pictures, and leave their place empty: nothing moves when they come."""
        self.canvas.layout.visibility = "hidden"
        self.canvas.set_picture(np.zeros((height, SHOWN * (width + _GAP) - _GAP, 3), "uint8"))
        self.canvas.title = self.canvas.alt = self.text("no_cell")
