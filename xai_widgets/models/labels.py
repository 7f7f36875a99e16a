"""Class names: from a list, a mapping, a file of names, or ImageNet's class index."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Labels = Sequence[str] | Mapping[Any, str] | str | os.PathLike[str]


def read_labels(labels: Labels, classes: int | None = None) -> list[str]:
    """Return class names in the order of a model's outputs.

    Parameters
    ----------
    labels : sequence, mapping or path
        The names; or ``{index: name}``; or a text file with one name a line; or a JSON file holding a list of names,
        ``{"0": name}``, or ImageNet's class index ``{"0": [wordnet id, name]}``.
    classes : int, optional
        How many outputs the model has. ImageNet's index names 1,000; a model with 1,001 has "background" first.

    Raises
    ------
    ValueError
        If there is no such file, or it holds no names, or a mapping leaves an index out.

    Examples
    --------
    >>> read_labels({1: "dog", 0: "cat"})
    ['cat', 'dog']
    """
    given: Any = _from_file(Path(labels).expanduser()) if isinstance(labels, str | os.PathLike) else labels
    entries: list[Any] = _in_order(given) if isinstance(given, Mapping) else list(given)
    if entries and all(_is_index_entry(entry) for entry in entries):
        return imagenet_names([(str(wordnet), str(name)) for wordnet, name in entries], classes)
    if not entries or not all(isinstance(entry, str) for entry in entries):
        raise ValueError(f"labels must be one text per class, not {str(entries)[:80]}")
    return entries


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
    if not path.is_file():
        raise ValueError(f"there is no file of labels {str(path)!r}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text) if path.suffix.lower() == ".json" else [line for line in text.splitlines() if line]
    except ValueError as error:
        raise ValueError(f"the labels in {path.name!r} cannot be read: {error}") from error


def _in_order(labels: Mapping[Any, Any]) -> list[Any]:
    """Return the values of ``{index: name}`` by index, which must be 0, 1, 2, ..."""
    try:
        numbered = {int(key): value for key, value in labels.items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"labels given as a mapping need whole numbers as keys: {error}") from error
    missing = sorted(set(range(len(numbered))) - set(numbered))
    if missing or len(numbered) != len(labels):
        raise ValueError(f"labels given as a mapping must name every class from 0 on; class {missing[:1]} is missing")
    return [numbered[place] for place in range(len(numbered))]
