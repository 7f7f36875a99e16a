"""`FeatureLab`: watch a picture grow until a unit answers as strongly as it can."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.feature_visualization import LucidWay
from xai_widgets.methods.feature_visualization.lucid_engine import load_lucid
from xai_widgets.models.graph.intermediate_outputs import SCORES
from xai_widgets.plots.visualization_figures import visualization_figure
from xai_widgets.widgets.base.class_names import class_names
from xai_widgets.widgets.base.feature_session import LUCID, FeatureRequest, FeatureSession, Film
from xai_widgets.widgets.base.kept_choices import KeptChoices
from xai_widgets.widgets.base.model_lab import ModelLab
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.labs.feature.views import ALL_WAYS, SIDES, FeatureViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job


class FeatureLab(ModelLab):
    """Draw a unit in two ways side by side, watch it happen, and run the film back and forth.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        Whose units are drawn; the creatures model if left out.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer or the unit does not exist.
    ImportError, RuntimeError
        If a way is ``"lucid"``, and lucid is not installed or Keras does not run on TensorFlow.

    References
    ----------
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization, doi:10.23915/distill.00007.

    Examples
    --------
    >>> lab = FeatureLab("digits", unit=3, steps=8)
    >>> lab.wait()
    True
    >>> lab
    FeatureLab('digits', class 3, decorrelated and pixels, 8 steps)
    >>> lab.close()
    """

    area = "feature"

    model_traits = ("layer", "unit")
    on_a_layer = True

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the scores of the classes."""

    unit = WholeNumber(0, min=0)
    """Number of the channel, or of the class."""

    way = traitlets.Enum(ALL_WAYS, default_value="decorrelated")
    """How the left picture is made, see `xai_widgets.methods.feature_visualization.WAYS`; ``"lucid"``: by the library
    lucid itself, on TensorFlow, where it is installed."""

    other_way = traitlets.Enum(ALL_WAYS, default_value="pixels")
    """How the right picture is made."""

    lucid = traitlets.Instance(LucidWay, ())
    """The options of lucid, where lucid draws: an objective, a parameterisation, transforms of its own; what is left
    out is as lucid has it, and the unit is that of the menus. The score remains that of the unit of the menus."""

    steps = WholeNumber(96, min=1)
    """Steps uphill."""

    seed = WholeNumber(0, min=0)
    """Of the random start and of the movements."""

    step = WholeNumber(0, min=0)
    """Which moment of the film is shown; it runs along while the film is made."""

    def __init__(self, model: Any = None, **options: Any) -> None:
        self._films: list[Film] = [Film(), Film()]
        self._kept = KeptChoices(self, ("unit",))
        self._scrubbed = False  # whether the reader has moved along the film since it began
        super().__init__(model, **options)
        self._session = FeatureSession(self.model)
        self._check(self._session)
        self._make()
        self._listen()
        self.refresh()

    # What can be read from code

    @property
    def films(self) -> tuple[Film, Film]:
        """The films of both sides: steps, frames (uint8) and scores."""
        return self._films[0], self._films[1]

    def figure(self) -> Figure:
        """Return both pictures at the present moment as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The pictures of both ways at the shown step, with their scores; an empty panel before the first step.
        """
        shown = [film for film in self._films if film.frames]
        if not shown:
            return visualization_figure(np.full((1, 8, 8, 3), 0.5), [""])
        places = [film.at(self.step) for film in shown]
        pictures = np.stack([film.frames[place] for film, place in zip(shown, places, strict=True)]) / 255
        scores = np.array([film.scores[place] for film, place in zip(shown, places, strict=True)])
        names = [self.views.way(way) for way in self._ways][: len(shown)]
        return visualization_figure(pictures, names, scores, caption=self._subject())

    def describe(self) -> str:
        """Return what both pictures show.

        Returns
        -------
        str
            For each of both ways, what its picture shows. In the language of the lab.
        """
        return " ".join(self._alt(side) for side in range(SIDES))

    def __repr__(self) -> str:
        """Model, unit, ways and steps."""
        place = f"class {self.model.labels[self.unit]}" if self.layer is None else f"{self.layer} {self.unit}"
        return f"FeatureLab({self.model.name!r}, {place}, {self.way} and {self.other_way}, {self.steps} steps)"

    # State

    @property
    def _place(self) -> str:
        return SCORES if self.layer is None else self.layer

    @property
    def _ways(self) -> tuple[str, str]:
        return self.way, self.other_way

    def _check(self, session: FeatureSession) -> None:
        """Refuse a unit that does not exist; an unknown layer is refused on the way."""
        depth = session.depth(self._place)
        if self.unit >= depth:
            msg = f"{self._place!r} has the units 0 to {depth - 1}, not {self.unit}"
            raise ValueError(msg)

    def _request(self, way: str) -> FeatureRequest:
        return FeatureRequest(self._place, self.unit, way, self.steps, self.seed, self.lucid if way == LUCID else None)

    @traitlets.validate("way", "other_way")
    def _known_way(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] == LUCID:
            load_lucid()  # says what is missing
        return str(proposal["value"])

    def _subject(self) -> str:
        if self.layer is None:
            return self.text(
                "subject_class", label=class_names(self.model, self.language)[self.unit], model=self.model.name
            )
        return self.text("subject_unit", unit=self.unit, layer=self.layer, model=self.model.name)

    # Making

    def _make(self) -> None:
        self.views = views = FeatureViews(self._ways, self.steps, self.language)
        self.layer_menu, self.unit_menu, self.way_menus = views.layer_menu, views.unit_menu, views.way_menus
        self.canvases, self.slider, self.curve = views.canvases, views.slider, views.curve
        self.seed_button = views.seed_button
        controls, *rest = views.rows()
        self.arrange(controls, self._error_panel, *rest)
        self._show_choices()

    def _show_choices(self) -> None:
        with self.painting():
            self.views.show_choices(self._session.layers, self._place, self._units(), self.unit)

    def _units(self) -> list[tuple[str, int]]:
        if self.layer is None:
            return [(label, place) for place, label in enumerate(class_names(self.model, self.language))]
        return [(str(place), place) for place in range(self._session.depth(self._place))]

    def _listen(self) -> None:
        self.layer_menu.observe(self._on_layer, "value")
        self.unit_menu.observe(lambda change: self.take("unit", change["new"]), "value")
        for name, menu in zip(("way", "other_way"), self.way_menus, strict=True):
            traitlets.link((self, name), (menu, "value"))
        self.seed_button.on_click(lambda _button: self.set_trait("seed", self.seed + 1))
        self.slider.observe(self._on_slider, "value")
        self.on_change(["layer", "unit"], self._on_code)
        self.on_change(["way", "other_way", "lucid", "seed", "steps"], self.refresh)
        self.observe(self._on_step, "step")
        for view in self.views.components:
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_layer(self, change: dict[str, Any]) -> None:
        if self._painting or change["new"] is None:
            return
        layer = None if change["new"] == SCORES else change["new"]
        self._kept.leave(self.layer)
        with self.hold_trait_notifications():  # the unit before may not exist there
            self.layer = layer
            self.unit = self._kept.of(layer)["unit"]

    def _on_code(self) -> None:
        self._check(self._session)
        self._show_choices()
        self.refresh()

    def open_model(self) -> None:
        """Draw the first class of another model."""
        self._session = FeatureSession(self.model)
        self._kept.forget()
        self._show_choices()

    def _on_slider(self, change: dict[str, Any]) -> None:
        """Show the moment that the reader has chosen; the film goes on being made, and leaves the slider there."""
        if not self._painting:
            self._scrubbed = True
            self.step = round(change["new"])

    def _on_step(self, _change: object) -> None:
        with self.painting():
            self.slider.value = min(float(self.step), self.slider.max)
        self._paint()

    # Computing

    def ask_worker(self) -> None:
        """Film both sides, a few steps at a time."""
        requests = [self._request(way) for way in self._ways]
        session, steps = self._session, self.steps

        def work(job: Job) -> None:
            begun = time.perf_counter()
            shootings = [session.shoot(request) for request in requests]
            job.show(functools.partial(self._begin, [one.film.copy() for one in shootings]))
            while min(one.done for one in shootings) < steps:
                for one in shootings:
                    one.advance()
                job.progress(min(one.done for one in shootings), steps)
                job.show(functools.partial(self._follow, [one.film.copy() for one in shootings]))
            job.show(lambda: self._finish(time.perf_counter() - begun))

        self.compute(work)

    # Painting

    def _begin(self, films: list[Film]) -> None:
        self._scrubbed = False
        with self.painting():
            self.views.show_length(self.steps)
        self._follow(films)

    def _follow(self, films: list[Film]) -> None:
        """Show the newest moment, as it was when it was computed: meanwhile the films go on."""
        self._films = films
        done = self.step if self._scrubbed else min(film.steps[-1] for film in films)
        if self.step == done:
            self._paint()
        else:
            self.step = done
        self.views.show_curve(self._films, self._ways, self.describe())

    def _paint(self) -> None:
        """Show both frames of the present moment."""
        for side, (way, film) in enumerate(zip(self._ways, self._films, strict=True)):
            if film.frames:
                self.views.show_frame(side, film, way, self.step, self._alt(side))

    def _alt(self, side: int) -> str:
        return self.views.describe(self._films[side], self._ways[side], self.step, self._subject())

    def _finish(self, seconds: float) -> None:
        taken = self.text("recipe", seed=self.seed, steps=self.steps, seconds=decimal(seconds, 1, self.language))
        self.show_recipe(f"{self._subject()} · {taken}")

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on both pictures.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        for canvas in self.canvases:
            canvas.progress = share
