"""`FeatureLab`: watch a picture grow until a unit answers as strongly as it can."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.feature_visualization import WAYS, LucidWay, lucid_is_here
from xai_widgets.methods.feature_visualization.lucid_engine import load_lucid
from xai_widgets.models.taps import SCORES
from xai_widgets.plots.visualization import visualization_figure
from xai_widgets.widgets.components import BrowserLink, Curve, PictureCanvas, Slider
from xai_widgets.widgets.components.colours import OKABE_ITO
from xai_widgets.widgets.feature_session import LUCID, STRIDE, FeatureSession, Film, Request, Shooting
from xai_widgets.widgets.model_lab import ModelLab

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job

_PANEL = 256  # CSS pixels: two pictures and the curve fit a laptop's screen
_SIDES = 2
_ALL_WAYS = (*WAYS, LUCID)


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
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization.

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

    model = traitlets.Any(None, allow_none=True)
    """Whose units are drawn; always a `Classifier` once set."""

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the scores of the classes."""

    unit = traitlets.Int(0, min=0)
    """Number of the channel, or of the class."""

    way = traitlets.Enum(_ALL_WAYS, default_value="decorrelated")
    """How the left picture is made, see `xai_widgets.methods.feature_visualization.WAYS`; ``"lucid"``: by the library
    lucid itself, on TensorFlow, where it is installed."""

    other_way = traitlets.Enum(_ALL_WAYS, default_value="pixels")
    """How the right picture is made."""

    lucid = traitlets.Instance(LucidWay, ())
    """What lucid is told, where it draws: an objective, a parameterisation, transforms of its own; what is left out is
    as lucid has it, and the unit is that of the menus. The score remains that of the unit of the menus."""

    steps = traitlets.Int(96, min=1)
    """Steps uphill."""

    seed = traitlets.Int(0, min=0)
    """Of the random start and of the movements."""

    step = traitlets.Int(0, min=0)
    """Which moment of the film is shown; it runs along while the film is made."""

    def __init__(self, model: Any = None, **options: Any) -> None:
        self._films: list[Film] = [Film(), Film()]
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self._session = FeatureSession(self.model)
        self._check()
        self._make()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def films(self) -> tuple[Film, Film]:
        """The films of both sides: steps, frames (uint8) and scores."""
        return self._films[0], self._films[1]

    def figure(self) -> Figure:
        """Return both pictures at the present moment as a matplotlib figure."""
        shown = [film for film in self._films if film.frames]
        if not shown:
            return visualization_figure(np.full((1, 8, 8, 3), 0.5), [""])
        places = [film.at(self.step) for film in shown]
        pictures = np.stack([film.frames[place] for film, place in zip(shown, places, strict=True)]) / 255
        scores = np.array([film.scores[place] for film, place in zip(shown, places, strict=True)])
        names = [self.text(f"way_{way}") for way in (self.way, self.other_way)][: len(shown)]
        return visualization_figure(pictures, names, scores, caption=self._subject())

    def describe(self) -> str:
        """Return what both pictures show."""
        return " ".join(self._alt(side) for side in range(_SIDES))

    def __repr__(self) -> str:
        """Model, unit, ways and steps."""
        place = f"class {self.model.labels[self.unit]}" if self.layer is None else f"{self.layer} {self.unit}"
        return f"FeatureLab({self.model.name!r}, {place}, {self.way} and {self.other_way}, {self.steps} steps)"

    # State

    @property
    def _place(self) -> str:
        return SCORES if self.layer is None else self.layer

    def _check(self) -> None:
        """Refuse a unit that does not exist; an unknown layer is refused on the way."""
        depth = self._session.depth(self._place)
        if self.unit >= depth:
            msg = f"{self._place!r} has the units 0 to {depth - 1}, not {self.unit}"
            raise ValueError(msg)

    def _request(self, way: str) -> Request:
        return Request(self._place, self.unit, way, self.steps, self.seed, self.lucid if way == LUCID else None)

    @traitlets.validate("way", "other_way")
    def _known_way(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] == LUCID:
            load_lucid()  # says what is missing
        return str(proposal["value"])

    def _subject(self) -> str:
        if self.layer is None:
            return self.text("subject_class", label=self.model.labels[self.unit], model=self.model.name)
        return self.text("subject_unit", unit=self.unit, layer=self.layer, model=self.model.name)

    # Making

    def _make(self) -> None:
        session = self._session
        names = [(self.text("classes") if one == SCORES else one, one) for one in session.layers]
        if self._place not in session.layers:
            names.append((self._place, self._place))
        self.layer_menu = widgets.Dropdown(options=names, value=self._place, **self._control("layer"))
        self.unit_menu = widgets.Dropdown(options=self._units(), value=self.unit, **self._control("unit"))
        offered = _ALL_WAYS if lucid_is_here() else tuple(WAYS)
        ways = [(self.text(f"way_{way}"), way) for way in offered]
        self.way_menus = [
            widgets.Dropdown(options=ways, value=getattr(self, name), **self._control(name))
            for name in ("way", "other_way")
        ]
        self.seed_button = widgets.Button(
            description=self.text("again"), tooltip=self.text("again_note"), layout=widgets.Layout(width="auto")
        )
        shared: dict[str, Any] = {"size": _PANEL, "language": self.language, "legend": False, "readout": False}
        self.canvases = [PictureCanvas(empty=self.text("empty"), **shared) for _ in range(_SIDES)]
        self.slider = Slider(
            label=self.text("step"), max=float(self.steps), step=float(STRIDE), digits=0, language=self.language
        )
        self.curve = Curve(
            title=self.text("curve"),
            x_label=self.text("step"),
            chart_height=200,
            step=float(STRIDE),
            x_range=(0.0, float(self.steps)),
            cursor=0.0,
            movable=False,
            reports=False,
            language=self.language,
        )
        self.curve.layout.flex, self.curve.layout.width = "1 1 300px", "auto"
        row = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="center", grid_gap="4px 8px")
        pictures = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="flex-start", grid_gap="0 16px")
        controls = [self.layer_menu, self.unit_menu, *self.way_menus, self.seed_button]
        self.children = (
            widgets.HBox(controls, layout=row),
            self._error_panel,
            widgets.HBox([*self.canvases, self.curve], layout=pictures),
            self.slider,
            self._recipe_line,
        )
        self._link = BrowserLink((self.slider, "value"), [(self.curve, "cursor")])

    def _control(self, key: str) -> dict[str, Any]:
        layout = widgets.Layout(width="auto", max_width="240px")
        return {"description": self.text(key), "layout": layout, "style": {"description_width": "initial"}}

    def _units(self) -> list[tuple[str, int]]:
        if self.layer is None:
            return [(label, place) for place, label in enumerate(self.model.labels)]
        return [(str(place), place) for place in range(self._session.depth(self._place))]

    def _listen(self) -> None:
        self.layer_menu.observe(self._on_layer, "value")
        self.unit_menu.observe(lambda change: self.take("unit", change["new"]), "value")
        for name, menu in zip(("way", "other_way"), self.way_menus, strict=True):
            traitlets.link((self, name), (menu, "value"))
        self.seed_button.on_click(lambda _button: self.set_trait("seed", self.seed + 1))
        self.slider.observe(lambda change: self.take("step", round(change["new"])), "value")
        self.observe(self._on_code, ["layer", "unit"])
        self.observe(lambda _change: self._refresh(), ["way", "other_way", "lucid", "seed", "steps"])
        self.observe(self._on_step, "step")
        for view in (*self.canvases, self.slider, self.curve):
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_layer(self, change: dict[str, Any]) -> None:
        if self._painting or change["new"] is None:
            return
        layer = None if change["new"] == SCORES else change["new"]
        with self.hold_trait_notifications():  # the unit before may not exist there
            self.layer = layer
            self.unit = 0

    def _on_code(self, _change: object) -> None:
        self._check()
        with self.painting():
            if self._place not in [value for _, value in self.layer_menu.options]:
                self.layer_menu.options = [*self.layer_menu.options, (self._place, self._place)]
            self.layer_menu.value = self._place
            self.unit_menu.options = self._units()
            self.unit_menu.value = self.unit
        self._refresh()

    def _on_step(self, _change: object) -> None:
        with self.painting():
            self.slider.value = min(float(self.step), self.slider.max)
        self._paint()

    # Computing

    def _refresh(self) -> None:
        """Film both sides, a few steps at a time."""
        requests = [self._request(way) for way in (self.way, self.other_way)]
        session, steps = self._session, self.steps

        def work(job: Job) -> None:
            begun = time.perf_counter()
            shootings = [session.shoot(request) for request in requests]
            job.show(lambda: self._begin(shootings))
            while min(one.done for one in shootings) < steps:
                for one in shootings:
                    one.advance()
                done = min(one.done for one in shootings)
                job.progress(done, steps)
                job.show(lambda done=done: self._follow(done))  # type: ignore[misc]
            job.show(lambda: self._finish(time.perf_counter() - begun))

        self.compute(work)

    # Painting

    def _begin(self, shootings: list[Shooting]) -> None:
        self._films = [one.film for one in shootings]
        with self.painting():
            self.slider.max = float(self.steps)
            self.curve.x_range = (0.0, float(self.steps))
        self._follow(min(one.done for one in shootings))

    def _follow(self, done: int) -> None:
        """Show the newest moment."""
        if self.step == done:
            self._paint()
        else:
            self.step = done
        self._draw_curve()

    def _paint(self) -> None:
        """Show both frames of the present moment."""
        for side, (canvas, film) in enumerate(zip(self.canvases, self._films, strict=True)):
            if not film.frames:
                continue
            place = film.at(self.step)
            with canvas.hold_sync():
                canvas.set_picture(film.frames[place])
                canvas.title = self.text(f"way_{(self.way, self.other_way)[side]}")
                canvas.caption = self.text("score", score=decimal(film.scores[place], 1, self.language))
                canvas.alt = self._alt(side)

    def _alt(self, side: int) -> str:
        film = self._films[side]
        if not film.frames:
            return self.text("empty")
        place = film.at(self.step)
        return self.text(
            "alt",
            subject=self._subject(),
            way=self.text(f"way_{(self.way, self.other_way)[side]}"),
            step=film.steps[place],
            score=decimal(film.scores[place], 1, self.language),
        )

    def _draw_curve(self) -> None:
        length = max(len(film.steps) for film in self._films)
        longest = next(film.steps for film in self._films if len(film.steps) == length)
        lines = [
            {"label": self.text(f"way_{way}"), "values": film.scores, "colour": OKABE_ITO[side], "dash": "5 4" * side}
            for side, (way, film) in enumerate(zip((self.way, self.other_way), self._films, strict=True))
        ]
        self.curve.set_data(longest, lines)
        self.curve.alt = self.describe()

    def _finish(self, seconds: float) -> None:
        taken = self.text("recipe", seed=self.seed, steps=self.steps, seconds=decimal(seconds, 1, self.language))
        self.show_recipe(f"{self._subject()} · {taken}")

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on both pictures."""
        for canvas in self.canvases:
            canvas.progress = share
