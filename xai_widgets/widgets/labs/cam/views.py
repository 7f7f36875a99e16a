"""What the CAM lab shows: its menus, the map, its fine version, the maps of all layers and the strongest channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.datasets.creatures.language import QUESTIONS
from xai_widgets.i18n.numbers import brief, decimal, percent, with_sign
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.layer_names import layer_options, short_layer_names
from xai_widgets.widgets.base.method_panel import flat_note, method_name, place_of
from xai_widgets.widgets.base.value_units import value_unit
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.base.widget_tree import close_widgets
from xai_widgets.widgets.components import Heatmap, PictureCanvas
from xai_widgets.widgets.labs.cam.session import METHODS, SIDES, WITHOUT_OPPOSITE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.results.layer_maps_result import LayerMaps
    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.labs.cam.session import CamMap, CamRequest, CamSession

_MAP, _CHANNEL = 240, 78  # CSS pixels of a picture's side
MENU_WIDTH = "250px"
_STRIP = 912  # of the row of layers, which its pictures share
_LARGEST_CELL = 124
CHANNELS = 4
_BARS = 4
_MARK = "3px solid var(--jp-brand-color1,#1976d2)"


class CamViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "cam"

    def __init__(self, controls: ClassControls, language: str) -> None:
        super().__init__(controls, language)
        self.bars.count = _BARS
        self.bars.layout.flex = "0 0 auto"  # in a column, a basis would be a height
        self.on_layer: Callable[[str], object] = lambda _layer: None
        self._make_controls()
        shared: dict[str, Any] = {"size": _MAP, "language": language}
        self.map = PictureCanvas(**shared)
        self.guided = PictureCanvas(title=self.text("guided"), opacity=0.9, **shared)
        small: dict[str, Any] = {"size": _CHANNEL, "legend": False, "readout": False, "language": language}
        self.channels = [PictureCanvas(**small) for _ in range(CHANNELS)]
        self.channels_title, self.strip_title = _heading(self.text("channels")), _heading("")
        self.strip = row([], grid_gap="4px")
        self._cells: dict[str, PictureCanvas] = {}

    def _make_controls(self) -> None:
        methods = [(method_name(name, self.language), name) for name in METHODS]
        self.layer_menu, self.output_menu = menu(self.text("layer")), menu(self.text("says"))
        self.method_menu = menu(self.text("method"), methods)
        self.side_menu = menu(self.text("side"), self._sides(SIDES))
        for one in (self.layer_menu, self.output_menu, self.method_menu, self.side_menu):
            one.layout.max_width = MENU_WIDTH

    def _sides(self, sides: Sequence[str]) -> list[tuple[str, str]]:
        return [(self.text(f"side_{side}"), side) for side in sides]

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return (self.upload, self.map, self.guided, self.bars, *self.channels)

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = [
            self.picture_menu,
            self.upload,
            self.output_menu,
            self.method_menu,
            self.layer_menu,
            self.side_menu,
        ]
        room = widgets.Layout(flex="1 1 340px", min_width="0", overflow="hidden")
        maps = row(self.channels, grid_gap="2px")
        right = widgets.VBox([self.bars, self.channels_title, maps], layout=room)
        return (
            row(controls, align_items="center", grid_gap="4px 10px"),
            row([self.map, self.guided, right], align_items="flex-start", grid_gap="4px 16px"),
            self.strip_title,
            self.strip,
        )

    # Choices

    def show_outputs(self, choices: Sequence[str], chosen: str) -> None:
        """List what the network can say; a plain classifier has nothing to choose."""
        self.output_menu.layout.display = None if choices else "none"
        if choices:
            self.output_menu.options = [(self._output_name(one), one) for one in choices]
            self.output_menu.value = chosen

    def _output_name(self, what: str) -> str:
        return self.text(f"says_question_{QUESTIONS.index(what) + 1}" if what in QUESTIONS else f"says_{what}")

    def show_session(self, session: CamSession) -> None:
        """Show a new picture, or another thing that the network says of it, before any map is drawn."""
        self.layer_menu.options = layer_options(session.layers)
        for canvas in (self.map, self.guided, *self.channels):
            canvas.set_picture(session.picture)
            canvas.caption = ""
        if tuple(self._cells) != session.shown_layers:
            self._make_cells(session.shown_layers)
        for canvas in self._cells.values():
            canvas.set_picture(session.picture)

    def _make_cells(self, layers: Sequence[str]) -> None:
        size = min(_LARGEST_CELL, _STRIP // len(layers) - 20)
        before, self._cells = self._cells, {}
        for layer in layers:
            canvas = PictureCanvas(
                size=size, legend=False, readout=False, interactive=True, opacity=0.85, language=self.language
            )
            canvas.observe(lambda change, layer=layer: self._on_press(change, layer), "pointer")
            canvas.layout.border_bottom = "3px solid transparent"
            self._cells[layer] = canvas
        self.strip.children = list(self._cells.values())
        close_widgets(before)

    def _on_press(self, change: dict[str, Any], layer: str) -> None:
        if change["new"].get("event") == "click":
            self.on_layer(layer)

    def show_request(self, request: CamRequest, layer: str) -> None:
        """Set the menus and marks to what is asked for."""
        wanted = [side for side in SIDES if side != "against" or request.method not in WITHOUT_OPPOSITE]
        self.side_menu.options = self._sides(wanted)
        self.side_menu.value, self.method_menu.value, self.layer_menu.value = request.side, request.method, layer
        self.layer_menu.disabled = request.method == "cam"
        self.bars.selected = request.target
        for name, canvas in self._cells.items():
            canvas.layout.border_bottom = _MARK if name == layer else "3px solid transparent"

    # Answers

    def show_waiting(self) -> None:
        """Mark the map as out of date."""
        self.map.progress = 0.0

    def show_map(self, session: CamSession, request: CamRequest, drawn: CamMap) -> None:
        """Show the map, and how much of it lies on the thing."""
        with self.map.hold_sync():
            self.map.title = self.title(session, request)
            self.map.layers = (self.heatmap(session, request, drawn),)
            self.map.caption = flat_note(drawn.heatmap, self.language) or self.inside(session, request, drawn)
            self.map.alt = self.describe(session, request, drawn)
            self.map.progress = None

    def show_no_map(self, why: str) -> None:
        """Say why there is no map; the one before would say something untrue."""
        with self.map.hold_sync():
            self.map.layers, self.map.caption, self.map.alt, self.map.progress = (), "", why, None

    def show_guided(self, session: CamSession, request: CamRequest, drawn: CamMap | None) -> None:
        """Show the fine map; None if it cannot be had for this network."""
        label = session.class_names[request.target]
        with self.guided.hold_sync():
            if drawn is None:
                self.guided.layers, self.guided.caption = (), self.text("no_guided")
            else:
                self.guided.layers = (self.guided_heatmap(session, request, drawn),)
                self.guided.caption = ""
            self.guided.alt = self.text("alt_guided", label=label)

    def show_layer(self, request: CamRequest, layer: str, drawn: CamMap) -> None:
        """Show the map of one layer in the row of all."""
        canvas, size = self._cells[layer], drawn.heatmap.shape
        with canvas.hold_sync():
            canvas.layers = (self.layer_heatmap(request, layer, drawn),)
            canvas.caption = f"{short_layer_names(tuple(self._cells))[layer]} · {size[0]}×{size[1]}"
            canvas.alt = self.text("alt_layer", layer=layer, rows=size[0], columns=size[1])

    def show_strip_title(self, method: str) -> None:
        """Say by which method the row of layers is drawn."""
        self.strip_title.value = _heading_html(self.text("strip", method=method_name(method, self.language)))

    def show_channels(self, found: LayerMaps) -> None:
        """Show the maps that count most, with their weights and what they add to the score."""
        numbers = found.strongest(CHANNELS)[0]
        for place, canvas in enumerate(self.channels):
            canvas.layout.display = None if place < len(numbers) else "none"
        for canvas, number in zip(self.channels, numbers, strict=False):
            weight = brief(float(found.weights[0, number]), self.language)
            share = with_sign(float(found.shares[0, number]), 2, self.language)
            with canvas.hold_sync():
                smallest = np.minimum(found.activations[0, ..., number].min(), 0)
                canvas.layers = (
                    Heatmap(
                        found.activations[0, ..., number],
                        self.text("channel", number=int(number)),
                        signed=bool(smallest < 0),
                        smooth=True,
                    ),
                )
                canvas.title = self.text("channel_title", number=int(number), share=share)
                canvas.caption = f"α {weight}"
                canvas.alt = self.text("alt_channel", number=int(number), weight=weight, share=share)

    # Maps, for the page and for the still figure

    def heatmap(self, session: CamSession, request: CamRequest, drawn: CamMap) -> Heatmap:
        """Return the map as it lies over the picture."""
        name = self.text("legend", label=session.class_names[request.target])
        unit = value_unit(request.method, self.language)
        return Heatmap(drawn.heatmap, name, signed=request.side == "both", smooth=True, unit=unit)

    def guided_heatmap(self, session: CamSession, request: CamRequest, drawn: CamMap) -> Heatmap:
        """Return the fine map as it lies over the picture."""
        name = self.text("legend", label=session.class_names[request.target])
        return Heatmap(drawn.heatmap, name, unit=value_unit("guided_grad_cam", self.language))

    def layer_heatmap(self, request: CamRequest, layer: str, drawn: CamMap) -> Heatmap:
        """Return the map of one layer; all have or have no sign, otherwise their colours could not be compared."""
        return Heatmap(drawn.heatmap, self.text("legend", label=layer), signed=request.side == "both")

    # Words

    def title(self, session: CamSession, request: CamRequest) -> str:
        """Return what the map is called."""
        label = session.class_names[request.target]
        return self.text("map", method=method_name(request.method, self.language), label=label)

    def inside(self, session: CamSession, request: CamRequest, drawn: CamMap) -> str:
        """Say how much of the map lies on the explained thing, where that is known."""
        label = session.class_names[request.target]
        share = session.inside(drawn, label)
        if share is None or request.side == "against":
            return ""
        return self.text("inside", share=percent(share, self.language, 0), label=label)

    def describe(self, session: CamSession, request: CamRequest, drawn: CamMap) -> str:
        """Return in a sentence what the map shows."""
        if note := flat_note(drawn.heatmap, self.language):
            return f"{self.title(session, request)}: {note}"
        label = session.class_names[request.target]
        inside = self.inside(session, request, drawn)
        return self.text(
            "alt_map",
            method=method_name(request.method, self.language),
            layer=drawn.attribution.recipe.options["layer"],
            side=self.text(f"side_{request.side}"),
            label=label,
            place=place_of(drawn.heatmap, self.language),
            inside=f" {inside}." if inside else "",
        )

    def recipe(self, session: CamSession, request: CamRequest, drawn: CamMap) -> str:
        """Write the small line: layer, class, seconds."""
        options = drawn.attribution.recipe.options
        return " · ".join(
            [
                method_name(request.method, self.language),
                str(options["layer"]),
                session.class_names[request.target],
                self.text(f"side_{request.side}"),
                self.text("score", score=decimal(float(drawn.attribution.score[0]), 2, self.language)),
                self.text("seconds", seconds=decimal(drawn.seconds, 2, self.language)),
            ]
        )


def _heading(text: str) -> widgets.HTML:
    return widgets.HTML(_heading_html(text))


def _heading_html(text: str) -> str:
    """Write a line above several pictures, as the components write their titles."""
    style = "font-size:13px;font-weight:600;line-height:1.3;color:var(--jp-ui-font-color1,#1f1f1f)"
    return f'<div style="{style}">{text}</div>'
