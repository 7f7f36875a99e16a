"""The names by which models and data were given to labs, so that code can name them again."""

from __future__ import annotations

import weakref
from typing import TypeVar

Named = TypeVar("Named")

_NAMED: weakref.WeakValueDictionary[tuple[str, int], object] = weakref.WeakValueDictionary()


def note_name(made: Named, name: object) -> Named:
    """Note under which name an object was asked for; do nothing where it was not asked for by a text.

    Parameters
    ----------
    made : object
        What the name stands for. It is not kept alive.
    name : object

    Returns
    -------
    object
        `made`.
    """
    if isinstance(name, str):
        _NAMED[name, id(made)] = made
    return made


def name_of(made: object) -> str | None:
    """Return the name by which an object was asked for, None if it came without.

    Examples
    --------
    >>> from xai_widgets import load_model
    >>> net = note_name(load_model("digits"), "digits")
    >>> name_of(net), name_of("digits")
    ('digits', None)
    """
    return next((name for (name, _), one in list(_NAMED.items()) if one is made), None)
