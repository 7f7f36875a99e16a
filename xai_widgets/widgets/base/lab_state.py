"""The state of a lab: the values of its traits, to be kept, compared, and put back as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xai_widgets.widgets.base.lab import Lab

State = dict[str, Any]

_TOLD = ("busy", "error", "language", "partial")  # what a lab tells, or keeps for its life
_FIRST = ("model", "data", "record", "image")  # the others depend on them
_PASSES = 3


def state_names(lab: Lab) -> list[str]:
    """Return the names of the traits that a reader sets, in alphabetical order.

    Parameters
    ----------
    lab : Lab

    Returns
    -------
    list of str
        All public traits but those of any widget and those that the lab sets itself.
    """
    others = {*_TOLD, *widgets.VBox.class_trait_names()}
    return sorted(name for name in lab.trait_names() if name not in others and not name.startswith("_"))


def state_of(lab: Lab) -> State:
    """Return the values of the traits that a reader sets, by name.

    Parameters
    ----------
    lab : Lab

    Returns
    -------
    dict of str to object
        The values themselves, not copies.
    """
    return {name: getattr(lab, name) for name in state_names(lab)}


def put_back(lab: Lab, state: Mapping[str, Any]) -> None:
    """Give a lab the state that it had.

    What the rest depends on is set first: the model, then the picture. Setting one trait may let the lab reset
    another; what differs afterwards is set again.

    Parameters
    ----------
    lab : Lab
    state : mapping of str to object
        As `state_of` returns it.

    Raises
    ------
    ValueError
        If the lab refuses a value, such as a file that no longer exists.
    """
    for name in _FIRST:
        if name in state and not same(getattr(lab, name), state[name]):
            setattr(lab, name, state[name])
    for _ in range(_PASSES):
        others = {name: value for name, value in state.items() if not same(getattr(lab, name), value)}
        if not others:
            return
        with lab.hold_trait_notifications():
            for name, value in others.items():
                setattr(lab, name, value)


def same(first: Any, second: Any) -> bool:
    """Tell whether two values of a trait are the same one, arrays by their content.

    Parameters
    ----------
    first, second : object

    Returns
    -------
    bool
        False also where the objects cannot be compared.

    Examples
    --------
    >>> same(np.ones(2), np.ones(2)), same((1, 2), (1, 2)), same("a", None)
    (True, True, False)
    """
    if first is second:
        return True
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        both = isinstance(first, np.ndarray) and isinstance(second, np.ndarray)
        return both and first.dtype == second.dtype and np.array_equal(first, second)
    try:
        return type(first) is type(second) and bool(first == second)
    except (TypeError, ValueError):
        return False
