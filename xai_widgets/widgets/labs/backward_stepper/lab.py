"""`BackwardStepper`: one ReLU network, forward and back step by step, by four rules at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.matrix_figures import matrices_figure
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.components.matrix import Numbers
from xai_widgets.widgets.labs.backward_stepper.session import (
    FILTER,
    PICTURE,
    PLACES,
    RULES,
    SHAPES,
    WEIGHTS,
    Passes,
    ReluNet,
)
from xai_widgets.widgets.labs.backward_stepper.views import STEPS, StepperViews, limit

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job


class BackwardStepper(Lab):
    """Walk through a ReLU network forward and back: gradient, deconvolution, guided backpropagation and LRP.

    A picture is convolved, rectified and weighed; its score is carried back by four rules, side by side. All numbers
    come from the package's methods, run on a Keras model. A changed cell runs through at once; a click on a cell frames
    what it is made of and what it makes.

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

    References
    ----------
    Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller (2015), Striving for simplicity: the
    all convolutional net, arXiv:1412.6806, figure 1: the three rules and their matrices.

    Examples
    --------
    >>> lab = BackwardStepper(step=5)
    >>> lab.wait()
    True
    >>> lab.passes.back["deconvolution"]["z"].tolist()
    [[0.0, 3.0, 0.0], [6.0, 0.0, 1.0], [2.0, 0.0, 3.0]]
    >>> lab.close()
    """

    area = "backward"

    step = WholeNumber(len(STEPS) - 1, min=0, max=len(STEPS) - 1)
    """How far the walk has come: 0 the picture, 1 to 3 forward, 4 to 6 back."""

    picture = Numbers(PICTURE)
    """What goes in, shape (4, 4)."""

    filter = Numbers(FILTER)
    """The weights of the convolution, shape (2, 2)."""

    weights = Numbers(WEIGHTS)
    """The weights of the score, shape (3, 3)."""

    def __init__(self, **options: Any) -> None:
        self._passes: Passes | None = None
        self._unit: tuple[int, int] | None = None  # the cell of the map that the reader looks at
        super().__init__(**options)
        self._net = ReluNet()
        self._make()
        self._listen()
        self._show_step()
        self._refresh()

    # What can be read from code

    @property
    def model(self) -> keras.Model:
        """The Keras model, with the weights last computed with."""
        return self._net.model

    @property
    def passes(self) -> Passes:
        """The numbers on screen: ``.z``, ``.a``, ``.score``, and ``.back["gradient"]["x"]`` for each rule and place.

        Raises
        ------
        RuntimeError
            If nothing was computed, since the last computation failed or took more than 60 seconds.
        """
        if self._passes is None:
            self.wait()
        if self._passes is None:
            raise RuntimeError("nothing is computed yet")
        return self._passes

    def figure(self) -> Figure:
        """Return the matrices of both passes, whatever the step, as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The matrices that were given and those of the forward pass in one row, then a row for each place that
            the backward pass comes to, with one matrix for each rule.
        """
        passes = self.passes
        given = [(self.text(f"title_{name}"), np.asarray(getattr(self, name)), 0.0) for name in SHAPES]
        made = [(self.text(f"title_{name}"), getattr(passes, name), 0.0) for name in ("z", "a")]
        rows = [[*given[:2], *made, given[2]]]
        for place in PLACES:
            named = [(f"{self.text(rule)} · {self.text(f'title_back_{place}')}", rule) for rule in RULES]
            rows.append([(title, passes.back[rule][place], limit(passes, rule, place)) for title, rule in named])
        return matrices_figure(rows, self.text("caption", score=self.views.number(passes.score)))

    def describe(self) -> str:
        """Return the score, and what each rule brings back to the picture.

        Returns
        -------
        str
            The score, and for each rule the sum of what comes back to the picture and how many values were stopped.
            In the language of the lab.
        """
        passes = self.passes
        found = [
            self.text(
                "alt_rule",
                rule=self.text(rule),
                sum=self.views.number(float(passes.back[rule]["x"].sum())),
                stopped=int(passes.stopped(rule).sum()),
            )
            for rule in RULES
        ]
        return " ".join([self.text("alt_score", score=self.views.number(passes.score)), *found])

    def __repr__(self) -> str:
        """Step."""
        return f"BackwardStepper(step={self.step})"

    # Making

    def _make(self) -> None:
        numbers = {name: getattr(self, name) for name in SHAPES}
        self.views = views = StepperViews(numbers, self.step, self.language)
        self.given, self.made, self.back = views.given, views.made, views.back
        self.slider, self.words, self.score = views.slider, views.words, views.score
        self.reset_button, self.opposite_button = views.reset_button, views.opposite_button
        controls, rest = views.rows()
        self.arrange(*controls, self._error_panel, *rest)

    def _listen(self) -> None:
        traitlets.link((self, "step"), (self.slider, "value"), transform=(float, round))
        for name, matrix in self.given.items():
            traitlets.link((self, name), (matrix, "values"))
        self.reset_button.on_click(lambda _button: self._reset())
        self.opposite_button.on_click(lambda _button: self._turn_round())
        self.observe(lambda _change: self._refresh(), list(SHAPES))
        self.observe(lambda _change: self._leave_unit(), "step")
        self.slider.observe(lambda _change: self.stop(), "escapes")
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

    def _turn_round(self) -> None:
        """Explain the opposite of the score: what speaks against it."""
        self.weights = 0.0 - np.asarray(self.weights)

    def _refresh(self) -> None:
        """Ask the worker for both passes."""
        numbers = self.picture, self.filter, self.weights

        def work(job: Job) -> None:
            passes = self._net.run(*numbers)
            job.show(lambda: self._paint(passes))

        self.compute(work)

    def _paint(self, passes: Passes) -> None:
        self._passes = passes
        self.views.show_passes(passes)
        self.show_recipe(self.text("recipe", error=decimal(passes.lrp_error, 3, self.language)))
        self._show_step()

    def _show_step(self) -> None:
        """Show what the walk has reached, and say what its last step did."""
        passes = self._passes
        self.views.show_reached(passes, self.step)
        if passes and self._unit is not None and self.step >= STEPS.index("back_z"):
            self.views.show_words(self._read(passes, self._unit))
        else:
            self.views.show_words(self.text(f"step_{STEPS[self.step]}"))

    def _leave_unit(self) -> None:
        """Take the frames away, and say what the step did."""
        self._unit = None
        self.views.leave_cells()
        self._show_step()

    def _on_cell(self, cell: tuple[int, int] | None, place: str) -> None:
        """Frame a cell, what it is made of and what it makes, and read the numbers there."""
        if cell is None or self._passes is None:
            return
        over_map = (cell,) if place == "z" else tuple(c for c in np.ndindex(SHAPES["weights"]) if _sees(c, cell))
        over_picture = tuple(p for p in np.ndindex(SHAPES["picture"]) if _sees(cell, p)) if place == "z" else (cell,)
        self.views.frame(over_picture, over_map)
        self._unit = cell if place == "z" else None
        self._show_step()

    def _read(self, passes: Passes, cell: tuple[int, int]) -> str:
        """Say what one unit does to the signals."""
        numbers = {rule: self.views.number(float(passes.back[rule]["z"][cell])) for rule in RULES}
        on = "on" if passes.z[cell] > 0 else "off"
        return self.text(
            f"unit_{on}",
            z=self.views.number(float(passes.z[cell])),
            arrives=self.views.number(float(passes.back["gradient"]["a"][cell])),
            **numbers,
        )


def _sees(unit: tuple[int, ...], pixel: tuple[int, ...]) -> bool:
    """Tell whether a unit's filter lies over a pixel."""
    return all(0 <= p - u < size for u, p, size in zip(unit, pixel, SHAPES["filter"], strict=True))
