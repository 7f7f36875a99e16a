"""What the components have in common: their words, their language, and the refusal of unknown options."""

from __future__ import annotations

import difflib
import uuid
from typing import Any, ClassVar

import anywidget
import traitlets

from xai_widgets.i18n import LANGUAGES, catalogue, language

AREA = "components"


class Component(anywidget.AnyWidget):
    """A view with JavaScript of its own; the base of all of them.

    Parameters
    ----------
    **options
        Any of the traits below, or of an ipywidgets widget (``layout``, ``tooltip``, ...).

    Raises
    ------
    TypeError
        If an option does not exist; the error names the nearest ones.
    """

    answers: ClassVar[bool] = True  # whether it shows answers, which dim when they are out of date

    language = traitlets.Enum(LANGUAGES).tag(sync=True)
    """Language of numbers and built-in words, ``"en"`` or ``"fr"`` (default: the catalogues' current one)."""

    words = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Unicode()).tag(sync=True)
    """The built-in words in that language, filled from the catalogue; read-only in practice."""

    dimmed = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether what is shown is out of date while its successor is computed (default: no)."""

    escapes = traitlets.Int(0).tag(sync=True)
    """How many times Esc was pressed inside: observe it to stop a computation."""

    description = traitlets.Unicode().tag(sync=True)
    """What a page says of a component with a ``tooltip`` that has no label of its own (default: nothing)."""

    own = traitlets.Unicode().tag(sync=True)
    """The number under which the page finds this widget. Read-only."""

    def __init__(self, **options: Any) -> None:
        self._refuse_unknown(options)
        number = uuid.uuid4().hex
        super().__init__(model_id=number, own=number, **options)

    def _refuse_unknown(self, options: dict[str, Any]) -> None:
        """Raise TypeError, with the nearest names, if an option is not a trait."""
        known = [name for name in self.trait_names() if not name.startswith("_")]
        for name in options:
            if name not in known:
                nearest = difflib.get_close_matches(name, known) or sorted(known)
                raise TypeError(f"{type(self).__name__} has no option {name!r}; did you mean {', '.join(nearest)}?")

    @traitlets.default("_dom_classes")
    def _default_classes(self) -> tuple[str, ...]:
        return ("xw-answer",) if self.answers else ()

    @traitlets.default("language")
    def _default_language(self) -> str:
        return language()

    @traitlets.default("words")
    def _default_words(self) -> dict[str, str]:
        return dict(catalogue(AREA, self.language))

    @traitlets.observe("language")
    def _on_language(self, _change: object) -> None:
        self.words = dict(catalogue(AREA, self.language))

    def __repr__(self) -> str:
        """Return the same text for the same content, whatever the memory address: notebooks are compared by it."""
        return f"{type(self).__name__}()"
