"""The recipes of some examples of a result, and of several results joined into one."""

from __future__ import annotations

import dataclasses
import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe

_ONE_FOR_EACH = ("baseline", "segments")  # options that may be arrays with one entry for each example
_NO_MATTER = frozenset({"batch_size"})  # bears on speed and rounding alone


def recipe_of_examples(recipe: Recipe, places: NDArray[np.intp], values: NDArray[Any]) -> Recipe:
    """Return the recipe of some examples of a result: targets and arrays for each example are those of these.

    Parameters
    ----------
    recipe : Recipe
        Of the whole result.
    places : ndarray of int, shape (K,)
        The indices of the examples, not negative.
    values : ndarray, shape (N, ...)
        The attributions of the whole result, to tell arrays for each example from arrays for all.

    Examples
    --------
    >>> from xai_widgets.results.recipe import Recipe
    >>> recipe = Recipe("saliency", "digits", ("3", "8"), {}, {}, {"target": ["3", "8"]})
    >>> part = recipe_of_examples(recipe, np.array([1]), np.zeros((2, 8, 8, 1)))
    >>> part.target, part.arguments["target"]
    (('8',), ['8'])
    """
    arguments = dict(recipe.arguments)
    if _is_list(arguments.get("target"), len(values)):
        arguments["target"] = [arguments["target"][place] for place in places]
    for name in _ONE_FOR_EACH:
        if name in arguments:
            arguments[name] = _mapped(arguments[name], values, lambda array: array[places])
    target = recipe.target
    if len(target) == len(values):
        target = tuple(target[place] for place in places)
    return dataclasses.replace(recipe, target=target, arguments=arguments)


def joined_recipe(recipes: Sequence[Recipe], values: Sequence[NDArray[Any]]) -> Recipe:
    """Return the recipe of several results of one method and one model with the same options.

    Versions that differ are all named.

    Raises
    ------
    ValueError
        If method, model or an option differ.

    Examples
    --------
    >>> from xai_widgets.results.recipe import Recipe
    >>> recipes = [Recipe("saliency", "digits", (one,), {}, {}, {"target": one}) for one in ("3", "8")]
    >>> joined = joined_recipe(recipes, [np.zeros((1, 8, 8, 1))] * 2)
    >>> joined.target, joined.arguments["target"]
    (('3', '8'), ['3', '8'])
    """
    for field in ("method", "model"):
        found = list(dict.fromkeys(getattr(recipe, field) for recipe in recipes))
        if len(found) > 1:
            raise ValueError(f"results of different {field}s cannot be joined: {' and '.join(map(repr, found))}")
    first = recipes[0]
    names = list(dict.fromkeys(name for recipe in recipes for name in recipe.arguments))
    arguments = {name: _joined_option(name, recipes, values) for name in names}
    if not names:
        _same_option("options", [dict(recipe.options) for recipe in recipes])
    versions = {
        name: " and ".join(dict.fromkeys(recipe.versions.get(name, "?") for recipe in recipes))
        for recipe in recipes
        for name in recipe.versions
    }
    target = tuple(name for recipe in recipes for name in recipe.target)
    return dataclasses.replace(first, target=target, arguments=arguments, versions=versions)


def _joined_option(name: str, recipes: Sequence[Recipe], values: Sequence[NDArray[Any]]) -> Any:
    missing = [recipe.method for recipe in recipes if name not in recipe.arguments]
    if missing:
        raise ValueError(f"a result whose recipe does not say {name} cannot be joined with one that says it")
    given = [recipe.arguments[name] for recipe in recipes]
    if name in _NO_MATTER:
        return given[0]
    if name == "target":
        return _joined_targets(recipes, values)
    return _joined_arrays(name, given, values) if name in _ONE_FOR_EACH else _same_option(name, given)


def _joined_arrays(name: str, given: Sequence[Any], values: Sequence[NDArray[Any]]) -> Any:
    """Join arrays with one entry for each example, also where they stand in lists; all else must be the same."""
    if all(_is_for_each(*pair) for pair in zip(given, values, strict=True)):
        return np.concatenate(given)
    if all(type(one) in (list, tuple) and len(one) == len(given[0]) for one in given):
        return type(given[0])(_joined_arrays(name, parts, values) for parts in zip(*given, strict=True))
    return _same_option(name, given)


def _joined_targets(recipes: Sequence[Recipe], values: Sequence[NDArray[Any]]) -> Any:
    """Return one target where all results have the same, otherwise a list with one for each example."""
    given = [recipe.arguments["target"] for recipe in recipes]
    if not any(isinstance(one, (list, tuple, np.ndarray)) for one in given) and all(one == given[0] for one in given):
        return given[0]
    joined: list[Any] = []
    for target, recipe, array in zip(given, recipes, values, strict=True):
        count = len(array)
        if _is_list(target, count):
            joined += list(target)
        elif isinstance(target, (str, int, np.integer)):
            joined += [target] * count
        elif target is None and len(recipe.target) == count:
            joined += list(recipe.target)  # the predicted classes
        else:
            raise ValueError(f"results whose targets are {' and '.join(map(str, given))} cannot be joined")
    return joined


def _is_list(target: Any, count: int) -> bool:
    return isinstance(target, (list, tuple, np.ndarray)) and len(target) == count


def _is_for_each(option: Any, values: NDArray[Any]) -> bool:
    """Tell whether an option is an array with one entry for each example; maps have no axis of channels."""
    return isinstance(option, np.ndarray) and values.shape in (option.shape, option.shape[:-1])


def _mapped(option: Any, values: NDArray[Any], pick: Callable[[NDArray[Any]], NDArray[Any]]) -> Any:
    if type(option) in (list, tuple):
        return type(option)(_mapped(one, values, pick) for one in option)
    return pick(option) if _is_for_each(option, values) else option


def _same_option(name: str, given: Sequence[Any]) -> Any:
    """Return an option that is the same in all recipes."""
    for one in given[1:]:
        if not _same(given[0], one):
            told = " and ".join(reprlib.repr(each).replace("\n", " ") for each in (given[0], one))
            raise ValueError(f"results with different options cannot be joined: {name} is {told}")
    return given[0]


def _same(first: Any, second: Any) -> bool:
    """Compare two options, which may hold arrays."""
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return type(first) is type(second) and np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[name], second[name]) for name in first)
    return bool(first is second or first == second)
