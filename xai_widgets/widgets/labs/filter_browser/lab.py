"""`FilterBrowser`: the filters of a layer, sorted by how smooth or how strong they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.units.filters import Filters, filters
from xai_widgets.plots.visualization_figures import visualization_figure
from xai_widgets.widgets.base.kept_choices import KeptChoices
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.shown_numbers import numbered
from xai_widgets.widgets.base.unit_views import TILE, UnitLab, as_pixels, chosen_layer, convolutions, tile
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.components import PictureCanvas, TileGrid

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

ORDERS = ("smoothness", "norm", "number")
_PAGE = 27  # tiles: three rows beside the large one
_PANEL = 224  # CSS pixels


class FilterBrowser(UnitLab):
    """Look at the filters of a convolution, the smoothest, the strongest or the first ones first.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        Whose filters are shown; the creatures model if left out.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer or the filter does not exist, or the model has no convolution.

    Examples
    --------
    >>> lab = FilterBrowser("digits", layer="conv1")
    >>> lab
    FilterBrowser('digits', conv1, by smoothness, filter 4)
    >>> lab.close()
    """

    model_traits = ("layer", "unit")

    order = traitlets.Enum(ORDERS, default_value="smoothness")
    """What the filters are sorted by, largest first; by number, from 0."""

    unit = WholeNumber(None, allow_none=True, min=0)
    """The filter that is shown large; None: the first in order."""

    def __init__(self, model: Any = None, **options: Any) -> None:
        super().__init__(model, **options)
        self._kept = KeptChoices(self, ("unit",))
        self._make()
        self.open_model()
        self.refresh()
        self.observe(self._on_state, ["layer", "order", "unit"])

    # What can be read from code

    @property
    def filters(self) -> Filters:
        """The filters of the layer that is shown."""
        return self._filters

    @property
    def ranking(self) -> NDArray[np.intp]:
        """Numbers of the filters in the order of the tiles; all of them."""
        if self.order == "number":
            return np.arange(len(self._filters.kernels))
        values = self._filters.smoothness if self.order == "smoothness" else self._filters.norms
        return np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")

    @property
    def shown(self) -> int:
        """Number of the filter that is shown large."""
        return int(self.ranking[0]) if self.unit is None else int(self.unit)

    def figure(self) -> Figure:
        """Return the first filters in order as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            Up to 24 filters, the first of the chosen order, with the number that orders them.
        """
        first = self.ranking[:24]
        return visualization_figure(
            self._filters.pictures()[first], [str(one) for one in first], self._values()[first], self._subject()
        )

    def numbers(self) -> list[dict[str, Any]]:
        """Return smoothness and norm of every filter of the layer.

        Returns
        -------
        list of dict
            A row for each number, with the columns of `Lab.to_dataframe`: ``series`` is the measure, ``x`` the filter.
        """
        measures = {"smoothness": self._filters.smoothness, "norm": self._filters.norms}
        return [
            numbered(self._filters.layer, name, place, float(value))
            for name, values in measures.items()
            for place, value in enumerate(values)
        ]

    def describe(self) -> str:
        """Return what is shown.

        Returns
        -------
        str
            The layer, and what is known of the shown filter. In the language of the lab.
        """
        return f"{self._subject()}: {self._note(self.shown)}"

    def __repr__(self) -> str:
        """Model, layer, order and filter."""
        return f"FilterBrowser({self.model.name!r}, {self._filters.layer}, by {self.order}, filter {self.shown})"

    # Making

    def _make(self) -> None:
        self.layer_menu = menu(self.text("layer"))
        self.order_menu = menu(self.text("order"), [(self.text(f"order_{one}"), one) for one in ORDERS], self.order)
        self.grid = TileGrid(side=TILE, lines=1, per_page=_PAGE, language=self.language)
        self.grid.layout.flex, self.grid.layout.width = "1 1 560px", "auto"
        self.canvas = PictureCanvas(size=_PANEL, legend=False, readout=False, language=self.language)
        self.arrange(
            row([self.layer_menu, self.order_menu], align_items="center", grid_gap="4px 12px"),
            self._error_panel,
            row([self.canvas, self.grid], align_items="flex-start", grid_gap="0 16px"),
        )
        self.layer_menu.observe(lambda change: self._on_layer(change["new"]), "value")
        self.order_menu.observe(lambda change: self.take("order", change["new"]), "value")
        self.grid.observe(lambda change: self.take("unit", int(change["new"]) if change["new"] else None), "selected")

    def _on_layer(self, layer: str | None) -> None:
        if self._painting or layer is None:
            return
        self._kept.leave(self._filters.layer)
        with self.hold_trait_notifications():  # the filter before may not exist there
            self.unit = self._kept.of(layer)["unit"]
            self.layer = layer

    def open_model(self) -> None:
        """Read the convolutions of the model."""
        self._layers = convolutions(self.model)
        self._kept.forget()

    def _on_state(self, _change: object) -> None:
        if not self._painting:
            self.refresh()

    # Painting

    def ask_worker(self) -> None:
        """Show the filters of the layer, in order.

        Raises
        ------
        ValueError
            If the layer or the filter does not exist.
        """
        layers = self._layers
        self._filters = filters(self.model, chosen_layer(self.layer, layers, layers[0]))
        count = len(self._filters.kernels)
        if self.shown >= count:
            raise ValueError(f"{self._filters.layer!r} has the filters 0 to {count - 1}, not {self.unit}")
        ranking, pictures, values = self.ranking, self._filters.pictures(), self._values()
        with self.painting():
            self.layer_menu.options, self.layer_menu.value = layer_options(layers), self._filters.layer
            self.order_menu.value = self.order
            labels = {str(n): self._label(n, values[n]) for n in ranking}
            self.grid.set_tiles(list(labels), labels, picture=lambda key: tile(as_pixels(pictures[int(key)])))
            self.grid.selected = str(self.shown)
            self.grid.alt = self.text("filters_alt", count=count, layer=self._filters.layer)
        self.canvas.set_picture(as_pixels(pictures[self.shown]))
        self.canvas.title = self.text("filter", number=self.shown)
        self.canvas.caption = self._note(self.shown)
        self.canvas.alt = self.describe()
        self.show_recipe(self._legend())

    def _values(self) -> NDArray[np.float64]:
        return self._filters.norms if self.order == "norm" else self._filters.smoothness

    def _label(self, place: int, value: float) -> str:
        known = "–" if np.isnan(value) else decimal(float(value), 2, self.language)
        return f"{place} · {known}"

    def _note(self, place: int) -> str:
        smooth, norm = float(self._filters.smoothness[place]), float(self._filters.norms[place])
        known = "–" if np.isnan(smooth) else decimal(smooth, 2, self.language)
        return self.text("filter_note", smoothness=known, norm=decimal(norm, 2, self.language))

    def _legend(self) -> str:
        colours = self._filters.kernels.shape[-1] == 3
        kind = self.text("filters_colour" if colours else "filters_pattern")
        return f"{self._subject()} · {self.text('filters_count', count=len(self._filters.kernels))} · {kind}"

    def _subject(self) -> str:
        return self.text("filters_of", layer=self._filters.layer, model=self.model.name)
