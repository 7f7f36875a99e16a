"""Options that had another name once: the old one keeps working, and a warning says the new one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar, cast

from xai_widgets.common.warning import warn_reader

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_warned: set[tuple[str, str]] = set()


def renamed_options(**names: str) -> Callable[[Function], Function]:
    """Decorate a function, or a class, whose options were renamed; the signature shows the new names alone.

    Parameters
    ----------
    **names
        Each old name, and the new one: ``fill="baseline"``.

    Returns
    -------
    callable
        The decorator. A call with an old name gives the answer of the new one; the first such call of a process warns
        with a DeprecationWarning. Of a class, the constructor is changed, and the class itself is returned.

    Raises
    ------
    TypeError
        By the decorated function, if an option is given by its old and by its new name.

    Examples
    --------
    >>> @renamed_options(colour="baseline")
    ... def hide(part, *, baseline=0):
    ...     return part, baseline
    >>> hide("ear", baseline=1)
    ('ear', 1)
    """

    def decorate(function: Function) -> Function:
        if isinstance(function, type):
            made = _with_old_names(function.__init__, names)  # type: ignore[misc]
            made.__name__ = function.__name__  # what a warning calls it
            function.__init__ = made  # type: ignore[misc]
            return cast("Function", function)
        return cast("Function", _with_old_names(function, names))

    return decorate


def _with_old_names(function: Callable[..., Any], names: dict[str, str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        return function(*args, **with_new_names(call, options))

    call.renamed = names  # type: ignore[attr-defined]
    return call


def with_new_names(function: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a call by their new names, for a function that `renamed_options` decorates.

    Raises
    ------
    TypeError
        If an option is given by its old and by its new name.

    Examples
    --------
    >>> with_new_names(print, {"sep": ""})
    {'sep': ''}
    """
    names: dict[str, str] = getattr(function, "renamed", {})
    for old in names.keys() & options.keys():
        if names[old] in options:
            msg = f"{function.__name__}() was given {old!r} and {names[old]!r}, two names of one option; drop {old!r}"
            raise TypeError(msg)
        warn_renamed(f"{function.__name__}()", old, names[old])
    return {names.get(name, name): value for name, value in options.items()}


def warn_renamed(where: str, old: str, new: str) -> None:
    """Warn, once for each option of a process, that `old` is called `new` now.

    Parameters
    ----------
    where : str
        What takes the option: ``"occlusion()"``.
    old, new : str
    """
    if (where, old) in _warned:
        return
    _warned.add((where, old))
    warn_reader(f"the option {old!r} of {where} is called {new!r} now; the old name will go", DeprecationWarning)
