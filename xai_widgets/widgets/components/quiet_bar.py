"""The bar that every lab has, in the same place and with the same buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIONS = ("undo", "redo", "reset", "png", "svg", "numbers", "code", "pin")


class QuietBar(Component):
    """Buttons for what a reader wants of any lab: help, undo, full screen, its picture, its numbers, its code.

    Help, the loupe, full screen and the menu of pictures are the browser's alone; what else is pressed goes to
    `on_action`.

    Parameters
    ----------
    **options
        Any of the traits below, or of an ipywidgets widget (``layout``, ``tooltip``, ...).

    Raises
    ------
    TypeError
        If an option does not exist; the error names the nearest ones.

    Examples
    --------
    >>> bar = QuietBar(purpose="Move a window over the picture.", suggestions=["Drag it.", "Widen it."])
    >>> bar.on_action(print)
    >>> bar.press("undo")
    undo
    """

    _esm = assets.module("quiet_bar")
    _css = assets.style("quiet_bar")

    can_undo = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether there is a step to undo (default: no)."""

    can_redo = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether a step was undone that can be done again (default: no)."""

    has_numbers = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether there are numbers to save (default: yes)."""

    has_pictures = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether there are pictures that a loupe can enlarge (default: no): then there is a button for it."""

    pinned = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether a view is pinned (default: no)."""

    purpose = traitlets.Unicode("").tag(sync=True)
    """What the lab is for, in one sentence."""

    suggestions: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """What to try, a sentence each."""

    def __init__(self, **options: Any) -> None:
        self._function: Callable[[str], object] | None = None
        super().__init__(**options)
        self.on_msg(self._on_message)

    def on_action(self, function: Callable[[str], object]) -> None:
        """Call a function with the name of each button that is pressed, one of `ACTIONS`."""
        self._function = function

    def press(self, action: str) -> None:
        """Do what a press of a button does.

        Parameters
        ----------
        action : str
            One of `ACTIONS`.

        Raises
        ------
        ValueError
            If there is no such button.
        """
        if action not in ACTIONS:
            raise ValueError(f"unknown action {action!r}; choose among {', '.join(ACTIONS)}")
        if self._function is not None:
            self._function(action)

    def offer_file(self, name: str, media_type: str, content: bytes) -> None:
        """Hand a file to the reader's browser, which saves it.

        Parameters
        ----------
        name : str
            The name of the file.
        media_type : str
            Such as ``"image/png"``.
        content : bytes
        """
        self.send({"kind": "file", "name": name, "type": media_type}, buffers=[content])

    def show_code(self, text: str) -> None:
        """Show code, with a button that copies it."""
        self.send({"kind": "code", "text": text})

    def answer(self) -> None:
        """Tell the browser that an action is done which gives it nothing."""
        self.send({"kind": "none"})

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        if isinstance(message, dict) and message.get("action") in ACTIONS:
            self.press(message["action"])
