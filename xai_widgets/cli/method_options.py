"""Options of a method on the command line, checked by the signature of the method before anything is loaded."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from xai_widgets.cli.errors import UsageError
from xai_widgets.common.checked_options import Options
from xai_widgets.common.name_matching import suggestion
from xai_widgets.common.option_types import UNFIT, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NOT_HERE: Final = frozenset({"target", "progress"})  # the command has its own
_DRAWN: Final = "seed"  # any method that has one draws it where it gets none


def method_options(function: Callable[..., Any], given: Sequence[str]) -> dict[str, Any]:
    """Return the options of a method from texts ``NAME=VALUE``.

    Values are read as Python writes them (``50``, ``0.1``, ``true``, ``(8, 8)``); all else is text. They are checked by
    `Options`, as in a call of the method.

    Raises
    ------
    UsageError
        If the method has no such option, a value is none of those described, or an option that it needs is an array.

    Examples
    --------
    >>> def method(model, inputs, target=None, *, steps: "int" = 5, baseline: "Any" = 0):
    ...     pass
    >>> method_options(method, ["steps=20", "baseline=blurred"])
    {'steps': 20, 'baseline': 'blurred'}
    """
    options = Options(function)
    parameters = list(options.signature.parameters.values())[2:]  # after the model and the inputs
    known = {parameter.name: parameter for parameter in parameters if parameter.name not in _NOT_HERE}
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"--option {text!r} is not NAME=VALUE")
        if name not in known:
            raise UsageError(f"{function.__name__} has no option {name!r}; {_choice(name, list(known))}")
        if name in found:
            raise UsageError(f"--option {name} is given twice")
        found[name] = _value(options, name, value)
    needed = [one.name for one in known.values() if one.default is one.empty and one.name not in found]
    if needed:
        raise UsageError(
            f"{function.__name__} needs {', '.join(needed)}, an array, which only Python can give; "
            "choose another --method"
        )
    return found


def _choice(name: str, known: list[str]) -> str:
    return suggestion(name, known) if known else "it has none"


def _value(options: Options, name: str, text: str) -> Any:
    """Return the value that a text stands for: as Python reads it, or, where the option is no such thing, the text."""
    kind, default = options.kinds.get(name), options.signature.parameters[name].default
    value = _read(text)
    if kind is None or (value is None and (default is None or name == _DRAWN)):
        return value
    read = kind.read(value)
    read = kind.read(text) if read is UNFIT else read
    if read is UNFIT:
        raise UsageError(f"{options.name}: {name} {refusal(kind, value)}")
    return read


def _read(text: str) -> Any:
    if text.lower() in {"true", "false", "none"}:
        text = text.capitalize()
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
