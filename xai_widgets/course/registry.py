"""Exercises by name: one file of ``xai_widgets/course/exercises`` holds those of one notebook."""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.course.base import Exercise

_CLASSES: dict[str, type[Exercise]] = {}
Kind = TypeVar("Kind", bound="type[Exercise]")


def register(name: str) -> Callable[[Kind], Kind]:
    """Decorate a class of exercise: it is found under `name`, such as ``"03.fgsm"``.

    Raises
    ------
    ValueError
        If the name is taken by another class.
    """

    def keep(kind: Kind) -> Kind:
        taken = _CLASSES.get(name)
        if taken is not None and taken.__qualname__ != kind.__qualname__:
            raise ValueError(f"exercise {name!r} is already {taken.__qualname__}; choose another name")
        kind.name = name
        _CLASSES[name] = kind
        return kind

    return keep


def exercise(name: str) -> Exercise:
    """Return the exercise called `name`; asked again, the same one, which knows what hints it has given.

    Parameters
    ----------
    name : str
        The number of the notebook and a word, such as ``"03.fgsm"``.

    Raises
    ------
    KeyError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> ex = exercise("00.strongest_pixel")
    >>> ex
    exercise('00.strongest_pixel')
    >>> ex.check(None)
    Verdict('00.strongest_pixel', 'to_do')
    """
    _load()
    if name not in _CLASSES:
        nearest = difflib.get_close_matches(str(name), _CLASSES, n=3, cutoff=0.3) or sorted(_CLASSES)
        raise KeyError(f"no exercise {name!r}; the nearest names are {', '.join(nearest)}")
    return _only_one(name)


def list_exercises() -> list[str]:
    """Return the names of all exercises.

    Examples
    --------
    >>> "03.fgsm" in list_exercises()
    True
    """
    _load()
    return sorted(_CLASSES)


@functools.cache
def _only_one(name: str) -> Exercise:
    return _CLASSES[name]()


@functools.cache
def _load() -> None:
    """Import every file of exercises, so that a new file needs no list to be changed."""
    package = importlib.import_module("xai_widgets.course.exercises")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
