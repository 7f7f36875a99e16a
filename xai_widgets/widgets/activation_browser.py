"""`ActivationBrowser`: the maps of every layer for any picture, silent and dead units marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.units.reading import map_reader
from xai_widgets.methods.units.statistics import unit_statistics
from xai_widgets.models.program import read_program
from xai_widgets.plots.visualization import visualization_figure
from xai_widgets.widgets.components import Heatmap, PictureCanvas, TileGrid
from xai_widgets.widgets.picture_lab import PictureLab, menu, row
from xai_widgets.widgets.picture_session import PictureSession
from xai_widgets.widgets.unit_views import TILE, chosen_layer, map_pixels, tile

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.runtime.worker import Job

ORDERS = ("strength", "silence", "number")
_MOST = 32  # tiles: four rows beside the picture
_PANEL = 288  # CSS pixels
_MAP_AXES = 4


class ActivationSession(PictureSession):
    """One picture in one model, and the maps of its layers.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """

    def __init__(self, classifier: Classifier, image: Any) -> None:
        super().__init__(classifier, image)
        self._maps: dict[str, NDArray[np.float32]] = {}

    def maps(self, layer: str) -> NDArray[np.float32]:
        """Return what a layer gives for the picture, (h, w, C)."""
        if layer not in self._maps:
            self._maps[layer] = map_reader(self.classifier, layer)(self.inputs)[0]
        return self._maps[layer]


def layers_to_browse(classifier: Classifier) -> tuple[str, ...]:
    """Return the paths of all layers that give maps, in the order of computation.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layers_to_browse(xai.load_model("digits"))
    ('conv1', 'conv2', 'pool', 'conv3', 'conv4')
    """
    program = read_program(classifier.model)
    steps = [step for step in program.needed(program.outputs) if len(step.shapes) == 1]
    found = tuple(dict.fromkeys(s.path for s in steps if len(s.shapes[0]) == _MAP_AXES and s.shapes[0][-1]))
    if not found:
        raise ValueError(f"no layer of {classifier.name!r} gives maps")
    return found


class ActivationBrowser(PictureLab):
    """Look at what every layer makes of a picture, map by map.

    Parameters
    ----------
    model, image
        As for every `PictureLab`; the creatures model and a sample if left out.
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

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the first."""

    unit = traitlets.Int(None, allow_none=True, min=0)
    """The map that lies over the picture; None: the strongest."""

    order = traitlets.Enum(ORDERS, default_value="strength")
    """Whether the strongest maps come first, the silent ones, or those of the smallest numbers."""

    watched = traitlets.Any(None, allow_none=True)
    """Pictures over which units that never answer are called dead; None: only what is silent here is marked."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._dead: dict[str, NDArray[np.bool_]] = {}
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
        """Return the picture and the first maps as a matplotlib figure."""
        first = self.ranking[:11]
        maps = [tile(map_pixels(self.maps[..., n], float(self.maps.max())), 96) / 255 for n in first]
        picture = tile(self.session.picture, 96) / 255
        names = [self.text("picture"), *(self.text("unit_number", number=n) for n in first)]
        return visualization_figure(np.stack([picture, *maps]), names, caption=self.describe())

    def describe(self) -> str:
        """Return how many values and maps of the layer are 0 for this picture."""
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

    def make_session(self, image: Any) -> ActivationSession:
        """Look at a picture."""
        session = ActivationSession(self.model, image)
        depth = session.maps(self.shown_layer).shape[-1]
        if self.unit is not None and self.unit >= depth:
            raise ValueError(f"{self.shown_layer!r} has the units 0 to {depth - 1}, not {self.unit}")
        return session

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.layer_menu = menu(self.text("layer"))
        self.order_menu = menu(self.text("order"), [(self.text(f"order_{one}"), one) for one in ORDERS], self.order)
        self.canvas = PictureCanvas(size=_PANEL, language=self.language)
        self.grid = TileGrid(side=TILE, lines=1, language=self.language)
        self.grid.layout.flex, self.grid.layout.width = "1 1 520px", "auto"
        controls = [self.picture_menu, self.upload, self.layer_menu, self.order_menu]
        self.children = (
            row(controls, align_items="center", grid_gap="4px 12px"),
            self._error_panel,
            row([self.canvas, self.grid], align_items="flex-start", grid_gap="0 16px"),
            self._recipe_line,
        )
        self.layer_menu.observe(self._on_layer, "value")
        self.order_menu.observe(lambda change: self.take("order", change["new"]), "value")
        self.grid.observe(lambda change: self.take("unit", int(change["new"]) if change["new"] else None), "selected")
        self.observe(self._on_state, ["layer", "unit", "order", "watched"])
        self.hears_escape(self.canvas, self.grid)

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.layer_menu.options, self.layer_menu.value = layers_to_browse(self.model), self.shown_layer
        self.canvas.set_picture(self.session.picture)

    # Events

    def _on_layer(self, change: dict[str, Any]) -> None:
        if self._painting or change["new"] is None:
            return
        with self.hold_trait_notifications():  # the unit before may not exist there
            self.unit = None
            self.layer = change["new"]

    def _on_state(self, change: dict[str, Any]) -> None:
        if self._painting or self._session is None:
            return
        if change["name"] == "watched":
            self._dead = {}
        depth = self.session.maps(self.shown_layer).shape[-1]
        if self.shown >= depth:
            raise ValueError(f"{self.shown_layer!r} has the units 0 to {depth - 1}, not {self.unit}")
        self.refresh()

    # Computing and painting

    def refresh(self) -> None:
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
        largest, first = float(maps.max()), self.ranking[:_MOST]
        dead = self._dead.get(layer, np.zeros(maps.shape[-1], bool))
        silent = self.silent
        out = {str(n): self.text("dead" if dead[n] else "silent") for n in first if dead[n] or silent[n]}
        with self.painting():
            self.layer_menu.value, self.order_menu.value = layer, self.order
            self.grid.set_tiles([str(n) for n in first], {str(n): self._label(n) for n in first}, out)
            for number in first:
                self.grid.set_picture(str(number), tile(map_pixels(maps[..., number], largest)))
            self.grid.selected = str(self.shown)
            self.grid.alt = self.describe()
        name = self.text("unit_of", number=self.shown, layer=layer)
        shown = Heatmap(np.maximum(maps[..., self.shown], 0), name, signed=False, value_range=(0.0, max(largest, 1e-6)))
        self.canvas.layers = (shown,)
        self.canvas.title = name
        self.canvas.alt = f"{name}. {self.describe()}"
        known = self.text("dead_note", dead=int(dead.sum()), count=len(self.watched)) if layer in self._dead else ""
        shown_of = self.text("maps_shown", shown=len(first), count=maps.shape[-1])
        self.show_recipe(" · ".join(part for part in (self.describe(), known, shown_of) if part))

    def _label(self, number: int) -> str:
        return f"{number} · {decimal(float(self.maps[..., number].max()), 1, self.language)}"

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the picture."""
        self.canvas.progress = share
