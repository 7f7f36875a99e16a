"""`AttributionExplorer`: several explanations of one answer, side by side."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.i18n.numbers import percent, with_sign
from xai_widgets.methods.registry import METHODS, methods_for
from xai_widgets.plots.panels import add_caption, draw_picture, draw_refusal, panel_grid
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.explanation_session import AttributionSession
from xai_widgets.widgets.base.method_panel import method_name
from xai_widgets.widgets.base.number_traits import FiniteFloat
from xai_widgets.widgets.base.still_heatmaps import draw_heatmap
from xai_widgets.widgets.labs.attribution.views import SIZES, AttributionViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.runtime.worker import Job
    from xai_widgets.widgets.base.explanation_session import Explained
    from xai_widgets.widgets.base.method_panel import MethodPanel


class AttributionExplorer(ClassLab):
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
    model_traits = (*ClassLab.model_traits, "hidden_patch")

    session_type = AttributionSession
    menu_width = "220px"
    bars_explained = "attribution.explained"

    methods = traitlets.Tuple(("saliency", "integrated_gradients", "grad_cam"))
    """One to four methods, by the names of `list_methods`: a panel each."""

    options: traitlets.Dict[str, Any] = traitlets.Dict()
    """Options of methods, by their names: ``{"smooth_grad": {"samples": 100}}``."""

    opacity = FiniteFloat(0.7, min=0.0, max=1.0)
    """How much the maps cover the picture."""

    threshold = FiniteFloat(0.0, min=0.0, max=1.0)
    """Values below this share of a map's largest are left out."""

    hidden_share = FiniteFloat(0.0, min=0.0, max=1.0)
    """How much of each picture is hidden, what its map holds most important first; 0: the maps are shown."""

    hidden_patch = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=None, allow_none=True)
    """Row and column of a pixel around which a patch is hidden, to measure its effect on the score; None: none."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._answers: dict[str, Attribution] = {}
        self._told: set[str] = set()  # refusals that stand in the panel of their method
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def results(self) -> dict[str, Attribution]:
        """The answers on screen, by method."""
        return {name: self._answers[name] for name in self.methods if name in self._answers}

    @property
    def panels(self) -> list[MethodPanel]:
        """A panel for each method."""
        return self.views.panels

    def figure(self) -> Figure:
        """Return the picture and the maps of the present state as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture and one map for each of `methods`, of the explained class. Maps that were not computed yet
            are computed here.
        """
        session = self.session
        figure, axes = panel_grid(1, len(self.methods) + 1)
        draw_picture(axes[0, 0], session.picture / 255, session.class_names[session.top])
        for panel, drawn, explained in zip(axes[0, 1:], self.panels, self._explained(), strict=True):
            name = method_name(drawn.menu.value, self.language)
            if isinstance(explained, ValueError):
                draw_refusal(panel, str(explained), name)
            elif self.hidden_share > 0:
                draw_picture(panel, session.hidden_picture(explained, self.hidden_share) / 255, name)
            else:
                draw_heatmap(panel, drawn.heatmap(session, explained, self.label), name)
        hidden = f" · {self.text('hidden')} {percent(self.hidden_share, self.language)}" if self.hidden_share else ""
        add_caption(figure, self.text("caption", label=self.label, model=self.model.name) + hidden)
        return figure

    def describe(self) -> str:
        """Return what each map shows.

        Returns
        -------
        str
            For each method, where its map is strongest. Maps that were not computed yet are computed here. In the
            language of the lab.
        """
        found = self._explained()
        return " ".join(panel.describe(one, self.label) for panel, one in zip(self.panels, found, strict=True))

    def _explained(self) -> list[Explained | ValueError]:
        """Return the answers of all methods, each computed once, or why there is none."""
        return [self._explained_or_refused(self.session, name, self.explained) for name in self.methods]

    def _explained_or_refused(
        self, session: AttributionSession, name: str, target: int, progress: Any = None
    ) -> Explained | ValueError:
        try:
            return session.explained(name, target, self.options.get(name, {}), progress)
        except ValueError as error:
            return error

    def __repr__(self) -> str:
        """Model and methods."""
        return f"AttributionExplorer({self.model.name!r}, {', '.join(self.methods)})"

    # Making

    def make_views(self) -> None:
        """Make the views and arrange them."""
        set_by = {name: getattr(self, name) for name in ("opacity", "threshold", "hidden_share")}
        self.views = AttributionViews(self.methods, self.controls, **set_by, language=self.language)
        self.curve, self.compare_box = self.views.curve, self.views.compare_box
        self.opacity_slider, self.threshold_slider = self.views.opacity_slider, self.views.threshold_slider
        self.arrange(*self.views.rows(), self._error_panel)
        for trait, slider in (("opacity", self.opacity_slider), ("threshold", self.threshold_slider)):
            traitlets.link((self, trait), (slider, "value"))
        traitlets.link((self, "hidden_share"), (self.curve, "cursor"))
        self.requests.silence(self.opacity_slider, self.threshold_slider, self.compare_box, self.curve)
        self.views.add_button.on_click(self._on_add)
        self.compare_box.observe(lambda change: self.views.compare(divided=change["new"]), "value")
        self.observe(self._on_methods, "methods")
        self.on_change(["options", "hidden_patch"], self.refresh)
        self.hears_escape(self.curve)
        self._listen_to(self.panels)

    def _listen_to(self, panels: list[MethodPanel]) -> None:
        for panel in panels:
            panel.menu.observe(functools.partial(self._on_method, panel), "value")
            panel.layer_menu.observe(functools.partial(self._on_layer, panel), "value")
            panel.remove_button.on_click(functools.partial(self._on_remove, panel))
            panel.canvas.observe(self._on_pointer, "pointer")
            self.hears_escape(panel.canvas)

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.views.show_session(self.session)

    def reset_for_model(self) -> None:
        """Drop the layers that were chosen: another model has its own."""
        super().reset_for_model()
        kept = {name: {k: v for k, v in one.items() if k != "layer"} for name, one in self.options.items()}
        self.options = {name: one for name, one in kept.items() if one}

    # State

    @traitlets.validate("methods")
    def _known_methods(self, proposal: dict[str, Any]) -> tuple[str, ...]:
        wanted = proposal["value"]
        if not 1 <= len(wanted) <= max(SIZES):
            raise traitlets.TraitError(f"the lab shows one to {max(SIZES)} methods, not {len(wanted)}")
        found = [match(str(name), methods_for("picture")) for name in wanted]
        for name, known in zip(wanted, found, strict=True):
            if known is None:
                raise traitlets.TraitError(f"unknown method {name!r}; {suggestion(str(name), methods_for('picture'))}")
        return tuple(name for name in found if name is not None)

    # Events

    def _on_method(self, panel: MethodPanel, change: dict[str, Any]) -> None:
        if not self._painting:
            place = self.panels.index(panel)
            self.methods = (*self.methods[:place], change["new"], *self.methods[place + 1 :])

    def _on_add(self, _button: object) -> None:
        """Show one more method: the quickest one that is not shown yet."""
        others = [name for name in methods_for("picture") if name not in self.methods]
        quick = [name for name in others if METHODS[name].few_passes]
        self.methods = (*self.methods, (quick or others)[0])

    def _on_remove(self, panel: MethodPanel, _button: object) -> None:
        place = self.panels.index(panel)
        self.methods = (*self.methods[:place], *self.methods[place + 1 :])

    def _on_pointer(self, change: dict[str, Any]) -> None:
        """Hide the patch around a pixel that was chosen; choosing one in the hidden patch shows it again."""
        if change["new"].get("event") != "click":
            return
        row, column = change["new"]["y"], change["new"]["x"]
        top, left, height, width = self._patch or (-1, -1, 0, 0)
        inside = 0 <= row - top < height and 0 <= column - left < width
        self.set_trait("hidden_patch", None if inside else (row, column))

    def _on_layer(self, panel: MethodPanel, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            name = self.methods[self.panels.index(panel)]
            self.options = {**self.options, name: {**self.options.get(name, {}), "layer": change["new"]}}

    def _on_methods(self, _change: object) -> None:
        if len(self.methods) != len(self.panels):
            new = self.views.make_panels(self.methods)
            self._listen_to(new)
            for panel in new:
                panel.show_picture(self.session)
        with self.painting():
            for panel, name in zip(self.panels, self.methods, strict=True):
                panel.menu.value = name
        self.refresh()

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for the maps of all panels, one after the other."""
        session, target, panels = self.session, self.explained, tuple(zip(self.methods, self.panels, strict=True))
        patch = self._patch
        with self.painting():
            self.views.show_request(session, self.methods, self.options, target)
            self.views.show_patch(patch)
        self._answers = {}
        self._told = set()

        def work(job: Job) -> None:
            told = self._patch_effect(session, target, patch) if patch else self.text("patch_hint")
            job.show(lambda: self.show_recipe(told))
            refusals = [error for name, panel in panels if (error := self._answer(job, session, target, name, panel))]
            self._told.update(f"{type(one).__name__}: {one}" for one in refusals)
            self._test(job, session, target, panels)
            if refusals:
                raise refusals[0]

        self.compute(work)

    def show_error(self, text: str) -> None:
        """Say in the lab what went wrong, unless the panel of a method says it already; an empty text clears it.

        Parameters
        ----------
        text : str
            The error message; plain text, not HTML.
        """
        super().show_error(text)
        if text in self._told:
            self._error_panel.value = ""

    @property
    def _patch(self) -> tuple[int, ...]:
        """Row, column, height and width of what is hidden; empty: nothing."""
        return self.session.patch_around(*self.hidden_patch) if self.hidden_patch else ()

    def _patch_effect(self, session: AttributionSession, target: int, patch: tuple[int, ...]) -> str:
        """Say what the explained class loses while a patch is hidden: measured, not read from a map."""
        row, column, height, width = patch
        logits = session.without((row, column, height, width))
        before, after = session.probabilities[target], session.classifier.probabilities(logits[None])[0, target]
        return self.text(
            "patch_effect",
            side=height,
            row=row + height // 2,
            column=column + width // 2,
            label=session.class_names[target],
            before=percent(float(before), self.language),
            after=percent(float(after), self.language),
            change=with_sign(float(logits[target] - session.logits[target]), 2, self.language),
        )

    def _answer(
        self, job: Job, session: AttributionSession, target: int, name: str, panel: MethodPanel
    ) -> ValueError | None:
        """Fill one panel; what the method refuses is returned, so that the other panels have their turn."""
        job.show(panel.show_waiting)
        explained = self._explained_or_refused(session, name, target, job.progress)
        if isinstance(explained, ValueError):
            refusal = explained
            job.show(lambda: panel.show_refusal(refusal))
            return refusal
        answer = explained

        def paint() -> None:
            self._answers[name] = answer.attribution
            panel.show_answer(session, answer, target)

        job.show(paint)
        return None

    def _test(self, job: Job, session: AttributionSession, target: int, panels: Any) -> None:
        """Draw the deletion curves of the maps that there are, one after the other."""
        lines: list[dict[str, Any]] = []
        for name, panel in panels:
            explained = self._explained_or_refused(session, name, target)
            if isinstance(explained, ValueError):  # said in its panel
                continue
            found = session.deletion(explained, target)
            lines.append({"label": method_name(name, self.language), "values": found.scores[0].clip(0, 1)})
            shares = session.hiding_shares(explained)
            job.show(functools.partial(panel.show_deletion, float(found.area[0]), shares))
            label = session.class_names[target]
            job.show(functools.partial(self.views.show_curves, found.shares, tuple(lines), label))

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the panel that is computed.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.views.show_progress(share)
