"""Whether a function that a student was asked to write does the work itself, or calls a library that does it."""

from __future__ import annotations

import dis
import inspect
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What the course asks a student to write, these do in one call.
LIBRARIES = ("xai_widgets.methods", "sklearn", "lime", "shap", "captum", "xplique", "tf_keras_vis", "cleverhans")
# What a notebook hands to its students, who build on it.
_GIVEN = ("xai_widgets.methods.evaluation.seed_stability",)
_PACKAGE = __package__.partition(".")[0]


class Borrowed(Exception):  # noqa: N818  (a student's, not a fault of the program)
    """Raised for a student's function that calls a library for what it was asked to do.

    Parameters
    ----------
    name : str
        The library.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def require_own_work(function: Callable[..., Any]) -> None:
    """Raise `Borrowed` if a function, or one of the student's that it calls, names a library that does the work.

    It is read, not run: what it imports, and what the names in it stand for where it was written.

    Parameters
    ----------
    function : callable
        One that is not written in Python is not read.

    Raises
    ------
    Borrowed
        With the library.

    Examples
    --------
    >>> require_own_work(lambda values: sum(values))
    """
    for library in _libraries(function, set()):
        raise Borrowed(library.partition(".")[0])


def _libraries(function: object, seen: set[int]) -> Iterator[str]:
    """Give the modules of the libraries that a function names."""
    written = inspect.unwrap(function) if callable(function) else function
    written = getattr(written, "__func__", written)
    if not isinstance(written, FunctionType) or id(written) in seen:
        return
    seen.add(id(written))
    names = set(_names(written.__code__))
    known = written.__globals__ | _closure(written)
    used = [*_imported(written.__code__), *(known[name] for name in names if name in known)]
    for one in used:
        yield from _libraries_of(one, names, seen)


def _libraries_of(one: object, names: set[str], seen: set[int]) -> Iterator[str]:
    """Give what a function takes from a library by one of the things that it names."""
    if isinstance(one, ModuleType):
        yield from filter(_is_library, [one.__name__])
        if one.__name__.partition(".")[0] == _PACKAGE:  # a library's function may be an attribute of it
            yield from (_home(getattr(one, name)) for name in names if _is_library(_home(getattr(one, name, None))))
    elif _is_library(_home(one)):
        yield _home(one)
    elif not _home(one).startswith(f"{_PACKAGE}."):
        yield from _libraries(one, seen)


def _home(one: object) -> str:
    """Return the module that a function, a class or an object comes from."""
    return str(getattr(one, "__module__", None) or type(one).__module__)


def _is_library(module: str) -> bool:
    inside = any(module == one or module.startswith(f"{one}.") for one in LIBRARIES)
    return inside and not module.startswith(_GIVEN)


def _closure(function: FunctionType) -> dict[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    return {name: cell.cell_contents for name, cell in cells if cell != type(cell)()}


def _names(code: CodeType) -> Iterator[str]:
    """Give the names in a function's code, also in functions that it makes."""
    yield from (*code.co_names, *code.co_freevars)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _imported(code: CodeType) -> Iterator[ModuleType]:
    """Give the libraries that a function imports itself."""
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME" and _is_library(str(step.argval)):
            yield ModuleType(str(step.argval))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _imported(inner)
