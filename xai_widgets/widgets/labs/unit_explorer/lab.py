"""`UnitExplorer`: what one unit likes and would like best, which concept it agrees with, which class hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.units.receptive_fields import receptive_field
from xai_widgets.plots.dissection_figures import concept_name
from xai_widgets.plots.panels import mark_panel
from xai_widgets.plots.visualization_figures import visualization_figure
from xai_widgets.results.dissection_result import Detector, Dissection
from xai_widgets.widgets.base.class_names import class_names
from xai_widgets.widgets.base.feature_session import FeatureRequest, Film
from xai_widgets.widgets.base.kept_choices import KeptChoices
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.shown_numbers import numbered
from xai_widgets.widgets.base.unit_views import UnitLab, chosen_layer, framed, tile
from xai_widgets.widgets.labs.unit_explorer.session import PATCHES, UnitSession
from xai_widgets.widgets.labs.unit_explorer.views import UnitViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.methods.units.top_patches import TopPatches
    from xai_widgets.runtime.worker import Job


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

    model_traits = ("layer", "unit", "hit", "dissection")

    unit = WholeNumber(0, min=0)
    """Number of the unit."""

    hit = WholeNumber(0, min=0, max=PATCHES - 1)
    """Which of its top pictures is shown large, 0 is the first."""

    steps = WholeNumber(48, min=1)
    """Steps uphill of the picture that is made for the unit."""

    names: traitlets.Dict[int, str] = traitlets.Dict()
    """What units of the layer are called, by number, instead of the name that a dissection gives."""

    dissection = traitlets.Instance(Dissection, allow_none=True)
    """What `dissect` found, for its layer; where it is None, or of another layer, models of creatures are dissected
    here."""

    def __init__(self, model: Any = None, pictures: Any = None, **options: Any) -> None:
        super().__init__(model, **options)
        self._kept = KeptChoices(self, ("unit",))
        self._pictures = pictures
        self._session = UnitSession(self.model, pictures)
        self._film, self._peak = Film(), 0.0  # the picture made for the unit, and the unit's peak in it
        self._check(self._session)
        self._make()
        self.on_change(["layer", "unit", "names", "dissection", "steps"], self._on_state)
        self.on_change("hit", self._paint_hits)
        self.refresh()

    # What can be read from code

    @property
    def inputs(self) -> NDArray[np.float32]:
        """The set that is searched, in the model's input space, (N, H, W, C)."""
        return self._session.inputs

    @property
    def shown_layer(self) -> str:
        """The layer that is shown: the last convolution, unless another was chosen."""
        return self._layer_in(self._session)

    def _layer_in(self, session: UnitSession) -> str:
        return chosen_layer(self.layer, session.layers, session.layers[-1])

    @property
    def top(self) -> TopPatches | None:
        """The top patches of all units of the layer; None while they are searched for."""
        return self._session.tops.get(self.shown_layer)

    @property
    def effect(self) -> NDArray[np.float32] | None:
        """How far each class moves without the unit, mean over its top pictures, (K,); None while it is computed."""
        return self._session.effects.get((self.shown_layer, self.unit))

    @property
    def detector(self) -> Detector | None:
        """The concept that the unit agrees with most, and how well; None where the layer is not dissected."""
        found = self._found()
        return None if found is None else found.best_of(self.unit)

    def figure(self) -> Figure:
        """Return the top pictures with their patches, and the picture that was made, as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            Up to 5 pictures that excite the unit most, each with its patch framed, and the picture that was made
            for it; that which is looked at has a frame. An empty panel before the search is done.
        """
        found, session = self.top, self._session
        if found is None:
            return visualization_figure(np.full((1, 8, 8, 3), 0.5), [""])
        hits = session.hits(self.shown_layer, self.unit)[:5]
        shown = [framed(session.picture(n), box, 192) for n, box in hits]
        names = [decimal(float(one), 1, self.language) for one in found.activations[self.unit][: len(shown)]]
        if self._film.frames:
            shown.append(self._film.frames[-1])
            names.append(f"{self.text('made')}: {decimal(self._peak, 1, self.language)}")
        tiles = np.stack([tile(one, 192) for one in shown]) / 255
        figure = visualization_figure(tiles, names, caption=self._subject())
        if self.hit < len(hits):
            mark_panel(figure.axes[self.hit])
        return figure

    def numbers(self) -> list[dict[str, Any]]:
        """Return how strongly the patches excite the unit, and how far each class moves without it.

        Returns
        -------
        list of dict
            A row for each number that is known, with the columns of `Lab.to_dataframe`: ``series`` is the picture or
            the class, ``x`` its number.
        """
        rows = []
        if self.top is not None:
            strengths = self.top.activations[self.unit]
            for rank, (place, _box) in enumerate(self._session.hits(self.shown_layer, self.unit)):
                title = self.text("picture_number", number=place)
                rows.append(numbered(self._subject(), title, place, float(strengths[rank])))
        if self.effect is not None:
            title, changes = self.text("without"), self.effect.tolist()
            rows += [numbered(title, self.model.labels[place], place, one) for place, one in enumerate(changes)]
        return rows

    def describe(self) -> str:
        """Return what the unit likes and which classes hang on it.

        Returns
        -------
        str
            The unit and, once they are known, the class that depends on it most and by how much. In the language of
            the lab.
        """
        effect = self.effect
        if self.top is None or effect is None:
            return self._subject()
        best = int(effect.argmin())
        return self.text(
            "explorer_alt",
            subject=self._subject(),
            label=class_names(self.model, self.language)[best],
            change=decimal(float(effect[best]), 2, self.language),
        )

    def __repr__(self) -> str:
        """Model, layer, unit and pictures."""
        return f"UnitExplorer({self.model.name!r}, {self.shown_layer} {self.unit}, {len(self.inputs)} pictures)"

    # Making

    def _check(self, session: UnitSession) -> None:
        """Refuse a layer or a unit that does not exist."""
        layer = self._layer_in(session)
        depth = session.features.depth(layer)
        if self.unit >= depth:
            raise ValueError(f"{layer!r} has the units 0 to {depth - 1}, not {self.unit}")

    def _make(self) -> None:
        self.views = views = UnitViews(self.language)
        self.layer_menu, self.unit_menu, self.title = views.layer_menu, views.unit_menu, views.title
        self.grid, self.canvas, self.made = views.components
        self.bars, self.concept = views.bars, views.concept
        controls, *rest = views.rows()
        self.arrange(controls, self._error_panel, *rest)
        self._show_choices()
        self.layer_menu.observe(self._on_layer, "value")
        self.unit_menu.observe(lambda change: self.take("unit", change["new"]), "value")
        self.grid.observe(lambda change: self.take("hit", int(change["new"]) if change["new"] else None), "selected")
        for view in views.components:
            view.observe(lambda _change: self.stop(), "escapes")

    def _show_choices(self) -> None:
        with self.painting():
            self.views.show_choices(self._session.layers, self.shown_layer, self._units(), self.unit)

    def _units(self) -> list[tuple[str, int]]:
        depth, called = self._session.features.depth(self.shown_layer), self._names()
        return [(f"{one} · {called[one]}" if one in called else str(one), one) for one in range(depth)]

    def _found(self) -> Dissection | None:
        """Return the dissection of the layer, where it is known."""
        given = self.dissection
        if given is not None and given.layer == self.shown_layer:
            return given
        return self._session.dissections.get(self.shown_layer)

    def _names(self) -> dict[int, str]:
        """Return what units are called: by the reader, otherwise by the dissection."""
        found = self._found()
        labelled = [] if found is None else found.detectors()
        return {one.unit: concept_name(one.concept, one.kind, self.language) for one in labelled} | dict(self.names)

    def _on_layer(self, change: dict[str, Any]) -> None:
        if self._painting or change["new"] is None:
            return
        self._kept.leave(self.shown_layer)
        with self.hold_trait_notifications():  # the unit before may not exist there
            self.layer = change["new"]
            self.unit = self._kept.of(self.layer)["unit"]

    def _on_state(self) -> None:
        self._check(self._session)
        with self.painting():
            self.hit = 0
        self._show_choices()
        self.refresh()

    def open_model(self) -> None:
        """Search the pictures again for another model."""
        self._session = UnitSession(self.model, self._pictures)
        self._kept.forget()
        self._show_choices()

    # Computing

    def ask_worker(self) -> None:
        """Search the set once for a layer, switch the unit off, draw what it would like, then dissect the layer."""
        layer, unit, session = self.shown_layer, self.unit, self._session
        request = FeatureRequest(layer, unit, "decorrelated", self.steps, 0)
        names = class_names(self.model, self.language)

        def work(job: Job) -> None:
            session.find_patches(layer, job.progress)
            job.show(self._paint_hits)
            session.measure_effect(layer, unit)
            job.show(lambda: self.views.show_effect(session.effects[layer, unit], names))
            shooting = session.features.shoot(request)
            while shooting.done < request.steps:
                shooting.advance()
                job.progress(shooting.done, request.steps)
            peak = session.peak(layer, unit, shooting.film.frames[-1])
            job.show(lambda: self._paint_made(shooting.film, peak))
            if self._found() is None and session.has_concepts:
                session.dissect(layer, job.progress)
                job.show(self._paint_names)

        self._film = Film()
        self._paint_names()
        self.compute(work)

    # Painting

    def _paint_hits(self) -> None:
        if self.top is None:
            return
        layer, subject = self.shown_layer, self._subject()
        with self.painting():
            self.views.show_hits(self._session, layer, self.unit, self.hit, subject)
        field = receptive_field(self.model, layer)
        sees = self.text("sees", rows=field.size[0], columns=field.size[1])
        self.show_recipe(f"{subject} · {sees} · {self.text('searched', count=len(self.inputs))}")

    def _paint_names(self) -> None:
        """Say which concept the unit agrees with, here, in the menu and wherever the unit is named."""
        self._show_choices()
        self.views.show_concept(self.detector, waiting=self._session.has_concepts)
        self._paint_hits()

    def _paint_made(self, film: Film, peak: float) -> None:
        self._film, self._peak = film, peak
        self.views.show_made(film, peak, self._subject())

    def _subject(self) -> str:
        called = self._names().get(self.unit)
        known = "" if called is None else f" ({called})"
        return self.text("unit_of", number=self.unit, layer=self.shown_layer) + known

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the picture that is waited for.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.views.show_progress(share, searching=self.top is None)
