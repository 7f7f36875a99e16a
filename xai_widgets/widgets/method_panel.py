"""One panel of the attribution explorer: a menu of methods, a map over the picture, its recipe and its certificate."""

from __future__ import annotations

import html
import inspect
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.registry import FUNCTIONS
from xai_widgets.widgets.components import Heatmap, PictureCanvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.widgets.attribution_session import AttributionSession, Explained

_NOTE_LINES = 3  # room kept under a panel
_USUAL = (("output", "logit"), ("upsample", True), ("relu", True), ("quadrature", "gauss_legendre"))  # goes unsaid


class MethodPanel(widgets.VBox):
    """A method, chosen by its menu, and what it answers.

    Parameters
    ----------
    methods : sequence of str
        What the menu offers, by the names of `list_methods`.
    method : str
        What it shows first.
    size : int
        Of the picture, in CSS pixels.
    language : str
    """

    def __init__(self, methods: Sequence[str], method: str, size: int, language: str) -> None:
        self._words = language
        self._recipe = ""
        self.menu = widgets.Dropdown(
            options=[(method_name(name, language), name) for name in methods],
            value=method,
            description=self._text("method"),
            style={"description_width": "initial"},
            layout=widgets.Layout(width=f"{size}px"),
        )
        self.layer_menu = widgets.Dropdown(
            description=self._text("layer"),
            style={"description_width": "initial"},
            layout=widgets.Layout(width=f"{size}px", visibility="hidden"),
        )
        self.canvas = PictureCanvas(size=size, language=language)
        self.note = widgets.HTML(layout=widgets.Layout(width=f"{size}px", height=f"{_NOTE_LINES * 17}px"))
        super().__init__([self.menu, self.layer_menu, self.canvas, self.note])

    def _text(self, key: str, **fields: object) -> str:
        return message(f"attribution.{key}", self._words, **fields)

    def show_picture(self, picture: NDArray[np.uint8]) -> None:
        """Show the picture without a map."""
        self.canvas.set_picture(picture)
        self.canvas.caption = ""
        self._write("")

    def show_layers(self, layers: Sequence[str], layer: str | None) -> None:
        """Offer the layers, if the method takes one; its room is kept if not."""
        offered = layers if "layer" in inspect.signature(FUNCTIONS[self.menu.value]).parameters else ()
        self.layer_menu.layout.visibility = "visible" if offered else "hidden"
        self.layer_menu.options = offered
        if offered:
            self.layer_menu.value = layer if layer in offered else offered[-1]

    def show_waiting(self) -> None:
        """Mark the map as out of date."""
        self.canvas.progress = 0.0

    def show_answer(self, session: AttributionSession, explained: Explained, target: int) -> None:
        """Show a map, how it was made, and its method's own check."""
        label = session.classifier.labels[target]
        name = self._text("legend", label=label)
        coarse = explained.heatmap.shape[0] < session.picture.shape[0]
        with self.canvas.hold_sync():
            self.canvas.layers = (Heatmap(explained.heatmap, name, signed=explained.signed, smooth=coarse),)
            self.canvas.alt = self.describe(explained, label)
            self.canvas.caption = self.certificate(explained)
            self.canvas.progress = None
        seconds = self._text("seconds", seconds=decimal(explained.seconds, 2, self._words))
        told = explained.attribution.recipe.options.items()
        options = [f"{key}={value}" for key, value in told if value is not None and (key, value) not in _USUAL]
        self._recipe = " · ".join([label, *options, seconds])
        self._write(self._recipe)

    def show_deletion(self, area: float) -> None:
        """Add to the small line how fast the score falls when what counts most is hidden."""
        self._write(" · ".join([self._text("deletion_area", area=decimal(area, 2, self._words)), self._recipe]))

    def show_refusal(self, error: Exception) -> None:
        """Say why there is no map; the one before would say something untrue."""
        with self.canvas.hold_sync():
            self.canvas.layers = ()
            self.canvas.caption, self.canvas.alt = "", str(error)
            self.canvas.progress = None
        self._write(str(error))

    def certificate(self, explained: Explained) -> str:
        """Return the method's own check in words; empty where theory has none."""
        found = explained.attribution
        if found.delta is None:
            return ""
        error, total = float(found.delta[0]), float(np.sum(found.values[0], dtype="float64"))
        share = abs(error) / (abs(total - error) or 1.0)
        return self._text(
            "certificate",
            error=decimal(error, 3, self._words).replace("-", "−"),
            share=percent(share, self._words),
            total=decimal(total, 2, self._words).replace("-", "−"),
        )

    def describe(self, explained: Explained, label: str) -> str:
        """Say in a sentence where the map is strongest."""
        place = place_of(explained.heatmap, self._words)
        return self._text("alt_map", method=method_name(self.menu.value, self._words), label=label, place=place)

    def _write(self, text: str) -> None:
        """Write the small line under the picture."""
        style = "font-size:11.5px;line-height:17px;overflow:hidden;overflow-wrap:anywhere"
        colour, help_text = (
            "color:var(--jp-ui-font-color2,#595959)",
            html.escape(self._text("certificate_help"), quote=True),
        )
        self.note.value = f'<div style="{style};{colour}" title="{help_text}">{html.escape(text)}</div>'


def place_of(heatmap: NDArray[np.float32], language: str) -> str:
    """Say in words where a map is strongest."""
    weight = np.abs(heatmap)
    row, column = np.unravel_index(int(weight.argmax()), weight.shape)
    down = ("upper", "middle", "lower")[min(2, int(3 * row / weight.shape[0]))]
    across = ("left", "centre", "right")[min(2, int(3 * column / weight.shape[1]))]
    return message(f"attribution.place_{down}_{across}", language)


def method_name(method: str, language: str) -> str:
    """Return what a method is called in the course; its own name where the catalogue has none."""
    try:
        return message(f"attribution.method_{method}", language)
    except KeyError:
        return method.replace("_", " ")
