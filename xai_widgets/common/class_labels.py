"""Class names: from a list, a mapping, a file of names, or ImageNet's class index."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.arrays import as_array
from xai_widgets.common.user_files import fault_of_file, reason, user_path

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 300  # characters of a name; the longest of ImageNet has 120

Labels = Sequence[str] | Mapping[Any, Any] | str | os.PathLike[str]


def read_labels(labels: Labels, classes: int | None = None) -> list[str]:
    """Return class names in the order of a model's outputs.

    Parameters
    ----------
    labels : sequence, mapping or path
        The names (whole numbers count as names); or ``{index: name}``; or ``{name: index}``, as Keras' generators give
        it; or a text file with one name a line; or a JSON file that holds a list of names, such a mapping, or
        ImageNet's class index ``{"0": [wordnet id, name]}``.
    classes : int, optional
        How many outputs the model has. ImageNet's index names 1,000; a model with 1,001 has "background" first.

    Returns
    -------
    list of str
        One name for each class, all different.

    Raises
    ------
    ValueError
        If there is no such file, or it holds no names, a mapping leaves an index out, two classes have one name, one
        has a name that cannot be written or has more than 300 characters, or the order of the names is not known.

    Examples
    --------
    >>> read_labels({1: "dog", 0: "cat"})
    ['cat', 'dog']
    >>> read_labels({"dog": 1, "cat": 0})
    ['cat', 'dog']
    """
    given: Any = _from_file(user_path(labels)) if isinstance(labels, str | os.PathLike) else labels
    if isinstance(given, set | frozenset):
        msg = "labels are a set, which has no order; give a list in the order of the model's outputs"
        raise ValueError(msg)  # noqa: TRY004  (as for every other kind of wrong labels)
    if not isinstance(given, Iterable):
        msg = f"labels must be one text per class, not one {type(given).__name__}"
        raise ValueError(msg)  # noqa: TRY004
    entries: list[Any] = _in_order(given) if isinstance(given, Mapping) else list(as_array(given))
    if entries and all(_is_index_entry(entry) for entry in entries):
        return imagenet_names([(str(wordnet), str(name)) for wordnet, name in entries], classes)
    if not entries:
        raise ValueError("labels must be one text per class; there are none")
    for place, entry in enumerate(entries):
        if not _is_name(entry):
            raise ValueError(f"labels must be one text per class; class {place} has a {type(entry).__name__}")
    names = [str(entry) for entry in entries]
    _refuse_unwritable(names)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(
            f"{twice[0]!r} names {names.count(twice[0])} classes, so it would not say which one is meant; "
            "give every class a name of its own"
        )
    return names


def _refuse_unwritable(names: Sequence[str]) -> None:
    """Refuse names that no page, file or figure can hold; half a character comes of bytes that were read wrongly."""
    for place, name in enumerate(names):
        if any("\ud800" <= letter <= "\udfff" for letter in name):
            msg = f"the name of class {place}, {name[:40]!r}, holds half a character: it cannot be written"
            raise ValueError(msg)
        if len(name) > _LONGEST:
            msg = f"the name of class {place} has {len(name):,} characters; at most {_LONGEST} can be shown"
            raise ValueError(msg)


def _is_name(entry: Any) -> bool:
    whole = isinstance(entry, int | np.integer) and not isinstance(entry, bool | np.bool_)
    return whole or isinstance(entry, str)


def imagenet_names(index: Sequence[tuple[str, str]], classes: int | None = None) -> list[str]:
    """Return readable names from ImageNet's class index.

    Two pairs of classes have one name (crane, the bird and the machine; maillot): the WordNet id tells them apart.

    Examples
    --------
    >>> imagenet_names([("n02123045", "tiger_cat"), ("n02012849", "crane"), ("n03126707", "crane")])
    ['tiger cat', 'crane (n02012849)', 'crane (n03126707)']
    """
    often = Counter(name for _, name in index)
    names = [f"{name} ({wordnet})" if often[name] > 1 else name for wordnet, name in index]
    readable = [name.replace("_", " ") for name in names]
    return ["background", *readable] if classes == len(readable) + 1 else readable


def _is_index_entry(entry: Any) -> bool:
    return isinstance(entry, list | tuple) and list(map(type, entry)) == [str, str]


def _from_file(path: Path) -> Any:
    """Read a JSON file, or a text with one name a line."""
    fault = fault_of_file(path, "file of labels")
    if fault is not None:
        raise ValueError(fault)
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text) if path.suffix.lower() == ".json" else [line for line in text.splitlines() if line]
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"the labels in {path.name!r} cannot be read: {reason(error)}") from error


def _in_order(labels: Mapping[Any, Any]) -> list[Any]:
    """Return the names of ``{index: name}`` or ``{name: index}`` by index, which must be 0, 1, 2, ..."""
    pairs = list(labels.items())
    if not _are_indices([key for key, _ in pairs]):
        if not _are_indices([value for _, value in pairs]):
            raise ValueError(
                "labels given as a mapping must say {index: name} or {name: index} with whole numbers from 0 on, "
                f"not {str(labels)[:80]}"
            )
        pairs = [(value, key) for key, value in pairs]
    numbered = {int(index): name for index, name in pairs}
    missing = sorted(set(range(len(pairs))) - set(numbered))
    if missing:
        raise ValueError(f"labels given as a mapping must name every class from 0 on; class {missing[:1]} is missing")
    return [numbered[place] for place in range(len(pairs))]


def _are_indices(values: Sequence[Any]) -> bool:
    """Tell whether these are whole numbers, or texts of such, as JSON has them."""
    return all(
        (isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_))
        or (isinstance(value, str) and value.strip().isdecimal())
        for value in values
    )
