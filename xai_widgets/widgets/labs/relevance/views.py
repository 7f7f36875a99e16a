"""What the relevance lab shows: the map at one layer, and a row for each layer with its bar and its rule."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import RULES
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.layer_names import short_layer_names
from xai_widgets.widgets.base.method_panel import flat_note, place_of
from xai_widgets.widgets.base.value_units import value_unit
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.base.widget_tree import close_widgets
from xai_widgets.widgets.components import Heatmap, PictureCanvas
from xai_widgets.widgets.components.signed_bars import bar
from xai_widgets.widgets.labs.relevance.session import PLANS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.labs.relevance.session import RelevanceSession, SharedScore

_SIZE = 290  # of the picture, in CSS pixels
_BAR, _NAME, _RULE = 190, 112, 150  # CSS pixels
_CONSERVED = 0.01  # of the score: a layer that changes less conserves it
_FIRST_ONLY = ("z_box",)  # needs the range of the inputs
_LEFT_OUT = ("pass",)  # no rule for weights
_ZERO = repr(RULES["zero"]())
_NAMES = {getattr(make, "func", make).__name__: name for name, make in RULES.items()}  # "epsilon" comes after "zero"


class RelevanceViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    composite : str
        What the menu of composites shows first.
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.

    Attributes
    ----------
    on_layer, on_rule : callable
        Called with the path of a layer whose name was clicked; with a path and the rule that was chosen for it.
    """

    area = "relevance"

    def __init__(self, composite: str, controls: ClassControls, language: str) -> None:
        super().__init__(controls, language)
        self.on_layer: Callable[[str], object] = lambda _path: None
        self.on_rule: Callable[[str, str], object] = lambda _path, _rule: None
        self.bars.count = 2  # and the field for the other classes
        self.bars.layout.flex = "0 0 auto"  # in a column, a basis would be a height
        self.plan_menu = menu(self.text("composite"), [(self.text(f"plan_{name}"), name) for name in PLANS], composite)
        self.plan_menu.layout.max_width = "420px"
        self.canvas = PictureCanvas(size=_SIZE, language=language)
        self.account, self.head = widgets.HTML(), widgets.HTML(self._head())
        self.layers = widgets.VBox()
        self._names: dict[str, str] = {}
        self.lines: dict[str, tuple[widgets.Button, widgets.HTML, widgets.Dropdown]] = {}

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        place = widgets.Layout(flex=f"0 1 {_SIZE + 30}px", min_width="260px", overflow="visible")
        room = widgets.Layout(flex="1 1 500px", min_width="280px", overflow="visible")
        left = widgets.VBox([self.canvas], layout=place)
        right = widgets.VBox([self.head, self.layers, self.account, self.bars], layout=room)
        return (
            row([self.picture_menu, self.upload, self.plan_menu], align_items="center", grid_gap="4px 12px"),
            row([left, right], align_items="flex-start", grid_gap="6px 28px"),
        )

    def _head(self) -> str:
        style = "font-size:12px;color:var(--jp-ui-font-color1,#1f1f1f);display:inline-block"
        texts = (("head_layer", _NAME + 8), ("head_bars", _BAR + 74), ("head_rule", _RULE))
        return "".join(
            f'<span style="{style};width:{width}px;white-space:nowrap">{self.text(key)}</span>' for key, width in texts
        )

    # Painting

    def show_session(self, session: RelevanceSession) -> None:
        """Show a new picture without a map."""
        self.canvas.set_picture(session.picture)
        self.canvas.layers, self.canvas.caption = (), ""

    def show_waiting(self) -> None:
        """Mark the map as out of date."""
        self.canvas.progress = 0.0

    def show_rows(self, shared: SharedScore, rules: Mapping[str, Any]) -> None:
        """Show how much of the score is left at each layer, and by which rule."""
        if shared.rows != tuple(self.lines):
            self._make_rows(shared)
        low, high = shared.scale
        for path, (_, line, choice) in self.lines.items():
            line.value = self._bar(shared.through(path), shared.score, low, high)
            given = rules.get(path, "")
            choice.value = given if given in RULES else ""
            choice.tooltip = self._rule_of(path, shared.relevance.rules)
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;line-height:1.4;margin-top:4px"
        self.account.value = f'<div role="status" style="{style}">{html.escape(self.account_of(shared))}</div>'

    def _rule_of(self, path: str, rules: Mapping[str, str]) -> str:
        """Say which rule a layer follows; only layers with weights have one."""
        if path not in rules:
            return self.text("head_rule")
        kind = rules[path].partition("(")[0]
        name = "zero" if rules[path] == _ZERO else _NAMES.get(kind)
        rule = self.text(f"rule_{name}") if name in RULES and name not in _LEFT_OUT else kind
        return self.text("rule_of", layer=self.layer_name(path), rule=rule)

    def _make_rows(self, shared: SharedScore) -> None:
        """Make a row for each layer, in place of those that there were: its name, its bar, its rule."""
        before, self.lines = self.layers.children, {}
        self._names = short_layer_names(shared.rows)
        first = next(iter(shared.relevance.rules), None)
        for path in shared.rows:
            name = widgets.Button(
                description=self.layer_name(path),
                tooltip=self.text("show_map", layer=self.layer_name(path)),
                disabled=shared.heatmap(path) is None,
                layout=widgets.Layout(width=f"{_NAME}px", flex="0 0 auto"),
            )
            name.on_click(functools.partial(self._choose, path))
            rules = [rule for rule in RULES if rule not in _LEFT_OUT and (rule not in _FIRST_ONLY or path == first)]
            choice = widgets.Dropdown(
                options=[(self.text("as_composite"), ""), *((self.text(f"rule_{rule}"), rule) for rule in rules)],
                layout=widgets.Layout(width=f"{_RULE}px", visibility="hidden" if path == "input" else None),
            )
            choice.observe(functools.partial(self._choose_rule, path), "value")
            self.lines[path] = (name, widgets.HTML(layout=widgets.Layout(width=f"{_BAR + 66}px")), choice)
        self.layers.children = [
            widgets.HBox(line, layout=widgets.Layout(overflow="visible", align_items="center")).add_class(
                "xw-layer-line"
            )
            for line in self.lines.values()
        ]
        close_widgets(before)

    def _choose(self, path: str, _button: object) -> None:
        self.on_layer(path)

    def _choose_rule(self, path: str, change: dict[str, Any]) -> None:
        self.on_rule(path, change["new"])

    def show_map(self, session: RelevanceSession, shared: SharedScore, layer: str) -> None:
        """Show the map at a layer, and mark the layer's name."""
        with self.canvas.hold_sync():
            self.canvas.layers = (self.heatmap(session, shared, layer),)
            self.canvas.title = self.text("map_at", layer=self.layer_name(layer))
            self.canvas.alt = self.describe(shared, layer)
            self.canvas.caption = flat_note(shared.map_at(layer), self.language)
            self.canvas.progress = None
        for path, (name, _, _) in self.lines.items():
            name.button_style = "primary" if path == layer else ""

    def heatmap(self, session: RelevanceSession, shared: SharedScore, layer: str) -> Heatmap:
        """Return the map at a layer as it lies over the picture."""
        values = shared.map_at(layer)
        coarse = values.shape[0] < session.picture.shape[0]
        unit = value_unit("lrp", self.language)
        return Heatmap(values, self.text("legend", label=shared.label), signed=True, smooth=coarse, unit=unit)

    def _bar(self, value: float, score: float, low: float, high: float) -> str:
        drawn = bar(value, low, high, OKABE_ITO[0] if value >= 0 else OKABE_ITO[1], height=20, missing=score)
        text = (
            f'<span style="width:60px;text-align:right;font-variant-numeric:tabular-nums">{self._number(value)}</span>'
        )
        style = "display:flex;align-items:center;font-size:13px;color:var(--jp-ui-font-color1,#1f1f1f);height:28px"
        return f'<div style="{style}"><div style="width:{_BAR}px">{drawn}</div>{text}</div>'

    # Words

    def layer_name(self, path: str) -> str:
        """Return what a layer is called on the page."""
        return self.text("input") if path == "input" else self._names.get(path, path)

    def _number(self, value: float) -> str:
        return decimal(value, 2, self.language)

    def describe(self, shared: SharedScore, layer: str) -> str:
        """Return in a sentence where the map at a layer is strongest."""
        if note := flat_note(shared.map_at(layer), self.language):
            return f"{self.text('map_at', layer=self.layer_name(layer))}: {note}"
        place = place_of(shared.map_at(layer), self.language)
        return self.text("alt_map", layer=self.layer_name(layer), label=shared.label, place=place)

    def account_of(self, shared: SharedScore) -> str:
        """Return how much of the score arrives, and where most of it is lost."""
        lost = shared.score - shared.arrived
        fields = {"score": shared.score, "arrived": shared.arrived, "lost": abs(lost)}
        key = "account_lost" if lost >= 0 else "account_gained"
        told = self.text(key, **{name: self._number(value) for name, value in fields.items()})
        paths = [*reversed(shared.rows)]
        steps = np.diff([shared.score, *(shared.through(path) for path in paths)])
        if np.abs(steps).max() < _CONSERVED * abs(shared.score):
            return f"{told} {self.text('conserved')}"
        # What a layer changes is seen at the output of the one before it; the first step is that of the last layer.
        place = int(np.abs(steps).argmax())
        change = ("+" if steps[place] > 0 else "") + self._number(float(steps[place]))
        return f"{told} {self.text('most', layer=self.layer_name(paths[max(place - 1, 0)]), change=change)}"
