"""What a lab shows, apart from what it computes: the base of the views of a lab, and what arranges them."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as widgets

from xai_widgets.i18n import message


class Views:
    """The widgets of a lab, and how each kind of answer is painted on them.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"fr"``.
    """

    area: ClassVar[str] = "lab"  # of the message catalogue; the lab's own

    def __init__(self, language: str) -> None:
        self.language = language

    def text(self, key: str, **fields: object) -> str:
        """Return a text of the lab."""
        return message(f"{self.area}.{key}", self.language, **fields)


def menu(description: str, options: Any = (), value: Any = None) -> widgets.Dropdown:
    """Return a menu as narrow as its words."""
    chosen = {} if value is None else {"value": value}
    return widgets.Dropdown(
        options=options,
        description=description,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="260px"),
        **chosen,
    )


def row(children: Any, **options: str) -> widgets.HBox:
    """Return a row that breaks on a narrow page."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", overflow="visible", **options))
