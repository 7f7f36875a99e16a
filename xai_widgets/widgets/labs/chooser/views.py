"""What the method chooser shows: the questions, a small map for each method, and the card of the chosen one."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.registry import METHODS
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.method_panel import flat_note, method_name, place_of
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.components import Heatmap, PictureCanvas
from xai_widgets.widgets.components.tile_grid import TileGrid
from xai_widgets.widgets.labs.chooser.session import QUESTIONS

if TYPE_CHECKING:
    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.base.explanation_session import Explained
    from xai_widgets.widgets.labs.chooser.session import ChooserSession, ChooserState, Question

_SIDE = 64  # of a small map, in CSS pixels
_SIZE = 216  # of the chosen one
_COLOUR = "color:var(--jp-ui-font-color1,#1f1f1f)"


class ChooserViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "chooser"

    def __init__(self, controls: ClassControls, language: str) -> None:
        super().__init__(controls, language)
        self.menus = {question.name: self._menu_of(question) for question in QUESTIONS}
        self.again_button = widgets.Button(description=self.text("again"), layout=widgets.Layout(width="auto"))
        self.grid = TileGrid(side=_SIDE, alt=self.text("grid"), language=language)
        self.canvas = PictureCanvas(size=_SIZE, readout=False, language=language)
        self.count_line, self.card = widgets.HTML(), widgets.HTML(layout=widgets.Layout(min_height="116px"))
        self.bars.count = 2
        self.bars.layout.flex, self.bars.layout.width = "0 0 auto", "100%"

    def _menu_of(self, question: Question) -> widgets.Dropdown:
        options = [(self.text(f"{question.name}_{answer}"), answer) for answer in question.answers]
        asked = menu(self.text(f"{question.name}_question"), options)
        asked.layout.max_width = "none"
        return asked

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return self.grid, self.canvas

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        left = widgets.VBox([self.grid, self.bars], layout=widgets.Layout(flex="1 1 560px", overflow="visible"))
        chosen = widgets.VBox([self.canvas, self.card], layout=widgets.Layout(flex="0 1 264px", overflow="visible"))
        questions = widgets.Layout(grid_template_columns="repeat(auto-fit, minmax(290px, 1fr))", grid_gap="2px 14px")
        centred: dict[str, Any] = {"align_items": "center", "grid_gap": "4px 12px"}
        return (
            row([self.picture_menu, self.upload, self.again_button, self.count_line], **centred),
            widgets.GridBox(list(self.menus.values()), layout=questions),
            row([left, chosen], align_items="flex-start", grid_gap="4px 16px"),
        )

    # Answers

    def show_session(self, session: ChooserSession) -> None:
        """Show a picture that was just opened."""
        self.canvas.set_picture(session.picture)

    def show_method(self, method: str, state: ChooserState) -> None:
        """Show the map of a method that was just tried, or that it does not fit the model."""
        if method in state.found:
            self.grid.set_picture(method, state.thumbnail(method, _SIDE))
        else:
            self.show_tiles(state)
        if method == state.selected:
            self.show_card(state)

    def show_tiles(self, state: ChooserState) -> None:
        """Show which methods remain."""
        labels = {name: method_name(name, self.language) for name in state.offered}
        out = {name: why for name in state.offered if (why := self._reason(name, state))}
        self.grid.set_tiles(list(state.offered), labels, out)
        line = html.escape(self.count(state))
        self.count_line.value = f'<div role="status" style="{_COLOUR};font-weight:600">{line}</div>'
        self.show_card(state)

    def show_card(self, state: ChooserState) -> None:
        """Show the chosen method: its map, who described it, what it takes."""
        name, found = state.selected, state.found.get(state.selected)
        self.grid.selected = name
        with self.canvas.hold_sync():
            self.canvas.title = method_name(name, self.language)
            self.canvas.layers = () if found is None else (self._heatmap(found, state),)
            self.canvas.caption = "" if found is None else flat_note(found.heatmap, self.language)
            self.canvas.alt = self._alt(found, state)
        why = self._reason(name, state)
        verdict = self.text("out", why=why) if why else self.text("in")
        body = "".join(f"<div>{html.escape(line)}</div>" for line in self._facts(found, state) if line)
        style = f"{_COLOUR};font-size:12px;line-height:16px;max-width:264px"
        self.card.value = f'<div style="{style}"><div><b>{html.escape(verdict)}</b></div>{body}</div>'

    def _facts(self, found: Explained | None, state: ChooserState) -> tuple[str, ...]:
        """Return the lines of the card: the paper, the cost, the time, and why the model does not fit."""
        method = METHODS[state.selected]
        takes = self.text("takes", passes=method.cost.in_words(self.language))
        return method.paper, takes, self._time(found, state), state.refused.get(method.name, "")

    def _heatmap(self, found: Explained, state: ChooserState) -> Heatmap:
        coarse = found.heatmap.shape[0] < state.session.picture.shape[0]
        name = message("attribution.legend", self.language, label=state.label)
        return Heatmap(found.heatmap, name, signed=found.signed, smooth=coarse)

    # Words

    def count(self, state: ChooserState) -> str:
        """Return how many methods remain, of how many."""
        return self.text("count", left=len(state.remaining), total=len(state.offered))

    def describe(self, state: ChooserState) -> str:
        """Return how many methods remain, and their names."""
        names = ", ".join(method_name(name, self.language) for name in state.remaining)
        return f"{self.count(state)} {names}"

    def _reason(self, method: str, state: ChooserState) -> str:
        """Return in words why a method is ruled out; nothing if it remains."""
        reason = state.reason(method)
        return self.text(reason if reason == "refused" else f"{reason}_out") if reason else ""

    def _time(self, found: Explained | None, state: ChooserState) -> str:
        if found is None:
            return ""
        options = ", ".join(f"{key}={value}" for key, value in METHODS[state.selected].quick.items())
        seconds = self.text("seconds", seconds=decimal(found.seconds, 2, self.language))
        return f"{seconds} ({options})" if options else seconds

    def _alt(self, found: Explained | None, state: ChooserState) -> str:
        if found is None:
            return self.text("alt_picture")
        if note := flat_note(found.heatmap, self.language):
            return f"{method_name(state.selected, self.language)}: {note}"
        place = place_of(np.asarray(found.heatmap), self.language)
        fields = {"method": method_name(state.selected, self.language), "label": state.label, "place": place}
        return message("attribution.alt_map", self.language, **fields)
