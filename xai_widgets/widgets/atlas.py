"""`AtlasExplorer`: all that a layer sees, on a map to zoom into, to point at, to filter by class."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.atlas import activation_atlas
from xai_widgets.methods.embedding import LAYOUTS
from xai_widgets.methods.feature_visualization.problem import takes_size
from xai_widgets.methods.layer_maps import layers_with_maps
from xai_widgets.models.creatures import LABELS as CREATURES
from xai_widgets.models.creatures import sample_batch
from xai_widgets.models.taps import tap
from xai_widgets.plots.dissection import mosaic
from xai_widgets.widgets.components import AtlasMap, PictureCanvas
from xai_widgets.widgets.model_lab import ModelLab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.results.atlas import Atlas
    from xai_widgets.runtime.worker import Job

_PICTURES = 240  # creatures that are drawn where no pictures are given
_SAMPLES = 3  # places of each
_MAP, _ROW = 440, 780  # CSS pixels
_SHOWN = 8  # pictures of a cell
_SMALLEST = 32  # pixels of an icon


class AtlasExplorer(ModelLab):
    """An activation atlas: zoom and move it, point at a cell to read its classes, click to see its pictures.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        The creatures model if left out.
    pictures : (N, H, W, 3) uint8 array, optional
        What the layer sees; creatures are drawn for a model of creatures.
    atlas : Atlas, optional
        One that was made of these pictures: it is shown at once.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer does not exist, or pictures are needed.

    References
    ----------
    Shan Carter, Zan Armstrong, Ludwig Schubert, Ian Johnson, Chris Olah (2019), Exploring neural networks with
    activation atlases.

    Examples
    --------
    >>> from xai_widgets.models.creatures import sample_batch
    >>> lab = AtlasExplorer("creatures", sample_batch(8, seed=1).pictures, layout="pca", grid=2, steps=1)
    >>> lab.wait()
    True
    >>> lab
    AtlasExplorer('creatures', 'conv4_2', 8 pictures, pca, all classes)
    >>> lab.close()
    """

    area = "atlas"

    model = traitlets.Any(None, allow_none=True)
    """Whose layer is looked at; always a `Classifier` once set."""

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the last one with maps."""

    layout_way = traitlets.Enum(("umap", "tsne", "pca"), default_value="tsne")
    """How activations are laid out (default t-SNE)."""

    grid = traitlets.Int(8, min=1)
    """Rows and columns of the map (default 8)."""

    steps = traitlets.Int(24, min=1)
    """Steps of each icon's optimisation (default 24)."""

    seed = traitlets.Int(0, min=0)
    """Of places, layout and icons."""

    chosen = traitlets.Unicode("")
    """The class whose cells stand out; empty: all alike (default)."""

    cell = traitlets.Int(-1, min=-1)
    """The cell whose pictures are shown; the one that speaks most for a class, if left out. -1: none."""

    def __init__(self, model: Any = None, pictures: Any = None, atlas: Atlas | None = None, **options: Any) -> None:
        self._atlas: Atlas | None = atlas
        self._kept: dict[tuple[Any, ...], Atlas] = {}
        way = options.pop("layout", None)  # the name of a widget's place on the page, too
        if isinstance(way, str):
            options["layout_way"] = way
        elif way is not None:
            options["layout"] = way
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self._pictures = self._checked(pictures)
        self._layers = layers_with_maps(self.model)
        if atlas is not None:
            self._take_atlas(atlas)
        self._check()
        self._make()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def atlas(self) -> Atlas | None:
        """What is shown; None until it is there."""
        return self._atlas

    def figure(self) -> Figure:
        """Return the map as a matplotlib figure."""
        return Figure(figsize=(2, 2)) if self._atlas is None else self._atlas.show(self.chosen or None)

    def describe(self) -> str:
        """Return what the map shows."""
        return self.text("empty") if self._atlas is None else self.map.alt

    def __repr__(self) -> str:
        """Model, layer, pictures, layout, class."""
        what = f"{len(self._pictures)} pictures, {self.layout_way}, {self.chosen or 'all classes'}"
        return f"AtlasExplorer({self.model.name!r}, {self._place!r}, {what})"

    # State

    def _checked(self, pictures: Any) -> Any:
        if pictures is not None:
            return pictures
        if set(self.model.labels) <= set(CREATURES):
            return sample_batch(_PICTURES, seed=21).pictures
        msg = f"{self.model.name!r} knows no creatures: give pictures=, what its layer is to look at"
        raise ValueError(msg)

    def _take_atlas(self, atlas: Atlas) -> None:
        if atlas.pictures.max(initial=0) >= len(self._pictures):
            raise ValueError("the atlas was made of other pictures; give the pictures it was made of too")
        self.layer, self.grid = atlas.layer, atlas.grid
        self._kept[self._key()] = atlas

    def _key(self) -> tuple[Any, ...]:
        return self._place, self.layout_way, self.grid, self.steps, self.seed

    def _check(self) -> None:
        """Refuse a layer without maps, and a class that does not exist."""
        if self._place not in self._layers:
            raise ValueError(f"{self._place!r} is no layer with maps; choose one of {', '.join(self._layers)}")
        if self.chosen and self.chosen not in self.model.labels:
            raise ValueError(f"the classes are {', '.join(self.model.labels)}, not {self.chosen!r}")

    @property
    def _place(self) -> str:
        return self._layers[-1] if self.layer is None else self.layer

    # Making

    def _make(self) -> None:
        control: dict[str, Any] = {
            "layout": widgets.Layout(width="auto", max_width="240px"),
            "style": {"description_width": "initial"},
        }
        self.layer_menu = widgets.Dropdown(
            options=self._layers, value=self._place, description=self.text("layer"), **control
        )
        ways = [(self.text(f"way_{way}"), way) for way in ("tsne", "umap", "pca") if way in LAYOUTS]
        self.way_menu = widgets.Dropdown(options=ways, value=self.layout_way, description=self.text("way"), **control)
        self.map = AtlasMap(size=_MAP, language=self.language)
        self.canvas = PictureCanvas(
            size=_ROW, legend=False, readout=False, empty=self.text("no_cell"), language=self.language
        )
        row = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="center", grid_gap="4px 12px")
        self.children = (
            widgets.HBox([self.layer_menu, self.way_menu], layout=row),
            self._error_panel,
            self.map,
            self.canvas,
            self._recipe_line,
        )
        self._show_members()

    def _listen(self) -> None:
        self.layer_menu.observe(lambda change: self.take("layer", change["new"]), "value")
        traitlets.link((self, "layout_way"), (self.way_menu, "value"))
        self.map.observe(lambda change: self.take("chosen", change["new"]), "chosen")
        self.map.observe(lambda change: self.take("cell", change["new"]), "selected")
        self.observe(self._on_recipe, ["layer", "layout_way", "grid", "steps", "seed"])
        self.observe(self._on_chosen, "chosen")
        self.observe(self._on_cell, "cell")
        for view in (self.map, self.canvas):
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_recipe(self, _change: object) -> None:
        self._check()
        with self.painting():
            self.layer_menu.value = self._place
        self._refresh()

    def _on_chosen(self, _change: object) -> None:
        self._check()
        if self._atlas is not None and (not self.chosen or self.chosen in self._atlas.labels):
            self.map.chosen = self.chosen
            self._describe_map(self._atlas)

    def _on_cell(self, _change: object) -> None:
        if self._painting:  # the map has its cell, and the pictures come at the end
            return
        if self._atlas is not None and self.cell >= len(self._atlas):
            raise ValueError(f"there are the cells 0 to {len(self._atlas) - 1}, not {self.cell}")
        self.map.selected = self.cell
        self._show_members()

    # Computing

    def _refresh(self) -> None:
        key, model, pictures = self._key(), self.model, self._pictures

        def work(job: Job) -> None:
            begun = time.perf_counter()
            if key not in self._kept:
                layer, way, grid, steps, seed = key
                self._kept[key] = activation_atlas(
                    model,
                    pictures,
                    layer=layer,
                    samples=_SAMPLES,
                    layout=way,
                    grid=grid,
                    least=2,
                    size=self._icon_size(),
                    steps=steps,
                    seed=seed,
                    progress=job.progress,
                )
            atlas = self._kept[key]
            job.show(lambda: self._paint(atlas, time.perf_counter() - begun))

        self.compute(work)

    def _icon_size(self) -> int | None:
        """Return half of the model's size where its layers take it: an icon is drawn in a quarter of the time."""
        half = self.model.input_shape[0] // 2
        taps = tap(self.model.model, (self._place,))
        return half if half >= _SMALLEST and takes_size(self.model, taps, (half, half)) else None

    # Painting

    def _paint(self, atlas: Atlas, seconds: float) -> None:
        kept = self.cell if not self.map.cells and self.cell < len(atlas) else -1  # the reader's own, at first
        self._atlas = atlas
        icons = np.round(255 * np.clip(atlas.icons, 0, 1)).astype("uint8")
        places = list(zip(atlas.rows.tolist(), atlas.columns.tolist(), strict=True))
        with self.painting():
            self.map.set_cells(icons, places, atlas.counts.tolist(), atlas.attribution, atlas.labels, grid=atlas.grid)
            self.map.selected = self.cell = kept if kept >= 0 else int(atlas.attribution.max(axis=1).argmax())
            if self.chosen in atlas.labels:
                self.map.chosen = self.chosen
        self._describe_map(atlas)
        self._show_members()
        self.show_recipe(f"{atlas.recipe} · {decimal(seconds, 1, self.language)} s")

    def _describe_map(self, atlas: Atlas) -> None:
        text = self.text("alt", cells=len(atlas), layer=atlas.layer, pictures=len(self._pictures))
        if self.chosen:
            text += " " + self.text("alt_class", label=self.chosen, cells=int(atlas.for_class(self.chosen).sum()))
        self.map.alt = text

    def _show_members(self) -> None:
        """Show pictures that the chosen cell's activations come from."""
        atlas, cell = self._atlas, self.cell
        if atlas is None or cell < 0:
            self._keep_room()
            return
        numbers = atlas.members(cell)[:_SHOWN]
        label = atlas.classes(cell, 1)[0][0]
        self.canvas.layout.visibility = "visible"
        with self.canvas.hold_sync():
            self.canvas.set_picture(mosaic(self._small(numbers), _SHOWN))
            self.canvas.title = self.text("pictures")
            self.canvas.alt = self.text("pictures_alt", count=len(numbers), label=label)

    def _keep_room(self) -> None:
        """Show no pictures, and leave their place empty: nothing moves when they come."""
        height, width = self._small(np.zeros(1, "int64")).shape[1:3]
        self.canvas.layout.visibility = "hidden"
        self.canvas.set_picture(np.zeros((height, _SHOWN * (width + 2) - 2, 3), "uint8"))
        self.canvas.title = self.canvas.alt = self.text("no_cell")

    def _small(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return pictures as the model takes them, for the eye."""
        shown = self.model.to_display(self.model.as_inputs([self._pictures[int(one)] for one in numbers]))
        small: NDArray[np.uint8] = np.round(255 * shown).astype("uint8")
        return small

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map."""
        self.map.progress = share
