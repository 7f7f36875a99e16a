"""Every widget that a lab owns, found from the lab itself, so that closing it leaves none behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from xai_widgets.widgets.base.views import Views

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def owned_widgets(root: Any, spared: Collection[widgets.Widget] = ()) -> list[widgets.Widget]:
    """Return the widgets that can be reached from an object, the object itself first.

    The values of traits (children, layouts, styles, the ends of links), attributes, tuples, lists, sets and dicts are
    searched, and the attributes of `Views`.

    Parameters
    ----------
    root : Widget, Views, or a container of them
    spared : collection of Widget, optional
        Widgets that belong to somebody else: neither they nor what they hold is returned.

    Examples
    --------
    >>> box = widgets.HBox([widgets.Label("a")])
    >>> [type(one).__name__ for one in owned_widgets(box)]
    ['HBox', 'Layout', 'Label', 'Layout', 'LabelStyle']
    >>> close_widgets(box)
    """
    found: list[widgets.Widget] = []
    seen = {id(one) for one in spared}
    waiting = [root]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, widgets.Widget):
            found.append(one)
        waiting += _held(one)
    return found


def _held(one: Any) -> Iterable[Any]:
    """Return what an object holds, if it may hold widgets."""
    if isinstance(one, (widgets.Widget, Views)):
        return vars(one).values()
    if isinstance(one, dict):
        return one.values()
    return one if isinstance(one, (tuple, list, set, frozenset)) else ()


def close_widgets(root: Any, spared: Collection[widgets.Widget] = ()) -> None:
    """Close every widget that can be reached from an object, and remove its observers.

    A lab that replaces some of its views calls this for the old ones: a widget that is dropped without being closed
    stays in the registry of ipywidgets, and so does whatever observes it.

    Parameters
    ----------
    root : Widget, Views, or a container of them
    spared : collection of Widget, optional
        Widgets that stay open.
    """
    for one in owned_widgets(root, spared):
        widgets.Widget.close(one)
        one.unobserve_all()
