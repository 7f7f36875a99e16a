"""`ActivationBrowser`: the maps of every layer for any picture, silent and dead units marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.units.unit_statistics import unit_statistics
from xai_widgets.plots.panels import mark_panel
from xai_widgets.plots.visualization_figures import visualization_figure
from xai_widgets.widgets.base.kept_choices import KeptChoices
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.picture_lab import PictureLab
from xai_widgets.widgets.base.unit_views import TILE, chosen_layer, map_pixels, tile
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.components import Heatmap, PictureCanvas, TileGrid
from xai_widgets.widgets.labs.activation_browser.session import ActivationSession, layers_to_browse

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.runtime.worker import Job

ORDERS = ("strength", "silence", "number")
_PAGE = 32  # tiles: four rows beside the picture
_PANEL = 288  # CSS pixels


class ActivationBrowser(PictureLab):
    """Look at what every layer makes of a picture, map by map.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is looked into: a name or file for `load_model`, or a model; the creatures model if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space; a
        sample that fits the model if left out.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture does not fit the model, or the layer or unit does not exist.

    Examples
    --------
    >>> lab = ActivationBrowser("digits", "digit-3", layer="conv3")
    >>> lab.wait()
    True
    >>> lab
    ActivationBrowser('digits', conv3)
    >>> lab.close()
    """

    area = "units"

    session_type = ActivationSession
    on_a_layer = True
    model_traits = ("layer", "unit")

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the first."""

    unit = WholeNumber(None, allow_none=True, min=0)
    """The map that lies over the picture; None: the strongest."""

    order = traitlets.Enum(ORDERS, default_value="strength")
    """Whether the strongest maps come first, the silent ones, or those of the smallest numbers."""

    watched = traitlets.Any(None, allow_none=True)
    """Pictures over which units that never answer are called dead; None: only what is silent here is marked."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._dead: dict[str, NDArray[np.bool_]] = {}
        self._kept = KeptChoices(self, ("unit",))
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def shown_layer(self) -> str:
        """The layer that is shown."""
        layers = layers_to_browse(self.model)
        return chosen_layer(self.layer, layers, layers[0])

    @property
    def maps(self) -> NDArray[np.float32]:
        """All maps of the layer for the picture, (h, w, C)."""
        found: NDArray[np.float32] = self.session.maps(self.shown_layer)
        return found

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Which maps are 0 (or below) everywhere in this picture, (C,)."""
        never: NDArray[np.bool_] = self.maps.max(axis=(0, 1)) <= 0
        return never

    @property
    def ranking(self) -> NDArray[np.intp]:
        """Numbers of the units in the order of the tiles; all of them."""
        if self.order == "number":
            return np.arange(self.maps.shape[-1])
        largest = self.maps.max(axis=(0, 1))
        return np.argsort(largest if self.order == "silence" else -largest, kind="stable")

    @property
    def shown(self) -> int:
        """The unit whose map lies over the picture."""
        return int(self.maps.max(axis=(0, 1)).argmax()) if self.unit is None else int(self.unit)

    def figure(self) -> Figure:
        """Return the picture and the first maps as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture and up to 11 maps of the layer, the first of `ranking`, all on one scale. That which lies over
            the picture has a frame, and is the last where it is not among the first.
        """
        first = self.ranking[:11].copy()
        if self.shown not in first:
            first[-1] = self.shown
        maps = [tile(map_pixels(self.maps[..., n], float(self.maps.max())), 96) / 255 for n in first]
        picture = tile(self.session.picture, 96) / 255
        names = [self.text("picture"), *(self.text("unit_number", number=n) for n in first)]
        figure = visualization_figure(np.stack([picture, *maps]), names, caption=self.describe())
        mark_panel(figure.axes[1 + first.tolist().index(self.shown)])
        return figure

    def describe(self) -> str:
        """Return how many values and maps of the layer are 0 for this picture.

        Returns
        -------
        str
            The layer, the share of its values that are 0, and how many of its maps are 0 everywhere. In the
            language of the lab.
        """
        return self.text(
            "layer_note",
            layer=self.shown_layer,
            zeros=percent(float((self.maps <= 0).mean()), self.language, digits=0),
            silent=int(self.silent.sum()),
            units=self.maps.shape[-1],
        )

    def __repr__(self) -> str:
        """Model and layer."""
        return f"ActivationBrowser({self.model.name!r}, {self.shown_layer})"

    # Making

    def check_session(self, session: ActivationSession) -> None:
        """Refuse a layer or a unit that does not exist.

        Parameters
        ----------
        session : ActivationSession
            The picture and the model that are about to be shown.

        Raises
        ------
        ValueError
            If the layer has no maps or does not exist, or `unit` is no map of it.
        """
        self._check_unit(session)

    def _check_unit(self, session: ActivationSession) -> None:
        depth = session.maps(self.shown_layer).shape[-1]
        if self.unit is not None and self.unit >= depth:
            raise ValueError(f"{self.shown_layer!r} has the units 0 to {depth - 1}, not {self.unit}")

    def reset_for_model(self) -> None:
        """Begin with the first layer of another model; which units are dead is not known of it."""
        super().reset_for_model()
        self._dead = {}
        self._kept.forget()

    def reopen_model(self) -> None:
        """Read the same picture again; which units are dead is not known any more."""
        self._dead = {}
        super().reopen_model()

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.layer_menu = menu(self.text("layer"))
        self.order_menu = menu(self.text("order"), [(self.text(f"order_{one}"), one) for one in ORDERS], self.order)
        self.canvas = PictureCanvas(size=_PANEL, language=self.language)
        self.grid = TileGrid(side=TILE, lines=1, per_page=_PAGE, language=self.language)
        self.grid.layout.flex, self.grid.layout.width = "1 1 520px", "auto"
        controls = [self.picture_menu, self.upload, self.layer_menu, self.order_menu]
        self.arrange(
            row(controls, align_items="center", grid_gap="4px 12px"),
            self._error_panel,
            row([self.canvas, self.grid], align_items="flex-start", grid_gap="0 16px"),
        )
        self.layer_menu.observe(self._on_layer, "value")
        self.order_menu.observe(lambda change: self.take("order", change["new"]), "value")
        self.grid.observe(lambda change: self.take("unit", int(change["new"]) if change["new"] else None), "selected")
        self.observe(self._on_state, ["layer", "unit", "order", "watched"])
        self.hears_escape(self.canvas, self.grid)

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.layer_menu.options = layer_options(layers_to_browse(self.model))
        self.layer_menu.value = self.shown_layer
        self.canvas.set_picture(self.session.picture)

    # Events

    def _on_layer(self, change: dict[str, Any]) -> None:
        if self._painting or change["new"] is None:
            return
        self._kept.leave(self.shown_layer)
        with self.hold_trait_notifications():  # the unit before may not exist there
            self.unit = self._kept.of(change["new"])["unit"]
            self.layer = change["new"]

    def _on_state(self, change: dict[str, Any]) -> None:
        if self._painting or self._session is None:
            return
        if change["name"] == "watched":
            self._dead = {}
        self._check_unit(self.session)
        self.refresh()

    # Computing and painting

    def ask_worker(self) -> None:
        """Run the layer on the picture, and on the watched pictures where that was not done."""
        session, layer, watched = self.session, self.shown_layer, self.watched

        def work(job: Job) -> None:
            session.maps(layer)
            if watched is not None and layer not in self._dead:
                found = unit_statistics(session.classifier, watched, [layer], progress=job.progress)
                job.check()
                self._dead[layer] = next(iter(found.values())).dead
            job.show(self._paint)

        self.compute(work)

    def _paint(self) -> None:
        maps, layer = self.maps, self.shown_layer
        largest = float(maps.max())
        dead = self._dead.get(layer, np.zeros(maps.shape[-1], bool))
        silent = self.silent
        out = {str(n): self.text("dead" if dead[n] else "silent") for n in np.flatnonzero(dead | silent)}
        with self.painting():
            self.layer_menu.value, self.order_menu.value = layer, self.order
            peaks = maps.max(axis=(0, 1)).tolist()
            labels = {str(n): f"{n} · {decimal(peaks[n], 1, self.language)}" for n in self.ranking}
            self.grid.set_tiles(list(labels), labels, out, lambda key: tile(map_pixels(maps[..., int(key)], largest)))
            self.grid.selected = str(self.shown)
            self.grid.alt = self.describe()
        name = self.text("unit_of", number=self.shown, layer=layer)
        shown = Heatmap(np.maximum(maps[..., self.shown], 0), name, signed=False, value_range=(0.0, max(largest, 1e-6)))
        self.canvas.layers = (shown,)
        self.canvas.title = name
        self.canvas.alt = f"{name}. {self.describe()}"
        known = self.text("dead_note", dead=int(dead.sum()), count=len(self.watched)) if layer in self._dead else ""
        self.show_recipe(" · ".join(part for part in (self.describe(), known, self.text("maps_scale")) if part))

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the picture.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.canvas.progress = share
