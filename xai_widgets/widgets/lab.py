"""What all labs share: a worker, an error panel, a recipe line, a still picture for pages without a kernel."""

from __future__ import annotations

import base64
import difflib
import html
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from xai_widgets.i18n import LANGUAGES, language, message
from xai_widgets.results.attribution import figure_png
from xai_widgets.runtime.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job

WIDTH = "960px"


class Lab(widgets.VBox):
    """The base of every lab.

    A lab is a widget with traits that can be set and read from code, so that notebooks, tests and readers drive it
    alike. Its computations run in a worker; their errors are shown in the lab. With ``XAI_WIDGETS_SYNC=1`` they run at
    once and raise.

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

    language = traitlets.Enum(LANGUAGES)
    """Language of every text, ``"en"`` or ``"fr"``; fixed when the lab is made."""

    busy = traitlets.Bool(default_value=False)
    """Whether a computation runs. Read it; setting it does nothing."""

    error = traitlets.Unicode("")
    """The last error shown, empty if there is none. Read it; setting it does nothing."""

    def __init__(self, **options: Any) -> None:
        self._refuse_unknown(options)
        self._worker = Worker(_LabPainter(self))
        self._recipe_line = widgets.HTML()
        self._error_panel = widgets.HTML()
        super().__init__(**options)
        self.layout.max_width = WIDTH
        self.layout.overflow = "hidden"

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
        """Return a text of this lab in its language."""
        return message(f"{self.area}.{key}", self.language, **fields)

    def figure(self) -> Figure:
        """Return the still picture of the lab's present state."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return in one sentence what the still picture shows, for those who do not see it."""
        return repr(self)

    def compute(self, function: Callable[[Job], object]) -> None:
        """Hand a request to the worker; it replaces the one before."""
        self._worker.submit(function)

    def stop(self) -> None:
        """Stop the running computation; what is shown stays."""
        self._worker.cancel()

    def wait(self, timeout: float = 60) -> bool:
        """Wait until the worker has nothing left to do, for scripts; False if `timeout` seconds passed first."""
        return self._worker.wait(timeout)

    def close(self) -> None:
        """Take the lab away and end its worker."""
        if hasattr(self, "_worker"):  # not yet, if the lab refused its options
            self._worker.close()
        super().close()

    @contextmanager
    def painting(self) -> Iterator[None]:
        """Change controls without taking the change for the reader's."""
        before, self._painting = self._painting, True
        try:
            yield
        finally:
            self._painting = before

    def take(self, name: str, value: Any) -> None:
        """Take what a control says, unless it was the lab that moved it."""
        if not self._painting and value is not None:
            setattr(self, name, value)

    def show_recipe(self, text: str) -> None:
        """Write the small line under the pictures."""
        style = "color:var(--jp-ui-font-color2,#595959);font-size:12px;line-height:1.4;overflow-wrap:anywhere"
        self._recipe_line.value = f'<div style="{style}">{html.escape(text)}</div>'

    def show_error(self, text: str) -> None:
        """Say in the lab what went wrong; an empty text clears the panel."""
        self.error = text
        style = (
            "border-left:4px solid #D55E00;padding:6px 10px;margin:4px 0;line-height:1.4;"
            "background:var(--jp-layout-color2,#f3f3f3);color:var(--jp-ui-font-color1,#1f1f1f);overflow-wrap:anywhere"
        )
        title, hint = (html.escape(message(f"lab.{key}", self.language)) for key in ("error", "error_hint"))
        self._error_panel.value = (
            f'<div role="alert" style="{style}"><b>{title}</b><br>{html.escape(text)}<br>{hint}</div>' if text else ""
        )

    def on_progress(self, share: float | None) -> None:
        """Show how much of the computation is done; None: nothing runs. Labs with a picture override it."""

    def __repr__(self) -> str:
        """Return the same text for the same state, whatever the memory address: notebooks are compared by it."""
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the live widget, and beside it what a page with no kernel can show."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options) or {}
        picture = base64.b64encode(figure_png(self.figure())).decode()
        alt, note = html.escape(self.describe(), quote=True), html.escape(message("lab.static", self.language))
        bundle["text/plain"] = repr(self)
        bundle["text/html"] = (
            f'<figure style="margin:0"><img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{picture}">'
            f"<figcaption><small>{note}</small></figcaption></figure>"
        )
        bundle["image/png"] = picture
        return bundle


class _LabPainter:
    """Shows a worker's life in a lab."""

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

    def failed(self, error: Exception) -> None:
        """Show the error; the last good answer stays on screen."""
        self.finished()
        self._lab.show_error(f"{type(error).__name__}: {error}")
