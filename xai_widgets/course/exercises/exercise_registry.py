"""Exercises by name: one file of ``xai_widgets/course/exercises/by_notebook`` holds those of one notebook."""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util
import json
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from xai_widgets.course.exercises.answered_exercise import AnsweredExercise, is_graded
from xai_widgets.i18n import LANGUAGES, add_messages

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from xai_widgets.course.exercises.exercise import Exercise

_OWN = "xai_widgets_own_exercises"  # what modules of exercises are called that lie in no package
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
    """Return the exercise called `name`; each call returns the same object, which counts the hints shown.

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
    if is_graded():
        return _answered(name)
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


def add_exercises(folder: str | os.PathLike[str]) -> list[str]:
    """Add exercises of one's own: the scripts of a folder, and their sentences, ``course.en.json``, ``course.fr.json``.

    Parameters
    ----------
    folder : str or path
        Looked for from the current folder on, then in the folders above it: a notebook finds what lies beside it.

    Returns
    -------
    list of str
        The names of the exercises in it. Where answers are judged by another process only the sentences are added.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If an exercise, or a sentence, has the name of another.
    """
    found = _folder(Path(folder))
    for code in LANGUAGES:
        sentences = found / f"course.{code}.json"
        if sentences.is_file():
            add_messages("course", code, json.loads(sentences.read_text(encoding="utf-8")))
    if is_graded():
        return []
    _load()
    for script in sorted(found.glob("*.py")):
        _run(script)
    return sorted(own_exercises())


def own_exercises() -> set[str]:
    """Return the names of the exercises that do not come with the package."""
    return {name for name, kind in _CLASSES.items() if kind.__module__.startswith(f"{_OWN}.")}


def _folder(folder: Path) -> Path:
    here = Path.cwd()
    for place in (here, *here.parents):
        if (place / folder).is_dir():
            return place / folder
    raise FileNotFoundError(f"no folder {str(folder)!r} in {here} or above it; put it beside those of the notebooks")


def _run(script: Path) -> None:
    name = f"{_OWN}.{script.stem}"
    described = importlib.util.spec_from_file_location(name, script)
    if described is None or described.loader is None:
        raise ValueError(f"{script} is no Python script")
    module = importlib.util.module_from_spec(described)
    sys.modules[name] = module
    described.loader.exec_module(module)


def new_exercise(name: str) -> Exercise:
    """Return an exercise that nobody has checked yet: for marks.

    Raises
    ------
    KeyError
        If there is none.
    """
    _load()
    return _CLASSES[name]()


@functools.cache
def _answered(name: str) -> Exercise:
    return AnsweredExercise(name)


@functools.cache
def _only_one(name: str) -> Exercise:
    return _CLASSES[name]()


@functools.cache
def _load() -> None:
    """Import every file of exercises, so that a new file needs no list to be changed."""
    package = importlib.import_module("xai_widgets.course.exercises.by_notebook")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
