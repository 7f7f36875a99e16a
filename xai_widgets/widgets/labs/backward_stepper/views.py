"""What the backward stepper shows: the matrices of the way forward, and those of the way back by each rule."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.widgets.base.views import Views, row
from xai_widgets.widgets.components import Matrix, Slider
from xai_widgets.widgets.components.matrix_views import cells_of, label, number_text, sign, status
from xai_widgets.widgets.labs.backward_stepper.session import PLACES, RULES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xai_widgets.widgets.labs.backward_stepper.session import Passes

STEPS = ("x", "z", "a", "score", "back_a", "back_z", "back_x")
_GRADIENTS = RULES[:3]  # signals in one unit, drawn on one scale; relevance is in another


class StepperViews(Views):
    """The lab's widgets, and how the numbers of both passes are painted on them.

    Parameters
    ----------
    numbers : mapping of str to matrix
        Picture, filter and weights.
    step : int
        Where the slider stands at first.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "backward"

    def __init__(self, numbers: Mapping[str, Any], step: int, language: str) -> None:
        super().__init__(language)
        last = len(STEPS) - 1
        self.slider = Slider(
            label=self.text("step"),
            value=step,
            max=last,
            step=1,
            digits=0,
            ticks=list(range(last + 1)),
            plays=True,
            language=language,
        )
        wide = widgets.Layout(width="auto")
        self.reset_button = widgets.Button(description=self.text("reset"), tooltip=self.text("reset_help"), layout=wide)
        self.opposite_button = widgets.Button(description="w → −w", tooltip=self.text("opposite_help"), layout=wide)
        self.words = widgets.HTML(layout=widgets.Layout(height="42px", overflow="hidden", flex="1 1 420px"))
        self.score = widgets.HTML(layout=widgets.Layout(align_self="center"))
        self.given = {
            name: Matrix(values=numbers[name], title=self.text(f"title_{name}"), editable=True, language=language)
            for name in SHAPES
        }
        blank = np.zeros(SHAPES["weights"])
        self.made = {
            name: Matrix(values=blank, title=self.text(f"title_{name}"), language=language) for name in ("z", "a")
        }
        self.back = {rule: {place: self._back_matrix(rule, place) for place in PLACES} for rule in RULES}

    def _back_matrix(self, rule: str, place: str) -> Matrix:
        return Matrix(
            values=np.zeros(SHAPES["picture"] if place == "x" else SHAPES["weights"]),
            alt=f"{self.text(rule)}, {self.text(f'title_back_{place}')}",
            language=self.language,
        )

    @property
    def places(self) -> list[tuple[Matrix, str]]:
        """Each matrix whose cells lie over the picture (x) or over the map (z)."""
        given, made = self.given, self.made
        found = [(given["picture"], "x"), (made["z"], "z"), (made["a"], "z"), (given["weights"], "z")]
        found += [(one, "x" if place == "x" else "z") for rule in RULES for place, one in self.back[rule].items()]
        return found

    def rows(self) -> tuple[tuple[widgets.Widget, ...], tuple[widgets.Widget, ...]]:
        """Arrange the controls, and what follows them, from top to bottom."""
        given, made = self.given, self.made
        forward: list[widgets.Widget] = [given["picture"], sign("\N{ASTERISK OPERATOR}"), given["filter"], sign("=")]
        forward += [made["z"], sign("→"), made["a"], sign("·"), given["weights"], sign("="), self.score]
        buttons = [self.words, self.reset_button, self.opposite_button]
        return (
            (self.slider, row(buttons, grid_gap="4px 8px")),
            (row(forward, align_items="center", grid_gap="0 4px"), self._table()),
        )

    def _table(self) -> widgets.GridBox:
        """Lay the rules side by side, the places one under the other: the walk back goes down."""
        cells: list[widgets.Widget] = [widgets.HTML(), *(widgets.HTML(self._heading(rule)) for rule in RULES)]
        for place in PLACES:
            cells += [label(self.text(f"title_back_{place}")), *(self.back[rule][place] for rule in RULES)]
        layout = widgets.Layout(
            grid_template_columns=f"56px repeat({len(RULES)}, minmax(170px, 1fr))",
            grid_gap="2px 12px",
            align_items="center",
            overflow="auto hidden",
        )
        return widgets.GridBox(cells, layout=layout).add_class("xw-by-rule")

    def _heading(self, rule: str) -> str:
        name, formula = html.escape(self.text(rule)), html.escape(self.text(f"formula_{rule}"))
        small = "font-size:12px;color:var(--jp-ui-font-color2,#595959)"
        return f'<div style="line-height:17px"><b>{name}</b><br><span style="{small}">{formula}</span></div>'

    # Painting

    def show_passes(self, passes: Passes) -> None:
        """Write the numbers of both passes."""
        self.made["z"].values, self.made["a"].values = passes.z, passes.a
        for rule in RULES:
            for place, matrix in self.back[rule].items():
                with matrix.hold_sync():
                    matrix.values = passes.back[rule][place]
                    matrix.limit = limit(passes, rule, place)
                    matrix.crossed = cells_of(passes.stopped(rule)) if place == "z" else ()

    def show_reached(self, passes: Passes | None, step: int) -> None:
        """Show the matrices that the walk has reached, and the score once it is there."""
        reached = STEPS[: step + 1] if passes else ()
        for name, matrix in self.made.items():
            matrix.shown = name in reached
        for rule in RULES:
            for place, matrix in self.back[rule].items():
                matrix.shown = f"back_{place}" in reached
        score = self.number(passes.score) if passes and "score" in reached else ""
        style = "font-size:15px;font-weight:600;min-width:52px;line-height:1.3"
        name = html.escape(self.text("score"))
        self.score.value = f'<div style="{style}">{name}<br>{score}&nbsp;</div>'

    def frame(self, over_picture: tuple[Any, ...], over_map: tuple[Any, ...]) -> None:
        """Frame cells in all matrices that lie over the picture, and in all that lie over the map."""
        for matrix, where in self.places:
            matrix.outlined = over_picture if where == "x" else over_map

    def leave_cells(self) -> None:
        """Take all frames away."""
        for matrix, _ in self.places:
            matrix.set_trait("selected", None)
            matrix.outlined = ()

    def show_words(self, text: str) -> None:
        """Write the line that says what is seen."""
        self.words.value = status(text)

    def number(self, value: float) -> str:
        """Return a number as the matrices write it."""
        return number_text(value, self.language)


def limit(passes: Passes, rule: str, place: str) -> float:
    """Return the size of a number of the deepest colour: one for the three gradients."""
    compared = _GRADIENTS if rule in _GRADIENTS else (rule,)
    return max(float(np.abs(passes.back[one][place]).max()) for one in compared)
