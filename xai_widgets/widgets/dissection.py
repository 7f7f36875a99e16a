"""`DissectionExplorer`: what each unit of a layer stands for, and what falls without it."""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.dissection import concept_name, kind_name, unit_figure
from xai_widgets.results.dissection import LABELLED
from xai_widgets.widgets.components import PictureCanvas, ScoreBars, TileGrid
from xai_widgets.widgets.dissection_session import ClassScores, DissectionSession, default_concepts
from xai_widgets.widgets.model_lab import ModelLab

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.methods.dissection import ConceptSet
    from xai_widgets.results.dissection import Detector, Dissection
    from xai_widgets.runtime.worker import Job

_SIDE = 64  # CSS pixels of a tile
_SHOWN = 15  # units with a tile: three rows of five
_SHEET = 296  # CSS pixels
_NO_SHEET = np.zeros((1, 1, 3), "uint8")


class DissectionExplorer(ModelLab):
    """Units ranked by how well they agree with a concept, lit on their pictures, to be switched off.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        The creatures model if left out.
    concepts : ConceptSet, optional
        Pictures with masks; creatures are drawn for a model of creatures.
    dissection : Dissection, optional
        One that was made with these concepts: its layer is shown at once.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer or a unit does not exist, or concepts are needed.

    References
    ----------
    David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba (2017), Network dissection: quantifying
    interpretability of deep visual representations.

    Examples
    --------
    >>> from xai_widgets.methods.dissection import CreatureConcepts
    >>> lab = DissectionExplorer("creatures", CreatureConcepts(12, seed=1), layer="conv3_2")
    >>> lab.wait()
    True
    >>> lab
    DissectionExplorer('creatures', 'conv3_2', 12 pictures, no unit off)
    >>> lab.close()
    """

    area = "dissection"

    model = traitlets.Any(None, allow_none=True)
    """Whose units are looked at; always a `Classifier` once set."""

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the last one with maps."""

    unit = traitlets.Int(None, allow_none=True, min=0)
    """Which unit's pictures are shown; None: the one that agrees best with a concept."""

    off = traitlets.Tuple(())
    """The units of this layer that are switched off; empty: none (default)."""

    def __init__(
        self,
        model: Any = None,
        concepts: ConceptSet | None = None,
        dissection: Dissection | None = None,
        **options: Any,
    ) -> None:
        self._found: Dissection | None = dissection
        self._sheet: NDArray[np.uint8] = _NO_SHEET
        self._scores: ClassScores | None = None
        self._tiled = ""  # the layer whose tiles are shown
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self._session = DissectionSession(self.model, concepts or default_concepts(self.model))
        if dissection is not None:
            self._session.keep(dissection)
        if self.layer is None:
            self.layer = self._session.layers[-1] if dissection is None else dissection.layer
        self._check()
        self._make()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def dissection(self) -> Dissection | None:
        """The dissection of the present layer; None until it is there."""
        return self._found

    def figure(self) -> Figure:
        """Return the unit's pictures and the classes' bars as a matplotlib figure."""
        count = len(self.model.labels)
        scores = self._scores or ClassScores(np.zeros(count, "f4"), np.zeros(count, "f4"), np.zeros(count, "i8"))
        caption = f"{self._summary()} · {self._off_text()}"
        return unit_figure(
            self._sheet, self._title(), self.model.labels, scores.values, scores.reference, caption=caption
        )

    def describe(self) -> str:
        """Return what the unit's pictures and the bars show."""
        if self._found is None:
            return self.text("empty")
        return f"{self.sheet_canvas.alt} {self.text('bars_alt', count=len(self.off))}"

    def __repr__(self) -> str:
        """Model, layer, set, units off."""
        off = f"off: {', '.join(map(str, self.off))}" if self.off else "no unit off"
        return f"DissectionExplorer({self.model.name!r}, {self.layer!r}, {len(self._session.concepts)} pictures, {off})"

    # State

    @traitlets.validate("off")
    def _as_numbers(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        return tuple(sorted({int(unit) for unit in proposal["value"]}))

    def _check(self) -> None:
        """Refuse a layer without maps, and units that do not exist; names the layers or units there are."""
        if self.layer not in self._session.layers:
            msg = f"{self.layer!r} is no layer with maps; choose one of {', '.join(self._session.layers)}"
            raise ValueError(msg)
        depth = self._session.depth(self._place)
        for unit in (*self.off, *(() if self.unit is None else (self.unit,))):
            if not 0 <= unit < depth:
                raise ValueError(f"{self.layer!r} has the units 0 to {depth - 1}, not {unit}")

    @property
    def _place(self) -> str:
        return self._session.layers[-1] if self.layer is None else self.layer

    @property
    def _shown(self) -> int:
        """The unit whose pictures are shown."""
        if self.unit is not None:
            return self.unit
        return 0 if self._found is None else self._found.ranked()[0].unit

    def _detector(self, unit: int) -> Detector | None:
        ranked = [] if self._found is None else self._found.ranked()
        return next((one for one in ranked if one.unit == unit), None)

    # Making

    def _make(self) -> None:
        control: dict[str, Any] = {
            "layout": widgets.Layout(width="auto", max_width="220px"),
            "style": {"description_width": "initial"},
        }
        self.layer_menu = widgets.Dropdown(
            options=self._session.layers, value=self.layer, description=self.text("layer"), **control
        )
        self.unit_box = widgets.BoundedIntText(
            value=self._shown,
            min=0,
            max=self._session.depth(self._place) - 1,
            description=self.text("unit"),
            style={"description_width": "initial"},
            layout=widgets.Layout(width="130px"),
        )
        self.off_button = widgets.Button(tooltip=self.text("off_note"), layout=widgets.Layout(width="auto"))
        self.all_button = widgets.Button(
            description=self.text("all_on"), tooltip=self.text("all_on_note"), layout=widgets.Layout(width="auto")
        )
        self._summary_line = widgets.HTML()
        self.grid = TileGrid(side=_SIDE, lines=2, language=self.language)
        self.grid.layout.flex, self.grid.layout.min_width = "1 1 380px", "240px"
        self.sheet_canvas = PictureCanvas(
            size=_SHEET, legend=False, readout=False, empty=self.text("empty"), language=self.language
        )
        self.bars = ScoreBars(
            count=len(self.model.labels) if len(self.model.labels) <= 12 else 10,
            selectable=False,
            title=self.text("bars"),
            reference_label=self.text("intact"),
            empty=self.text("empty"),
            language=self.language,
        )
        self.bars.layout.flex, self.bars.layout.min_width = "0 1 232px", "200px"
        row = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="center", grid_gap="4px 12px")
        main = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="flex-start", grid_gap="0 12px")
        self.children = (
            widgets.HBox(
                [self.layer_menu, self.unit_box, self.off_button, self.all_button, self._summary_line], layout=row
            ),
            self._error_panel,
            widgets.HBox([self.grid, self.sheet_canvas, self.bars], layout=main),
            self._recipe_line,
        )
        self._paint_buttons()

    def _listen(self) -> None:
        self.layer_menu.observe(lambda change: self.take("layer", change["new"]), "value")
        self.unit_box.observe(lambda change: self.take("unit", change["new"]), "value")
        self.grid.observe(self._on_tile, "selected")
        self.off_button.on_click(lambda _button: self._toggle())
        self.all_button.on_click(lambda _button: self.set_trait("off", ()))
        self.observe(self._on_layer, "layer")
        self.observe(lambda _change: self._again(), ["unit", "off"])
        for view in (self.grid, self.sheet_canvas, self.bars):
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_tile(self, change: dict[str, Any]) -> None:
        self.take("unit", int(change["new"]) if change["new"] else None)

    def _on_layer(self, _change: object) -> None:
        """Begin anew: units of another layer are others."""
        with self.painting():
            self.unit, self.off = None, ()
        self._check()
        with self.painting():
            self.layer_menu.value = self.layer
            self.unit_box.max = self._session.depth(self._place) - 1
        self._refresh()

    def _again(self) -> None:
        if self._painting:
            return
        self._check()
        self._paint_buttons()
        self._refresh()

    def _toggle(self) -> None:
        unit = self._shown
        self.off = tuple(one for one in self.off if one != unit) if unit in self.off else (*self.off, unit)

    # Computing

    def _refresh(self) -> None:
        session, layer, unit, off = self._session, self._place, self.unit, self.off

        def work(job: Job) -> None:
            begun = time.perf_counter()
            found = session.dissection(layer, job.progress)
            if self._tiled != layer:
                shown = [one.unit for one in found.ranked()[:_SHOWN]]
                tiles = {one: session.tile(layer, one, _SIDE) for one in shown}
                job.show(lambda: self._paint_tiles(found, tiles))
            wanted = found.ranked()[0].unit if unit is None else unit
            sheet = session.sheet(layer, wanted)
            job.show(lambda: self._paint_unit(found, sheet))
            scores = session.class_scores(layer, off)
            job.show(lambda: self._paint_scores(scores, time.perf_counter() - begun))

        self.compute(work)

    # Painting

    def _paint_tiles(self, found: Dissection, tiles: dict[int, NDArray[np.uint8]]) -> None:
        self._found, self._tiled = found, found.layer
        with self.grid.hold_sync():
            self._name_tiles(list(tiles))
            for unit, picture in tiles.items():
                self.grid.set_picture(str(unit), picture)
        self._summary_line.value = f"<span>{html.escape(self._summary())}</span>"

    def _name_tiles(self, units: list[int]) -> None:
        """Write what each tile stands for, and which units are off."""
        keys = [str(unit) for unit in units]
        labels = {key: self._tile_text(unit) for key, unit in zip(keys, units, strict=True)}
        out = {str(unit): self.text("switched_off") for unit in self.off}
        self.grid.alt = self.text("grid", layer=self.layer)
        self.grid.set_tiles(keys, labels, out)

    def _tile_text(self, unit: int) -> str:
        one = self._detector(unit)
        if one is None or one.iou <= LABELLED:
            return self.text("tile_unnamed", unit=unit)
        iou = decimal(one.iou, 2, self.language)
        return self.text("tile", unit=unit, concept=concept_name(one.concept, one.kind, self.language), iou=iou)

    def _paint_unit(self, found: Dissection, sheet: NDArray[np.uint8]) -> None:
        self._found, self._sheet = found, sheet
        shown = self._shown
        with self.painting():
            self.unit_box.value = shown
            self.grid.selected = str(shown)
        self._name_tiles([int(tile["key"]) for tile in self.grid.tiles])
        one = self._detector(shown)
        if one is None:
            return
        iou = decimal(one.iou, 2, self.language)
        with self.sheet_canvas.hold_sync():
            self.sheet_canvas.set_picture(sheet)
            self.sheet_canvas.title = self._title()
            self.sheet_canvas.caption = self.text("caption", iou=iou)
            self.sheet_canvas.alt = self.text(
                "alt",
                count=min(len(found.top[shown]), 9),
                unit=shown,
                layer=self.layer,
                concept=concept_name(one.concept, one.kind, self.language),
                kind=kind_name(one.kind, self.language),
                iou=iou,
            )
        self._paint_buttons()

    def _paint_scores(self, scores: ClassScores, seconds: float) -> None:
        self._scores = scores
        self.bars.set_scores(scores.values, self.model.labels, scores.reference)
        self.bars.alt = self.text("bars_alt", count=len(self.off))
        recipe = "" if self._found is None else str(self._found.recipe)
        taken = self.text("recipe", recipe=recipe, seconds=decimal(seconds, 1, self.language))
        self.show_recipe(f"{self._off_text()} · {taken}")

    def _paint_buttons(self) -> None:
        self.off_button.description = self.text("on" if self._shown in self.off else "off")
        self.all_button.disabled = not self.off

    def _title(self) -> str:
        one = self._detector(self._shown)
        if one is None:
            return self.text("empty")
        key = "pictures" if one.iou > LABELLED else "pictures_unnamed"
        return self.text(key, unit=one.unit, concept=concept_name(one.concept, one.kind, self.language))

    def _summary(self) -> str:
        if self._found is None:
            return self.text("empty")
        least = decimal(LABELLED, 2, self.language)
        return self.text("summary", named=len(self._found.detectors()), units=len(self._found.iou), least=least)

    def _off_text(self) -> str:
        return self.text("units_off", units=", ".join(map(str, self.off))) if self.off else self.text("none_off")

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the pictures."""
        self.sheet_canvas.progress = share
