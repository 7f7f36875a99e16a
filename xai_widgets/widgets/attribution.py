"""`AttributionExplorer`: several explanations of one answer, side by side."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.methods.registry import METHODS
from xai_widgets.models.names import match, suggestion
from xai_widgets.models.pictures import load_image
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.widgets.attribution_session import AttributionSession
from xai_widgets.widgets.components import BrowserLink, Curve, PictureUpload, ScoreBars, Slider
from xai_widgets.widgets.method_panel import MethodPanel, method_name
from xai_widgets.widgets.model_lab import ModelLab
from xai_widgets.widgets.pictures import default_picture, picture_names, read_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.attribution import Attribution
    from xai_widgets.runtime.worker import Job

_SIZES = {1: 240, 2: 224, 3: 212, 4: 204}  # of a panel's picture, by how many there are
_BARS, _CHART = 4, 130  # bars, and pixels of the chart beside them
_LARGEST_UPLOAD = 1024  # pixels a side: a phone's picture is decoded smaller


class AttributionExplorer(ModelLab):
    """Explain one answer by several methods, side by side; a click on a bar explains another class.

    Opacity, threshold and the divider act in the browser; the kernel is asked for new maps alone. Each map is put to
    the test: how fast does the score fall when the places that it holds most important are hidden?

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is explained: a name or file for `load_model`, or a model. The creatures model if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture does not fit the model, or a method is unknown.

    Examples
    --------
    >>> lab = AttributionExplorer("digits", "digit-3", methods=("saliency", "integrated_gradients"))
    >>> lab.target = "8"
    >>> lab.wait()
    True
    >>> lab.results["saliency"].recipe.target
    ('8',)
    >>> lab.close()
    """

    area = "attribution"

    model = traitlets.Any(None, allow_none=True)
    """What is explained; always a `Classifier` once set."""

    image = traitlets.Any(None, allow_none=True)
    """The picture, as it was given."""

    methods = traitlets.Tuple(("saliency", "integrated_gradients", "grad_cam"))
    """One to four methods, by the names of `list_methods`: a panel each."""

    options: traitlets.Dict[str, Any] = traitlets.Dict()
    """Options of methods, by their names: ``{"smooth_grad": {"samples": 100}}``."""

    target = traitlets.Any(None, allow_none=True)
    """The explained class, by name or index; None: the model's answer."""

    opacity = traitlets.Float(0.7, min=0.0, max=1.0)
    """How much the maps cover the picture."""

    threshold = traitlets.Float(0.0, min=0.0, max=1.0)
    """Values below this share of a map's largest are left out."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._session: AttributionSession | None = None
        self._answers: dict[str, Attribution] = {}
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self._make()
        self._open(image)
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def results(self) -> dict[str, Attribution]:
        """The answers on screen, by method."""
        return {name: self._answers[name] for name in self.methods if name in self._answers}

    def figure(self) -> Figure:
        """Return the picture and the maps of the present state as a matplotlib figure."""
        session, target = self._current(), self._target()
        figure, axes = panel_grid(1, len(self.methods) + 1)
        best = session.predictions.top(1)[0][0]
        draw_picture(axes[0, 0], session.picture / 255, best.label)
        for place, name in enumerate(self.methods, 1):
            explained = session.explained(name, target, self.options.get(name, {}))
            limit = float(np.abs(explained.heatmap).max()) or 1.0
            low, colours = (-limit, "RdBu_r") if explained.signed else (0.0, "viridis")
            axes[0, place].imshow(explained.heatmap, cmap=colours, vmin=low, vmax=limit)
            axes[0, place].set_title(method_name(name, self.language), fontsize=10)
            axes[0, place].axis("off")
        add_caption(figure, self.text("caption", label=session.classifier.labels[target], model=self.model.name))
        return figure

    def describe(self) -> str:
        """Return what each map shows."""
        session, target = self._current(), self._target()
        label = session.classifier.labels[target]
        found = [session.explained(name, target, self.options.get(name, {})) for name in self.methods]
        return " ".join(panel.describe(one, label) for panel, one in zip(self.panels, found, strict=True))

    def __repr__(self) -> str:
        """Model and methods."""
        return f"AttributionExplorer({self.model.name!r}, {', '.join(self.methods)})"

    # Making

    def _make(self) -> None:
        self.panels = [
            MethodPanel(tuple(METHODS), name, _SIZES[len(self.methods)], self.language) for name in self.methods
        ]
        narrow = widgets.Layout(width="auto", max_width="220px")
        self.picture_menu = widgets.Dropdown(
            description=self.text("picture"), style={"description_width": "initial"}, layout=narrow
        )
        self.upload = PictureUpload(label=self.text("upload"), language=self.language)
        self.compare_box = widgets.Checkbox(description=self.text("compare"), indent=False, layout=narrow)
        shared: dict[str, Any] = {"language": self.language, "max": 1.0, "step": 0.01, "unit": "%"}
        self.opacity_slider = Slider(label=self.text("opacity"), value=self.opacity, **shared)
        self.threshold_slider = Slider(label=self.text("threshold"), value=self.threshold, **shared)
        self.bars = ScoreBars(title=self.text("bars"), count=_BARS, language=self.language)
        self.bars.words = {**self.bars.words, "explained": self.text("explained")}
        self.curve = Curve(
            title=self.text("deletion"),
            x_label=self.text("hidden"),
            x_unit="%",
            y_unit="%",
            x_range=(0.0, 1.0),
            y_range=(0.0, 1.0),
            chart_height=_CHART,
            language=self.language,
        )
        for part, room in ((self.bars, "360px"), (self.curve, "280px")):
            part.layout.flex, part.layout.width = f"1 1 {room}", "auto"
        sliders = widgets.VBox([self.opacity_slider, self.threshold_slider], layout=widgets.Layout(flex="1 1 180px"))
        canvases = [panel.canvas for panel in self.panels]
        self._links = [
            BrowserLink((self.opacity_slider, "value"), [(canvas, "opacity") for canvas in canvases]),
            BrowserLink((self.threshold_slider, "value"), [(canvas, "threshold") for canvas in canvases]),
        ]
        self.children = (
            _row([self.picture_menu, self.upload, self.compare_box], align_items="center", grid_gap="4px 12px"),
            _row(self.panels, align_items="flex-start", justify_content="center", grid_gap="4px 16px"),
            _row([self.bars, self.curve, sliders], align_items="flex-start", grid_gap="4px 16px"),
            self._error_panel,
        )

    def _listen(self) -> None:
        for trait, slider in (("opacity", self.opacity_slider), ("threshold", self.threshold_slider)):
            traitlets.link((self, trait), (slider, "value"))
        for place, panel in enumerate(self.panels):
            panel.menu.observe(functools.partial(self._on_method, place), "value")
            panel.layer_menu.observe(functools.partial(self._on_layer, place), "value")
        self.bars.observe(self._on_bar, "selected")
        self.picture_menu.observe(self._on_picture, "value")
        self.upload.observe(self._on_upload, "serial")
        self.compare_box.observe(self._on_compare, "value")
        self.observe(self._on_image, ["image", "model"])
        self.observe(self._on_methods, "methods")
        self.observe(lambda _change: self._refresh(), ["target", "options"])
        for view in (*(panel.canvas for panel in self.panels), self.bars, self.curve, self.upload):
            view.observe(lambda _change: self.stop(), "escapes")

    # State

    @traitlets.validate("methods")
    def _known_methods(self, proposal: dict[str, Any]) -> tuple[str, ...]:
        wanted = proposal["value"]
        if not 1 <= len(wanted) <= max(_SIZES):
            raise traitlets.TraitError(f"the lab shows one to {max(_SIZES)} methods, not {len(wanted)}")
        found = [match(str(name), METHODS) for name in wanted]
        for name, known in zip(wanted, found, strict=True):
            if known is None:
                raise traitlets.TraitError(f"unknown method {name!r}; {suggestion(str(name), METHODS)}")
        return tuple(name for name in found if name is not None)

    def _current(self) -> AttributionSession:
        if self._session is None:
            raise RuntimeError("the lab has no picture yet")
        return self._session

    def _target(self) -> int:
        return self._current().top if self.target is None else int(self.model.index(self.target))

    def _open(self, image: Any) -> None:
        """Look at another picture; if it cannot be read, the one before stays."""
        chosen = default_picture(self.model) if image is None else image
        session = AttributionSession(self.model, read_picture(chosen, self.model))
        if self.target is not None:
            self.model.index(self.target)  # an unknown class is refused before anything is shown
        self._session = session
        with self.painting():
            names = picture_names(self.model)
            sample = chosen if isinstance(chosen, str) and chosen in names else None
            own = [] if sample else [(self.text("own_picture"), None)]
            self.picture_menu.options = [*((name, name) for name in names), *own]
            self.picture_menu.value = sample
            self.image = chosen
            for panel in self.panels:
                panel.show_picture(session.picture)
            self.bars.set_scores(session.predictions.probabilities[0], labels=session.classifier.labels)

    # Events

    def _on_method(self, place: int, change: dict[str, Any]) -> None:
        if not self._painting:
            self.methods = (*self.methods[:place], change["new"], *self.methods[place + 1 :])

    def _on_layer(self, place: int, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            name = self.methods[place]
            self.options = {**self.options, name: {**self.options.get(name, {}), "layer": change["new"]}}

    def _on_methods(self, _change: object) -> None:
        if len(self.methods) != len(self.panels):
            self._make()
            self._open(self.image)
            self._listen()
        with self.painting():
            for panel, name in zip(self.panels, self.methods, strict=True):
                panel.menu.value = name
        self._refresh()

    def _on_bar(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.target = int(change["new"])

    def _on_picture(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self._change_picture(change["new"])

    def _on_upload(self, _change: object) -> None:
        self._change_picture(self.upload.picture_bytes)

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; what cannot be read is said in the lab, and the last picture stays."""
        try:
            self._open(image if isinstance(image, str) else load_image(image, max_side=_LARGEST_UPLOAD))
        except ValueError as error:
            self.show_error(str(error))
            return
        self.target = None
        self._refresh()

    def _on_image(self, change: dict[str, Any]) -> None:
        """Take a picture or a model set from code; errors go to whoever set it."""
        if not self._painting:
            if change["name"] == "model":
                self.target = None
            self._open(self.image)
            self._refresh()

    def _on_compare(self, change: dict[str, Any]) -> None:
        for panel in self.panels:
            panel.canvas.swipe = 0.5 if change["new"] else None

    # Computing

    def _refresh(self) -> None:
        """Ask the worker for the maps of all panels, one after the other."""
        if self._session is None:
            return
        session, target, panels = self._session, self._target(), tuple(zip(self.methods, self.panels, strict=True))
        with self.painting():
            self.bars.selected = target
            for name, panel in panels:
                panel.show_layers(session.layers, self.options.get(name, {}).get("layer"))
        self._answers = {}
        self.curve.dimmed = True

        def work(job: Job) -> None:
            refusals = [error for name, panel in panels if (error := self._answer(job, session, target, name, panel))]
            self._test(job, session, target, panels)
            if refusals:
                raise refusals[0]

        self.compute(work)

    def _answer(
        self, job: Job, session: AttributionSession, target: int, name: str, panel: MethodPanel
    ) -> ValueError | None:
        """Fill one panel; what the method refuses is returned, so that the other panels have their turn."""
        job.show(panel.show_waiting)
        try:
            explained = session.explained(name, target, self.options.get(name, {}), job.progress)
        except ValueError as error:
            refusal = error
            job.show(lambda: panel.show_refusal(refusal))
            return refusal

        def paint() -> None:
            self._answers[name] = explained.attribution
            panel.show_answer(session, explained, target)

        job.show(paint)
        return None

    def _test(self, job: Job, session: AttributionSession, target: int, panels: Any) -> None:
        """Draw the deletion curves of the maps that there are, one after the other."""
        lines: list[dict[str, Any]] = []
        for name, panel in panels:
            try:
                explained = session.explained(name, target, self.options.get(name, {}))
            except ValueError:  # said in its panel
                continue
            found = session.deletion(explained, target)
            lines.append({"label": method_name(name, self.language), "values": found.scores[0].clip(0, 1)})
            job.show(functools.partial(panel.show_deletion, float(found.area[0])))
            job.show(functools.partial(self._show_curves, found.shares, tuple(lines), target))

    def _show_curves(self, shares: NDArray[np.float64], lines: tuple[dict[str, Any], ...], target: int) -> None:
        with self.curve.hold_sync():
            self.curve.dimmed = False
            self.curve.alt = self.text("alt_deletion", label=self._current().classifier.labels[target])
            self.curve.set_data(shares, lines)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the panel that is computed."""
        for panel in self.panels:
            if panel.canvas.progress is not None:
                panel.canvas.progress = share
                return


def _row(children: Any, **options: str) -> widgets.HBox:
    """Return a row that breaks on a narrow page."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", overflow="visible", **options))
