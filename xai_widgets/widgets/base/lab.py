"""What all labs share: a worker, an error panel, a recipe line, a still picture for pages without a kernel."""

from __future__ import annotations

import base64
import difflib
import html
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from xai_widgets.common.warning import without_doubts
from xai_widgets.i18n import LANGUAGES, language, message
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.runtime.worker import CLOSED, Worker
from xai_widgets.widgets.base.notebook_cells import cell_labs
from xai_widgets.widgets.base.widget_tree import close_widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job

WIDTH = "960px"


class Lab(widgets.VBox):
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

    error = traitlets.Unicode("")
    """The last error shown, empty if there is none. Read it; setting it does nothing."""

    def __init__(self, **options: Any) -> None:
        self._refuse_unknown(options)
        self.given_widgets = [value for value in options.values() if isinstance(value, widgets.Widget)]
        self._worker = Worker(_LabPainter(self))
        self._recipe_line = widgets.HTML()
        self._error_panel = widgets.HTML()
        super().__init__(**options)
        self.layout.max_width = WIDTH
        self.layout.overflow = "hidden"
        if (labs := cell_labs()) is not None:
            labs.made(self)

    def _refuse_unknown(self, options: dict[str, Any]) -> None:
        """Raise TypeError for an option that is no trait: a misspelt one would silently do nothing."""
        known = [name for name in self.trait_names() if not name.startswith("_")]
        for name in options:
            if name not in known:
                near = difflib.get_close_matches(name, known) or sorted(set(known) - set(widgets.VBox().trait_names()))
                raise TypeError(f"{type(self).__name__} has no option {name!r}; did you mean {', '.join(near)}?")

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

    def compute(self, function: Callable[[Job], object]) -> None:
        """Hand a request to the worker; it replaces the one before.

        Parameters
        ----------
        function : callable
            Is called in the worker's thread with a `Job`, through which it reports its progress, shows what it has
            found and learns that it is no longer wanted. What it raises is shown in the lab. With
            ``XAI_WIDGETS_SYNC=1`` it is called at once, and what it raises is raised.
        """
        self._worker.submit(function)

    def stop(self) -> None:
        """Stop the running computation; what is shown stays."""
        self._worker.cancel()

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
        self._recipe_line.value = f'<div style="{style}">{html.escape(text)}</div>'

    def show_error(self, text: str) -> None:
        """Say in the lab what went wrong; an empty text clears the panel.

        Parameters
        ----------
        text : str
            The error message; plain text, not HTML.
        """
        self.error = text
        title, hint = (message(f"lab.{key}", self.language) for key in ("error", "error_hint"))
        self._error_panel.value = _alert(title, text, hint) if text else ""

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
        bundle["text/plain"] = repr(self)
        if (labs := cell_labs()) is not None:
            labs.shown(self)
        try:
            with without_doubts():
                picture = base64.b64encode(figure_png(self.figure())).decode()
            alt, note = html.escape(self.describe(), quote=True), html.escape(message("lab.static", self.language))
        except ValueError as refusal:  # what the lab shows in its error panel: there is no picture of it
            bundle["text/html"] = _alert(message("lab.error", self.language), str(refusal))
            return bundle
        bundle["text/html"] = (
            f'<figure style="margin:0"><img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{picture}">'
            f"<figcaption><small>{note}</small></figcaption></figure>"
        )
        bundle["image/png"] = picture
        return bundle


def _alert(title: str, *lines: str) -> str:
    """Return a framed message as HTML."""
    style = (
        "border-left:4px solid #D55E00;padding:6px 10px;margin:4px 0;line-height:1.4;"
        "background:var(--jp-layout-color2,#f3f3f3);color:var(--jp-ui-font-color1,#1f1f1f);overflow-wrap:anywhere"
    )
    told = "<br>".join([f"<b>{html.escape(title)}</b>", *map(html.escape, lines)])
    return f'<div role="alert" style="{style}">{told}</div>'


def _refuse_change(_change: object) -> None:
    """Raise RuntimeError: a closed lab follows nothing, and a change that is ignored would mislead."""
    raise RuntimeError(CLOSED)


class _LabPainter:
    """Shows in a lab what its worker reports."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def started(self) -> None:
        """Clear the last error; the bar waits for the first step, since most answers come before it could be seen."""
        self._lab.busy = True
        self._lab.show_error("")

    def progressed(self, done: int, total: int) -> None:
        """Move the bar."""
        self._lab.on_progress(done / max(total, 1))

    def finished(self) -> None:
        """Put the bar away."""
        self._lab.busy = False
        self._lab.on_progress(None)

    def failed(self, error: BaseException) -> None:
        """Show the error; the last good answer stays on screen."""
        self.finished()
        self._lab.show_error(f"{type(error).__name__}: {error}")
