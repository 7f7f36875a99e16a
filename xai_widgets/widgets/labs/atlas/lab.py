"""`AtlasExplorer`: all that a layer sees, on a map to zoom into, to point at, to filter by class."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.datasets.creatures import LABELS as CREATURES
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.atlas import activation_atlas
from xai_widgets.methods.attribution.cam.layer_maps import layers_with_maps
from xai_widgets.methods.feature_visualization.problem import takes_size
from xai_widgets.models.graph.intermediate_outputs import intermediate_outputs
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.results.recipe_words import recipe_in_words
from xai_widgets.widgets.base.model_lab import ModelLab
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.labs.atlas.views import SHOWN, AtlasViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.atlas_results import Atlas
    from xai_widgets.runtime.worker import Job

_PICTURES = 240  # creatures that are drawn where no pictures are given
_SAMPLES = 3  # places of each
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
    activation atlases, doi:10.23915/distill.00015.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import sample_batch
    >>> lab = AtlasExplorer("creatures", sample_batch(8, seed=1).pictures, layout="pca", grid=2, steps=1)
    >>> lab.wait()
    True
    >>> lab
    AtlasExplorer('creatures', 'conv4_2', 8 pictures, pca, all classes)
    >>> lab.close()
    """

    area = "atlas"

    model_traits = ("layer", "chosen", "cell")
    on_a_layer = True

    model = traitlets.Any(None, allow_none=True)
    """Whose layer is looked at; always a `Classifier` once set. Another model looks at the same pictures, or at those
    that are drawn for it where none were given."""

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the last one with maps."""

    layout_way = traitlets.Enum(("umap", "tsne", "pca"), default_value="tsne")
    """How activations are laid out (default t-SNE)."""

    grid = WholeNumber(8, min=1)
    """Rows and columns of the map (default 8)."""

    steps = WholeNumber(24, min=1)
    """Steps of each icon's optimisation (default 24)."""

    seed = WholeNumber(0, min=0)
    """Of places, layout and icons."""

    chosen = traitlets.Unicode("")
    """The class whose cells stand out; empty: all alike (default)."""

    cell = WholeNumber(-1, min=-1)
    """The cell whose pictures are shown; the one that speaks most for a class, if left out. -1: none."""

    def __init__(self, model: Any = None, pictures: Any = None, atlas: Atlas | None = None, **options: Any) -> None:
        self._atlas: Atlas | None = atlas
        self._kept: dict[tuple[Any, ...], Atlas] = {}
        way = options.pop("layout", None)  # the name of a widget's place on the page, too
        if isinstance(way, str):
            options["layout_way"] = way
        elif way is not None:
            options["layout"] = way
        super().__init__(model, **options)
        self._given_pictures = pictures
        self._pictures = self._checked(pictures)
        self._layers = layers_with_maps(self.model)
        if atlas is not None:
            self._take_atlas(atlas)
        self._check()
        self._make()
        self._listen()
        self.refresh()

    # What can be read from code

    @property
    def atlas(self) -> Atlas | None:
        """What is shown; None until it is there."""
        return self._atlas

    def figure(self) -> Figure:
        """Return the map as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The map of icons, coloured by the chosen class if there is one, the chosen cell framed; an empty figure
            before the first map is made.
        """
        if self._atlas is None:
            return AggFigure(figsize=(2, 2))
        return self._atlas.figure(self.chosen or None, self.cell if self.cell >= 0 else None)

    def describe(self) -> str:
        """Return what the map shows.

        Returns
        -------
        str
            What the map shows, or that there is none yet. In the language of the lab.
        """
        return self.text("empty") if self._atlas is None else self.map.alt

    def __repr__(self) -> str:
        """Model, layer, pictures, layout, class."""
        what = f"{len(self._pictures)} pictures, {self.layout_way}, {self.chosen or 'all classes'}"
        return f"AtlasExplorer({self.model.name!r}, {self._place!r}, {what})"

    # State

    def _checked(self, pictures: Any) -> Any:
        if pictures is not None:
            self.model.as_inputs([pictures[0]])  # says what does not fit
            return pictures
        if set(self.model.labels) <= set(CREATURES):
            return sample_batch(_PICTURES, seed=21).pictures
        raise ValueError(message("lab.needs_pictures", self.language))

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
        self.views = views = AtlasViews(self._layers, self._place, self.layout_way, self.language)
        self.layer_menu, self.way_menu = views.layer_menu, views.way_menu
        self.map, self.canvas = views.components
        controls, *rest = views.rows()
        self.arrange(controls, self._error_panel, *rest)
        self._show_members()

    def _listen(self) -> None:
        self.layer_menu.observe(lambda change: self.take("layer", change["new"]), "value")
        traitlets.link((self, "layout_way"), (self.way_menu, "value"))
        self.map.observe(lambda change: self.take("chosen", change["new"]), "chosen")
        self.map.observe(lambda change: self.take("cell", change["new"]), "selected")
        self.on_change(["layer", "layout_way", "grid", "steps", "seed"], self._on_recipe)
        self.on_change("chosen", self._on_chosen)
        self.observe(self._on_cell, "cell")
        for view in (self.map, self.canvas):
            view.observe(lambda _change: self.stop(), "escapes")

    def open_model(self) -> None:
        """Let another model look at the pictures; what was made of the model before is dropped."""
        pictures, layers = self._checked(self._given_pictures), layers_with_maps(self.model)
        self._pictures, self._layers, self._atlas, self._kept = pictures, layers, None, {}
        with self.painting():
            self.views.show_layers(layers, self._place)
            self.views.clear()
        self._show_members()

    # Events

    def _on_recipe(self) -> None:
        self._check()
        with self.painting():
            self.layer_menu.value = self._place
        self.refresh()

    def _on_chosen(self) -> None:
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

    def ask_worker(self) -> None:
        """Ask the worker for the atlas of the present layer; each is computed once."""
        key, kept, model, pictures = self._key(), self._kept, self.model, self._pictures

        def work(job: Job) -> None:
            begun = time.perf_counter()
            if key not in kept:
                layer, way, grid, steps, seed = key
                kept[key] = activation_atlas(
                    model,
                    pictures,
                    layer=layer,
                    samples=_SAMPLES,
                    layout=way,
                    grid=grid,
                    least=2,
                    size=_icon_size(model, layer),
                    steps=steps,
                    seed=seed,
                    progress=job.progress,
                )
            atlas = kept[key]
            job.show(lambda: self._paint(atlas, time.perf_counter() - begun))

        self.compute(work)

    # Painting

    def _paint(self, atlas: Atlas, seconds: float) -> None:
        kept = self.cell if not self.map.cells and self.cell < len(atlas) else -1  # the reader's own, at first
        self._atlas = atlas
        with self.painting():
            self.views.show_atlas(atlas)
            self.map.selected = self.cell = kept if kept >= 0 else int(atlas.attribution.max(axis=1).argmax())
            if self.chosen in atlas.labels:
                self.map.chosen = self.chosen
        self._describe_map(atlas)
        self._show_members()
        taken = f"{decimal(seconds, 1, self.language)}\u00a0s"
        self.show_recipe(recipe_in_words(atlas.recipe, self.language, without=("target",), more=[taken]))

    def _describe_map(self, atlas: Atlas) -> None:
        self.views.describe_map(atlas, len(self._pictures), self.chosen)

    def _show_members(self) -> None:
        """Show pictures that the chosen cell's activations come from; without a cell, the room for them."""
        atlas, cell = self._atlas, self.cell
        if atlas is None or cell < 0:
            self.views.keep_room(*self._small(np.zeros(1, "int64")).shape[1:3])
            return
        self.views.show_members(self._small(atlas.members(cell)[:SHOWN]), atlas.classes(cell, 1)[0][0])

    def _small(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return pictures as the model takes them, for the eye."""
        shown = self.model.to_display(self.model.as_inputs([self._pictures[int(one)] for one in numbers]))
        small: NDArray[np.uint8] = np.round(255 * shown).astype("uint8")
        return small

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.map.progress = share


def _icon_size(model: Classifier, layer: str) -> int | None:
    """Return half of the model's size where its layers take it: an icon is drawn in a quarter of the time."""
    half = model.input_shape[0] // 2
    layers = intermediate_outputs(model.model, (layer,))
    return half if half >= _SMALLEST and takes_size(model, layers, (half, half)) else None
