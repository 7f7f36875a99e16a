"""`ConvolutionLab`: a filter slides over a picture; every number of both passes can be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.plots.matrix_figures import matrices_figure
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.components.matrix import Numbers
from xai_widgets.widgets.components.matrix_views import cells_of, number_text
from xai_widgets.widgets.labs.convolution.session import FILTER, PICTURE, PLACES, POOL, SHAPES, WEIGHTS, Flow, PoolNet
from xai_widgets.widgets.labs.convolution.views import Cell, ConvolutionViews

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job


class ConvolutionLab(Lab):
    """Convolution, ReLU, max-pooling and weights, forward and back, in numbers that can be changed.

    Below each matrix stands the derivative of the score at that place. A click on a cell frames what it is made of and
    says how; a changed cell runs through at once. All numbers come from a Keras model.

    Parameters
    ----------
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If a matrix has another shape than the one it starts with.

    Examples
    --------
    >>> lab = ConvolutionLab()
    >>> lab.wait()
    True
    >>> lab.flow.back["a"].tolist()[0]
    [1.0, 0.0, -1.0, 0.0]
    >>> lab.close()
    """

    area = "convolution"

    picture = Numbers(PICTURE)
    """What goes in, shape (5, 5)."""

    filter = Numbers(FILTER)
    """The weights of the convolution, shape (2, 2)."""

    weights = Numbers(WEIGHTS)
    """The weights of the score, shape (2, 2)."""

    backward = traitlets.Bool(default_value=True)
    """Whether the way back is shown."""

    def __init__(self, **options: Any) -> None:
        self._flow: Flow | None = None
        self._followed: tuple[str, Cell] | None = None
        super().__init__(**options)
        self._net = PoolNet()
        self._make()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def model(self) -> keras.Model:
        """The Keras model, with the weights last computed with."""
        return self._net.model

    @property
    def flow(self) -> Flow:
        """The numbers on screen: ``.made["z"]``, ``.score``, ``.back["x"]``, ``.switches``.

        Raises
        ------
        RuntimeError
            If nothing was computed, since the last computation failed or took more than 60 seconds.
        """
        if self._flow is None:
            self.wait()
        if self._flow is None:
            raise RuntimeError("nothing is computed yet")
        return self._flow

    def figure(self) -> Figure:
        """Return the matrices of both passes as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The matrices of the forward pass in the upper row, those of the backward pass in the lower one; the
            caption is the score.
        """
        flow = self.flow
        x, kernel, w = (np.asarray(getattr(self, name)) for name in SHAPES)
        forward = [("title_picture", x), ("title_filter", kernel), *((f"title_{k}", v) for k, v in flow.made.items())]
        back = [(f"title_back_{place}", flow.back[place]) for place in PLACES]
        rows = [[*forward, ("title_weights", w)], back]
        named = [[(self.text(key), values, 0.0) for key, values in one] for one in rows]
        return matrices_figure(named, self.text("score", score=number_text(flow.score, self.language)))

    def describe(self) -> str:
        """Return the score, and which units count for it.

        Returns
        -------
        str
            The score, how many units are on after the rectifier, and how many get a gradient. In the language of
            the lab.
        """
        flow = self.flow
        on, taken = int((flow.made["a"] > 0).sum()), int((flow.back["z"] != 0).sum())
        return self.text("alt", score=number_text(flow.score, self.language), on=on, taken=taken)

    def __repr__(self) -> str:
        """Whether the way back is shown."""
        return f"ConvolutionLab(backward={self.backward})"

    # Making

    def _make(self) -> None:
        numbers = {name: getattr(self, name) for name in SHAPES}
        self.views = views = ConvolutionViews(numbers, backward=self.backward, language=self.language)
        self.given, self.made, self.back = views.given, views.made, views.back
        self.words, self.score = views.words, views.score
        self.reset_button, self.backward_box = views.reset_button, views.backward_box
        controls, *rest = views.rows()
        self.arrange(controls, self._error_panel, *rest)

    def _listen(self) -> None:
        for name, matrix in self.given.items():
            traitlets.link((self, name), (matrix, "values"))
        traitlets.link((self, "backward"), (self.backward_box, "value"))
        self.reset_button.on_click(lambda _button: self._reset())
        self.observe(lambda _change: self._refresh(), list(SHAPES))
        self.observe(lambda _change: self._show(), "backward")
        for matrix, place in self.views.places:
            matrix.observe(lambda change, place=place: self._on_cell(change["new"], place), "selected")

    # State

    @traitlets.validate(*SHAPES)
    def _check_shape(self, proposal: dict[str, Any]) -> Any:
        name, shape = proposal["trait"].name, np.shape(proposal["value"])
        if shape != SHAPES[name]:
            raise traitlets.TraitError(f"{name} has shape {SHAPES[name]} in this lab, not {shape}")
        return proposal["value"]

    def _reset(self) -> None:
        """Put the slides' numbers back."""
        with self.hold_trait_notifications():
            self.picture, self.filter, self.weights = PICTURE, FILTER, WEIGHTS

    def _refresh(self) -> None:
        """Ask the worker for both passes."""
        numbers = self.picture, self.filter, self.weights

        def work(job: Job) -> None:
            flow = self._net.run(*numbers)
            job.show(lambda: self._paint(flow))

        self.compute(work)

    def _paint(self, flow: Flow) -> None:
        self._flow = flow
        self.views.show_flow(flow)
        self.show_recipe(self.text("recipe"))
        self._show()

    def _show(self) -> None:
        """Show what there is, and follow the cell that is looked at."""
        known = self._flow is not None
        self.views.show_passes(forward=known, backward=known and self.backward)
        self._follow()

    def _on_cell(self, cell: Cell | None, place: str) -> None:
        self._followed = None if cell is None else (place, cell)
        self._follow()

    def _follow(self) -> None:
        """Frame the cells that one cell is made of, and say how; without a cell, those that the pooling took."""
        flow = self._flow
        if flow is None:
            return
        framed: dict[str, tuple[Cell, ...]] = dict.fromkeys(PLACES, ())
        if self._followed is None:
            framed["a"] = cells_of(flow.switches)
        else:
            place, cell = self._followed
            framed |= _made_of(place, cell)
            self.views.show_words(self._read(flow, place, cell))
        self.views.frame(framed)

    def _read(self, flow: Flow, place: str, cell: Cell) -> str:
        """Say how a number was made, and what its derivative is."""

        def write(value: Any) -> str:
            return number_text(float(value), self.language)

        fields = {"value": write(np.asarray(self.picture)[cell] if place == "x" else flow.made[place][cell])}
        fields["derivative"] = write(flow.back[place][cell])
        if place == "z":
            fields["sum"] = self._products(cell)
        if place == "a":
            fields["z"] = write(flow.made["z"][cell])
        if place == "p":
            window = flow.made["a"][_window(cell)]
            fields["window"] = " ; ".join(write(one) for one in window.ravel())
        return self.text(f"cell_{place}", **fields)

    def _products(self, cell: Cell) -> str:
        """Write the sum of products that makes a z."""
        row, column = cell
        seen = np.asarray(self.picture)[row : row + 2, column : column + 2].ravel()
        pairs = zip(np.asarray(self.filter).ravel(), seen, strict=True)
        written = [f"({number_text(f, self.language)}) × {number_text(x, self.language)}" for f, x in pairs]
        return " + ".join(written)


def _window(cell: Cell) -> tuple[slice, slice]:
    """Return the window of the pooling that makes a p."""
    row, column = (POOL * one for one in cell)
    return slice(row, row + POOL), slice(column, column + POOL)


def _made_of(place: str, cell: Cell) -> dict[str, tuple[Cell, ...]]:
    """Return the cells, by place, that a cell is made of, itself included; of a pixel, those that it goes into."""
    if place == "x":
        above = [(cell[0] - u, cell[1] - v) for u, v in np.ndindex(SHAPES["filter"])]
        inside = tuple(one for one in above if all(0 <= place < 4 for place in one))
        return {"x": (cell,), "z": inside, "a": inside}
    units = (
        (cell,) if place != "p" else tuple((POOL * cell[0] + u, POOL * cell[1] + v) for u, v in np.ndindex(POOL, POOL))
    )
    pixels = {(row + u, column + v) for row, column in units for u, v in np.ndindex(SHAPES["filter"])}
    found: dict[str, tuple[Cell, ...]] = {"x": tuple(sorted(pixels)), "z": units}
    if place in ("a", "p"):
        found["a"] = units
    return found | ({"p": (cell,)} if place == "p" else {})
