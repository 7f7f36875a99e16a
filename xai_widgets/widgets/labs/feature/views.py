"""What the feature lab shows: two pictures in the making, a slider through their steps, and how the unit answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.feature_visualization import WAYS, lucid_is_here
from xai_widgets.models.graph.intermediate_outputs import SCORES
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.widgets.base.feature_session import LUCID, STRIDE
from xai_widgets.widgets.base.layer_names import short_layer_names
from xai_widgets.widgets.base.views import Views, menu, row
from xai_widgets.widgets.components import BrowserLink, ChoiceMenu, Curve, PictureCanvas, Slider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.widgets.base.feature_session import Film

SIDES = 2
ALL_WAYS = (*WAYS, LUCID)
_PANEL = 256  # CSS pixels: two pictures and the curve fit a laptop's screen
_MENU_WIDTH = "240px"


class FeatureViews(Views):
    """The lab's widgets, and how films are painted on them.

    Parameters
    ----------
    ways : sequence of str
        How both pictures are made at first.
    steps : int
        Of a film.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "feature"

    def __init__(self, ways: Sequence[str], steps: int, language: str) -> None:
        super().__init__(language)
        self.layer_menu = menu(self.text("layer"))
        self.unit_menu = ChoiceMenu(description=self.text("unit"), language=language)
        offered = ALL_WAYS if lucid_is_here() else tuple(WAYS)
        named = [(self.way(way), way) for way in offered]
        self.way_menus = [
            menu(self.text(name), named, way) for name, way in zip(("way", "other_way"), ways, strict=True)
        ]
        for one in (self.layer_menu, self.unit_menu, *self.way_menus):
            one.layout.max_width = _MENU_WIDTH
        self.seed_button = widgets.Button(
            description=self.text("again"), tooltip=self.text("again_note"), layout=widgets.Layout(width="auto")
        )
        shared: dict[str, Any] = {
            "size": _PANEL,
            "language": language,
            "legend": False,
            "readout": False,
            "linked": False,
        }
        self.canvases = [PictureCanvas(empty=self.text("empty"), **shared) for _ in range(SIDES)]
        self.slider = Slider(
            label=self.text("step"), max=float(steps), step=float(STRIDE), digits=0, plays=True, language=language
        )
        self.curve = Curve(
            title=self.text("curve"),
            x_label=self.text("step"),
            chart_height=200,
            step=float(STRIDE),
            x_range=(0.0, float(steps)),
            cursor=0.0,
            movable=False,
            reports=False,
            language=language,
        )
        self.curve.layout.flex, self.curve.layout.width = "1 1 300px", "auto"
        self._link = BrowserLink((self.slider, "value"), [(self.curve, "cursor")])

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return (*self.canvases, self.slider, self.curve)

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = [self.layer_menu, self.unit_menu, *self.way_menus, self.seed_button]
        return (
            row(controls, align_items="center", grid_gap="4px 8px"),
            row([*self.canvases, self.curve], align_items="flex-start", grid_gap="0 16px"),
            self.slider,
        )

    def way(self, way: str) -> str:
        """Return what a way of making the picture is called."""
        return self.text(f"way_{way}")

    def show_choices(self, layers: Sequence[str], layer: str, units: Sequence[tuple[str, int]], unit: int) -> None:
        """List layers and units; a layer that was given from code is offered too."""
        names = short_layer_names([one for one in [*layers, layer] if one != SCORES])
        wanted = [(names.get(one, self.text("classes")), one) for one in dict.fromkeys([*layers, layer])]
        if list(self.layer_menu.options) != wanted:
            self.layer_menu.options = wanted
        self.layer_menu.value = layer
        self.unit_menu.options = tuple(units)
        self.unit_menu.value = unit

    def show_length(self, steps: int) -> None:
        """Give slider and curve the length of the films."""
        self.slider.max = float(steps)
        self.curve.x_range = (0.0, float(steps))

    @property
    def _of_class(self) -> bool:
        """Whether the score of a class is drawn, and no unit."""
        return bool(self.layer_menu.value == SCORES)

    def show_frame(self, side: int, film: Film, way: str, step: int, alt: str) -> None:
        """Show one side's frame at a step."""
        place, canvas = film.at(step), self.canvases[side]
        with canvas.hold_sync():
            canvas.set_picture(film.frames[place])
            canvas.title = self.way(way)
            score = decimal(film.scores[place], 1, self.language)
            canvas.caption = self.text("score_class" if self._of_class else "score", score=score)
            canvas.alt = alt

    def describe(self, film: Film, way: str, step: int, subject: str) -> str:
        """Return what one side shows at a step."""
        if not film.frames:
            return self.text("empty")
        place = film.at(step)
        score = decimal(film.scores[place], 1, self.language)
        return self.text("alt", subject=subject, way=self.way(way), step=film.steps[place], score=score)

    def show_curve(self, films: Sequence[Film], ways: Sequence[str], alt: str) -> None:
        """Draw how strongly the unit answers to each frame, a line for each side."""
        longest = max((film.steps for film in films), key=len)
        lines = [
            {"label": self.way(way), "values": film.scores, "colour": OKABE_ITO[side], "dash": "5 4" * side}
            for side, (way, film) in enumerate(zip(ways, films, strict=True))
        ]
        self.curve.title = self.text("curve_class" if self._of_class else "curve")
        self.curve.set_data(longest, lines)
        self.curve.alt = alt
