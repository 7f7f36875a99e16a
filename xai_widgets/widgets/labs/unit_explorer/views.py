"""What the unit explorer shows: patches, a picture with a frame, a drawing, a concept, and classes."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.dissection_figures import concept_name, kind_name
from xai_widgets.results.dissection_result import LABELLED
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.unit_views import framed, tile
from xai_widgets.widgets.base.views import Views, menu, row
from xai_widgets.widgets.components import ChoiceMenu, PictureCanvas, TileGrid
from xai_widgets.widgets.components.signed_bars import bar, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.results.dissection_result import Detector
    from xai_widgets.widgets.base.feature_session import Film
    from xai_widgets.widgets.labs.unit_explorer.session import UnitSession

_SIDE, _PANEL = 84, 256
_CLASSES = 5  # rows of the table
_BAR = 120  # CSS pixels
_SPEAKS_FOR, _AGAINST = "#0072B2", "#D55E00"


class UnitViews(Views):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "units"

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.layer_menu = menu(self.text("layer"))
        self.unit_menu = ChoiceMenu(description=self.text("unit"), language=language)
        self.grid = TileGrid(side=_SIDE, lines=1, language=language)
        self.grid.layout.width = "312px"
        shared: dict[str, Any] = {"size": _PANEL, "legend": False, "readout": False, "language": language}
        self.canvas = PictureCanvas(title=self.text("in_picture"), empty=self.text("searching"), **shared)
        self.made = PictureCanvas(title=self.text("made"), empty=self.text("drawing"), linked=False, **shared)
        self.bars, self.concept, self.title = (widgets.HTML() for _ in range(3))

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return self.grid, self.canvas, self.made

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        left = widgets.VBox([self.title, self.grid], layout=widgets.Layout(width="320px", overflow="visible"))
        right = widgets.VBox(
            [row([self.canvas, self.made], grid_gap="0 16px"), self.concept, self.bars],
            layout=widgets.Layout(flex="1 1 540px", width="auto", overflow="visible"),
        )
        return (
            row([self.layer_menu, self.unit_menu], align_items="center", grid_gap="4px 12px"),
            row([left, right], align_items="flex-start", grid_gap="0 16px"),
        )

    def show_choices(self, layers: Sequence[str], layer: str, units: Sequence[tuple[str, int]], unit: int) -> None:
        """List layers and units."""
        if self.layer_menu.options != (offered := layer_options(layers)):
            self.layer_menu.options = offered
        self.layer_menu.value = layer
        self.unit_menu.options = tuple(units)
        self.unit_menu.value = unit

    def show_hits(self, session: UnitSession, layer: str, unit: int, hit: int, subject: str) -> None:
        """Show a unit's patches, and one picture large with its patch framed."""
        hits, strengths = session.hits(layer, unit), session.tops[layer].activations[unit]
        chosen = min(hit, len(hits) - 1)
        keys = [str(place) for place in range(len(hits))]
        self.grid.set_tiles(keys, {k: decimal(float(strengths[int(k)]), 1, self.language) for k in keys})
        for key, (place, box) in zip(keys, hits, strict=True):
            self.grid.set_picture(key, tile(session.picture(place)[box[0] : box[2], box[1] : box[3]], _SIDE))
        self.grid.selected = str(chosen)
        self.grid.alt = self.text("patches_alt", count=len(hits), subject=subject)
        place, box = hits[chosen]
        self.canvas.set_picture(framed(session.picture(place), box))
        strength = decimal(float(strengths[chosen]), 1, self.language)
        self.canvas.caption = f"{self.text('picture_number', number=place)} · {self.text('peak', value=strength)}"
        self.canvas.alt = self.text("box_alt", number=place, top=box[0], left=box[1], bottom=box[2], right=box[3])
        self.title.value = self._small(self.text("patches", count=len(hits)))

    def show_concept(self, one: Detector | None, *, waiting: bool) -> None:
        """Say which concept the unit agrees with, or that it is being looked for."""
        if one is None:
            text = self.text("dissecting") if waiting else ""
        else:
            text = self.text(
                "agrees" if one.iou > LABELLED else "agrees_with_none",
                concept=concept_name(one.concept, one.kind, self.language),
                kind=kind_name(one.kind, self.language),
                iou=decimal(one.iou, 2, self.language),
                least=decimal(LABELLED, 2, self.language),
            )
        self.concept.value = self._small(html.escape(text)) if text else ""

    def show_effect(self, effect: NDArray[np.float32], labels: Sequence[str]) -> None:
        """Show the classes that move most without the unit."""
        order = np.argsort(-np.abs(effect), kind="stable")[:_CLASSES]
        low, high = min(float(effect.min()), 0.0), max(float(effect.max()), 0.0)
        high = high if high > low else 1.0
        rows = [
            (
                labels[k],
                bar(float(effect[k]), low, high, _SPEAKS_FOR if effect[k] < 0 else _AGAINST),
                [decimal(float(effect[k]), 2, self.language)],
            )
            for k in order
        ]
        self.bars.value = table([self.text("class"), self.text("without"), self.text("change")], rows, bar_width=_BAR)

    def show_made(self, film: Film, peak: float, subject: str) -> None:
        """Show the picture made for the unit, with its peak, as that of the patches, and the mean that was raised."""
        self.made.set_picture(film.frames[-1])
        values = {"peak": peak, "mean_of_map": film.scores[-1]}
        written = [self.text(key, value=decimal(value, 1, self.language)) for key, value in values.items()]
        self.made.caption = " · ".join(written)
        self.made.alt = f"{self.text('made')}: {subject}"

    def show_progress(self, share: float | None, *, searching: bool) -> None:
        """Show the thin bar on the picture that is waited for."""
        self.canvas.progress = share if searching else None
        self.made.progress = None if searching else share

    def _small(self, text: str) -> str:
        return f'<div style="font-size:13px;line-height:1.4">{text}</div>'
