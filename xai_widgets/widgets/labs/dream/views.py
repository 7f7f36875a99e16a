"""What the dream lab shows: the picture, the dream beside it, and a slider through its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.views import Views, menu, row
from xai_widgets.widgets.components import PictureCanvas, Slider

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.widgets.base.picture_lab import PictureControls

MENU_WIDTH = "220px"
_PANEL = 380  # CSS pixels: two pictures fit a laptop's screen


class DreamViews(Views):
    """The lab's widgets, and how the dream is painted on them.

    Parameters
    ----------
    octaves, steps : int
        What the boxes show first.
    controls : PictureControls
        The menu of pictures and the upload.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "dream"

    def __init__(self, octaves: int, steps: int, controls: PictureControls, language: str) -> None:
        super().__init__(language)
        self.picture_menu, self.upload = controls.picture_menu, controls.upload
        self.layer_menu, self.guide_menu = menu(self.text("layer")), menu(self.text("guide"))
        for one in (self.layer_menu, self.guide_menu):
            one.layout.max_width = MENU_WIDTH
        self.octave_box = widgets.BoundedIntText(value=octaves, min=1, max=8, **self._narrow("octaves"))
        self.step_box = widgets.BoundedIntText(value=steps, min=1, max=100, **self._narrow("steps"))
        shared: dict[str, Any] = {"size": _PANEL, "language": language, "legend": False, "readout": False}
        self.original = PictureCanvas(title=self.text("original"), **shared)
        self.canvas = PictureCanvas(**shared)
        self.slider = Slider(label=self.text("moment"), step=1.0, digits=0, max=1.0, plays=True, language=language)

    def _narrow(self, key: str) -> dict[str, Any]:
        layout, style = widgets.Layout(width="104px"), {"description_width": "initial"}
        return {"description": self.text(key), "layout": layout, "style": style}

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return self.original, self.canvas, self.slider

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        menus = [self.picture_menu, self.upload, self.layer_menu, self.guide_menu, self.octave_box, self.step_box]
        return (
            row(menus, align_items="center", grid_gap="4px 8px"),
            row([self.original, self.canvas], grid_gap="0 16px"),
            self.slider,
        )

    def show_choices(self, layers: Sequence[str], layer: str, guides: Sequence[str], guide: str) -> None:
        """List the layers that may dream, and the pictures that may guide."""
        self.layer_menu.options, self.layer_menu.value = layer_options([*layers, layer]), layer
        named = [(name, name) for name in dict.fromkeys([*guides, *filter(None, [guide])])]
        self.guide_menu.options = [(self.text("no_guide"), ""), *named]
        self.guide_menu.value = guide

    def show_original(self, picture: NDArray[np.uint8], steps: int) -> None:
        """Show where a dream begins, and how many steps it has."""
        self.slider.max = float(steps)
        self.original.set_picture(picture)
        self.original.alt = self.text("alt_original")

    def show_frame(self, frame: NDArray[np.uint8], layer: str, alt: str) -> None:
        """Show a moment of the dream."""
        with self.canvas.hold_sync():
            self.canvas.set_picture(frame)
            self.canvas.title = self.text("dream", layer=layer)
            self.canvas.alt = alt
