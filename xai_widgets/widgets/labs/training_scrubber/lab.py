"""`TrainingScrubber`: a recorded training run back and forth: maps, zeros, dead units, loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.units.training_recorder import Moment, TrainingRecord
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.visualization_figures import visualization_figure
from xai_widgets.widgets.base.layer_names import layer_options
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.unit_views import TILE, UnitLab, as_pixels, chosen_layer, map_pixels, tile
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.components import Curve, PictureCanvas, Slider, TileGrid

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MEASURES = ("sparsity", "dead_share", "spread")
_PANEL = 160  # CSS pixels
_PAGE = 16  # tiles: two rows beside the picture


class TrainingScrubber(UnitLab):
    """Move through a recorded training and watch the maps of a layer, and what is measured of them.

    Parameters
    ----------
    record : TrainingRecord
        From `TrainingRecorder` or `record_history`.
    **options
        Any trait below; `model` turns the pictures into colours, where it is given.

    Raises
    ------
    TypeError
        If an option does not exist, or `record` is no record.
    ValueError
        If the record is empty, or the layer, picture or moment is not in it.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods.units.training_recorder import record_history
    >>> from xai_widgets.models.zoo.training_history import load_history
    >>> cat = xai.load_model("creatures").preprocess(xai.sample_image("creature-cat"))
    >>> lab = TrainingScrubber(record_history(load_history(), cat, cat, ["conv3_1"], units=4))
    >>> lab
    TrainingScrubber(conv3_1, picture 0, after 1968 batches)
    >>> lab.close()
    """

    record = traitlets.Instance(TrainingRecord)
    """The recorded training."""

    picture = WholeNumber(0, min=0)
    """Which of the fixed pictures."""

    moment = WholeNumber(None, allow_none=True, min=0)
    """Which moment, from 0; None: the last."""

    def __init__(self, record: TrainingRecord, **options: Any) -> None:
        if not isinstance(record, TrainingRecord):
            raise TypeError(f"record must be a TrainingRecord, not {type(record).__name__}; see TrainingRecorder")
        if not record.moments:
            raise ValueError("the record holds no moment; train with the recorder as a callback first")
        super().__init__(options.pop("model", None), record=record, **options)
        self._check()
        self._make()
        self._show()
        self.observe(self._on_state, ["layer", "picture", "moment"])

    # What can be read from code

    @property
    def place(self) -> int:
        """Number of the moment that is shown."""
        return len(self.record.moments) - 1 if self.moment is None else int(self.moment)

    @property
    def shown(self) -> Moment:
        """The moment that is shown."""
        return self.record.moments[self.place]

    @property
    def shown_layer(self) -> str:
        """The layer that is shown: the last one watched, unless another was chosen."""
        return chosen_layer(self.layer, self.record.layers, self.record.layers[-1])

    @property
    def maps(self) -> NDArray[Any]:
        """The maps that are shown, (h, w, U)."""
        maps: NDArray[Any] = self.shown.maps[self.shown_layer][self.picture]
        return maps

    def figure(self) -> Figure:
        """Return the maps of the shown picture at the present moment as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            A panel for each map of the chosen layer, on one scale for all moments.
        """
        maps = [map_pixels(one, self._largest()) / 255 for one in np.moveaxis(self.maps, -1, 0)]
        return visualization_figure(np.stack(maps), [str(n) for n in range(len(maps))], caption=self.describe())

    def describe(self) -> str:
        """Return what is measured at the present moment.

        Returns
        -------
        str
            The number of batches, the loss, and for the chosen layer the share of zeros, the dead units and the
            spread. In the language of the lab.
        """
        found, layer = self.shown.statistics[self.shown_layer], self.shown_layer
        spread = "–" if np.isnan(found.spread) else percent(found.spread, self.language, digits=0)
        loss = "" if np.isnan(self.shown.loss) else decimal(self.shown.loss, 2, self.language)
        said = self.text(
            "moment_note",
            batches=self.shown.batches,
            layer=layer,
            zeros=percent(found.sparsity, self.language, digits=0),
            dead=int(found.dead.sum()),
            units=len(found.dead),
            spread=spread,
        )
        return said + self.text("moment_loss", loss=loss) if loss else said

    def __repr__(self) -> str:
        """Layer, picture and moment."""
        return f"TrainingScrubber({self.shown_layer}, picture {self.picture}, after {self.shown.batches} batches)"

    # Making

    def _check(self) -> None:
        pictures, moments = len(self.record.pictures), len(self.record.moments)
        if self.picture >= pictures or self.place >= moments:
            raise ValueError(
                f"the record holds pictures 0 to {pictures - 1} and moments 0 to {moments - 1}, "
                f"not picture {self.picture} and moment {self.place}"
            )

    def _make(self) -> None:
        pictures, last = len(self.record.pictures), len(self.record.moments) - 1
        self.layer_menu = menu(self.text("layer"), layer_options(self.record.layers), self.shown_layer)
        self.picture_menu = menu(
            self.text("picture"),
            [(self.text("picture_number", number=n + 1), n) for n in range(pictures)],
            self.picture,
        )
        self.slider = Slider(
            label=self.text("moment"),
            max=float(max(last, 1)),
            step=1.0,
            digits=0,
            value=float(self.place),
            disabled=last < 1,
            plays=True,
            language=self.language,
        )
        self.canvas = PictureCanvas(size=_PANEL, legend=False, readout=False, language=self.language)
        self.grid = TileGrid(side=TILE, lines=1, per_page=_PAGE, language=self.language)
        self.grid.layout.flex, self.grid.layout.width = "1 1 560px", "auto"
        shared: dict[str, Any] = {"movable": False, "reports": False, "chart_height": 180, "language": self.language}
        self.curve = Curve(
            title=self.text("measures"), x_label=self.text("batches"), y_unit="%", y_range=(0, 1), **shared
        )
        self.loss_curve = Curve(title=self.text("loss"), x_label=self.text("batches"), **shared)
        for chart, width in ((self.curve, "1 1 480px"), (self.loss_curve, "1 1 320px")):
            chart.layout.flex, chart.layout.width = width, "auto"
        charts = [self.curve, self.loss_curve] if np.isfinite(self.record.losses).any() else [self.curve]
        self.arrange(
            row([self.layer_menu, self.picture_menu], align_items="center", grid_gap="4px 12px"),
            self._error_panel,
            row([self.canvas, self.grid], align_items="flex-start", grid_gap="0 16px"),
            self.slider,
            row(charts, align_items="flex-start", grid_gap="0 16px"),
        )
        self.layer_menu.observe(lambda change: self.take("layer", change["new"]), "value")
        self.picture_menu.observe(lambda change: self.take("picture", change["new"]), "value")
        self.slider.observe(lambda change: self.take("moment", round(change["new"])), "value")

    def _on_state(self, _change: object) -> None:
        if not self._painting:
            self._check()
            self._show()

    # The model

    def open_model(self) -> None:
        """Show the recorded pictures as another model means them; maps and measures are those of the record.

        Raises
        ------
        ValueError
            If the model takes another number of channels.
        """
        recorded, taken = self.record.pictures.shape[-1], self.model.input_shape[-1]
        if recorded != taken:
            raise ValueError(f"{self.model.name!r} takes {taken} channels, and the record's pictures have {recorded}")

    def ask_worker(self) -> None:
        """Show the moment; there is nothing to compute."""
        self._show()

    # Painting

    def _largest(self) -> float:
        """Return the end of the scale, one for all moments and units of a layer: they are compared."""
        layer = self.shown_layer
        return max(float(moment.maps[layer].max()) for moment in self.record.moments)

    def _show(self) -> None:
        keys = [str(number) for number in range(self.maps.shape[-1])]
        found = self.shown.statistics[self.shown_layer]
        dead = {key: self.text("dead") for key, silent in zip(keys, found.dead, strict=False) if silent}
        with self.painting():
            self.layer_menu.value, self.picture_menu.value = self.shown_layer, self.picture
            self.slider.value = float(self.place)
            maps, largest = self.maps, self._largest()
            labels = {key: self.text("unit_number", number=key) for key in keys}
            self.grid.set_tiles(keys, labels, dead, lambda key: tile(map_pixels(maps[..., int(key)], largest)))
            self.grid.alt = self.text("maps_alt", layer=self.shown_layer, batches=self.shown.batches)
        shown = self.model.to_display(self.record.pictures)[self.picture]
        self.canvas.set_picture(as_pixels(shown))
        self.canvas.alt = self.text("picture_number", number=self.picture + 1)
        self._draw_curves()
        self.show_recipe(self.describe())

    def _draw_curves(self) -> None:
        batches = self.record.batches
        lines = [
            {
                "label": self.text(what),
                "values": self.record.curve(self.shown_layer, what),
                "colour": OKABE_ITO[place],
                "dash": ("", "5 4", "2 3")[place],
            }
            for place, what in enumerate(MEASURES)
        ]
        self.curve.set_data(batches, [{k: v for k, v in line.items() if len(v)} for line in lines])
        self.loss_curve.set_data(batches, {self.text("loss"): self.record.losses})
        for chart in (self.curve, self.loss_curve):
            chart.cursor, chart.alt = float(self.shown.batches), self.describe()
