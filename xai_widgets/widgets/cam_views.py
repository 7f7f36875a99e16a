"""What the CAM lab shows: its menus, the map, its fine version, the maps of all layers and the strongest channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.widgets.cam_session import METHODS, SIDES, WITHOUT_OPPOSITE
from xai_widgets.widgets.components import Heatmap, PictureCanvas, PictureUpload, ScoreBars
from xai_widgets.widgets.method_panel import method_name, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.results.layer_maps import LayerMaps
    from xai_widgets.widgets.cam_session import CamRequest, CamSession, Drawn

_MAP, _CHANNEL = 240, 78  # CSS pixels of a picture's side
_STRIP = 912  # of the row of layers, which its pictures share
_LARGEST_CELL = 124
CHANNELS = 4
_BARS = 4
_MARK = "3px solid var(--jp-brand-color1,#1976d2)"


class CamViews:
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"fr"``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.on_layer: Callable[[str], object] = lambda _layer: None
        self._make_controls()
        shared: dict[str, Any] = {"size": _MAP, "language": language}
        self.map = PictureCanvas(**shared)
        self.guided = PictureCanvas(title=self.text("guided"), opacity=0.9, **shared)
        self.bars = ScoreBars(title=self.text("bars"), count=_BARS, language=language)
        self.bars.words = {**self.bars.words, "explained": self.text("explained")}
        small: dict[str, Any] = {"size": _CHANNEL, "legend": False, "readout": False, "language": language}
        self.channels = [PictureCanvas(**small) for _ in range(CHANNELS)]
        self.channels_title, self.strip_title = _heading(self.text("channels")), _heading("")
        self.strip = _row([], grid_gap="4px")
        self._cells: dict[str, PictureCanvas] = {}

    def text(self, key: str, **fields: object) -> str:
        """Return a text of the lab."""
        return message(f"cam.{key}", self.language, **fields)

    def _make_controls(self) -> None:
        def menu(key: str, **options: Any) -> widgets.Dropdown:
            layout = widgets.Layout(width="auto", max_width="250px")
            style = {"description_width": "initial"}
            return widgets.Dropdown(description=self.text(key), style=style, layout=layout, **options)

        self.picture_menu, self.layer_menu, self.says_menu = menu("picture"), menu("layer"), menu("says")
        self.upload = PictureUpload(label=self.text("upload"), language=self.language)
        methods = [(method_name(name, self.language), name) for name in METHODS]
        self.method_menu = menu("method", options=methods)
        self.side_menu = menu("side", options=self._sides(SIDES))

    def _sides(self, sides: Sequence[str]) -> list[tuple[str, str]]:
        return [(self.text(f"side_{side}"), side) for side in sides]

    @property
    def components(self) -> tuple[Any, ...]:
        """The views that hear Esc."""
        return (self.upload, self.map, self.guided, self.bars, *self.channels)

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = [
            self.picture_menu,
            self.upload,
            self.says_menu,
            self.method_menu,
            self.layer_menu,
            self.side_menu,
        ]
        room = widgets.Layout(flex="1 1 340px", min_width="0", overflow="hidden")
        maps = _row(self.channels, grid_gap="2px")
        right = widgets.VBox([self.bars, self.channels_title, maps], layout=room)
        return (
            _row(controls, align_items="center", grid_gap="4px 10px"),
            _row([self.map, self.guided, right], align_items="flex-start", grid_gap="4px 16px"),
            self.strip_title,
            self.strip,
        )

    # Choices

    def show_pictures(self, names: Sequence[str], chosen: str | None) -> None:
        """List the pictures; None is one of the reader's own."""
        own = [] if chosen in names else [(self.text("own_picture"), None)]
        self.picture_menu.options = [*((name, name) for name in names), *own]
        self.picture_menu.value = chosen if chosen in names else None

    def show_says(self, choices: Sequence[tuple[str, str]], chosen: str | None) -> None:
        """List what the network can say; a plain classifier has nothing to choose."""
        self.says_menu.layout.display = None if choices else "none"
        if choices:
            self.says_menu.options = list(choices)
            self.says_menu.value = chosen

    def show_session(self, session: CamSession) -> None:
        """Show a new picture, or another thing that the network says of it, before any map is drawn."""
        self.layer_menu.options = session.layers
        for canvas in (self.map, self.guided, *self.channels):
            canvas.set_picture(session.picture)
            canvas.caption = ""
        self.bars.set_scores(session.predictions.probabilities[0], labels=session.classifier.labels)
        if tuple(self._cells) != session.shown_layers:
            self._make_cells(session.shown_layers)
        for canvas in self._cells.values():
            canvas.set_picture(session.picture)

    def _make_cells(self, layers: Sequence[str]) -> None:
        size = min(_LARGEST_CELL, _STRIP // len(layers) - 20)
        for canvas in self._cells.values():
            canvas.close()
        self._cells = {}
        for layer in layers:
            canvas = PictureCanvas(
                size=size, legend=False, readout=False, interactive=True, opacity=0.85, language=self.language
            )
            canvas.observe(lambda change, layer=layer: self._on_press(change, layer), "pointer")
            canvas.layout.border_bottom = "3px solid transparent"
            self._cells[layer] = canvas
        self.strip.children = list(self._cells.values())

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

    def show_map(self, session: CamSession, request: CamRequest, drawn: Drawn) -> None:
        """Show the map, and how much of it lies on the thing."""
        label = session.classifier.labels[request.target]
        with self.map.hold_sync():
            self.map.title = self.text("map", method=method_name(request.method, self.language), label=label)
            self.map.layers = (self._heatmap(drawn, request, label, smooth=True),)
            self.map.caption = self.inside(session, request, drawn)
            self.map.alt = self.describe(session, request, drawn)
            self.map.progress = None

    def show_no_map(self, why: str) -> None:
        """Say why there is no map; the one before would say something untrue."""
        with self.map.hold_sync():
            self.map.layers, self.map.caption, self.map.alt, self.map.progress = (), "", why, None

    def show_guided(self, session: CamSession, request: CamRequest, drawn: Drawn | None) -> None:
        """Show the fine map; None if it cannot be had for this network."""
        label = session.classifier.labels[request.target]
        with self.guided.hold_sync():
            if drawn is None:
                self.guided.layers, self.guided.caption = (), self.text("no_guided")
            else:
                self.guided.layers = (Heatmap(drawn.heatmap, self.text("legend", label=label)),)
                self.guided.caption = ""
            self.guided.alt = self.text("alt_guided", label=label)

    def show_layer(self, request: CamRequest, layer: str, drawn: Drawn) -> None:
        """Show the map of one layer in the row of all."""
        canvas, size = self._cells[layer], drawn.heatmap.shape
        with canvas.hold_sync():
            canvas.layers = (self._heatmap(drawn, request, layer, smooth=False),)
            canvas.caption = f"{layer} · {size[0]}×{size[1]}"
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
            weight, share = float(found.weights[0, number]), float(found.shares[0, number])
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
                canvas.title = self.text("channel_title", number=int(number), share=self._signed(share))
                canvas.caption = f"α {self._brief(weight)}"
                canvas.alt = self.text(
                    "alt_channel", number=int(number), weight=self._brief(weight), share=self._signed(share)
                )

    def _heatmap(self, drawn: Drawn, request: CamRequest, name: str, *, smooth: bool) -> Heatmap:
        signed = request.side == "both"  # of all layers, or their colours could not be compared
        return Heatmap(drawn.heatmap, self.text("legend", label=name), signed=signed, smooth=smooth)

    # Words

    def inside(self, session: CamSession, request: CamRequest, drawn: Drawn) -> str:
        """Say how much of the map lies on the explained thing, where that is known."""
        label = session.classifier.labels[request.target]
        share = session.inside(drawn, label)
        if share is None or request.side == "against":
            return ""
        return self.text("inside", share=percent(share, self.language, 0), label=label)

    def describe(self, session: CamSession, request: CamRequest, drawn: Drawn) -> str:
        """Say in a sentence what the map shows."""
        label = session.classifier.labels[request.target]
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

    def recipe(self, session: CamSession, request: CamRequest, drawn: Drawn) -> str:
        """Write the small line: layer, class, seconds."""
        options = drawn.attribution.recipe.options
        return " · ".join(
            [
                method_name(request.method, self.language),
                str(options["layer"]),
                session.classifier.labels[request.target],
                self.text(f"side_{request.side}"),
                self.text("score", score=decimal(float(drawn.attribution.score[0]), 2, self.language)),
                self.text("seconds", seconds=decimal(drawn.seconds, 2, self.language)),
            ]
        )

    def _signed(self, value: float) -> str:
        """Write a number with its sign."""
        return f"{'−' if value < 0 else '+'}{decimal(abs(value), 2, self.language)}"

    def _brief(self, value: float) -> str:
        """Write a small number with two digits that count."""
        digits = 0 if value == 0 else int(np.clip(1 - np.floor(np.log10(abs(value))), 0, 6))
        return decimal(value, digits, self.language).replace("-", "−")


def _heading(text: str) -> widgets.HTML:
    return widgets.HTML(_heading_html(text))


def _heading_html(text: str) -> str:
    """Write a line above several pictures, as the components write their titles."""
    style = "font-size:13px;font-weight:600;line-height:1.3;padding-left:4px;color:var(--jp-ui-font-color1,#1f1f1f)"
    return f'<div style="{style}">{text}</div>'


def _row(children: Any, **options: str) -> widgets.HBox:
    """Return a row that breaks on a narrow page."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", overflow="visible", **options))
