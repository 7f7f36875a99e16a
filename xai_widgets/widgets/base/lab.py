"""What all labs share: a worker, an error panel, a recipe line, a still picture for pages without a kernel."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from xai_widgets.i18n import LANGUAGES, language, message
from xai_widgets.runtime.worker import CLOSED, Worker, synchronous
from xai_widgets.widgets.base.alert import alert
from xai_widgets.widgets.base.lab_actions import LabActions, MadeLab
from xai_widgets.widgets.base.lab_bar import LabBar
from xai_widgets.widgets.base.notebook_cells import cell_labs
from xai_widgets.widgets.base.request_report import RequestReport
from xai_widgets.widgets.base.state_history import StateHistory
from xai_widgets.widgets.base.still_bundle import LAB, still_bundle
from xai_widgets.widgets.base.still_channel import still_channel
from xai_widgets.widgets.base.tooltips import explain_controls, explained_line
from xai_widgets.widgets.base.views import row
from xai_widgets.widgets.base.widget_tree import close_widgets, owned_widgets
from xai_widgets.widgets.components import PictureCanvas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job

WIDTH = "960px"


class Lab(LabActions, widgets.VBox, metaclass=MadeLab):
    """The base of every lab.

    A lab is a widget with traits that can be set and read from code, so that notebooks, tests and readers drive it
    alike. Its computations run in a worker; their errors are shown in the lab. With ``XAI_WIDGETS_SYNC=1`` they run at
    once and raise. In a notebook, a lab is closed when the cell that made or showed it is run again and nothing else
    shows or holds it.

    Parameters
    ----------
    **options
        Any trait of the lab.

    Raises
    ------
    TypeError
        If an option does not exist; the nearest ones are named.
    """

    area = "lab"  # of the message catalogue; each lab has its own

    _painting = False  # whether it is the lab that moves its controls
    _closed = False

    language = traitlets.Enum(LANGUAGES)
    """Language of every text, ``"en"`` or ``"fr"``; fixed when the lab is made."""

    busy = traitlets.Bool(default_value=False)
    """Whether a computation runs. Read it; setting it does nothing."""

    partial = traitlets.Bool(default_value=False)
    """Whether what is shown is a part of an answer: more is to come, or it was stopped. Read it only."""

    error = traitlets.Unicode("")
    """The last error shown, empty if there is none. Read it; setting it does nothing."""

    made_with: Mapping[str, Any] = MappingProxyType({})
    """What the lab was made with, by name: the arguments of the call that are named in its signature."""

    def __init__(self, **options: Any) -> None:
        self._refuse_unknown(options)
        self.given_widgets = [value for value in options.values() if isinstance(value, widgets.Widget)]
        self._recipe_line = widgets.HTML()
        self._error_panel = widgets.HTML()
        self._work: Callable[[Job], object] | None = None  # of the newest request
        self.requests = RequestReport(self, options.get("language", language()))
        self._worker = Worker(self.requests)
        super().__init__(**options)
        self.history = StateHistory(self)
        self._bar = LabBar(self)
        self.requests.line.lab = f"IPY_MODEL_{self.model_id}"
        self.add_class("xw-lab")
        self.layout.max_width = WIDTH
        self.layout.overflow = "hidden"
        self.observe(lambda _change: explain_controls(self, self.area, self.language), "children")
        if (labs := cell_labs()) is not None:
            labs.made(self)

    def _refuse_unknown(self, options: dict[str, Any]) -> None:
        """Raise TypeError for an option that is no trait: a misspelt one would silently do nothing."""
        known = [name for name in self.trait_names() if not name.startswith("_")]
        for name in options:
            if name not in known:
                near = difflib.get_close_matches(name, known) or sorted(set(known) - set(widgets.VBox().trait_names()))
                raise TypeError(f"{type(self).__name__} has no option {name!r}; did you mean {', '.join(near)}?")

    @traitlets.validate("children")
    def _with_request_line(self, proposal: dict[str, Any]) -> tuple[widgets.Widget, ...]:
        """Put the line that tells of requests under everything."""
        line = self.requests.line
        return (*(one for one in proposal["value"] if one is not line), line)

    @traitlets.default("language")
    def _default_language(self) -> str:
        return language()

    def text(self, key: str, **fields: object) -> str:
        """Return a text of this lab in its language.

        Parameters
        ----------
        key : str
            The name of the text in the lab's own area of the catalogue.
        **fields : object
            What stands for the fields in braces, by their names.

        Returns
        -------
        str
            The text with its fields filled in.
        """
        return message(f"{self.area}.{key}", self.language, **fields)

    def figure(self) -> Figure:
        """Return the still picture of the lab's present state.

        Returns
        -------
        matplotlib.figure.Figure
            A new figure, which belongs to no window; `Lab` itself draws none.

        Raises
        ------
        NotImplementedError
            By `Lab` itself: each lab draws its own.
        """
        raise NotImplementedError

    def describe(self) -> str:
        """Return in one sentence what the still picture shows, for those who do not see it.

        Returns
        -------
        str
            One sentence or several, in the language of the lab. It is the alternative text of the still picture.
        """
        return repr(self)

    def arrange(self, *rows: widgets.Widget) -> None:
        """Show some rows, and under them what every lab has: its recipe, and the quiet bar.

        Parameters
        ----------
        *rows : Widget
            From top to bottom.
        """
        self._recipe_line.layout.flex, self._recipe_line.layout.min_width = "1 1 320px", "0"
        self._bar.view.has_pictures = any(isinstance(one, PictureCanvas) and one.linked for one in owned_widgets(rows))
        foot = row([self._recipe_line, self._bar.view], align_items="center", grid_gap="0 12px")
        self.children = (*rows, self._bar.pinned_view, foot)

    def compute(self, function: Callable[[Job], object]) -> None:
        """Hand a request to the worker; it replaces the one before.

        Parameters
        ----------
        function : callable
            Is called in the worker's thread with a `Job`, through which it reports its progress, shows what it has
            found and learns that it is no longer wanted. What it raises is shown in the lab. With
            ``XAI_WIDGETS_SYNC=1`` it is called at once, and what it raises is raised.
        """
        self._work = function
        self._worker.submit(function)

    def stop(self) -> None:
        """Stop the running computation; what is shown stays, and the lab says how far it came."""
        self._worker.cancel()

    def compute_again(self) -> None:
        """Compute what was stopped; what is known of it already is not computed anew."""
        if self._work is not None:
            self.compute(self._work)

    def wait(self, timeout: float = 60) -> bool:
        """Wait until the worker has nothing left to do, for scripts; False if `timeout` seconds passed first.

        Parameters
        ----------
        timeout : float
            The longest wait, in seconds.

        Returns
        -------
        bool
            Whether the worker has nothing left to do.
        """
        return self._worker.wait(timeout)

    def close(self) -> None:
        """Remove the lab from the page, end its thread, and close every widget that it made.

        What was computed can still be read from the lab; when the lab is no longer referenced, it is freed, with its
        session. Widgets that were given to it, such as a layout, stay open.
        """
        if self._closed or not hasattr(self, "_worker"):  # no worker yet, if the lab refused its options
            return
        self._closed = True
        self._worker.close()
        close_widgets(self, self.given_widgets)
        self.observe(_refuse_change, sorted(set(self.trait_names()) - set(widgets.VBox.class_trait_names())))

    @contextmanager
    def painting(self) -> Iterator[None]:
        """Change controls without taking the change for the reader's.

        Yields
        ------
        None
            While the block runs, callbacks of `on_change` and `take` do nothing.
        """
        before, self._painting = self._painting, True
        try:
            yield
        finally:
            self._painting = before

    def take(self, name: str, value: Any) -> None:
        """Set a trait to the value of a control, unless it was the lab that moved the control.

        Parameters
        ----------
        name : str
            The trait.
        value : object
            The value of the control; None, as of a menu without a choice, sets nothing.
        """
        if not self._painting and value is not None:
            setattr(self, name, value)

    @property
    def is_painting(self) -> bool:
        """Whether it is the lab that moves its controls at this moment."""
        return self._painting

    def on_change(self, names: str | list[str], function: Any) -> None:
        """Call a function when traits change, unless the lab itself changes them.

        Parameters
        ----------
        names : str or list of str
            The traits.
        function : callable
            Called without arguments.
        """
        self.observe(lambda _change: None if self._painting else function(), names)

    def show_recipe(self, text: str) -> None:
        """Write the small line under the pictures.

        Parameters
        ----------
        text : str
            What was computed and how; plain text, not HTML.
        """
        style = "color:var(--jp-ui-font-color2,#595959);font-size:12px;line-height:1.4;overflow-wrap:anywhere"
        self._recipe_line.value = f'<div style="{style}">{explained_line(text, self.language)}</div>'

    def clear_recipe(self) -> None:
        """Take the small line away: it says nothing about what is shown now."""
        self._recipe_line.value = ""

    def show_error(self, text: str) -> None:
        """Say in the lab what went wrong; an empty text clears the panel.

        Parameters
        ----------
        text : str
            The error message; plain text, not HTML.
        """
        self.error = text
        title, hint = (message(f"lab.{key}", self.language) for key in ("error", "error_hint"))
        self._error_panel.value = alert(title, text, hint) if text else ""

    def on_progress(self, share: float | None) -> None:
        """Show how much of the computation is done; None: nothing runs. Labs with a picture override it.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs.
        """

    def __repr__(self) -> str:
        """Return the same text for the same state, whatever the memory address: notebooks are compared by it."""
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the live widget, and beside it what a page with no kernel can show."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options) or {}
        if (labs := cell_labs()) is not None:
            labs.shown(self)
        if synchronous():  # a test or a build: the names of models differ from run to run
            return bundle | {kind: shown for kind, shown in still_bundle(self).items() if kind != LAB}
        return bundle | still_bundle(self, still_channel().follow(self))


def _refuse_change(_change: object) -> None:
    """Raise RuntimeError: a closed lab follows nothing, and a change that is ignored would mislead."""
    raise RuntimeError(CLOSED)
