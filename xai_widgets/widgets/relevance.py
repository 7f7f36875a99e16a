"""`RelevanceLab`: a score shared out layer by layer, with a rule for each."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.rules.relevance import RULES
from xai_widgets.models.names import match, suggestion
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.widgets.components import Heatmap, PictureCanvas
from xai_widgets.widgets.method_panel import place_of
from xai_widgets.widgets.picture_lab import PictureLab, menu, row
from xai_widgets.widgets.relevance_session import PLANS, RelevanceSession, Shared
from xai_widgets.widgets.signed_bars import bar, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.results.relevance import LayerRelevance
    from xai_widgets.runtime.worker import Job

_SIZE = 290  # of the picture, in CSS pixels
_ROWS = 9  # of layers; more would not fit a screen
_BAR, _NAME, _RULE = 190, 112, 150  # CSS pixels
_CONSERVED = 0.01  # of the score: a layer that changes less conserves it
_FIRST_ONLY = ("z_box",)  # needs the range of the inputs
_LEFT_OUT = ("pass",)  # no rule for weights


class RelevanceLab(PictureLab):
    """Layer-wise relevance propagation, seen at every layer: a map, and bars of what is left of the score.

    A click on a layer's name shows the map there; its menu gives it a rule of its own.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is explained; the creatures model if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture does not fit the model, or a layer or rule is unknown.

    Examples
    --------
    >>> lab = RelevanceLab("digits", "digit-3", composite="zero")
    >>> lab.rules = {"conv1": "flat"}
    >>> lab.wait()
    True
    >>> lab.result.rules["conv1"]
    'Flat()'
    >>> lab.close()
    """

    area = "relevance"

    composite = traitlets.Unicode("epsilon_plus")
    """Which rule for which layer: a composite of `lrp`, or ``"zero"`` or ``"z_plus"`` for one rule everywhere."""

    rules: traitlets.Dict[str, Any] = traitlets.Dict()
    """Rules of single layers by path, stronger than the composite: ``{"conv1": "flat"}``, as for `lrp`."""

    layer = traitlets.Unicode("input")
    """Whose map is shown: ``"input"``, or the path of a layer whose output is a picture."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._shared: Shared | None = None
        self._paths: tuple[str, ...] = ()
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def result(self) -> LayerRelevance:
        """Relevance at every layer, in the present state."""
        return self._compute().relevance

    def figure(self) -> Figure:
        """Return the map and the bars of the present state as a matplotlib figure."""
        shared = self._compute()
        figure, axes = panel_grid(1, 3)
        draw_picture(axes[0, 0], self.session.picture / 255, self.label)
        heatmap = self._map(shared)
        limit = float(np.abs(heatmap).max()) or 1.0
        axes[0, 1].imshow(heatmap, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axes[0, 1].set_title(self.text("map_at", layer=self._layer_name(self.layer)), fontsize=10)
        bars, paths = axes[0, 2], self._rows(shared)
        bars.set_axis_on()
        bars.barh([self._layer_name(path) for path in paths], [shared.through(path) for path in paths], color="#0072B2")
        bars.invert_yaxis()  # the input on top, as in the lab
        bars.axvline(shared.score, color="0.3", linestyle="--", linewidth=1)
        bars.tick_params(labelsize=7)
        bars.set_title(self.text("head_bars"), fontsize=10)
        bars.spines[["top", "right"]].set_visible(False)
        add_caption(figure, self._recipe(shared))
        return figure

    def describe(self) -> str:
        """Return where the map is strongest, and what is left of the score at the input."""
        shared = self._compute()
        return f"{self._alt(shared)} {self._account(shared)}"

    def __repr__(self) -> str:
        """Model, composite and rules."""
        named = "".join(f", {path}: {rule}" for path, rule in self.rules.items())
        return f"RelevanceLab({self.model.name!r}, {self.composite}{named})"

    # Making

    def make_session(self, image: Any) -> RelevanceSession:
        """Look at a picture."""
        return RelevanceSession(self.model, image)

    def make_views(self) -> None:
        """Make the controls, the map, and room for the rows of layers."""
        plans = [(self.text(f"plan_{name}"), name) for name in PLANS]
        self.plan_menu = menu(self.text("composite"), plans, self.composite)
        self.plan_menu.layout.max_width = "420px"
        self.canvas = PictureCanvas(size=_SIZE, language=self.language)
        self.account, self.head = widgets.HTML(), widgets.HTML(self._head())
        self.layers = widgets.VBox()
        self.bars.count = 3
        self.bars.layout.flex = "0 0 auto"  # in a column, a basis would be a height
        left = widgets.VBox([self.canvas])
        left.layout = widgets.Layout(flex=f"0 1 {_SIZE + 30}px", min_width="260px", overflow="visible")
        right = widgets.VBox([self.head, self.layers, self.account, self.bars])
        right.layout = widgets.Layout(flex="1 1 500px", min_width="280px", overflow="visible")
        controls = [self.picture_menu, self.upload, self.plan_menu]
        self.children = (
            row(controls, align_items="center", grid_gap="4px 12px"),
            row([left, right], align_items="flex-start", grid_gap="6px 28px"),
            self._recipe_line,
            self._error_panel,
        )
        traitlets.link((self, "composite"), (self.plan_menu, "value"))
        self.observe(lambda _change: self.refresh(), ["composite", "rules"])
        self.observe(self._on_layer, "layer")
        self.hears_escape(self.canvas)

    def show_session(self) -> None:
        """Show the picture without a map."""
        self.canvas.set_picture(self.session.picture)
        self.canvas.layers, self.canvas.caption = (), ""
        self.bars.reference = ()
        self._shared = None

    def _head(self) -> str:
        style = "font-size:12px;color:var(--jp-ui-font-color1,#1f1f1f);display:inline-block"
        texts = (("head_layer", _NAME + 8), ("head_bars", _BAR + 74), ("head_rule", _RULE))
        return "".join(
            f'<span style="{style};width:{width}px;white-space:nowrap">{self.text(key)}</span>' for key, width in texts
        )

    # State

    @traitlets.validate("composite")
    def _known_plan(self, proposal: dict[str, Any]) -> str:
        name = match(str(proposal["value"]), PLANS)
        if name is None:
            raise traitlets.TraitError(
                f"unknown composite {proposal['value']!r}; {suggestion(proposal['value'], PLANS)}"
            )
        return name

    def _compute(self) -> Shared:
        found: Shared = self.session.shared(self.explained, self.composite, self.rules)
        self._check_layer(found)
        return found

    def _check_layer(self, shared: Shared) -> None:
        """Refuse a layer that has no map."""
        shown = [path for path in shared.relevance.values if shared.heatmap(path) is not None]
        if self.layer not in shown:
            msg = f"no map at layer {self.layer!r}; {suggestion(self.layer, shown)}"
            raise ValueError(msg)

    def _rows(self, shared: Shared) -> list[str]:
        """Return the layers with a row: the input and those with weights, evenly thinned out where they are many."""
        weighted = [path for path in shared.relevance.rules if path in shared.relevance.through]
        if len(weighted) >= _ROWS:
            weighted = [weighted[place] for place in np.linspace(0, len(weighted) - 1, _ROWS - 1).round().astype(int)]
        return ["input", *weighted]

    # Events

    def _on_layer(self, _change: object) -> None:
        if self._shared is not None:
            self._check_layer(self._shared)
            self._paint_map(self._shared)
            self._mark_layer()

    def _on_rule(self, path: str, change: dict[str, Any]) -> None:
        if not self._painting:
            others = {other: rule for other, rule in self.rules.items() if other != path}
            self.rules = others | ({path: change["new"]} if change["new"] else {})

    def _choose(self, path: str, _button: object) -> None:
        self.layer = path

    # Computing and painting

    def refresh(self) -> None:
        """Ask the worker for the relevance at all layers."""
        if self._session is None:
            return
        session, target, composite, rules = self.session, self.explained, self.composite, dict(self.rules)

        def work(job: Job) -> None:
            job.show(lambda: setattr(self.canvas, "progress", 0.0))
            shared = session.shared(target, composite, rules, job.progress)
            job.show(lambda: self._paint(shared))

        self.compute(work)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map."""
        self.canvas.progress = share

    def _paint(self, shared: Shared) -> None:
        self._shared = shared
        if shared.relevance.values.get(self.layer) is None or shared.heatmap(self.layer) is None:
            self.layer = "input"
        paths = tuple(self._rows(shared))
        if paths != self._paths:
            self._make_rows(paths, shared)
        low, high = shared.scale
        for path, (_, line, choice) in self._lines.items():
            line.value = self._bar(shared.through(path), shared.score, low, high)
            with self.painting():
                given = self.rules.get(path, "")
                choice.value = given if given in RULES else ""
                choice.tooltip = shared.relevance.rules.get(path, "")
        self._paint_map(shared)
        self._mark_layer()
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;line-height:1.4;margin-top:4px"
        self.account.value = f'<div role="status" style="{style}">{html.escape(self._account(shared))}</div>'
        self.show_recipe(self._recipe(shared))

    def _make_rows(self, paths: tuple[str, ...], shared: Shared) -> None:
        """Make a row for each layer: its name, its bar, its rule."""
        self._lines: dict[str, tuple[widgets.Button, widgets.HTML, widgets.Dropdown]] = {}
        first = next(iter(shared.relevance.rules), None)
        for path in paths:
            name = widgets.Button(
                description=self._layer_name(path),
                tooltip=self.text("show_map", layer=self._layer_name(path)),
                disabled=shared.heatmap(path) is None,
                layout=widgets.Layout(width=f"{_NAME}px", flex="0 0 auto"),
            )
            name.on_click(functools.partial(self._choose, path))
            rules = [rule for rule in RULES if rule not in _LEFT_OUT and (rule not in _FIRST_ONLY or path == first)]
            choice = widgets.Dropdown(
                options=[(self.text("as_composite"), ""), *((self.text(f"rule_{rule}"), rule) for rule in rules)],
                layout=widgets.Layout(width=f"{_RULE}px", visibility="hidden" if path == "input" else None),
            )
            choice.observe(functools.partial(self._on_rule, path), "value")
            self._lines[path] = (name, widgets.HTML(layout=widgets.Layout(width=f"{_BAR + 66}px")), choice)
        self.layers.children = [
            widgets.HBox(line, layout=widgets.Layout(overflow="visible")) for line in self._lines.values()
        ]
        self._paths = paths

    def _mark_layer(self) -> None:
        for path, (name, _, _) in self._lines.items():
            name.button_style = "primary" if path == self.layer else ""

    def _bar(self, value: float, score: float, low: float, high: float) -> str:
        drawn = bar(value, low, high, OKABE_ITO[0] if value >= 0 else OKABE_ITO[1], height=20, missing=score)
        text = (
            f'<span style="width:60px;text-align:right;font-variant-numeric:tabular-nums">{self._number(value)}</span>'
        )
        style = "display:flex;align-items:center;font-size:13px;color:var(--jp-ui-font-color1,#1f1f1f);height:28px"
        return f'<div style="{style}"><div style="width:{_BAR}px">{drawn}</div>{text}</div>'

    def _map(self, shared: Shared) -> Any:
        heatmap = shared.heatmap(self.layer)
        return np.zeros((1, 1)) if heatmap is None else heatmap

    def _paint_map(self, shared: Shared) -> None:
        heatmap = self._map(shared)
        name = self.text("legend", label=self.label)
        with self.canvas.hold_sync():
            coarse = heatmap.shape[0] < self.session.picture.shape[0]
            self.canvas.layers = (Heatmap(heatmap, name, signed=True, smooth=coarse),)
            self.canvas.title = self.text("map_at", layer=self._layer_name(self.layer))
            self.canvas.alt = self._alt(shared)
            self.canvas.progress = None

    # Words

    def _layer_name(self, path: str) -> str:
        return self.text("input") if path == "input" else path

    def _number(self, value: float) -> str:
        return number(value, 2, self.language)

    def _alt(self, shared: Shared) -> str:
        place = place_of(self._map(shared), self.language)
        return self.text("alt_map", layer=self._layer_name(self.layer), label=self.label, place=place)

    def _account(self, shared: Shared) -> str:
        """Say how much of the score arrives, and where most of it is lost."""
        lost = shared.score - shared.arrived
        fields = {"score": shared.score, "arrived": shared.arrived, "lost": abs(lost)}
        key = "account_lost" if lost >= 0 else "account_gained"
        told = self.text(key, **{name: self._number(value) for name, value in fields.items()})
        paths = [*reversed(self._rows(shared))]
        steps = np.diff([shared.score, *(shared.through(path) for path in paths)])
        if np.abs(steps).max() < _CONSERVED * abs(shared.score):
            return f"{told} {self.text('conserved')}"
        # What a layer changes is seen at the output of the one before it; the first step is that of the last layer.
        place = int(np.abs(steps).argmax())
        change = ("+" if steps[place] > 0 else "") + self._number(float(steps[place]))
        return f"{told} {self.text('most', layer=self._layer_name(paths[max(place - 1, 0)]), change=change)}"

    def _recipe(self, shared: Shared) -> str:
        named = [f"{path}: {rule}" for path, rule in self.rules.items()]
        seconds = self.text("seconds", seconds=decimal(shared.seconds, 2, self.language))
        return " · ".join(["LRP", self.label, self.text(f"plan_{self.composite}"), *named, seconds])
