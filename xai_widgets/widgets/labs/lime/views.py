"""What the LIME lab shows: the picture with hidden pieces, LIME's weights, and how far other seeds agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.method_panel import flat_note
from xai_widgets.widgets.base.value_units import value_unit
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.components import Heatmap, PictureCanvas, Slider
from xai_widgets.widgets.labs.lime.session import KINDS

if TYPE_CHECKING:
    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.labs.lime.session import LimeSession, LimeState, Pieces

_SIZE = 236  # of a picture, in CSS pixels: three beside each other, and room for the rest on a laptop's screen
_PICTURES = 346  # what the pictures take with their legends and two lines of caption: nothing jumps


class LimeViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "lime"

    def __init__(self, controls: ClassControls, language: str) -> None:
        super().__init__(controls, language)
        self.bars.count, self.bars.layout.flex = 2, "0 0 auto"  # and the field for the other classes
        shared: dict[str, Any] = {"size": _SIZE, "readout": False, "language": language}
        self.canvas = PictureCanvas(title=self.text("hide"), legend=False, interactive=True, **shared)
        self.weights_canvas = PictureCanvas(title=self.text("weights"), **shared)
        self.stability_canvas = PictureCanvas(title=self.text("stability"), **shared)
        self.kind_menu = menu(self.text("pieces"), [(self.text(f"kind_{kind}"), kind) for kind in KINDS])
        self.fill_menu = menu(self.text("fill"))
        self.all_button = widgets.Button(description=self.text("show_all"), layout=widgets.Layout(width="auto"))
        whole: dict[str, Any] = {"step": 1.0, "digits": 0, "language": language}
        self.count_slider = Slider(label=self.text("count"), min=2.0, value=2.0, max=120.0, **whole)
        self.samples_slider = Slider(
            label=self.text("samples"), min=32.0, value=32.0, max=4000.0, **{**whole, "scale": "log", "step": 1.1}
        )
        self.seed_slider = Slider(label=self.text("seed"), max=20.0, **whole)
        for slider in self.sliders:
            slider.layout.flex, slider.layout.width = "1 1 200px", "auto"

    @property
    def canvases(self) -> tuple[PictureCanvas, PictureCanvas, PictureCanvas]:
        """The picture, LIME's weights, the agreement of seeds."""
        return self.canvas, self.weights_canvas, self.stability_canvas

    @property
    def sliders(self) -> tuple[Slider, Slider, Slider]:
        """How many pieces, how many samples, which seed."""
        return self.count_slider, self.samples_slider, self.seed_slider

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = [self.picture_menu, self.upload, self.kind_menu, self.fill_menu, self.all_button]
        return (
            row(controls, align_items="center", grid_gap="4px 12px"),
            row(self.canvases, align_items="flex-start", justify_content="space-between", min_height=f"{_PICTURES}px"),
            row(self.sliders, grid_gap="4px 16px"),
            self.bars,
        )

    # State

    def show_session(self, session: LimeSession) -> None:
        """Show a new picture, before anything is computed for it."""
        for canvas in self.canvases:
            canvas.set_picture(session.picture)
        self.fill_menu.options = [(self.text(f"fill_{name}"), name) for name in session.fills]

    def show_pieces(self, session: LimeSession, pieces: Pieces) -> None:
        """Draw the pieces on all pictures, none of them hidden, without the maps of other pieces."""
        self.fill_menu.value = pieces.fill
        self.count_slider.value = min(max(float(pieces.count), 2.0), self.count_slider.max)
        for canvas in self.canvases:
            canvas.layers = ()
            canvas.set_segments(session.segments(pieces))
        self.canvas.set_cover(session.cover(pieces))

    def show_draws(self, samples: int, seed: int) -> None:
        """Set the sliders to what LIME draws."""
        self.samples_slider.value = float(samples)
        self.seed_slider.value = min(float(seed), self.seed_slider.max)

    # Answers

    def show_hidden(self, state: LimeState) -> None:
        """Show the answer without the hidden pieces."""
        session = state.session
        probabilities = session.classifier.probabilities(state.logits[np.newaxis])[0]
        self.bars.set_scores(probabilities, reference=session.probabilities)
        self.canvas.caption = self.score_line(state)
        self.canvas.alt = self.text("alt_picture", label=state.label, count=len(state.hidden))

    def show_answers(self, state: LimeState) -> None:
        """Show LIME's weights once there is one answer, and the agreement of seeds once there are several."""
        if len(state.answers) == 1:
            fit = state.answers[0].fit
            self.weights_canvas.layers = (self.weights_heatmap(state),)
            self.weights_canvas.alt = self.weights_line(state)
            shown = decimal(0.0 if fit is None else float(fit[0]), 2, self.language)
            self.weights_canvas.caption = self._flat_note(state) or self.text("fit", fit=shown)
            self.stability_canvas.layers, self.stability_canvas.caption = (), self.text("other_seeds")
            self.canvas.caption = self.score_line(state)
            return
        self.stability_canvas.layers = (self.share_heatmap(state),)
        self.stability_canvas.alt = self.stability_canvas.caption = self.overlap_line(state)

    def show_progress(self, share: float | None, *, first: bool) -> None:
        """Show the thin bar on the map that is being made."""
        self.weights_canvas.progress = share if first else None
        self.stability_canvas.progress = None if first else share

    def weights_heatmap(self, state: LimeState) -> Heatmap:
        """Return LIME's weights as they lie over the picture."""
        unit = value_unit("lime_image", self.language)
        return Heatmap(state.answers[0].values[0], self.text("legend", label=state.label), unit=unit)

    def share_heatmap(self, state: LimeState) -> Heatmap:
        """Return the agreement of seeds as it lies over the picture."""
        return Heatmap(state.share_map, self.text("share"), signed=False, value_range=(0.0, 1.0))

    # Words

    def overlap_line(self, state: LimeState) -> str:
        """Return how far the seeds agree on the first pieces."""
        share = percent(state.overlap, self.language, digits=0)
        return self.text("overlap", seeds=len(state.answers), first=state.first, share=share)

    def weights_line(self, state: LimeState) -> str:
        """Return which piece has the largest weight, or that all have the same."""
        if note := self._flat_note(state):
            return note
        weights = state.answers[0].weights[0]
        largest = self._score(float(weights.max()))
        return self.text("alt_weights", label=state.label, piece=int(weights.argmax()), weight=largest)

    def _flat_note(self, state: LimeState) -> str:
        return flat_note(state.answers[0].values[0], self.language)

    def score_line(self, state: LimeState) -> str:
        """Return the score with all pieces and without the hidden ones, and what LIME's sum promises."""
        before = self._score(float(state.session.logits[state.target]))
        if not state.hidden:
            return self.text("score", label=state.label, before=before)
        after, count = self._score(float(state.logits[state.target])), len(state.hidden)
        line = self.text("score_change", label=state.label, before=before, after=after, count=count)
        if not state.answers:
            return line
        return f"{line} {self.text('promised', promised=self._score(state.promised))}"

    def _score(self, value: float) -> str:
        return decimal(value, 2, self.language)
