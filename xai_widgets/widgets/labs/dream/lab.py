"""`DreamLab`: show a network a picture, and let what it sees in it grow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.visualization_figures import visualization_figure
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.picture_choice import picture_names, read_picture
from xai_widgets.widgets.base.picture_lab import PictureLab
from xai_widgets.widgets.labs.dream.session import DreamSession
from xai_widgets.widgets.labs.dream.views import MENU_WIDTH, DreamViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.runtime.worker import Job


class DreamLab(PictureLab):
    """Dream on a picture, from coarse to fine, and run the dream back and forth.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What dreams; the creatures model if left out.
    image : str, path, array or PIL image, optional
        Where the dream begins: a name of `list_images`, or anything that `load_image` reads.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer does not exist or the picture cannot be read.

    References
    ----------
    Alexander Mordvintsev, Christopher Olah, Mike Tyka (2015), Inceptionism: going deeper into neural networks,
    https://research.google/blog/inceptionism-going-deeper-into-neural-networks/.

    Examples
    --------
    >>> lab = DreamLab("creatures", "creature-owl", layer="conv2_1", size=48, octaves=1, steps=2)
    >>> lab.wait(), len(lab.frames)
    (True, 3)
    >>> lab
    DreamLab('creatures', conv2_1, 1 x 2 steps)
    >>> lab.close()
    """

    area = "dream"
    has_numbers = False

    session_type = DreamSession
    on_a_layer = True
    model_traits = ("layer", "guide")
    menu_width = MENU_WIDTH

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer whose answers grow; None: the last but one convolution."""

    guide = traitlets.Unicode("")
    """Name of a sample picture that the dream is to resemble; empty: whatever the layer sees."""

    octaves = WholeNumber(3, min=1, max=8)
    """At how many sizes, the last being the picture's own."""

    steps = WholeNumber(8, min=1, max=100)
    """Steps at each size."""

    size = WholeNumber(192, min=8, max=1024)
    """Pixels a side of the dream."""

    seed = WholeNumber(0, min=0)
    """Of the shifts before each step."""

    step = WholeNumber(0, min=0)
    """Which moment of the dream is shown; it runs along while the dream lasts."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self.frames: list[NDArray[np.uint8]] = []
        self._scrubbed = False  # whether the reader has moved along the dream since it began
        super().__init__(model, image, **options)

    # What can be read from code

    def figure(self) -> Figure:
        """Return the picture and the present moment of the dream as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture as it was, and the dream at the shown step.
        """
        whole = self.frames or [self.session.picture]
        first, shown = whole[0], whole[min(self._place, len(whole) - 1)]
        names = [self.text("original"), self.text("dream", layer=self.layer)]
        return visualization_figure(np.stack([first, shown]) / 255, names, caption=self._subject())

    def describe(self) -> str:
        """Return what both pictures show.

        Returns
        -------
        str
            The layer, the model and the shown step. In the language of the lab.
        """
        return self.text("alt", layer=self.layer, model=self.model.name, step=self._place)

    def __repr__(self) -> str:
        """Model, layer, octaves and steps."""
        return f"DreamLab({self.model.name!r}, {self.layer}, {self.octaves} x {self.steps} steps)"

    # State

    @property
    def _place(self) -> int:
        return int(min(self.step, max(len(self.frames) - 1, 0)))

    def _subject(self) -> str:
        return self.text(
            "subject", layer=self.layer, model=self.model.name, octaves=self.octaves, steps=self.steps, seed=self.seed
        )

    # Making

    def make_session(self, chosen: Any) -> DreamSession:
        """Read a picture as a square of the dream's size.

        Parameters
        ----------
        chosen : str, path, array or PIL image
            The picture as it was given.

        Returns
        -------
        DreamSession
            The model, and the picture as a square of `size` pixels a side.

        Raises
        ------
        ValueError
            If the picture cannot be read, or does not fit the model.
        """
        return DreamSession(self.classifier, read_picture(chosen, self.classifier), self.size)

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = views = DreamViews(self.octaves, self.steps, self.controls, self.language)
        self.original, self.canvas, self.slider = views.components
        self.layer_menu, self.guide_menu, self.octave_box = views.layer_menu, views.guide_menu, views.octave_box
        controls, *rest = views.rows()
        self.arrange(controls, self._error_panel, *rest)
        for name, box in (("octaves", views.octave_box), ("steps", views.step_box)):
            traitlets.link((self, name), (box, "value"))
        views.layer_menu.observe(lambda change: self.take("layer", change["new"]), "value")
        views.guide_menu.observe(lambda change: self.take("guide", change["new"]), "value")
        views.slider.observe(self._on_slider, "value")
        self.on_change(["layer", "guide"], self._on_choice)
        self.on_change(["octaves", "steps", "seed"], self.refresh)
        self.observe(lambda _change: self._paint(), "step")
        self.hears_escape(*views.components)

    def show_session(self) -> None:
        """Show a picture that was just opened, before it dreams."""
        self.frames = []
        self.layer = self.layer or self.session.layers[-2:][0]
        self._show_choices()
        self.views.show_original(self.session.picture, self.octaves * self.steps)

    def _show_choices(self) -> None:
        names = picture_names(self.picture_classifier)
        self.views.show_choices(self.session.layers, str(self.layer), names, self.guide)

    # Events

    def _on_slider(self, change: dict[str, Any]) -> None:
        """Show the moment that the reader has chosen; the dream goes on, and leaves the slider there."""
        if not self._painting:
            self._scrubbed = True
            self.step = round(change["new"])

    def _on_choice(self) -> None:
        """Dream of a layer or a guide that was set from code or by a menu."""
        if self.layer is None:
            with self.painting():
                self.layer = self.session.layers[-2:][0]
        with self.painting():
            self._show_choices()
        self.refresh()

    # Computing

    def ask_worker(self) -> None:
        """Dream in the worker; every step is a frame."""
        session, guide = self.session, self.guide
        options = {"layer": self.layer, "octaves": self.octaves, "steps": self.steps, "seed": self.seed}

        def work(job: Job) -> None:
            begun = time.perf_counter()
            frames = [session.picture]
            job.show(lambda: self._begin(frames))

            def watch(frame: NDArray[np.uint8]) -> None:
                frames.append(frame)
                newest = len(frames) - 1
                job.show(lambda: self._follow(newest))

            session.dream(guide, watch, job.progress, **options)
            job.show(lambda: self._finish(time.perf_counter() - begun))

        self.compute(work)

    # Painting

    def _begin(self, frames: list[NDArray[np.uint8]]) -> None:
        self.frames, self._scrubbed = frames, False
        with self.painting():
            self.views.show_original(frames[0], self.octaves * self.steps)
        self._follow(0)

    def _follow(self, newest: int) -> None:
        if self.step == newest or self._scrubbed:
            self._paint()
        else:
            self.step = newest

    def _paint(self) -> None:
        """Show the present moment."""
        if not self.frames:
            return
        with self.painting():
            self.slider.value = min(float(self.step), self.slider.max)
        self.views.show_frame(self.frames[self._place], str(self.layer), self.describe())

    def _finish(self, seconds: float) -> None:
        time_taken = self.text("time", seconds=decimal(seconds, 1, self.language))
        self.show_recipe(f"{self._subject()} · {time_taken}")

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the dream.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.canvas.progress = share
