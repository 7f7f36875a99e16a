"""Options are checked where a function is called, by what its signature says of them."""

from __future__ import annotations

import functools
import inspect
import sys
import typing
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from xai_widgets.common import option_types
from xai_widgets.common.name_matching import nearest
from xai_widgets.common.option_types import UNFIT, OptionKind, kind_of, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Function = TypeVar("Function", bound="Callable[..., Any]")


def checked_options(function: Function) -> Function:
    """Decorate a function or a class, so that what it is called with is checked against its signature.

    Parameters
    ----------
    function : callable or class
        Its annotations describe its options, with the types of `option_types`. Of a class, the constructor.

    Returns
    -------
    callable or class
        A class is changed and returned itself.

    Raises
    ------
    ValueError
        By what is decorated, for a value that is none of those described.
    TypeError
        By what is decorated, for an option that does not exist (the nearest name is given) or is missing.

    Examples
    --------
    >>> @checked_options
    ... def blur(picture, *, radius: option_types.PositiveInt = 3):
    ...     return radius
    >>> blur(None, radius=np.int64(5))
    5
    >>> blur(None, radius=0)
    Traceback (most recent call last):
        ...
    ValueError: blur: radius must be a whole number of at least 1, not 0
    >>> blur(None, radios=2)
    Traceback (most recent call last):
        ...
    TypeError: blur has no option 'radios'; did you mean 'radius'?
    """
    if isinstance(function, type):
        function.__init__ = _checked(function.__init__, function.__name__)  # type: ignore[misc]
        return cast("Function", function)
    return cast("Function", _checked(function, function.__name__))


def _checked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    options = Options(function, name)

    @functools.wraps(function)
    def call(*args: Any, **given: Any) -> Any:
        bound = options.bind(args, given)
        return function(*bound.args, **bound.kwargs)

    return call


@contextmanager
def naming(option: str) -> Iterator[None]:
    """Let errors about what an option holds begin with its name, where they come from a reader of any picture or array.

    Raises
    ------
    ValueError
        For a TypeError or a ValueError inside.

    Examples
    --------
    >>> with naming("mask"):
    ...     float("x")
    Traceback (most recent call last):
        ...
    ValueError: mask: could not convert string to float: 'x'
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        raise ValueError(f"{option}: {error}") from error


class Options:
    """The options of a function, read once from its signature.

    Parameters
    ----------
    function : callable
    name : str, optional
        What error messages call it; its own name if left out.
    """

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function, self.name = function, name or function.__name__
        self.signature = inspect.signature(function)

    @functools.cached_property
    def kinds(self) -> Mapping[str, OptionKind]:
        """What each option may be, but for those that are not checked.

        They are read at the first call: only then is all there that the annotations name.
        """
        names = _Names(inspect.unwrap(self.function))
        found = {
            parameter.name: kind_of(names.read(parameter.annotation))
            for parameter in self.signature.parameters.values()
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
            and parameter.annotation is not parameter.empty
        }
        return {name: kind for name, kind in found.items() if kind is not None}

    def bind(self, args: tuple[Any, ...], given: Mapping[str, Any]) -> inspect.BoundArguments:
        """Return the arguments of a call by name, each checked; see `checked_options`.

        A value that is the default itself is right, whatever the annotation.
        """
        self._refuse_unknown(given)
        try:
            bound = self.signature.bind(*args, **given)
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}") from None
        for name, value in bound.arguments.items():
            kind = self.kinds.get(name)
            if kind is None or value is self.signature.parameters[name].default:
                continue
            read = kind.read(value)
            if read is UNFIT:
                raise ValueError(f"{self.name}: {name} {refusal(kind, value)}")
            bound.arguments[name] = read
        return bound

    def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        parameters = self.signature.parameters
        if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
            return
        for name in given:
            if name not in parameters:
                known = [one for one in parameters if one != "self"]
                near = nearest(name, known, count=1)
                advice = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
                raise TypeError(f"{self.name} has no option {name!r}; {advice}")


class _Unknown(type):
    """The type of whatever stands in an annotation and is imported for type checkers alone: it is not checked."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, _parts: Any) -> Any:
        return cls


class _NotChecked(metaclass=_Unknown):
    """Stands for such a type."""


class _Names(dict[str, Any]):
    """The names that the annotations of a function may use: those of its module, of `option_types`, of typing."""

    def __init__(self, function: Callable[..., Any]) -> None:
        common = {"NDArray": NDArray, "ArrayLike": Any, "np": np, "Any": Any, "Literal": typing.Literal}
        common |= {"Sequence": typing.Sequence, "Callable": typing.Callable, "Annotated": typing.Annotated}
        module = sys.modules.get(function.__module__)
        super().__init__({**common, **vars(option_types), **getattr(function, "__globals__", vars(module or typing))})

    def __missing__(self, name: str) -> Any:
        """Return what stands for an unknown type; the built-in ones are known."""
        builtins = vars(sys.modules["builtins"])
        return builtins.get(name, _NotChecked)

    def read(self, annotation: Any) -> Any:
        """Return an annotation that is a text as the type that it names."""
        return eval(annotation, {}, self) if isinstance(annotation, str) else annotation  # noqa: S307  (our own text)
