"""A recipe in plain words of the reader's language, for the small line under a picture and for captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_widgets.i18n import catalogue, checked_language, message
from xai_widgets.i18n.numbers import with_minus
from xai_widgets.results.described import Described

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from xai_widgets.results.recipe import Recipe

_USUAL = frozenset(
    {
        ("formula", "paper"),
        ("incremental", "False"),
        ("kernel_width", "0.25"),
        ("norm", "linf"),
        ("normalise", "expected"),
        ("output", "logit"),
        ("quadrature", "gauss_legendre"),
        ("reduce", "average"),
        ("reduce", "mean"),
        ("relu", "True"),
        ("restarts", "1"),
        ("ridge", "1.0"),
        ("upsample", "True"),
    }
)  # goes unsaid
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_RANGES = frozenset({"clip"})  # options whose value is the smallest and the largest number
_FEW = 3  # targets that are named
_SEVERAL = 4  # numbers of which the smallest and the largest are told


def recipe_in_words(
    recipe: Recipe,
    language: str | None = None,
    *,
    target: Sequence[str] | None = None,
    without: Collection[str] = (),
    more: Sequence[str] = (),
) -> str:
    """Return the method, the model, the target and the options of a recipe in words, separated by dots.

    Options that are as usual, such as ``output="logit"`` or ``targeted=False``, are not told. ``str(recipe)`` gives
    them all by the names that they have in code.

    Parameters
    ----------
    recipe : Recipe
        What is told.
    language : {"en", "fr"}, optional
        By default it is the current language.
    target : sequence of str, optional
        What the targets are called; their own names if left out.
    without : collection of str
        What is left out: ``"method"``, ``"model"``, ``"target"`` or names of options.
    more : sequence of str
        What is told after the options, such as the time taken.

    Examples
    --------
    >>> from xai_widgets.results.recipe import Recipe
    >>> made = Recipe("pgd", "digits", ("3",), {"epsilon": 0.1, "steps": 20, "targeted": False, "norm": "linf"})
    >>> print(recipe_in_words(made, "en"))
    PGD · digits · for 3 · ε 0.1 · 20 steps
    """
    code = checked_language(language)
    parts = {"method": method_in_words(recipe.method, code), "model": recipe.model}
    named = list(dict.fromkeys(recipe.target if target is None else target))
    if named:
        listed = ", ".join(named[:_FEW]) + (" …" if len(named) > _FEW else "")
        parts["target"] = message("recipe.target", code, target=listed)
    parts |= {name: option_in_words(name, value, code, recipe.method) for name, value in recipe.options.items()}
    return " · ".join([text for name, text in parts.items() if text and name not in without] + list(more))


def method_in_words(method: str, language: str | None = None) -> str:
    """Return what a method is called in the course; its own name, with spaces, where the catalogues have none.

    Examples
    --------
    >>> method_in_words("smooth_grad", "fr"), method_in_words("a_new_method", "fr")
    ('SmoothGrad', 'a new method')
    """
    code = checked_language(language)
    for area in ("attribution", "recipe"):
        if f"method_{method}" in catalogue(area, code):
            return message(f"{area}.method_{method}", code)
    return method.replace("_", " ")


def option_in_words(name: str, value: Any, language: str | None = None, method: str = "") -> str:
    """Return one option in words; an empty text where it is as usual.

    The catalogue is asked for ``option_NAME_VALUE``, where the value is a word, for ``option_NAME_of_METHOD``, where a
    method means something else by the name, then for ``option_NAME``; what it does not know is told by its name.

    Examples
    --------
    >>> option_in_words("noise", 0.15, "fr"), option_in_words("exact", True, "en"), option_in_words("exact", False)
    ('bruit 0,15', 'all coalitions', '')
    >>> option_in_words("clip", (0.0, 1.0), "fr"), option_in_words("segments", Described("4x4 0f3a"))
    ('valeurs de 0 à 1', 'given pieces')
    >>> option_in_words("count", 3, "en"), option_in_words("count", 3, "en", "top_patches")
    ('about 3 pieces', '3 patches a unit')
    """
    code = checked_language(language)
    if value is None or (name, str(value)) in _USUAL:
        return ""
    known = catalogue("recipe", code)
    if isinstance(value, Described):
        return known.get(f"option_{name}_given", f"{name.replace('_', ' ')} {known['given']}")
    written = _range_in_words(value, code) if name in _RANGES else value_in_words(value, code)
    if f"option_{name}_{str(value).lower()}" in known:
        return known[f"option_{name}_{str(value).lower()}"]
    if isinstance(value, bool):
        return name.replace("_", " ") if value else ""
    for key in (f"option_{name}_of_{method}", f"option_{name}"):
        if key in known:
            return message(f"recipe.{key}", code, value=written)
    return f"{name.replace('_', ' ')} {written}"


def value_in_words(value: Any, language: str | None = None) -> str:
    """Return a value as it is read: numbers with four digits and the decimal mark of the language.

    Examples
    --------
    >>> value_in_words((0.0, 0.25, 0.5, 1.0), "fr"), value_in_words((0, 1), "en")
    ('0 à 1', '0, 1')
    """
    code = checked_language(language)
    if isinstance(value, float):
        return _number(value, code)
    if isinstance(value, (tuple, list)):
        if len(value) >= _SEVERAL and all(isinstance(one, (int, float)) for one in value):
            return _range_in_words((min(value), max(value)), code)
        return (message("recipe.comma", code) + " ").join(value_in_words(one, code) for one in value)
    rows, times, columns = str(value).partition("x")
    if times and rows.isdigit() and columns.isdigit():
        return f"{rows}\u00a0×\u00a0{columns}"
    named = (("recipe", f"value_{value}"), ("relevance", f"plan_{value}"), ("relevance", f"rule_{value}"))
    return next((catalogue(area, code)[key] for area, key in named if key in catalogue(area, code)), str(value))


def _range_in_words(ends: Sequence[float], code: str) -> str:
    low, high = (value_in_words(end, code) for end in ends)
    return message("recipe.from_to", code, low=low, high=high)


def _number(value: float, code: str) -> str:
    """Write a number with four digits that count, a very small or large one with a power of ten."""
    digits, _, power = f"{value:.4g}".partition("e")
    if power:
        digits = f"{'' if digits == '1' else digits + '×'}10{str(int(power)).translate(_RAISED)}"
    return with_minus(digits).replace(".", message("lab.decimal", code))
