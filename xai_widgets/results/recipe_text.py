"""A recipe as JSON text, for files: plain values and arrays come back, what is neither is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.results.described import Described
from xai_widgets.results.recipe import NotKept, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

_PLAIN = (str, int, float, bool, type(None))


class _HasNoTextError(Exception):
    """A value that is no plain value, such as a function."""


def recipe_to_text(recipe: Recipe) -> tuple[str, Arrays]:
    """Return a recipe as JSON text, and the arrays in it by the names that the text gives them.

    Functions, layers and other objects have no text: `NotKept` stands in their place.

    Examples
    --------
    >>> text, arrays = recipe_to_text(Recipe("saliency", "digits", ("3",), {}, {}, {"target": None, "baseline": 0.5}))
    >>> text
    '{"method": "saliency", "model": "digits", "target": ["3"], "options": {}, "versions": {}, "arguments":
    {"target": null, "baseline": 0.5}}'
    """
    arrays: Arrays = {}
    fields = {
        "method": recipe.method,
        "model": recipe.model,
        "target": list(recipe.target),
        "options": {name: _written(value, arrays) for name, value in recipe.options.items()},
        "versions": dict(recipe.versions),
        "arguments": {name: _written(value, arrays) for name, value in recipe.arguments.items()},
    }
    if recipe.outputs:
        fields["outputs"] = recipe.outputs
    return json.dumps(fields), arrays


def recipe_from_text(text: str, arrays: Mapping[str, NDArray[Any]]) -> Recipe:
    """Return the recipe that `recipe_to_text` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError
        If the text is not that of a recipe, or an array is missing.

    Examples
    --------
    >>> recipe = Recipe("saliency", "digits", ("3",), {"size": (8, 8)})
    >>> recipe_from_text(*recipe_to_text(recipe)) == recipe
    True
    """
    fields = json.loads(text)
    options, arguments = (
        {name: _read(value, arrays) for name, value in fields[part].items()} for part in ("options", "arguments")
    )
    strings = (fields["method"], fields["model"], *fields["target"], *fields["versions"].values())
    if not all(isinstance(one, str) for one in strings):
        raise TypeError("a recipe has names that are no text")
    names = fields["method"], fields["model"], tuple(fields["target"])
    return Recipe(*names, options, dict(fields["versions"]), arguments, str(fields.get("outputs", "")))


def _written(value: Any, arrays: Arrays) -> Any:
    """Write one option; its arrays are added to `arrays` if all of it has a text."""
    added: Arrays = {}
    try:
        text = _encoded(value, added, len(arrays))
    except _HasNoTextError:
        return {"not kept": str(value) if isinstance(value, NotKept) else _called(value)}
    arrays |= added
    return text


def _encoded(value: Any, arrays: Arrays, first: int) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Described):
        return {"described": value.fingerprint}
    if type(value) is list:
        return [_encoded(one, arrays, first) for one in value]
    if type(value) is tuple:
        return {"tuple": [_encoded(one, arrays, first) for one in value]}
    if type(value) is dict and all(isinstance(name, str) for name in value):
        return {"mapping": {name: _encoded(one, arrays, first) for name, one in value.items()}}
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufcU":
        name = f"recipe.{first + len(arrays)}"
        arrays[name] = np.asarray(value)
        return {"number" if isinstance(value, np.generic) else "array": name}
    raise _HasNoTextError


def _read(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return [_read(one, arrays) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return _READERS[kind](content, arrays)


def _called(value: Any) -> str:
    """Name an object without its address in memory."""
    kind = type(value).__name__
    name = getattr(value, "__name__", None) or getattr(value, "name", None)
    return f"{kind} {name}" if isinstance(name, str) else kind


_READERS: dict[str, Any] = {
    "tuple": lambda content, arrays: tuple(_read(one, arrays) for one in content),
    "mapping": lambda content, arrays: {name: _read(one, arrays) for name, one in content.items()},
    "array": lambda content, arrays: arrays[content],
    "number": lambda content, arrays: arrays[content][()],
    "described": lambda content, _arrays: Described(content),
    "not kept": lambda content, _arrays: NotKept(content),
}
