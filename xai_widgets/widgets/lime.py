"""`LimeLab`: hide superpixels by hand, and compare with LIME's answer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.stability import is_top, top_overlap
from xai_widgets.plots.panels import SIGNED_MAP, UNSIGNED_MAP, add_caption, draw_picture, panel_grid
from xai_widgets.results.superpixels import on_map
from xai_widgets.widgets.components import Heatmap, PictureCanvas, Slider
from xai_widgets.widgets.lime_session import FILLS, KINDS, Cut, LimeSession
from xai_widgets.widgets.picture_lab import PictureLab, menu, row

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.superpixels import SuperpixelAttribution
    from xai_widgets.runtime.worker import Job

_SIZE = 240  # of a picture, in CSS pixels: three beside each other, and room for the rest on a laptop's screen
_PICTURES = 346  # what the pictures take with their legends and two lines of caption: nothing jumps
_FIRST = 5  # superpixels that count as the most important ones


class LimeLab(PictureLab):
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
    any classifier.

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

    segments = traitlets.Enum(KINDS, default_value="slic")
    """How the picture is cut into pieces."""

    count = traitlets.Int(40, min=2, max=400)
    """About how many pieces."""

    fill = traitlets.Enum(FILLS, default_value=FILLS[0])
    """What shows where a piece is hidden; ``"segments"``: its own mean colour, as in the lime package."""

    samples = traitlets.Int(200, min=32, max=4000)
    """How many neighbours of the picture LIME looks at."""

    seed = traitlets.Int(0, min=0, max=99)
    """Of the random neighbours; the maps of the seeds after it are compared with it."""

    seeds = traitlets.Int(5, min=1, max=20)
    """How many seeds are compared; 1: no comparison."""

    hidden = traitlets.Tuple(())
    """The numbers of the hidden pieces."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._answers: list[SuperpixelAttribution] = []
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def results(self) -> list[SuperpixelAttribution]:
        """LIME's answers, the one on screen first, then those of the next seeds as they come."""
        return list(self._answers)

    @property
    def cut(self) -> Cut:
        """How the picture is cut and hidden, as it is used."""
        fill = self.fill if self.fill in self.session.fills else self.session.fills[0]
        return Cut(self.segments, self.count, fill)

    def figure(self) -> Figure:
        """Return the picture and the maps of the present state as a matplotlib figure."""
        self._finish()
        figure, axes = panel_grid(1, 2 + (self.seeds > 1), extra=0.6)
        labels = self.session.segments(self.cut)
        gone = np.isin(labels, self.hidden)[..., np.newaxis]
        draw_picture(axes[0, 0], np.where(gone, self.session.cover(self.cut), self.session.picture) / 255, self.label)
        weights = self._answers[0].values[0]
        limit = float(np.abs(weights).max()) or 1.0
        drawn = axes[0, 1].imshow(weights, cmap=SIGNED_MAP, vmin=-limit, vmax=limit)
        axes[0, 1].set_title(self.text("weights"), fontsize=10)
        figure.colorbar(drawn, ax=axes[0, 1], shrink=0.8)
        if self.seeds > 1:
            axes[0, 2].imshow(self._share_map(), cmap=UNSIGNED_MAP, vmin=0, vmax=1)
            axes[0, 2].set_title(self.text("stability"), fontsize=10)
        for panel in axes[0]:
            edges = np.arange(int(labels.max())) + 0.5
            panel.contour(labels, levels=edges, colors="white", linewidths=0.5, alpha=0.7)
        add_caption(figure, str(self._answers[0].recipe))
        return figure

    def describe(self) -> str:
        """Return what the picture and the maps show."""
        self._finish()
        return " ".join(
            [self._score_line(), self._weights_alt(), *([self._overlap_line()] if len(self._answers) > 1 else [])]
        )

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

    def make_session(self, image: Any) -> LimeSession:
        """Look at a picture."""
        return LimeSession(self.model, image)

    def make_views(self) -> None:
        """Make the views and arrange them."""
        shared: dict[str, Any] = {"size": _SIZE, "language": self.language, "readout": False}
        self.canvas = PictureCanvas(title=self.text("hide"), legend=False, interactive=True, **shared)
        self.weights_canvas = PictureCanvas(title=self.text("weights"), **shared)
        self.stability_canvas = PictureCanvas(title=self.text("stability"), **shared)
        kinds = [(self.text(f"kind_{kind}"), kind) for kind in KINDS]
        self.kind_menu = menu(self.text("pieces"), kinds, self.segments)
        self.fill_menu = menu(self.text("fill"))
        self.all_button = widgets.Button(description=self.text("show_all"), layout=widgets.Layout(width="auto"))
        whole: dict[str, Any] = {"step": 1.0, "digits": 0, "language": self.language}
        self.count_slider = Slider(label=self.text("count"), min=2.0, max=120.0, value=self.count, **whole)
        self.samples_slider = Slider(
            label=self.text("samples"),
            min=32.0,
            max=4000.0,
            value=self.samples,
            **{**whole, "scale": "log", "step": 1.1},
        )
        self.seed_slider = Slider(label=self.text("seed"), max=20.0, value=self.seed, **whole)
        sliders = [self.count_slider, self.samples_slider, self.seed_slider]
        for slider in sliders:
            slider.layout.flex, slider.layout.width = "1 1 200px", "auto"
        self.bars.count, self.bars.layout.flex = 3, "0 0 auto"
        controls = [self.picture_menu, self.upload, self.kind_menu, self.fill_menu, self.all_button]
        pictures = [self.canvas, self.weights_canvas, self.stability_canvas]
        self.children = (
            row(controls, align_items="center", grid_gap="4px 12px"),
            row(pictures, align_items="flex-start", justify_content="space-between", min_height=f"{_PICTURES}px"),
            row(sliders, grid_gap="4px 16px"),
            self.bars,
            self._recipe_line,
            self._error_panel,
        )
        self._listen()

    def _listen(self) -> None:
        traitlets.link((self, "segments"), (self.kind_menu, "value"))
        for trait, slider in (
            ("count", self.count_slider),
            ("samples", self.samples_slider),
            ("seed", self.seed_slider),
        ):
            slider.observe(lambda change, trait=trait: self._on_slider(trait, change["new"]), "value")
        self.fill_menu.observe(self._on_fill, "value")
        self.all_button.on_click(lambda _button: setattr(self, "hidden", ()))
        self.canvas.observe(self._on_hand, "hidden")
        self.observe(self._on_hidden, "hidden")
        self.observe(self._on_cut, ["segments", "count", "fill"])
        self.observe(self._on_draws, ["samples", "seed", "seeds"])
        self.hears_escape(self.canvas, self.weights_canvas, self.stability_canvas, *self._sliders)

    @property
    def _sliders(self) -> tuple[Slider, Slider, Slider]:
        return self.count_slider, self.samples_slider, self.seed_slider

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
        for canvas in (self.canvas, self.weights_canvas, self.stability_canvas):
            canvas.set_picture(self.session.picture)
        self.fill_menu.options = [(self.text(f"fill_{name}"), name) for name in self.session.fills]
        self._show_cut()

    def _show_cut(self) -> None:
        """Draw the pieces on all pictures, none of them hidden but those asked for from the start."""
        labels = self.session.segments(self.cut)
        with self.painting():
            self.fill_menu.value = self.cut.fill
            self.count_slider.value = min(max(float(self.count), 2.0), self.count_slider.max)
            for canvas in (self.canvas, self.weights_canvas, self.stability_canvas):
                canvas.layers = ()
                canvas.set_segments(labels)
            self.canvas.set_cover(self.session.cover(self.cut))
            self.hidden = tuple(number for number in self.hidden if number <= labels.max())
            self.canvas.hidden = list(self.hidden)
        self._answers = []

    # Events

    def _on_hand(self, change: dict[str, Any]) -> None:
        if not self._painting:
            self.hidden = tuple(change["new"])

    def _on_hidden(self, change: dict[str, Any]) -> None:
        if self._painting or self._session is None:
            return
        with self.painting():
            self.canvas.hidden = list(change["new"])
        self.refresh()

    def _on_slider(self, trait: str, value: float) -> None:
        if not self._painting:
            setattr(self, trait, round(value))

    def _on_fill(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.fill = change["new"]

    def _on_cut(self, change: dict[str, Any]) -> None:
        """Other pieces: the numbers of those that were hidden mean nothing now. Another fill keeps them."""
        if self._session is None or self._painting:
            return
        if self.fill not in self.session.fills:
            raise ValueError(
                f"the fill {self.fill!r} needs the range of the input space, which {self.model.name!r} does not tell; "
                f"choose one of {', '.join(self.session.fills)}"
            )
        if change["name"] != "fill":
            with self.painting():
                self.hidden = ()
        self._show_cut()
        self.refresh()

    def _on_draws(self, _change: object) -> None:
        if self._session is None or self._painting:
            return
        with self.painting():
            self.samples_slider.value = float(self.samples)
            self.seed_slider.value = min(float(self.seed), self.seed_slider.max)
        self.refresh()

    # Computing

    def refresh(self) -> None:
        """Ask the worker for the score without the hidden pieces, then for LIME's answers, seed by seed."""
        session, cut, target, hidden = self.session, self.cut, self.explained, self.hidden
        samples, seeds = self.samples, range(self.seed, self.seed + self.seeds)

        def work(job: Job) -> None:
            logits = session.without(cut, hidden)
            job.show(lambda: self._show_hidden(logits))
            answers: list[SuperpixelAttribution] = []
            for place, seed in enumerate(seeds):

                def report(done: int, total: int, place: int = place) -> None:
                    job.progress(place * total + done, len(seeds) * total)

                answers.append(session.lime(cut, target, samples, seed, report))
                job.show(functools.partial(self._show_answers, list(answers)))

        self.compute(work)

    # Painting

    def _show_hidden(self, logits: NDArray[np.float32]) -> None:
        self.bars.set_scores(self.model.probabilities(logits[np.newaxis])[0], reference=self.session.probabilities)
        self.canvas.caption = self._score_line()
        self.canvas.alt = self.text("alt_picture", label=self.label, count=len(self.hidden))

    def _show_answers(self, answers: list[SuperpixelAttribution]) -> None:
        self._answers = answers
        first, name = answers[0], self.text("legend", label=self.label)
        fit = 0.0 if first.fit is None else float(first.fit[0])
        if len(answers) == 1:
            self.weights_canvas.layers = (Heatmap(first.values[0], name),)
            self.weights_canvas.alt = self._weights_alt()
            self.weights_canvas.caption = self.text("fit", fit=decimal(fit, 2, self.language))
            self.stability_canvas.layers, self.stability_canvas.caption = (), self.text("other_seeds")
            self.canvas.caption = self._score_line()
            self.show_recipe(str(first.recipe))
            return
        share = Heatmap(self._share_map(), self.text("share"), signed=False, value_range=(0.0, 1.0))
        self.stability_canvas.layers = (share,)
        self.stability_canvas.alt = self.stability_canvas.caption = self._overlap_line()

    def _share_map(self) -> NDArray[np.float32]:
        """Return for each pixel the share of the seeds that put its piece among the first ones."""
        share = is_top(self._all_weights(), self._first()).mean(axis=0)
        shown: NDArray[np.float32] = on_map([share], self._answers[0].segments)[0]
        return shown

    def _all_weights(self) -> NDArray[np.float64]:
        return np.stack([answer.weights[0] for answer in self._answers])

    def _first(self) -> int:
        return min(_FIRST, len(self._answers[0].weights[0]))

    def _overlap_line(self) -> str:
        overlap = top_overlap(self._all_weights(), self._first())
        return self.text(
            "overlap",
            seeds=len(self._answers),
            first=self._first(),
            share=percent(overlap, self.language, digits=0),
        )

    def _weights_alt(self) -> str:
        weights = self._answers[0].weights[0]
        return self.text(
            "alt_weights",
            label=self.label,
            piece=int(weights.argmax()),
            weight=_signed(float(weights.max()), self.language),
        )

    def _score_line(self) -> str:
        """Say what the score is with all pieces and without the hidden ones, and what LIME's sum promises."""
        before = float(self.session.logits[self.explained])
        if not self.hidden:
            return self.text("score", label=self.label, before=_signed(before, self.language))
        after = float(self.session.without(self.cut, self.hidden)[self.explained])
        line = self.text(
            "score_change",
            label=self.label,
            before=_signed(before, self.language),
            after=_signed(after, self.language),
            count=len(self.hidden),
        )
        if not self._answers:
            return line
        lime = self._answers[0]
        weights = lime.weights[0]
        promised = float(lime.intercept[0] + weights.sum() - weights[list(self.hidden)].sum())
        return f"{line} {self.text('promised', promised=_signed(promised, self.language))}"

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map that is being made."""
        on_first = not self._answers
        self.weights_canvas.progress = share if on_first else None
        self.stability_canvas.progress = None if on_first else share


def _signed(value: float, language: str) -> str:
    """Write a score: two digits, a true minus."""
    text = decimal(abs(value), 2, language)
    return f"−{text}" if round(value, 2) < 0 else text
