"""What the dissection lab shows: a tile for each unit, one unit's pictures, and the classes with units off."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from xai_widgets.i18n.numbers import decimal, with_sign
from xai_widgets.plots.dissection_figures import concept_name, kind_name
from xai_widgets.results.dissection_result import LABELLED
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.views import Views, menu, row
from xai_widgets.widgets.components import PictureCanvas, ScoreBars, TileGrid

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.results.dissection_result import Detector, Dissection
    from xai_widgets.widgets.base.dissection_session import ClassScores

SIDE = 64  # of a tile, in CSS pixels
_PAGE = 12  # tiles: four rows of three
_SHEET = 296
_FEW_CLASSES, _SOME_CLASSES = 12, 10  # up to so many have a bar each; of more, so many are shown


class DissectionViews(Views):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    layers : sequence of str
        What the menu of layers offers.
    labels : sequence of str
        The model's classes.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "dissection"

    def __init__(self, layers: Sequence[str], labels: Sequence[str], language: str) -> None:
        super().__init__(language)
        self.layer_menu = menu(self.text("layer"), layer_options(layers))
        self.layer_menu.layout.max_width = "220px"
        self.unit_box = widgets.BoundedIntText(
            min=0,
            description=self.text("unit"),
            style={"description_width": "initial"},
            layout=widgets.Layout(width="130px"),
        )
        narrow = {"width": "auto"}
        self.off_button = widgets.Button(tooltip=self.text("off_note"), layout=widgets.Layout(**narrow))
        self.all_button = widgets.Button(
            description=self.text("all_on"), tooltip=self.text("all_on_note"), layout=widgets.Layout(**narrow)
        )
        self.summary_line = widgets.HTML()
        self.grid = TileGrid(side=SIDE, lines=2, per_page=_PAGE, language=language)
        self.grid.layout.flex, self.grid.layout.min_width = "1 1 290px", "240px"
        shared: dict[str, Any] = {"empty": self.text("empty"), "language": language}
        self.sheet_canvas = PictureCanvas(size=_SHEET, legend=False, readout=False, **shared)
        self.bars = ScoreBars(
            selectable=False,
            title=self.text("bars"),
            reference_label=self.text("intact"),
            details_label=self.text("logit_change"),
            **shared,
        )
        self._take_labels(labels)
        self.bars.layout.flex, self.bars.layout.min_width = "0 1 320px", "200px"

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return self.grid, self.sheet_canvas, self.bars

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = [self.layer_menu, self.unit_box, self.off_button, self.all_button, self.summary_line]
        return (
            row(controls, align_items="center", grid_gap="4px 12px"),
            row(self.components, align_items="flex-start", grid_gap="0 12px"),
        )

    # Painting

    def _take_labels(self, labels: Sequence[str]) -> None:
        self.labels = labels
        self.bars.count = len(labels) if len(labels) <= _FEW_CLASSES else _SOME_CLASSES

    def show_model(self, layers: Sequence[str], labels: Sequence[str]) -> None:
        """Offer the layers of another model; what was found in the one before says nothing of it, and goes."""
        self._take_labels(labels)
        self.layer_menu.options = layer_options(layers)
        self.grid.set_tiles([], {})
        self.grid.alt = self.text("empty")
        self.summary_line.value = ""
        self.bars.set_scores((), ())
        for view in (self.sheet_canvas, self.bars):
            view.alt = self.text("empty")
        self.sheet_canvas.clear()
        self.sheet_canvas.title = self.sheet_canvas.caption = ""

    def show_layer(self, layer: str, depth: int) -> None:
        """Set the controls to a layer of so many units."""
        self.layer_menu.value = layer
        self.unit_box.max = depth - 1

    def show_buttons(self, unit: int, off: Collection[int]) -> None:
        """Say what the buttons do now."""
        self.off_button.description = self.text("on" if unit in off else "off")
        self.all_button.disabled = not off

    def show_grid(self, found: Dissection, unit: int, off: Collection[int]) -> None:
        """List the units of a layer, without their pictures, and show the page of one."""
        with self.grid.hold_sync():
            self.grid.clear_pictures()
            self.grid.query, self.grid.selected = "", str(unit)
            self.name_tiles(found, off)
        self.summary_line.value = f"<span>{html.escape(self.summary(found))}</span>"

    def name_tiles(self, found: Dissection, off: Collection[int]) -> None:
        """Write what each tile stands for, the best units first, and which units are off."""
        labels = {str(one.unit): self._tile_text(one) for one in found.ranked()}
        self.grid.alt = self.text("grid", layer=found.layer)
        self.grid.set_tiles(list(labels), labels, {str(unit): self.text("switched_off") for unit in off})

    def _tile_text(self, one: Detector) -> str:
        if one.iou <= LABELLED:
            return self.text("tile_unnamed", unit=one.unit)
        iou = decimal(one.iou, 2, self.language)
        return self.text("tile", unit=one.unit, concept=concept_name(one.concept, one.kind, self.language), iou=iou)

    def show_unit(self, found: Dissection, unit: int, sheet: NDArray[np.uint8], off: Collection[int]) -> None:
        """Show one unit's pictures, and mark its tile."""
        self.unit_box.value = unit
        self.grid.selected = str(unit)
        self.name_tiles(found, off)
        one = detector(found, unit)
        if one is None:
            return
        iou = decimal(one.iou, 2, self.language)
        with self.sheet_canvas.hold_sync():
            self.sheet_canvas.set_picture(sheet)
            self.sheet_canvas.title = self.title(one)
            self.sheet_canvas.caption = self.text("caption", iou=iou)
            self.sheet_canvas.alt = self.text(
                "alt",
                count=min(len(found.top[unit]), 9),
                unit=unit,
                layer=found.layer,
                concept=concept_name(one.concept, one.kind, self.language),
                kind=kind_name(one.kind, self.language),
                iou=iou,
            )
        self.show_buttons(unit, off)

    def show_scores(self, scores: ClassScores, off: Collection[int]) -> None:
        """Show how sure the network is of each class with units off."""
        with self.bars.hold_sync():
            self.bars.details = self._changes(scores) if off else {}
            self.bars.set_scores(scores.values, self.labels, scores.reference)
        self.bars.alt = self.text("bars_alt", count=len(off))

    # Words

    def _changes(self, scores: ClassScores) -> dict[int, str]:
        """Write by how much the logit of each class moves."""
        return {place: with_sign(one, 2, self.language) for place, one in enumerate(scores.changes.tolist())}

    def labels_with_changes(self, scores: ClassScores, off: Collection[int]) -> list[str]:
        """Return the classes, with units off each with the change of its logit."""
        changes = self._changes(scores) if off else {}
        return [f"{one} ({changes[place]})" if changes else one for place, one in enumerate(self.labels)]

    def title(self, one: Detector | None) -> str:
        """Return what one unit's pictures are called."""
        if one is None:
            return self.text("empty")
        key = "pictures" if one.iou > LABELLED else "pictures_unnamed"
        return self.text(key, unit=one.unit, concept=concept_name(one.concept, one.kind, self.language))

    def summary(self, found: Dissection | None) -> str:
        """Return how many units of the layer bear a name."""
        if found is None:
            return self.text("empty")
        least = decimal(LABELLED, 2, self.language)
        return self.text("summary", named=len(found.detectors()), units=len(found.iou), least=least)

    def off_text(self, off: Collection[int]) -> str:
        """Return which units are off."""
        return self.text("units_off", units=", ".join(map(str, off))) if off else self.text("none_off")


def page_of(found: Dissection, unit: int) -> list[int]:
    """Return the units whose tiles are on one page with that of a unit."""
    units = [one.unit for one in found.ranked()]
    first = units.index(unit) // _PAGE * _PAGE
    return units[first : first + _PAGE]


def detector(found: Dissection | None, unit: int) -> Detector | None:
    """Return the concept that a unit agrees with most; None where the layer is not dissected."""
    ranked = [] if found is None else found.ranked()
    return next((one for one in ranked if one.unit == unit), None)
