"""One panel of the attribution explorer: a menu of methods, a map over the picture, its recipe and its certificate."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.registry import METHODS
from xai_widgets.widgets.components import Heatmap, PictureCanvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.widgets.base.explanation_session import AttributionSession, Explained

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
        """Offer the layers, if the method takes one, and mark one, or none; the menu's room is kept if it does not."""
        offered = layers if "layer" in METHODS[self.menu.value].options else ()
        self.layer_menu.layout.visibility = "visible" if offered else "hidden"
        self.layer_menu.options = offered
        if offered:
            self.layer_menu.value = layer if layer in offered else None

    def show_waiting(self) -> None:
        """Mark the map as out of date."""
        self.canvas.progress = 0.0

    def show_answer(self, session: AttributionSession, explained: Explained, target: int) -> None:
        """Show a map, how it was made, and its method's own check."""
        label = session.classifier.labels[target]
        with self.canvas.hold_sync():
            self.canvas.layers = (self.heatmap(session, explained, label),)
            self.canvas.alt = self.describe(explained, label)
            self.canvas.caption = self.certificate(explained)
            self.canvas.progress = None
        seconds = self._text("seconds", seconds=decimal(explained.seconds, 2, self._words))
        told = explained.attribution.recipe.options.items()
        options = [f"{key}={value}" for key, value in told if value is not None and (key, value) not in _USUAL]
        self._recipe = " · ".join([label, *options, seconds])
        self._write(self._recipe)

    def heatmap(self, session: AttributionSession, explained: Explained, label: str) -> Heatmap:
        """Return a map as it lies over the picture."""
        coarse = explained.heatmap.shape[0] < session.picture.shape[0]
        return Heatmap(explained.heatmap, self._text("legend", label=label), signed=explained.signed, smooth=coarse)

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
        """Return whether the map says anything, and the method's own check in words; empty where theory has none."""
        found = explained.attribution
        note = flat_note(explained.heatmap, self._words)
        if found.delta is None:
            return note
        error, total = float(found.delta[0]), float(np.sum(found.values[0], dtype="float64"))
        share = abs(error) / (abs(total - error) or 1.0)
        certificate = self._text(
            "certificate",
            error=decimal(error, 3, self._words).replace("-", "−"),
            share=percent(share, self._words),
            total=decimal(total, 2, self._words).replace("-", "−"),
        )
        return f"{note} {certificate}".lstrip()

    def describe(self, explained: Explained | ValueError, label: str) -> str:
        """Say in a sentence where the map is strongest, or why there is none."""
        if isinstance(explained, ValueError):
            return f"{method_name(self.menu.value, self._words)}: {explained}."
        if note := flat_note(explained.heatmap, self._words):
            return f"{method_name(self.menu.value, self._words)}: {note}"
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


def flat_note(heatmap: NDArray[np.floating], language: str) -> str:
    """Say that a map has one value everywhere, as `flat_maps` warns in code; empty for any other map.

    Examples
    --------
    >>> flat_note(np.zeros((2, 2)), "en")
    'The map is 0 everywhere: it tells nothing apart.'
    >>> flat_note(np.eye(2), "en")
    ''
    """
    if heatmap.size < 2 or heatmap.min() != heatmap.max():
        return ""
    return message("lab.one_value_map" if heatmap.any() else "lab.flat_map", language)


def method_name(method: str, language: str) -> str:
    """Return what a method is called in the course; its own name where the catalogue has none."""
    try:
        return message(f"attribution.method_{method}", language)
    except KeyError:
        return method.replace("_", " ")
