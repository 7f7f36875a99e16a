"""What labs on a model share: the model itself, and what follows when it changes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from xai_widgets.models.graph.model_state import ModelState
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.loading import load_model
from xai_widgets.widgets.base.given_names import note_name
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.lab_state import state_of
from xai_widgets.widgets.base.model_notes import ModelNotes
from xai_widgets.widgets.base.usual_layer import layer_note

if TYPE_CHECKING:
    from xai_widgets.runtime.worker import Job

_PICTURE_AXES = 3  # height, width, channels


class ModelLab(Lab):
    """The base of labs on a model.

    A lab follows its model: where another one is set, the traits that belong to the model before get their defaults,
    `open_model` reads the new one, and `refresh` computes. A model that cannot be shown is refused with ValueError, and
    the lab stays as it was. Where the same model was trained or edited, the next request finds it out, and what was
    computed of the model as it was is dropped.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What the lab is about: a name or file for `load_model`, or a model; `default_model` if left out.
    **options
        Any trait of the lab.

    Attributes
    ----------
    model_traits : tuple of str
        Traits that get their default when the model changes: layers, units, rules by layer.
    on_a_layer : bool
        Whether the lab shows a layer: then it says so where no layer of the model is a sensible choice by itself.
    """

    default_model = "creatures"
    model_traits: ClassVar[tuple[str, ...]] = ()
    on_a_layer: ClassVar[bool] = False

    model = traitlets.Any(None, allow_none=True)
    """What the lab is about; always a `Classifier` once set."""

    def __init__(self, model: Any = None, **options: Any) -> None:
        self._seen: ModelState | None = None  # the model as it was at the last request
        super().__init__(**options)
        self.notes = ModelNotes(self.language)
        wanted: Any = self.default_model if model is None else model
        self.model = wanted
        self.observe(self._on_model, "model")

    @traitlets.validate("model")
    def _as_model(self, proposal: dict[str, Any]) -> Any:
        model = note_name(self.wrapped(proposal["value"]), proposal["value"])
        if isinstance(model, Classifier):
            _refuse_other_inputs(model)
        return model

    def wrapped(self, model: Any) -> Any:
        """Return a model as the lab uses it, a `Classifier`; a lab that takes other kinds overrides it.

        Parameters
        ----------
        model : str, Classifier or keras.Model
            A name or file for `load_model`, or a model.

        Returns
        -------
        Classifier
            The model, wrapped.

        Raises
        ------
        ValueError
            If the name is unknown, the file cannot be read, or the model gives anything but one row of class
            scores.
        TypeError
            If it is no Keras model.
        """
        return load_model(model) if isinstance(model, str) else Classifier.wrap(model)

    def show_recipe(self, text: str) -> None:
        """Write the small line under the pictures; a lab on a layer says there if no layer is a sensible choice.

        Parameters
        ----------
        text : str
            Plain text.
        """
        note = layer_note(self.layer_classifier, self.language) if self.on_a_layer else ""
        super().show_recipe(f"{text} · {note}" if note else text)

    @property
    def layer_classifier(self) -> Classifier:
        """The classifier whose layers are shown: the model, unless a lab's model has several."""
        found: Classifier = self.model
        return found

    @property
    def own_inputs(self) -> Any:
        """The reader's picture in the model's input space, to look at the model with; None where there is none."""
        return None

    def _show_notes(self) -> None:
        """Write what was found about the reader's model under everything else, where it moves nothing."""
        if self.notes not in self.children:
            self.children = (*self.children, self.notes)

    def close(self) -> None:
        """Remove the lab from the page, and end its threads."""
        if hasattr(self, "notes"):  # not where the lab refused its options
            self.notes.stop()
        super().close()

    # For subclasses

    def open_model(self) -> None:
        """Take over a model that was just set, and show its choices.

        Raises
        ------
        ValueError
            If it cannot be shown; nothing of the lab has changed then but its traits, which get their old values.
        """
        raise NotImplementedError

    def reopen_model(self) -> None:
        """Take over the same model, which was trained or edited since it was opened; the lab's traits stay.

        Raises
        ------
        ValueError
            If it cannot be shown any more.
        """
        self.open_model()

    def ask_worker(self) -> None:
        """Ask the worker for what the present state shows; `refresh` calls it."""
        raise NotImplementedError

    def compute_again(self) -> None:
        """Compute what the present state shows."""
        self.refresh()

    def refresh(self) -> None:
        """Compute what the present state shows; all of it anew if the model was trained or edited meanwhile."""
        present = ModelState(self.model.model)
        if self._seen is not None and not present.is_same(self._seen):
            try:
                self.reopen_model()
            except ValueError as error:
                self.compute(functools.partial(_refuse, error))
                return
        self._seen = present
        newest = self.requests.line.requested
        self.ask_worker()
        if self.requests.line.requested == newest:
            self.requests.answered_at_once()
        self.notes.look_at(self.model, present, self.own_inputs, self._show_notes)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Look at the model again before the lab is shown again."""
        if self._seen is not None and not self._closed and not ModelState(self.model.model).is_same(self._seen):
            self.refresh()
        return super()._repr_mimebundle_(**options)

    def reset_for_model(self) -> None:
        """Give the traits that belong to the model before their defaults; nothing is computed meanwhile."""
        self._reset(self.model_traits)

    def _reset(self, names: tuple[str, ...]) -> None:
        """Give traits their defaults."""
        with self.hold_trait_notifications():
            for name in names:
                setattr(self, name, self.trait_defaults(name))

    # Events

    def _on_model(self, change: dict[str, Any]) -> None:
        """Show another model; if that fails, go back, and the error goes to whoever set it."""
        if self._painting:
            return
        before = state_of(self) | {"model": change["old"]}
        try:
            with self.painting():
                self.reset_for_model()
            self.open_model()
        except ValueError:
            with self.painting(), self.hold_trait_notifications():
                for name, value in before.items():
                    setattr(self, name, value)
            raise
        self._seen = None
        self.refresh()


def _refuse(error: ValueError, _job: Job) -> None:
    """Raise an error as a request, so that the lab shows it."""
    raise error


def _refuse_other_inputs(model: Classifier) -> None:
    """Refuse a model whose inputs are no pictures; one that does not tell their shape learns it from the first."""
    try:
        shape = model.input_shape
    except ValueError:
        return
    if len(shape) != _PICTURE_AXES:
        raise ValueError(f"the lab shows pictures, and {model.name!r} takes inputs of shape {shape}")
