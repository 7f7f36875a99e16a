"""One panel of the attribution explorer: a menu of methods, a map over the picture, its recipe and its certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.registry import METHODS
from xai_widgets.results.recipe_words import method_in_words, recipe_in_words
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.tooltips import explained_line
from xai_widgets.widgets.base.value_units import value_unit
from xai_widgets.widgets.components import Heatmap, PictureCanvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.widgets.base.explanation_session import AttributionSession, Explained

_WIDE = 240  # CSS pixels, in which two lines are enough for most notes
_BUTTON, _GAP = 32, 8  # CSS pixels: of the button that removes the panel, and beside it


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
    room : int
        For the menus and the text, in CSS pixels.
    language : str
    """

    def __init__(self, methods: Sequence[str], method: str, size: int, room: int, language: str) -> None:
        self._words = language
        self._recipe = ""
        self.menu = widgets.Dropdown(
            options=[(method_name(name, language), name) for name in methods],
            value=method,
            tooltip=f"{self._text('method')}. {message('help.method', language)}",
        )
        self.remove_button = widgets.Button(
            icon="times", tooltip=self._text("remove"), layout=widgets.Layout(width=f"{_BUTTON}px", flex="none")
        )
        self.layer_menu = widgets.Dropdown(
            description=self._text("layer"),
            style={"description_width": "initial"},
            layout=widgets.Layout(visibility="hidden"),
        )
        self.canvas = PictureCanvas(interactive=True, language=language)
        self.note = widgets.HTML()
        head = widgets.HBox([self.menu, self.remove_button])
        super().__init__([head, self.layer_menu, self.canvas, self.note])
        self.resize(size, room)
        self.add_class("xw-method-panel")

    def resize(self, size: int, room: int) -> None:
        """Give the picture another size, and the menus and the text another room, in CSS pixels."""
        lines = 2 if room > _WIDE else 3  # nothing jumps
        self.canvas.size = size
        self.menu.layout.width = f"{room - _BUTTON - _GAP}px"
        self.layer_menu.layout.width = f"{room}px"
        self.note.layout.width, self.note.layout.min_height = f"{room}px", f"{lines * 17}px"

    def _text(self, key: str, **fields: object) -> str:
        return message(f"attribution.{key}", self._words, **fields)

    def show_picture(self, session: AttributionSession) -> None:
        """Show the picture without a map."""
        self.canvas.set_picture(session.picture)
        self.canvas.set_cover(session.cover)
        self.canvas.caption = ""
        self._write("")

    def show_layers(self, layers: Sequence[str], layer: str | None) -> None:
        """Offer the layers, if the method takes one, and mark one, or none; the menu's room is kept if it does not."""
        offered = layers if "layer" in METHODS[self.menu.value].options else ()
        self.layer_menu.layout.visibility = "visible" if offered else "hidden"
        self.layer_menu.options = layer_options(offered)
        if offered:
            self.layer_menu.value = layer if layer in offered else None

    def show_waiting(self) -> None:
        """Mark the map as out of date."""
        self.canvas.progress = 0.0

    def show_answer(self, session: AttributionSession, explained: Explained, target: int) -> None:
        """Show a map, how it was made, and its method's own check."""
        label = session.class_names[target]
        with self.canvas.hold_sync():
            self.canvas.layers = (self.heatmap(session, explained, label),)
            self.canvas.hiding = b""
            self.canvas.alt = self.describe(explained, label)
            self.canvas.caption = self.certificate(explained)
            self.canvas.caption_help = self.certificate_help(explained)
            self.canvas.progress = None
        seconds = self._text("seconds", seconds=decimal(explained.seconds, 2, self._words))
        left_out = ("method", "model")  # the menu and the lab show them
        recipe = explained.attribution.recipe
        self._recipe = recipe_in_words(recipe, self._words, target=[label], without=left_out, more=[seconds])
        self._write(self._recipe)

    def heatmap(self, session: AttributionSession, explained: Explained, label: str) -> Heatmap:
        """Return a map as it lies over the picture."""
        coarse = explained.heatmap.shape[0] < session.picture.shape[0]
        name, recipe = self._text("legend", label=label), explained.attribution.recipe
        unit = value_unit(recipe.method, self._words, recipe.options.get("output", "logit"))
        return Heatmap(explained.heatmap, name, signed=explained.signed, smooth=coarse, unit=unit)

    def show_deletion(self, area: float, shares: NDArray[np.float64]) -> None:
        """Add to the small line how fast the score falls when what counts most is hidden, and know in which order."""
        self.canvas.set_hiding(shares)
        self._write(" · ".join([self._text("deletion_area", area=decimal(area, 2, self._words)), self._recipe]))

    def show_refusal(self, error: Exception) -> None:
        """Say why there is no map; the one before would say something untrue."""
        with self.canvas.hold_sync():
            self.canvas.layers, self.canvas.hiding = (), b""
            self.canvas.caption = self.canvas.caption_help = ""
            self.canvas.alt = self._text("no_map")
            self.canvas.progress = None
        self._write(str(error))

    def certificate(self, explained: Explained) -> str:
        """Return whether the map says anything, and the method's own check in words; empty where theory has none."""
        found = explained.attribution
        note = flat_note(explained.heatmap, self._words)
        if found.delta is None:
            return note
        error, total = float(found.delta[0]), float(np.sum(found.values[0], dtype="float64"))
        certificate = self._text(
            "certificate",
            error=decimal(error, 3, self._words),
            share=percent(_share_missing(found), self._words),
            total=decimal(total, 2, self._words),
        )
        return f"{note} {certificate}".lstrip()

    def certificate_help(self, explained: Explained) -> str:
        """Return what the method's own check means; more where the error is larger than the whole."""
        found = explained.attribution
        if found.delta is None:
            return ""
        told = self._text("certificate_help")
        if _share_missing(found) <= 1:
            return told
        return f"{told} {self._text('certificate_over', rise=decimal(_rise(found), 3, self._words))}"

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
        style = "font-size:12px;line-height:17px;overflow-wrap:anywhere;color:var(--jp-ui-font-color2,#595959)"
        self.note.value = f'<div style="{style}">{explained_line(text, self._words)}</div>'


def _rise(found: Attribution) -> float:
    """Return what the values of the first example should add up to."""
    return float(np.sum(found.values[0], dtype="float64")) - (0.0 if found.delta is None else float(found.delta[0]))


def _share_missing(found: Attribution) -> float:
    """Return the error of completeness as a share of what the values should add up to."""
    return abs(0.0 if found.delta is None else float(found.delta[0])) / (abs(_rise(found)) or 1.0)


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
    return method_in_words(method, language)
