"""The quiet bar of a lab: what its buttons do, and the view that was pinned."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

import ipywidgets as widgets

from xai_widgets.common.warning import without_doubts
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.widgets.base.lab_registry import registered_labs
from xai_widgets.widgets.base.lab_state import state_of
from xai_widgets.widgets.base.shown_numbers import as_csv
from xai_widgets.widgets.base.views import Views
from xai_widgets.widgets.components import QuietBar

if TYPE_CHECKING:
    from xai_widgets.widgets.base.lab import Lab
    from xai_widgets.widgets.base.lab_registry import LabEntry
    from xai_widgets.widgets.base.lab_state import State

_HIDDEN, _SHOWN = "none", "flex"


class LabBar(Views):
    """Does for a lab what the buttons of its bar ask for.

    Parameters
    ----------
    lab : Lab

    Attributes
    ----------
    view : QuietBar
        The bar.
    pinned_view : ipywidgets.VBox
        The still picture of the pinned view, with a button that goes back to it; not displayed while nothing is pinned.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.language)
        self._lab = lab
        entry = _entry(lab)
        self.view = QuietBar(has_numbers=lab.has_numbers, language=lab.language)
        if entry is not None:
            self.view.purpose = entry.purpose(lab.language)
            self.view.suggestions = entry.suggestions(lab.language)
        self._pinned: State | None = None
        self.pinned_view = widgets.VBox(layout={"display": _HIDDEN})
        self.view.on_action(self._act)
        lab.history.on_step(self._show_steps)

    def _act(self, action: str) -> None:
        """Do what a button asks for; what the lab refuses is said in its error panel."""
        actions = {
            "undo": self._lab.undo,
            "redo": self._lab.redo,
            "reset": self._lab.reset,
            "png": self._offer_png,
            "svg": self._offer_svg,
            "numbers": self._offer_numbers,
            "code": lambda: self.view.show_code(self._lab.code()),
            "pin": self._pin,
            "back": self._go_back,
        }
        try:
            actions[action]()
        except ValueError as error:
            self._lab.show_error(str(error))
        finally:
            self._show_steps()
            self.view.answer()

    def _show_steps(self) -> None:
        history = self._lab.history
        self.view.can_undo, self.view.can_redo = history.can_undo, history.can_redo

    # What is saved

    def _offer_png(self) -> None:
        self.view.offer_file(self._file_name("png"), "image/png", self._png())

    def _offer_svg(self) -> None:
        file = io.BytesIO()
        with without_doubts():
            self._lab.figure().savefig(file, format="svg")
        self.view.offer_file(self._file_name("svg"), "image/svg+xml", file.getvalue())

    def _offer_numbers(self) -> None:
        self.view.offer_file(self._file_name("csv"), "text/csv", as_csv(self._lab.numbers()))

    def _file_name(self, ending: str) -> str:
        return f"{type(self._lab).__name__}.{ending}"

    def _png(self) -> bytes:
        with without_doubts():
            return figure_png(self._lab.figure())

    # The pin

    def _pin(self) -> None:
        """Pin the present view, or take away the one that is pinned."""
        if self._pinned is None:
            still, back = self._pinned_parts()
            still.value = self._picture()
            self._pinned = state_of(self._lab)
            self.pinned_view.children = (still, back)
        else:
            self._pinned = None
        self.view.pinned = self._pinned is not None
        self.pinned_view.layout.display = _SHOWN if self.view.pinned else _HIDDEN

    def _pinned_parts(self) -> tuple[widgets.HTML, widgets.Button]:
        """Return the widgets of the pinned view; they are made when they are needed first."""
        if self.pinned_view.children:
            still, back = self.pinned_view.children
            return still, back
        back = widgets.Button(
            description=self.text("bar_back"),
            layout={"width": "auto", "align_self": "flex-start"},
        )
        back.on_click(lambda _button: self._act("back"))
        return widgets.HTML(), back

    def _picture(self) -> str:
        """Return the still picture of the present view, as HTML."""
        said, title = html.escape(self._lab.describe()), html.escape(self.text("bar_pinned"))
        source = f"data:image/png;base64,{base64.b64encode(self._png()).decode()}"
        return (
            f'<figure style="margin:8px 0 0"><figcaption style="line-height:1.4"><b>{title}</b> {said}</figcaption>'
            f'<img alt="{said}" style="max-width:100%" src="{source}"></figure>'
        )

    def _go_back(self) -> None:
        if self._pinned is not None:
            self._lab.history.visit(self._pinned)


def _entry(lab: Lab) -> LabEntry | None:
    """Return what is declared of a lab, or of the one that it was made from."""
    known = registered_labs()
    return next((known[kind.__name__] for kind in type(lab).__mro__ if kind.__name__ in known), None)
