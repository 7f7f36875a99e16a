"""`RelevanceLab`: a score shared out layer by layer, with a rule for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.still_heatmaps import draw_heatmap
from xai_widgets.widgets.labs.relevance.session import PLANS, RelevanceSession, SharedScore
from xai_widgets.widgets.labs.relevance.views import RelevanceViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.results.relevance_result import LayerRelevance
    from xai_widgets.runtime.worker import Job


class RelevanceLab(ClassLab):
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

    session_type = RelevanceSession
    model_traits = ("target", "rules", "layer")

    composite = traitlets.Unicode("epsilon_plus")
    """Which rule for which layer: a composite of `lrp`, or ``"zero"`` or ``"z_plus"`` for one rule everywhere."""

    rules: traitlets.Dict[str, Any] = traitlets.Dict()
    """Rules of single layers by path, stronger than the composite: ``{"conv1": "flat"}``, as for `lrp`."""

    layer = traitlets.Unicode("input")
    """Whose map is shown: ``"input"``, or the path of a layer whose output is a picture."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._shared: SharedScore | None = None
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def result(self) -> LayerRelevance:
        """Relevance at every layer, in the present state."""
        return self._compute().relevance

    def figure(self) -> Figure:
        """Return the map and the bars of the present state as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture, the map at the chosen layer, and a bar for the relevance at each depth, with the score as a
            dashed line. What was not computed yet is computed here.
        """
        shared, views = self._compute(), self.views
        figure, axes = panel_grid(1, 3)
        draw_picture(axes[0, 0], self.session.picture / 255, self.label)
        title = self.text("map_at", layer=views.layer_name(self.layer))
        draw_heatmap(axes[0, 1], views.heatmap(self.session, shared, self.layer), title)
        bars, names = axes[0, 2], [views.layer_name(path) for path in shared.rows]
        bars.set_axis_on()
        bars.barh(names, [shared.through(path) for path in shared.rows], color="#0072B2")
        bars.invert_yaxis()  # the input on top, as in the lab
        bars.axvline(shared.score, color="0.3", linestyle="--", linewidth=1)
        bars.tick_params(labelsize=7)
        bars.set_title(self.text("head_bars"), fontsize=10)
        bars.spines[["top", "right"]].set_visible(False)
        add_caption(figure, self._recipe(shared))
        return figure

    def describe(self) -> str:
        """Return where the map is strongest, and what is left of the score at the input.

        Returns
        -------
        str
            Where the map is strongest, and what is left of the score at the input. What was not computed yet is
            computed here. In the language of the lab.
        """
        shared = self._compute()
        return f"{self.views.describe(shared, self.layer)} {self.views.account_of(shared)}"

    def __repr__(self) -> str:
        """Model, composite and rules."""
        named = "".join(f", {path}: {rule}" for path, rule in self.rules.items())
        return f"RelevanceLab({self.model.name!r}, {self.composite}{named})"

    # Making

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = views = RelevanceViews(self.composite, self.controls, self.language)
        self.canvas, self.account, self.plan_menu = views.canvas, views.account, views.plan_menu
        self.arrange(*views.rows(), self._error_panel)
        views.on_layer, views.on_rule = self._choose_layer, self._choose_rule
        traitlets.link((self, "composite"), (views.plan_menu, "value"))
        self.on_change(["composite", "rules"], self.refresh)
        self.on_change("layer", self._on_layer)
        self.hears_escape(views.canvas)

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.views.show_session(self.session)
        self._shared = None

    # State

    @traitlets.validate("composite")
    def _known_plan(self, proposal: dict[str, Any]) -> str:
        name = match(str(proposal["value"]), PLANS)
        if name is None:
            raise traitlets.TraitError(
                f"unknown composite {proposal['value']!r}; {suggestion(proposal['value'], PLANS)}"
            )
        return name

    def _compute(self) -> SharedScore:
        found: SharedScore = self.session.shared(self.explained, self.composite, self.rules)
        self._check_layer(found)
        return found

    def _check_layer(self, shared: SharedScore) -> None:
        """Refuse a layer that has no map."""
        if not shared.has_map(self.layer):
            shown = [path for path in shared.relevance.values if shared.has_map(path)]
            raise ValueError(f"no map at layer {self.layer!r}; {suggestion(self.layer, shown)}")

    # Events

    def _on_layer(self) -> None:
        if self._shared is not None:
            self._check_layer(self._shared)
            self.views.show_map(self.session, self._shared, self.layer)

    def _choose_layer(self, path: str) -> None:
        self.layer = path

    def _choose_rule(self, path: str, rule: str) -> None:
        if not self._painting:
            others = {other: one for other, one in self.rules.items() if other != path}
            self.rules = others | ({path: rule} if rule else {})

    # Computing and painting

    def ask_worker(self) -> None:
        """Ask the worker for the relevance at all layers."""
        session, target, composite, rules = self.session, self.explained, self.composite, dict(self.rules)

        def work(job: Job) -> None:
            job.show(self.views.show_waiting)
            shared = session.shared(target, composite, rules, job.progress)
            job.show(lambda: self._paint(shared))

        self.compute(work)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.canvas.progress = share

    def _paint(self, shared: SharedScore) -> None:
        self._shared = shared
        with self.painting():
            if not shared.has_map(self.layer):
                self.layer = "input"
            self.views.show_rows(shared, self.rules)
            self.views.show_map(self.session, shared, self.layer)
        self.show_recipe(self._recipe(shared))

    def _recipe(self, shared: SharedScore) -> str:
        named = [f"{path}: {rule}" for path, rule in self.rules.items()]
        seconds = self.text("seconds", seconds=decimal(shared.seconds, 2, self.language))
        return " · ".join(["LRP", self.label, self.text(f"plan_{self.composite}"), *named, seconds])
