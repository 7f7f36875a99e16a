"""The table of classes: the variant of each part for each class. The table is read from ``classes.toml``."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from xai_widgets.common.name_matching import match, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class SceneError(ValueError):
    """A scene that cannot be drawn or changed as asked; the message says why and what to do."""


def _table() -> dict[str, Any]:
    text = resources.files("xai_widgets.datasets.creatures").joinpath("classes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


_TABLE = _table()

PARTS: Final[tuple[str, ...]] = tuple(_TABLE["parts"])
"""The parts an animal may have, roughly from the back to the front."""

VARIANTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {part: tuple(variants) for part, variants in _TABLE["parts"].items()}
)
"""The variants of each part."""

CARRIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {part: tuple(_TABLE["carries"].get(part, ())) for part in PARTS}
)
"""For each part, the parts on it, which are removed together with it."""

WORN: Final[tuple[str, ...]] = tuple(_TABLE["worn"]["parts"])
"""The parts that any animal may have, whatever its class."""

CLASSES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {name: MappingProxyType(parts) for name, parts in _TABLE["classes"].items()}
)
"""Each class's part variants."""

LABELS: Final[tuple[str, ...]] = tuple(CLASSES)
"""The names of the classes, in the order of a model's outputs."""


def one_of(name: str, known: Iterable[str], what: str) -> str:
    """Return the entry of `known` that is spelt like `name`.

    Raises
    ------
    SceneError
        If there is none; the nearest names are given.

    Examples
    --------
    >>> one_of("Cat", LABELS, "class")
    'cat'
    >>> one_of("foxx", LABELS, "class")
    Traceback (most recent call last):
    ...
    xai_widgets.datasets.creatures.classes.SceneError: there is no class 'foxx'; did you mean fox?
    """
    entries = tuple(known)
    if name in entries:
        return name
    found = match(name, entries) if isinstance(name, str) else None
    if found is None:
        raise SceneError(f"there is no {what} {name!r}; {suggestion(str(name), entries)}")
    return found


@functools.cache
def classes_with(part: str, variant: str) -> tuple[str, ...]:
    """Return the classes that have a variant of a part.

    Parameters
    ----------
    part : str
        One of `PARTS`.
    variant : str
        One of ``VARIANTS[part]``.

    Returns
    -------
    tuple of str
        Names of classes, at least two for every variant that a class has; none for what any animal may wear.

    Raises
    ------
    SceneError
        If there is no such part or variant.

    Examples
    --------
    >>> classes_with("ears", "pointed")
    ('cat', 'fox')
    """
    part = one_of(part, PARTS, "part")
    variant = one_of(variant, VARIANTS[part], f"variant of {part}")
    return tuple(name for name, parts in CLASSES.items() if parts.get(part) == variant)
