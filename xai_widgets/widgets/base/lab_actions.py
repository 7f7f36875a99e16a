"""What every lab can do: go back and forth, and give its code and its numbers."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets

from xai_widgets.common.data_frames import data_frame
from xai_widgets.widgets.base.shown_numbers import COLUMNS, shown_numbers
from xai_widgets.widgets.base.view_code import view_code
from xai_widgets.widgets.base.widget_tree import owned_widgets

if TYPE_CHECKING:
    from xai_widgets.widgets.base.state_history import StateHistory


class MadeLab(type(widgets.VBox)):  # type: ignore[misc]
    """The type of labs: what is made is told when it is whole, whatever its class does in ``__init__``."""

    @property
    def __signature__(cls) -> inspect.Signature:
        """How a lab is made: as its ``__init__`` says."""
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    if not TYPE_CHECKING:  # for type checkers, a lab is made as its __init__ says

        def __call__(cls, *arguments: Any, **options: Any) -> Any:
            """Make a lab; note what it was made with, and begin its history."""
            lab = super().__call__(*arguments, **options)
            bound = inspect.signature(cls).bind(*arguments, **options).arguments
            lab.made_with = {name: value for name, value in bound.items() if name != "options"}
            lab.history.begin()
            return lab


class LabActions:
    """The part of `Lab` that its quiet bar and scripts use alike."""

    history: StateHistory
    given_widgets: list[Any]

    has_numbers: ClassVar[bool] = True
    """Whether the lab shows numbers that can be saved."""

    def numbers(self) -> list[dict[str, Any]]:
        """Return the numbers on screen; a lab that writes some in its own way adds them.

        Returns
        -------
        list of dict
            A row for each number, see `xai_widgets.widgets.base.shown_numbers.shown_numbers`.
        """
        return shown_numbers(owned_widgets(self, self.given_widgets))

    def code(self) -> str:
        """Return the code that makes the present view.

        Returns
        -------
        str
            An import and a call. Models and pictures of the reader's stand under the names that they have in the
            notebook; where they have none, a comment says what is to be given.
        """
        return view_code(self)  # type: ignore[arg-type]

    def to_dataframe(self) -> Any:
        """Return the numbers on screen as a table of pandas, which must be installed.

        Returns
        -------
        pandas.DataFrame
            A line for each number, with the columns ``view``, ``series``, ``x``, ``y`` and ``value``: see
            `xai_widgets.widgets.base.shown_numbers.shown_numbers`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return data_frame(self.numbers(), columns=COLUMNS)

    def undo(self) -> None:
        """Go back to the state before the last change; do nothing where there is none.

        Raises
        ------
        ValueError
            If the state before can no longer be shown, for example because a file is gone; it is forgotten then.
        """
        self.history.undo()

    def redo(self) -> None:
        """Take back the last undo; do nothing where there is none.

        Raises
        ------
        ValueError
            If that state can no longer be shown; it is forgotten then.
        """
        self.history.redo()

    def reset(self) -> None:
        """Go back to the state in which the lab was made; `undo` takes it back.

        Raises
        ------
        ValueError
            If that state can no longer be shown.
        """
        self.history.reset()
