"""`BackwardStepper`: one ReLU network, forward and back step by step, by four rules at once."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.matrices import matrices_figure
from xai_widgets.widgets.backward_session import (
    FILTER,
    PICTURE,
    PLACES,
    RULES,
    SHAPES,
    WEIGHTS,
    Passes,
    ReluNet,
)
from xai_widgets.widgets.components import Matrix, Slider
from xai_widgets.widgets.components.matrix import Numbers
from xai_widgets.widgets.lab import Lab
from xai_widgets.widgets.matrix_views import cells_of, label, number_text, row, sign, status

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job

STEPS = ("x", "z", "a", "score", "back_a", "back_z", "back_x")
_GRADIENTS = RULES[:3]  # signals in one unit, drawn on one scale; relevance is in another


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
    all convolutional net, figure 1: the three rules and their matrices.

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

    step = traitlets.Int(len(STEPS) - 1, min=0, max=len(STEPS) - 1)
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
        self._make_controls()
        self._make_matrices()
        self._lay_out()
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
        """The numbers on screen: ``.z``, ``.a``, ``.score``, and ``.back["gradient"]["x"]`` for each rule and place."""
        if self._passes is None:
            self.wait()
        if self._passes is None:
            raise RuntimeError("nothing is computed yet")
        return self._passes

    def figure(self) -> Figure:
        """Return the matrices of both passes, whatever the step, as a matplotlib figure."""
        passes = self.passes
        given = [(self.text(f"title_{name}"), np.asarray(getattr(self, name)), 0.0) for name in SHAPES]
        made = [(self.text(f"title_{name}"), getattr(passes, name), 0.0) for name in ("z", "a")]
        rows = [[*given[:2], *made, given[2]]]
        for place in PLACES:
            named = [(f"{self.text(rule)} · {self.text(f'title_back_{place}')}", rule) for rule in RULES]
            rows.append([(title, passes.back[rule][place], self._limit(passes, rule, place)) for title, rule in named])
        return matrices_figure(rows, self.text("caption", score=self._number(passes.score)))

    def describe(self) -> str:
        """Return the score, and what each rule brings back to the picture."""
        passes = self.passes
        found = [
            self.text(
                "alt_rule",
                rule=self.text(rule),
                sum=self._number(float(passes.back[rule]["x"].sum())),
                stopped=int(passes.stopped(rule).sum()),
            )
            for rule in RULES
        ]
        return " ".join([self.text("alt_score", score=self._number(passes.score)), *found])

    def __repr__(self) -> str:
        """Step."""
        return f"BackwardStepper(step={self.step})"

    # Making

    def _make_controls(self) -> None:
        last = len(STEPS) - 1
        self.slider = Slider(
            label=self.text("step"), value=self.step, max=last, step=1, digits=0, ticks=list(range(last + 1)),
            language=self.language,
        )  # fmt: skip
        wide = widgets.Layout(width="auto", height="34px")
        self.reset_button = widgets.Button(description=self.text("reset"), tooltip=self.text("reset_help"), layout=wide)
        self.opposite_button = widgets.Button(description="w → −w", tooltip=self.text("opposite_help"), layout=wide)
        self.words = widgets.HTML(layout=widgets.Layout(height="42px", overflow="hidden", flex="1 1 420px"))
        self.score = widgets.HTML(layout=widgets.Layout(align_self="center"))

    def _make_matrices(self) -> None:
        shared: dict[str, Any] = {"language": self.language}
        self.given = {
            name: Matrix(values=getattr(self, name), title=self.text(f"title_{name}"), editable=True, **shared)
            for name in SHAPES
        }
        blank = np.zeros(SHAPES["weights"])
        self.made = {name: Matrix(values=blank, title=self.text(f"title_{name}"), **shared) for name in ("z", "a")}
        self.back = {rule: {place: self._back_matrix(rule, place) for place in PLACES} for rule in RULES}

    def _back_matrix(self, rule: str, place: str) -> Matrix:
        return Matrix(
            values=np.zeros(SHAPES["picture"] if place == "x" else SHAPES["weights"]),
            alt=f"{self.text(rule)}, {self.text(f'title_back_{place}')}",
            language=self.language,
        )

    def _lay_out(self) -> None:
        given, made = self.given, self.made
        forward: list[widgets.Widget] = [
            given["picture"],
            sign("\N{ASTERISK OPERATOR}"),
            given["filter"],
            sign("="),
            made["z"],
        ]
        forward += [sign("→"), made["a"], sign("·"), given["weights"], sign("="), self.score]
        self.children = (
            self.slider,
            row([self.words, self.reset_button, self.opposite_button], grid_gap="4px 8px"),
            self._error_panel,
            row(forward, align_items="center", grid_gap="0 4px"),
            self._table(),
            self._recipe_line,
        )

    def _table(self) -> widgets.GridBox:
        """Lay the rules side by side, the places one under the other: the walk back goes down."""
        cells: list[widgets.Widget] = [widgets.HTML(), *(widgets.HTML(self._heading(rule)) for rule in RULES)]
        for place in PLACES:
            cells += [label(self.text(f"title_back_{place}")), *(self.back[rule][place] for rule in RULES)]
        layout = widgets.Layout(
            grid_template_columns=f"56px repeat({len(RULES)}, minmax(170px, 1fr))",
            grid_gap="4px 12px",
            align_items="center",
            overflow="auto hidden",
        )
        return widgets.GridBox(cells, layout=layout)

    def _heading(self, rule: str) -> str:
        name, formula = html.escape(self.text(rule)), html.escape(self.text(f"formula_{rule}"))
        small = "font-size:12px;color:var(--jp-ui-font-color2,#595959)"
        return f'<div style="line-height:17px"><b>{name}</b><br><span style="{small}">{formula}</span></div>'

    def _listen(self) -> None:
        traitlets.link((self, "step"), (self.slider, "value"), transform=(float, round))
        for name, matrix in self.given.items():
            traitlets.link((self, name), (matrix, "values"))
        self.reset_button.on_click(lambda _button: self._reset())
        self.opposite_button.on_click(lambda _button: self._turn_round())
        self.observe(lambda _change: self._refresh(), list(SHAPES))
        self.observe(lambda _change: self._leave_unit(), "step")
        self.slider.observe(lambda _change: self.stop(), "escapes")
        for matrix, place in self._places():
            matrix.observe(lambda change, place=place: self._on_cell(change["new"], place), "selected")

    def _places(self) -> list[tuple[Matrix, str]]:
        """Return each matrix whose cells lie over the picture (x) or over the map (z)."""
        given, made = self.given, self.made
        found = [(given["picture"], "x"), (made["z"], "z"), (made["a"], "z"), (given["weights"], "z")]
        found += [(one, "x" if place == "x" else "z") for rule in RULES for place, one in self.back[rule].items()]
        return found

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
        self.made["z"].values, self.made["a"].values = passes.z, passes.a
        for rule in RULES:
            for place, matrix in self.back[rule].items():
                with matrix.hold_sync():
                    matrix.values = passes.back[rule][place]
                    matrix.limit = self._limit(passes, rule, place)
                    matrix.crossed = cells_of(passes.stopped(rule)) if place == "z" else ()
        self.show_recipe(self.text("recipe", error=decimal(passes.lrp_error, 3, self.language)))
        self._show_step()

    def _limit(self, passes: Passes, rule: str, place: str) -> float:
        """Return the size of a number of the deepest colour: one for the three gradients."""
        compared = _GRADIENTS if rule in _GRADIENTS else (rule,)
        return max(float(np.abs(passes.back[one][place]).max()) for one in compared)

    def _show_step(self) -> None:
        """Show what the walk has reached, and say what its last step did."""
        passes = self._passes
        reached = STEPS[: self.step + 1] if passes else ()
        for name, matrix in self.made.items():
            matrix.shown = name in reached
        for rule in RULES:
            for place, matrix in self.back[rule].items():
                matrix.shown = f"back_{place}" in reached
        score = self._number(passes.score) if passes and "score" in reached else ""
        style = "font-size:15px;font-weight:600;min-width:52px;line-height:1.3"
        name = html.escape(self.text("score"))
        self.score.value = f'<div style="{style}">{name}<br>{score}&nbsp;</div>'
        if passes and self._unit is not None and self.step >= STEPS.index("back_z"):
            self._say(self._read(passes, self._unit))
        else:
            self._say(self.text(f"step_{STEPS[self.step]}"))

    def _leave_unit(self) -> None:
        """Take the frames away, and say what the step did."""
        self._unit = None
        for matrix, _ in self._places():
            matrix.set_trait("selected", None)
            matrix.outlined = ()
        self._show_step()

    def _say(self, text: str) -> None:
        self.words.value = status(text)

    def _on_cell(self, cell: tuple[int, int] | None, place: str) -> None:
        """Frame a cell, what it is made of and what it makes, and read the numbers there."""
        if cell is None or self._passes is None:
            return
        over_map = (cell,) if place == "z" else tuple(c for c in np.ndindex(SHAPES["weights"]) if _sees(c, cell))
        over_picture = tuple(p for p in np.ndindex(SHAPES["picture"]) if _sees(cell, p)) if place == "z" else (cell,)
        for matrix, where in self._places():
            matrix.outlined = over_picture if where == "x" else over_map
        self._unit = cell if place == "z" else None
        self._show_step()

    def _read(self, passes: Passes, cell: tuple[int, int]) -> str:
        """Say what one unit does to the signals."""
        numbers = {rule: self._number(float(passes.back[rule]["z"][cell])) for rule in RULES}
        on = "on" if passes.z[cell] > 0 else "off"
        return self.text(
            f"unit_{on}",
            z=self._number(float(passes.z[cell])),
            arrives=self._number(float(passes.back["gradient"]["a"][cell])),
            **numbers,
        )

    def _number(self, value: float) -> str:
        return number_text(value, self.language)


def _sees(unit: tuple[int, ...], pixel: tuple[int, ...]) -> bool:
    """Tell whether a unit's filter lies over a pixel."""
    return all(0 <= p - u < size for u, p, size in zip(unit, pixel, SHAPES["filter"], strict=True))
