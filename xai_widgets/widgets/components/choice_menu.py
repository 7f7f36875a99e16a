"""A menu of few or of many choices: with many, a field that finds one by its name or number."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component


class ChoiceMenu(Component):
    """A menu that is used as `ipywidgets.Dropdown` is, and that has a search where there are many choices.

    Up to 40 choices are a menu of the browser; of more, one is found by typing a part of its name, or its number.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If the value is none of the choices.

    Examples
    --------
    >>> menu = ChoiceMenu(description="Class", options=[("cat", 0), ("dog", 1)], value=1)
    >>> menu
    ChoiceMenu(dog, 1 of 2)
    """

    _esm = assets.module("choice_menu")
    _css = assets.style("choice_menu")
    answers: ClassVar[bool] = False

    options = traitlets.Tuple(())
    """The choices, in order: what is shown of each, and its value. Not sent: see `labels`."""

    value = traitlets.Any(None, allow_none=True)
    """The value of the choice; None: there are no choices. With other choices that do not have it, the first one."""

    labels: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """What is shown of each choice. Read-only."""

    index = traitlets.Int(-1).tag(sync=True)
    """The place of the choice, as the browser knows it; -1: none."""

    def __init__(self, *, options: Any = (), value: Any = None, **others: Any) -> None:
        super().__init__(**others)
        self.options = options
        if value is not None:
            self.value = value

    @traitlets.validate("options")
    def _as_pairs(self, proposal: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
        return tuple((str(label), value) for label, value in proposal["value"])

    @traitlets.validate("value")
    def _known(self, proposal: dict[str, Any]) -> Any:
        value = proposal["value"]
        if value not in self._values and not (value is None and not self.options):
            raise traitlets.TraitError(f"{value!r} is none of the {len(self.options)} choices")
        return value

    @property
    def _values(self) -> list[Any]:
        return [value for _label, value in self.options]

    @traitlets.observe("options")
    def _on_options(self, _change: object) -> None:
        values = self._values
        with self.hold_sync():
            self.labels = [label for label, _value in self.options]
            if self.value not in values:
                self.value = values[0] if values else None
            self.index = values.index(self.value) if values else -1

    @traitlets.observe("value")
    def _on_value(self, _change: object) -> None:
        self.index = self._values.index(self.value) if self.options else -1

    @traitlets.observe("index")
    def _on_index(self, change: dict[str, Any]) -> None:
        if 0 <= change["new"] < len(self.options):
            self.value = self.options[change["new"]][1]

    def __repr__(self) -> str:
        """Return the choice and how many there are."""
        chosen = self.labels[self.index] if 0 <= self.index < len(self.labels) else "none"
        return f"{type(self).__name__}({chosen}, {max(self.index, 0)} of {len(self.labels)})"
