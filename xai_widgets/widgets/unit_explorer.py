"""`UnitExplorer`: what one unit likes and would like best, which concept it agrees with, which class hangs on it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.dissection import dissect
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.methods.units.receptive import receptive_field
from xai_widgets.methods.units.top import TopPatches, top_patches
from xai_widgets.models.creatures import sample_batch
from xai_widgets.models.samples import digits_split
from xai_widgets.plots.dissection import concept_name, kind_name
from xai_widgets.plots.visualization import visualization_figure
from xai_widgets.results.dissection import LABELLED, Detector, Dissection
from xai_widgets.widgets.components import PictureCanvas, TileGrid
from xai_widgets.widgets.dissection_session import default_concepts, knows_creatures
from xai_widgets.widgets.feature_session import FeatureSession, Film, Request
from xai_widgets.widgets.picture_lab import menu, row
from xai_widgets.widgets.signed_bars import bar, number, table
from xai_widgets.widgets.unit_views import UnitLab, as_pixels, chosen_layer, convolutions, framed, tile

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.runtime.worker import Job

_PATCHES, _SIDE, _PANEL = 9, 84, 256
_DRAWN = 240  # creatures drawn as a set, when no pictures are given
_CLASSES = 5  # rows of the table
_BAR = 120  # CSS pixels
_SPEAKS_FOR, _AGAINST = "#0072B2", "#D55E00"


class UnitExplorer(UnitLab):
    """Explore the units of a layer one by one.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        Whose units are explored; the creatures model if left out.
    pictures : array or sequence of pictures, optional
        The set that is searched; left out, creatures or digits are taken where the model knows them.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer or unit does not exist, or `pictures` are needed.

    Examples
    --------
    >>> lab = UnitExplorer("digits", layer="conv3", unit=4, steps=4)
    >>> lab.wait()
    True
    >>> lab
    UnitExplorer('digits', conv3 4, 450 pictures)
    >>> lab.close()
    """

    unit = traitlets.Int(0, min=0)
    """Number of the unit."""

    hit = traitlets.Int(0, min=0, max=_PATCHES - 1)
    """Which of its top pictures is shown large, 0 is the first."""

    steps = traitlets.Int(48, min=1)
    """Steps uphill of the picture that is made for the unit."""

    names: traitlets.Dict[int, str] = traitlets.Dict()
    """What units of the layer are called, by number, instead of the name that a dissection gives."""

    dissection = traitlets.Instance(Dissection, allow_none=True)
    """What `dissect` found, for its layer; where it is None, or of another layer, models of creatures are dissected
    here."""

    def __init__(self, model: Any = None, pictures: Any = None, **options: Any) -> None:
        super().__init__(model, **options)
        self.inputs = _default_pictures(self.model) if pictures is None else self.model.as_inputs(pictures)
        self._layers = convolutions(self.model)
        self._session = FeatureSession(self.model)
        self._tops: dict[str, TopPatches] = {}
        self._effects: dict[tuple[str, int], NDArray[np.float32]] = {}
        self._dissections: dict[str, Dissection] = {}
        self._film = Film()
        self._check()
        self._make()
        self.observe(self._on_state, ["layer", "unit", "names", "dissection", "steps"])
        self.observe(lambda _change: self._paint_hits(), "hit")
        self._refresh()

    # What can be read from code

    @property
    def shown_layer(self) -> str:
        """The layer that is shown: the last convolution, unless another was chosen."""
        return chosen_layer(self.layer, self._layers, self._layers[-1])

    @property
    def top(self) -> TopPatches | None:
        """The top patches of all units of the layer; None while they are searched for."""
        return self._tops.get(self.shown_layer)

    @property
    def effect(self) -> NDArray[np.float32] | None:
        """How far each class moves without the unit, mean over its top pictures, (K,); None while it is computed."""
        return self._effects.get((self.shown_layer, self.unit))

    @property
    def detector(self) -> Detector | None:
        """The concept that the unit agrees with most, and how well; None where the layer is not dissected."""
        found = self._found()
        return None if found is None else found.best_of(self.unit)

    def figure(self) -> Figure:
        """Return the top pictures with their patches, and the picture that was made, as a matplotlib figure."""
        found = self.top
        if found is None:
            return visualization_figure(np.full((1, 8, 8, 3), 0.5), [""])
        shown = [framed(self._picture(n), box, 192) for n, box in self._hits(found)[:5]]
        names = [decimal(float(one), 1, self.language) for one in found.activations[self.unit][: len(shown)]]
        if self._film.frames:
            shown.append(self._film.frames[-1])
            names.append(self.text("made"))
        side = 192
        return visualization_figure(np.stack([tile(one, side) for one in shown]) / 255, names, caption=self._subject())

    def describe(self) -> str:
        """Return what the unit likes and which classes hang on it."""
        effect = self.effect
        if self.top is None or effect is None:
            return self._subject()
        best = int(effect.argmin())
        return self.text(
            "explorer_alt",
            subject=self._subject(),
            label=self.model.labels[best],
            change=number(float(effect[best]), 2, self.language),
        )

    def __repr__(self) -> str:
        """Model, layer, unit and pictures."""
        return f"UnitExplorer({self.model.name!r}, {self.shown_layer} {self.unit}, {len(self.inputs)} pictures)"

    # Making

    def _check(self) -> None:
        depth = self._session.depth(self.shown_layer)
        if self.unit >= depth:
            raise ValueError(f"{self.shown_layer!r} has the units 0 to {depth - 1}, not {self.unit}")

    def _make(self) -> None:
        self.layer_menu = menu(self.text("layer"), self._layers, self.shown_layer)
        self.unit_menu = menu(self.text("unit"), self._units(), self.unit)
        self.grid = TileGrid(side=_SIDE, lines=1, language=self.language)
        self.grid.layout.width = "312px"
        shared: dict[str, Any] = {"size": _PANEL, "legend": False, "readout": False, "language": self.language}
        self.canvas = PictureCanvas(title=self.text("in_picture"), empty=self.text("searching"), **shared)
        self.made = PictureCanvas(title=self.text("made"), empty=self.text("drawing"), **shared)
        self.bars = widgets.HTML()
        self.concept = widgets.HTML()
        self.title = widgets.HTML()
        left = widgets.VBox([self.title, self.grid], layout=widgets.Layout(width="320px", overflow="visible"))
        right = widgets.VBox(
            [row([self.canvas, self.made], grid_gap="0 16px"), self.concept, self.bars],
            layout=widgets.Layout(flex="1 1 540px", width="auto", overflow="visible"),
        )
        self.children = (
            row([self.layer_menu, self.unit_menu], align_items="center", grid_gap="4px 12px"),
            self._error_panel,
            row([left, right], align_items="flex-start", grid_gap="0 16px"),
            self._recipe_line,
        )
        self.layer_menu.observe(self._on_layer, "value")
        self.unit_menu.observe(lambda change: self.take("unit", change["new"]), "value")
        self.grid.observe(lambda change: self.take("hit", int(change["new"]) if change["new"] else None), "selected")
        for view in (self.grid, self.canvas, self.made):
            view.observe(lambda _change: self.stop(), "escapes")

    def _units(self) -> list[tuple[str, int]]:
        depth, called = self._session.depth(self.shown_layer), self._names()
        return [(f"{one} · {called[one]}" if one in called else str(one), one) for one in range(depth)]

    def _found(self) -> Dissection | None:
        """Return the dissection of the layer, where it is known."""
        given = self.dissection
        if given is not None and given.layer == self.shown_layer:
            return given
        return self._dissections.get(self.shown_layer)

    def _names(self) -> dict[int, str]:
        """Return what units are called: by the reader, otherwise by the dissection."""
        found = self._found()
        labelled = [] if found is None else found.detectors()
        return {one.unit: concept_name(one.concept, one.kind, self.language) for one in labelled} | dict(self.names)

    def _on_layer(self, change: dict[str, Any]) -> None:
        if self._painting or change["new"] is None:
            return
        with self.hold_trait_notifications():  # the unit before may not exist there
            self.layer = change["new"]
            self.unit = 0

    def _on_state(self, _change: object) -> None:
        if self._painting:
            return
        self._check()
        with self.painting():
            self.layer_menu.value = self.shown_layer
            self.unit_menu.options = self._units()
            self.unit_menu.value = self.unit
            self.hit = 0
        self._refresh()

    # Computing

    def _refresh(self) -> None:
        """Search the set once for a layer, switch the unit off, draw what it would like, then dissect the layer."""
        layer, unit, model, session = self.shown_layer, self.unit, self.model, self._session
        request = Request(layer, unit, "decorrelated", self.steps, 0)

        def work(job: Job) -> None:
            if layer not in self._tops:
                found = top_patches(model, self.inputs, layer, count=_PATCHES, progress=job.progress)
                self._tops[layer] = found
            job.show(self._paint_hits)
            if (layer, unit) not in self._effects:
                best = self.inputs[[n for n, _ in self._hits(self._tops[layer], unit)]]
                self._effects[layer, unit] = ablation_effect(model, best, layer, unit)[:, 0].mean(axis=0)
            job.show(self._paint_effect)
            shooting = session.shoot(request)
            while shooting.done < request.steps:
                shooting.advance()
                job.progress(shooting.done, request.steps)
            job.show(lambda: self._paint_made(shooting.film))
            if self._found() is None and knows_creatures(model):
                self._dissections[layer] = dissect(model, default_concepts(model), layer=layer, progress=job.progress)
                job.show(self._paint_names)

        self._film = Film()
        self._paint_names()
        self.compute(work)

    def _hits(self, found: TopPatches, unit: int | None = None) -> list[tuple[int, Any]]:
        """Return number and box of each top picture."""
        place = self.unit if unit is None else unit
        pairs = zip(found.pictures[place].tolist(), found.boxes[place], strict=True)
        return [(one, box) for one, box in pairs if one >= 0]

    def _picture(self, place: int) -> NDArray[np.uint8]:
        return as_pixels(self.model.to_display(self.inputs[place : place + 1], self.inputs[:16])[0])

    # Painting

    def _paint_hits(self) -> None:
        found = self.top
        if found is None:
            return
        hits, strengths = self._hits(found), found.activations[self.unit]
        chosen = min(self.hit, len(hits) - 1)
        with self.painting():
            keys = [str(place) for place in range(len(hits))]
            self.grid.set_tiles(keys, {k: decimal(float(strengths[int(k)]), 1, self.language) for k in keys})
            for key, (place, box) in zip(keys, hits, strict=True):
                self.grid.set_picture(key, tile(self._picture(place)[box[0] : box[2], box[1] : box[3]], _SIDE))
            self.grid.selected = str(chosen)
            self.grid.alt = self.text("patches_alt", count=len(hits), subject=self._subject())
        place, box = hits[chosen]
        self.canvas.set_picture(framed(self._picture(place), box))
        self.canvas.caption = self.text("picture_number", number=place)
        self.canvas.alt = self.text("box_alt", number=place, top=box[0], left=box[1], bottom=box[2], right=box[3])
        field = receptive_field(self.model, self.shown_layer)
        self.title.value = (
            '<div style="font-size:13px;line-height:1.4">' + self.text("patches", count=len(hits)) + "</div>"
        )
        self.show_recipe(
            f"{self._subject()} · {self.text('sees', rows=field.size[0], columns=field.size[1])} · "
            f"{self.text('searched', count=len(self.inputs))}"
        )

    def _paint_names(self) -> None:
        """Say which concept the unit agrees with, here, in the menu and wherever the unit is named."""
        with self.painting():
            self.unit_menu.options = self._units()
            self.unit_menu.value = self.unit
        one = self.detector
        if one is None:
            text = self.text("dissecting") if knows_creatures(self.model) else ""
        else:
            key = "agrees" if one.iou > LABELLED else "agrees_with_none"
            text = self.text(
                key,
                concept=concept_name(one.concept, one.kind, self.language),
                kind=kind_name(one.kind, self.language),
                iou=decimal(one.iou, 2, self.language),
                least=decimal(LABELLED, 2, self.language),
            )
        self.concept.value = f'<div style="font-size:13px;line-height:1.4">{html.escape(text)}</div>' if text else ""
        self._paint_hits()

    def _paint_effect(self) -> None:
        effect = self.effect
        if effect is None:
            return
        order = np.argsort(-np.abs(effect), kind="stable")[:_CLASSES]
        low, high = min(float(effect.min()), 0.0), max(float(effect.max()), 0.0)
        high = high if high > low else 1.0
        rows = [
            (
                self.model.labels[k],
                bar(float(effect[k]), low, high, _SPEAKS_FOR if effect[k] < 0 else _AGAINST),
                [number(float(effect[k]), 2, self.language)],
            )
            for k in order
        ]
        self.bars.value = table([self.text("class"), self.text("without"), self.text("change")], rows, bar_width=_BAR)

    def _paint_made(self, film: Film) -> None:
        self._film = film
        self.made.set_picture(film.frames[-1])
        self.made.caption = self.text("answers", score=decimal(film.scores[-1], 1, self.language))
        self.made.alt = f"{self.text('made')}: {self._subject()}"

    def _subject(self) -> str:
        called = self._names().get(self.unit)
        known = "" if called is None else f" ({called})"
        return self.text("unit_of", number=self.unit, layer=self.shown_layer) + known

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the picture that is waited for."""
        searching = self.top is None
        self.canvas.progress = share if searching else None
        self.made.progress = None if searching else share


def _default_pictures(classifier: Classifier) -> NDArray[np.float32]:
    """Return pictures that a shipped model knows."""
    from xai_widgets.widgets.pictures import default_picture

    known = default_picture(classifier)
    if known.startswith("creature-"):
        return classifier.as_inputs(sample_batch(_DRAWN, seed=2).pictures)
    if classifier.input_shape == (8, 8, 1):
        return digits_split("test")[0]
    raise ValueError(f"give the pictures in which the units of {classifier.name!r} are to be searched")
