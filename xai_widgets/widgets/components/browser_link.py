"""Traits that follow another widget's trait in the browser, without a word to the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from xai_widgets.widgets.components import assets

if TYPE_CHECKING:
    from collections.abc import Iterable


def _end_to_json(end: Any, _owner: object = None) -> list[str]:
    """Return an end as the browser finds it: the widget's reference, the trait's name."""
    return [f"IPY_MODEL_{end[0].model_id}", end[1]] if end else []


def _ends_to_json(ends: Any, _owner: object) -> list[list[str]]:
    return [_end_to_json(end) for end in ends]


class BrowserLink(anywidget.AnyWidget):
    """Lets traits of other widgets follow one trait, in the same frame.

    Unlike ``jslink``, which sends every follower's value to the kernel beside the leader's, this sends the leader's
    alone, so that a step of a slider with two followers is one message and not three. In the kernel, the followers'
    traits stay as they were: link what the kernel never reads. A follower that is moved on the page moves the leader.

    Parameters
    ----------
    leader : (Widget, str)
        A widget and the name of one of its traits.
    followers : iterable of (Widget, str)
        The traits that follow it.

    Raises
    ------
    TypeError
        If an end is not a widget and a name.
    ValueError
        If a widget has no such trait, or the browser does not know it.

    Examples
    --------
    >>> from xai_widgets.widgets.components import Curve, PictureCanvas, Slider
    >>> slider, canvas, curve = Slider(label="Epsilon"), PictureCanvas(), Curve(reports=False)
    >>> BrowserLink((slider, "value"), [(canvas, "epsilon"), (curve, "cursor")])
    BrowserLink(Slider.value -> PictureCanvas.epsilon, Curve.cursor)
    """

    _esm = assets.module("browser_link")

    leader = traitlets.Tuple().tag(sync=True, to_json=_end_to_json)
    """The widget and the trait that lead. Read-only."""

    followers = traitlets.Tuple().tag(sync=True, to_json=_ends_to_json)
    """The widgets and the traits that follow. Read-only."""

    def __init__(
        self, leader: tuple[ipywidgets.Widget, str], followers: Iterable[tuple[ipywidgets.Widget, str]]
    ) -> None:
        ends = tuple(_checked_end(end) for end in followers)
        super().__init__(leader=_checked_end(leader), followers=ends)

    def __repr__(self) -> str:
        """Return what follows what, without memory addresses."""
        names = [f"{type(widget).__name__}.{trait}" for widget, trait in (self.leader, *self.followers)]
        return f"{type(self).__name__}({names[0]} -> {', '.join(names[1:])})"


def _checked_end(end: Any) -> tuple[ipywidgets.Widget, str]:
    """Return an end of the link, if it is a widget and a trait that the browser has."""
    if not (isinstance(end, tuple | list) and len(end) == 2 and isinstance(end[0], ipywidgets.Widget)):
        raise TypeError(f'an end of a link is (widget, "trait"), not {end!r}')
    widget, trait = end
    if trait not in widget.keys:
        raise ValueError(f"{type(widget).__name__} has no trait {trait!r} in the browser")
    return widget, str(trait)
