"""What a lab says about a model of the reader's own: the findings of `check_model`, in a note that opens on demand."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.datasets.pictures.samples import sample_image
from xai_widgets.i18n import message, using_language
from xai_widgets.models.checking.check_model import ModelReport, findings_of_inputs, findings_of_model
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.known_models import is_known
from xai_widgets.runtime.worker import Worker
from xai_widgets.widgets.base.picture_choice import picture_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.models.checking.finding import Finding
    from xai_widgets.models.graph.model_state import ModelState
    from xai_widgets.runtime.worker import Job

MOST = 4  # pictures that a model is run on: the reader's own, and samples beside it
_PICTURE_AXES = 3
_STYLE = (
    "font-size:13px;line-height:1.4;margin:4px 0;max-width:75ch;overflow-wrap:anywhere;"
    "color:var(--jp-ui-font-color1,#1f1f1f)"
)


class ModelNotes(widgets.HTML):
    """A quiet line under a lab, which opens to what looks wrong in the reader's model; nothing where all is well.

    A model that comes with the package is not looked at. Another one is looked at once, in a thread of its own, after
    the first answer of the lab was asked for: at most four pictures are run through it, about four times forward and
    once backward.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"fr"``.

    Attributes
    ----------
    findings : list of Finding
        What is told.
    """

    def __init__(self, language: str) -> None:
        self._words = language
        self.findings: list[Finding] = []
        self._worker = Worker(_Silent())
        self._seen: tuple[Any, ModelState] | None = None
        super().__init__()

    def look_at(self, model: Any, state: ModelState, own: Any, show: Callable[[], object]) -> None:
        """Look at a model that was not looked at before; `show` is called once there is something to tell.

        Parameters
        ----------
        model : object
            The lab's model; anything but a `Classifier` is left alone.
        state : ModelState
            The model as it is now: one that was trained meanwhile is looked at again.
        own : array or None
            The reader's picture, in the model's input space.
        show : callable
            Called on the kernel's event loop.
        """
        if self._seen is not None and self._seen[0] is model and state.is_same(self._seen[1]):
            return
        self._seen = model, state
        self.tell([])
        if not isinstance(model, Classifier) or is_known(model.model):
            return

        def work(job: Job) -> None:
            found = problems_of(model, own, self._words)
            if found:
                job.show(functools.partial(self._show, found, show))

        self._worker.submit(work)

    def _show(self, found: Sequence[Finding], show: Callable[[], object]) -> None:
        self.tell(found)
        show()

    def tell(self, findings: Sequence[Finding]) -> None:
        """Write the findings."""
        self.findings = list(findings)
        if not findings:
            self.value = ""
            return
        key = "model_note" if len(findings) == 1 else "model_notes"
        head = message(f"lab.{key}", self._words, count=len(findings))
        told = "".join(f'<li style="margin:4px 0">{self._line(one)}</li>' for one in findings)
        summary = f'<summary style="cursor:pointer">{html.escape(head)}</summary>'
        more = message("lab.model_notes_more", self._words)
        foot = f'<div style="color:var(--jp-ui-font-color2,#595959)">{more}</div>'
        self.value = f'<details style="{_STYLE}">{summary}<ul style="margin:4px 0 4px 20px">{told}</ul>{foot}</details>'

    def _line(self, one: Finding) -> str:
        name = message(f"check.name_{one.name}", self._words)
        name = name[:1].upper() + name[1:]
        colon = message("lab.colon", self._words)
        return f"<b>{html.escape(name)}</b>{colon} {html.escape(one.seen)}. {html.escape(one.advice)}".rstrip()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the model was looked at, for scripts and tests."""
        return self._worker.wait(timeout)

    def stop(self) -> None:
        """End the thread; nothing is told any more."""
        self._worker.close()


def problems_of(model: Classifier, own: Any, language: str) -> list[Finding]:
    """Return what looks wrong in a model, what is wrong first; nothing where the look itself fails.

    Parameters
    ----------
    model : Classifier
        A model of pictures, or any other, of which less is found.
    own : array or None
        The reader's picture, in the model's input space.
    language : str
        Of what is told.
    """
    try:
        with using_language(language):
            inputs = _few_inputs(model, own)
            found = findings_of_model(model)
            if inputs is not None:
                found += findings_of_inputs(model, inputs)
            return ModelReport(found).problems
    except Exception:  # noqa: BLE001  (a lab must not suffer from a look at its model)
        return []


def _few_inputs(model: Classifier, own: Any) -> Any:
    """Return the reader's picture and a few samples, in the model's input space; None where it reads no pictures."""
    if len(model.input_shape) != _PICTURE_AXES:
        return None
    size = () if own is None else tuple(own.shape[1:])
    samples = [model.as_inputs(sample_image(name)) for name in picture_names(model)[:MOST]]
    batches = [one for one in [own, *samples] if one is not None and tuple(one.shape[1:]) == (size or one.shape[1:])]
    return np.concatenate(batches[:MOST])


class _Silent:
    """Shows nothing of the look at a model but what was found."""

    def _show_nothing(self, *_told: object) -> None:
        """Show nothing."""

    requested = started = progressed = answered = finished = stopped = failed = _show_nothing
