"""What the convolution lab shows: the matrices of the way forward, and under them those of the way back."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.widgets.base.views import Views
from xai_widgets.widgets.components import Matrix
from xai_widgets.widgets.components.matrix_views import cells_of, label, number_text, sign, status
from xai_widgets.widgets.labs.convolution.session import PLACES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xai_widgets.widgets.labs.convolution.session import Flow

Cell = tuple[int, int]


class ConvolutionViews(Views):
    """The lab's widgets, and how the numbers of both passes are painted on them.

    Parameters
    ----------
    numbers : mapping of str to matrix
        Picture, filter and weights.
    backward : bool
        Whether the way back is shown at first.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "convolution"

    def __init__(self, numbers: Mapping[str, Any], *, backward: bool, language: str) -> None:
        super().__init__(language)
        shared: dict[str, Any] = {"language": language}
        self.given = {
            name: Matrix(values=numbers[name], title=self.text(f"title_{name}"), editable=True, **shared)
            for name in SHAPES
        }
        self.made = {
            place: Matrix(values=np.zeros(PLACES[place]), title=self.text(f"title_{place}"), shown=False, **shared)
            for place in ("z", "a", "p")
        }
        self.back = {
            place: Matrix(values=np.zeros(shape), title=self.text(f"title_back_{place}"), shown=False, **shared)
            for place, shape in PLACES.items()
        }
        self.words = widgets.HTML(status(self.text("start")), layout=widgets.Layout(flex="1 1 420px", height="62px"))
        self.score = widgets.HTML()
        self.reset_button = widgets.Button(
            description=self.text("reset"),
            tooltip=self.text("reset_help"),
            layout=widgets.Layout(width="auto"),
        )
        self.backward_box = widgets.Checkbox(
            value=backward, description=self.text("backward"), indent=False, layout=widgets.Layout(width="auto")
        )

    @property
    def places(self) -> list[tuple[Matrix, str]]:
        """Each matrix with the place its cells lie over."""
        found = [(self.given["picture"], "x"), (self.given["weights"], "p")]
        return [*found, *((one, place) for table in (self.made, self.back) for place, one in table.items())]

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        given, made, back = self.given, self.made, self.back
        pooled = widgets.VBox([made["p"], given["weights"], self.score], layout=widgets.Layout(overflow="visible"))
        forward = [given["picture"], sign("\N{ASTERISK OPERATOR}"), given["filter"], sign("="), made["z"], sign("→")]
        forward += [made["a"], sign("→"), pooled]
        behind = [back["x"], sign("←"), label(self.text("through_filter")), sign("←"), back["z"], sign("←"), back["a"]]
        behind += [sign("←"), back["p"]]
        layout = widgets.Layout(
            grid_template_columns="repeat(9, max-content)",
            grid_gap="10px 5px",
            align_items="center",
            overflow="auto hidden",
        )
        controls = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 12px")
        return (
            widgets.HBox([self.words, self.backward_box, self.reset_button], layout=controls),
            widgets.GridBox([*forward, *behind], layout=layout).add_class("xw-equation"),
        )

    def show_flow(self, flow: Flow) -> None:
        """Write the numbers of both passes, and the score."""
        for place, matrix in self.made.items():
            matrix.values = flow.made[place]
        for place, matrix in self.back.items():
            with matrix.hold_sync():
                matrix.values = flow.back[place]
                matrix.crossed = cells_of((flow.back["a"] != 0) & (flow.back["z"] == 0)) if place == "z" else ()
        score = html.escape(self.text("score", score=number_text(flow.score, self.language)))
        self.score.value = f'<div style="font-size:15px;font-weight:600;white-space:nowrap">{score}</div>'

    def show_passes(self, *, forward: bool, backward: bool) -> None:
        """Show the matrices of the passes that there are."""
        for matrix in self.made.values():
            matrix.shown = forward
        for matrix in self.back.values():
            matrix.shown = backward

    def frame(self, framed: Mapping[str, tuple[Cell, ...]]) -> None:
        """Frame cells, by the place they lie over."""
        for matrix, place in self.places:
            matrix.outlined = framed[place]

    def show_words(self, text: str) -> None:
        """Write the line that says what is seen."""
        self.words.value = status(text)
