"""`DissectionExplorer`: what each unit of a layer stands for, and what falls without it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.dissection_figures import unit_figure
from xai_widgets.results.recipe_words import recipe_in_words
from xai_widgets.widgets.base.class_names import class_names
from xai_widgets.widgets.base.dissection_session import ClassScores, DissectionSession, default_concepts
from xai_widgets.widgets.base.kept_choices import KeptChoices
from xai_widgets.widgets.base.model_lab import ModelLab
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.labs.dissection.views import SIDE, DissectionViews, detector, page_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.methods.dissection import ConceptSet
    from xai_widgets.results.dissection_result import Dissection
    from xai_widgets.runtime.worker import Job

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
    interpretability of deep visual representations, arXiv:1704.05796.

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

    model_traits = ("layer", "unit", "off")
    on_a_layer = True

    model = traitlets.Any(None, allow_none=True)
    """Whose units are looked at; always a `Classifier` once set. Another model is dissected with the same concepts, or
    with those that are drawn for it where none were given."""

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the last one with maps."""

    unit = WholeNumber(None, allow_none=True, min=0)
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
        self._tiled: Dissection | None = None  # whose tiles are shown
        self._given_concepts = concepts
        self._kept = KeptChoices(self, ("unit", "off"))
        super().__init__(model, **options)
        self._session = self._made_session()
        if dissection is not None:
            self._session.keep(dissection)
        if self.layer is None:
            self.layer = self._session.layers[-1] if dissection is None else dissection.layer
        self._check()
        self._make()
        self._listen()
        self.refresh()

    # What can be read from code

    @property
    def dissection(self) -> Dissection | None:
        """The dissection of the present layer; None until it is there."""
        return self._found

    def figure(self) -> Figure:
        """Return the unit's pictures and the classes' bars as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The pictures that excite the shown unit most, with its concept, and the bars of all classes with and
            without the units that are off.
        """
        count = len(self.model.labels)
        none = np.zeros(count, "f4")
        scores = self._scores or ClassScores(none, none, np.zeros(count, "i8"), none)
        views = self.views
        labels = views.labels_with_changes(scores, self.off)
        caption = f"{views.summary(self._found)} · {views.off_text(self.off)}"
        title = views.title(detector(self._found, self._shown))
        return unit_figure(self._sheet, title, labels, scores.values, scores.reference, caption=caption)

    def describe(self) -> str:
        """Return what the unit's pictures and the bars show.

        Returns
        -------
        str
            What the unit's pictures show and how many units are off, or that nothing is dissected yet. In the
            language of the lab.
        """
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

    def _made_session(self) -> DissectionSession:
        concepts = default_concepts(self.model) if self._given_concepts is None else self._given_concepts
        return DissectionSession(self.model, concepts)

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
            return int(self.unit)
        return 0 if self._found is None else self._found.ranked()[0].unit

    # Making

    def _make(self) -> None:
        self.views = views = DissectionViews(
            self._session.layers, class_names(self.model, self.language), self.language
        )
        self.layer_menu, self.unit_box = views.layer_menu, views.unit_box
        self.off_button, self.all_button = views.off_button, views.all_button
        self.grid, self.sheet_canvas, self.bars = views.components
        controls, *rest = views.rows()
        self.arrange(controls, self._error_panel, *rest)
        views.show_layer(self._place, self._session.depth(self._place))
        views.unit_box.value = self._shown
        views.show_buttons(self._shown, self.off)

    def _listen(self) -> None:
        self.layer_menu.observe(lambda change: self.take("layer", change["new"]), "value")
        self.unit_box.observe(lambda change: self.take("unit", change["new"]), "value")
        self.grid.observe(self._on_tile, "selected")
        self.grid.observe(self._on_page, "tiles")
        self.off_button.on_click(lambda _button: self._toggle())
        self.all_button.on_click(lambda _button: self.set_trait("off", ()))
        self.observe(self._on_layer, "layer")
        self.observe(lambda _change: self._again(), ["unit", "off"])
        for view in (self.grid, self.sheet_canvas, self.bars):
            view.observe(lambda _change: self.stop(), "escapes")

    def open_model(self) -> None:
        """Dissect another model; what was made of the model before is dropped."""
        self._session = self._made_session()
        self._kept.forget()
        self._found, self._scores, self._sheet = None, None, _NO_SHEET
        with self.painting():
            self.layer = self._place
            self.views.show_model(self._session.layers, class_names(self.model, self.language))
            self.views.show_layer(self._place, self._session.depth(self._place))
            self.views.show_buttons(self._shown, self.off)

    # Events

    def _on_page(self, _change: object) -> None:
        """Make the pictures of another page of tiles."""
        if not self._painting and self._found is not None and self.grid.missing:
            self.refresh()

    def _on_tile(self, change: dict[str, Any]) -> None:
        self.take("unit", int(change["new"]) if change["new"] else None)

    def _on_layer(self, change: dict[str, Any]) -> None:
        """Take the units that the reader has chosen in this layer: those of another one are others."""
        if self._painting:
            return
        self._kept.leave(change["old"])
        with self.painting():
            for name, value in self._kept.of(change["new"]).items():
                setattr(self, name, value)
        self._check()
        with self.painting():
            self.views.show_layer(self._place, self._session.depth(self._place))
        self.refresh()

    def _again(self) -> None:
        if self._painting:
            return
        self._check()
        self.views.show_buttons(self._shown, self.off)
        self.refresh()

    def _toggle(self) -> None:
        unit = self._shown
        self.off = tuple(one for one in self.off if one != unit) if unit in self.off else (*self.off, unit)

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for the dissection of the layer, the pictures of a unit, and the classes without some."""
        session, layer, unit, off = self._session, self._place, self.unit, self.off
        missing = [int(key) for key in self.grid.missing]

        def work(job: Job) -> None:
            begun = time.perf_counter()
            found = session.dissection(layer, job.progress)
            wanted = found.ranked()[0].unit if unit is None else unit
            fresh = self._tiled is not found
            units = page_of(found, wanted) if fresh else missing
            tiles = {one: session.tile(layer, one, SIDE) for one in units}
            job.show(lambda: self._paint_tiles(found, wanted, tiles))
            sheet = session.sheet(layer, wanted)
            job.show(lambda: self._paint_unit(found, sheet))
            scores = session.class_scores(layer, off)
            job.show(lambda: self._paint_scores(scores, time.perf_counter() - begun))

        self.compute(work)

    # Painting

    def _paint_tiles(self, found: Dissection, unit: int, tiles: dict[int, NDArray[np.uint8]]) -> None:
        fresh = self._tiled is not found
        self._found = self._tiled = found
        with self.painting():
            if fresh:
                self.views.show_grid(found, unit, self.off)
            self.grid.set_pictures({str(one): picture for one, picture in tiles.items()})

    def _paint_unit(self, found: Dissection, sheet: NDArray[np.uint8]) -> None:
        self._found, self._sheet = found, sheet
        with self.painting():
            self.views.show_unit(found, self._shown, sheet, self.off)

    def _paint_scores(self, scores: ClassScores, seconds: float) -> None:
        self._scores = scores
        self.views.show_scores(scores, self.off)
        recipe = "" if self._found is None else recipe_in_words(self._found.recipe, self.language)
        taken = self.text("recipe", recipe=recipe, seconds=decimal(seconds, 1, self.language))
        self.show_recipe(f"{self.views.off_text(self.off)} · {taken}")

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the pictures.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.sheet_canvas.progress = share
