"""`LimeLab`: hide superpixels by hand, and compare with LIME's answer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.results.recipe_words import option_in_words, recipe_in_words
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.still_heatmaps import draw_heatmap
from xai_widgets.widgets.labs.lime.session import FILLS, KINDS, LimeSession, LimeState, Pieces, pieces_within
from xai_widgets.widgets.labs.lime.views import LimeViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.superpixel_result import SuperpixelAttribution
    from xai_widgets.runtime.worker import Job


class LimeLab(ClassLab):
    """Click on pieces of the picture to hide them; LIME's weights, and what changes with the seed, stand beside.

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
        If the picture does not fit the model.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier, arXiv:1602.04938.

    Examples
    --------
    >>> lab = LimeLab("digits", "digit-3", segments="grid", count=16, samples=100, seeds=2)
    >>> lab.hidden = (5, 6)
    >>> lab.wait()
    True
    >>> lab.results[0].recipe.method, len(lab.results)
    ('lime_image', 2)
    >>> lab.close()
    """

    area = "lime"

    session_type = LimeSession
    bars_reference = "whole"

    segments = traitlets.Enum(KINDS, default_value="slic")
    """How the picture is cut into pieces."""

    count = WholeNumber(40, min=2, max=400)
    """About how many pieces."""

    fill = traitlets.Enum(FILLS, default_value=FILLS[0])
    """What shows where a piece is hidden; ``"segments"``: its own mean colour, as in the lime package."""

    samples = WholeNumber(200, min=32, max=4000)
    """How many neighbours of the picture LIME looks at."""

    seed = WholeNumber(0, min=0, max=99)
    """Of the random neighbours; the maps of the seeds after it are compared with it."""

    seeds = WholeNumber(5, min=1, max=20)
    """How many seeds are compared; 1: no comparison."""

    hidden = traitlets.Tuple(())
    """The numbers of the hidden pieces."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._answers: list[SuperpixelAttribution] = []
        self._hidden_area: NDArray[np.bool_] | None = None  # what the reader has hidden, whatever the pieces are now
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def results(self) -> list[SuperpixelAttribution]:
        """LIME's answers, the one on screen first, then those of the next seeds as they come."""
        return list(self._answers)

    @property
    def cut(self) -> Pieces:
        """How the picture is cut and hidden, as it is used."""
        fill = self.fill if self.fill in self.session.fills else self.session.fills[0]
        return Pieces(self.segments, self.count, fill)

    @property
    def state(self) -> LimeState:
        """Everything that is known at this moment."""
        return LimeState(self.session, self.cut, self.explained, tuple(self.hidden), tuple(self._answers))

    def figure(self) -> Figure:
        """Return the picture and the maps of the present state as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture, the map of weights and, with several seeds, the map of how far their answers agree. What
            was not computed yet is computed here; the caption is the recipe.
        """
        self._finish()
        state, views = self.state, self.views
        figure, axes = panel_grid(1, 2 + (self.seeds > 1), extra=0.6)
        draw_picture(axes[0, 0], state.covered / 255, self.label)
        drawn = draw_heatmap(axes[0, 1], views.weights_heatmap(state), self.text("weights"))
        figure.colorbar(drawn, ax=axes[0, 1], shrink=0.8)
        if self.seeds > 1:
            draw_heatmap(axes[0, 2], views.share_heatmap(state), self.text("stability"))
        labels = self.session.segments(self.cut)
        for panel in axes[0]:
            edges = np.arange(int(labels.max())) + 0.5
            panel.contour(labels, levels=edges, colors="white", linewidths=0.5, alpha=0.7)
        add_caption(figure, self._recipe_words(self._answers[0]))
        return figure

    def describe(self) -> str:
        """Return what the picture and the maps show.

        Returns
        -------
        str
            The scores, the largest weights and, with several seeds, how much their answers overlap. What was not
            computed yet is computed here. In the language of the lab.
        """
        self._finish()
        state, views = self.state, self.views
        overlap = [views.overlap_line(state)] if len(state.answers) > 1 else []
        return " ".join([views.score_line(state), views.weights_line(state), *overlap])

    def __repr__(self) -> str:
        """Model, pieces, samples and seed."""
        pieces = f"{self.segments}, count={self.count}, samples={self.samples}, seed={self.seed}"
        return f"LimeLab({self.model.name!r}, {self.label}, {pieces})"

    def _finish(self) -> None:
        """Compute here what the worker has not come to: a still picture waits for it."""
        wanted = (self.cut, self.explained, self.samples)
        self._answers = [self.session.lime(*wanted, seed) for seed in range(self.seed, self.seed + self.seeds)]
        self.session.without(self.cut, self.hidden)

    # Making

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = views = LimeViews(self.controls, self.language)
        self.canvas, self.weights_canvas, self.stability_canvas = views.canvases
        self.kind_menu, self.fill_menu, self.all_button = views.kind_menu, views.fill_menu, views.all_button
        self.count_slider, self.samples_slider, self.seed_slider = views.sliders
        self.arrange(*views.rows(), self._error_panel)
        self._listen()

    def _listen(self) -> None:
        traitlets.link((self, "segments"), (self.kind_menu, "value"))
        for trait, slider in zip(("count", "samples", "seed"), self.views.sliders, strict=True):
            slider.observe(lambda change, trait=trait: self.take(trait, round(change["new"])), "value")
        self.fill_menu.observe(lambda change: self.take("fill", change["new"]), "value")
        self.all_button.on_click(lambda _button: setattr(self, "hidden", ()))
        self.canvas.observe(lambda change: self.take("hidden", tuple(change["new"])), "hidden")
        self.observe(self._on_hidden, "hidden")
        self.observe(self._on_cut, ["segments", "count", "fill"])
        self.on_change(["samples", "seed", "seeds"], self._on_draws)
        self.hears_escape(*self.views.canvases, *self.views.sliders)

    # State

    @traitlets.validate("hidden")
    def _known_pieces(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        hidden = tuple(dict.fromkeys(int(number) for number in proposal["value"]))
        if self._session is None:
            return hidden
        last = int(self.session.segments(self.cut).max())
        if hidden and not 0 <= min(hidden) <= max(hidden) <= last:
            raise traitlets.TraitError(f"hidden are numbers of pieces, 0 to {last}, not {hidden}")
        return hidden

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.views.show_session(self.session)
        self.views.show_draws(self.samples, self.seed)
        self._show_cut()

    def _show_cut(self) -> None:
        """Draw the pieces on all pictures; hidden are those that lie in what the reader has hidden."""
        segments = self.session.segments(self.cut)
        if self._hidden_area is None or self._hidden_area.shape != segments.shape:
            self._hidden_area = np.isin(segments, self.hidden)
        with self.painting():
            self.views.show_pieces(self.session, self.cut)
            self.hidden = pieces_within(segments, self._hidden_area)
            self.canvas.hidden = list(self.hidden)
        self._answers = []

    # Events

    def _on_hidden(self, change: dict[str, Any]) -> None:
        if self._painting or self._session is None:
            return
        self._hidden_area = np.isin(self.session.segments(self.cut), change["new"])
        with self.painting():
            self.canvas.hidden = list(change["new"])
        self.refresh()

    def _on_cut(self, _change: object) -> None:
        """Other pieces, or another fill: what was hidden stays so, as far as pieces lie in it."""
        if self._session is None or self._painting:
            return
        if self.fill not in self.session.fills:
            raise ValueError(
                f"the fill {self.fill!r} needs the range of the input space, which {self.model.name!r} does not tell; "
                f"choose one of {', '.join(self.session.fills)}"
            )
        self._show_cut()
        self.refresh()

    def _on_draws(self) -> None:
        with self.painting():
            self.views.show_draws(self.samples, self.seed)
        self.refresh()

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for the score without the hidden pieces, then for LIME's answers, seed by seed."""
        session, cut, target, hidden = self.session, self.cut, self.explained, self.hidden
        samples, seeds = self.samples, range(self.seed, self.seed + self.seeds)

        def work(job: Job) -> None:
            session.without(cut, hidden)
            job.show(lambda: self.views.show_hidden(self.state))
            answers: list[SuperpixelAttribution] = []
            for place, seed in enumerate(seeds):

                def report(done: int, total: int, place: int = place) -> None:
                    job.progress(place * total + done, len(seeds) * total)

                answers.append(session.lime(cut, target, samples, seed, report))
                job.show(functools.partial(self._show_answers, list(answers)))

        self.compute(work)

    # Painting

    def _show_answers(self, answers: list[SuperpixelAttribution]) -> None:
        self._answers = answers
        self.views.show_answers(self.state)
        if len(answers) == 1:
            self.show_recipe(self._recipe_words(answers[0]))

    def _recipe_words(self, answer: SuperpixelAttribution) -> str:
        """Tell how an answer was made; its recipe holds the pieces, and not how the lab cut them."""
        pieces = [option_in_words(name, getattr(self, name), self.language) for name in ("segments", "count")]
        return recipe_in_words(answer.recipe, self.language, target=[self.label], without=("segments",), more=pieces)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map that is being made.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.views.show_progress(share, first=not self._answers)
