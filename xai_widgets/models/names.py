"""One way to refuse an unknown name: say it, and offer the nearest ones."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown_name(kind: str, name: object, known: Iterable[str], *, shown: int = 5) -> str:
    """Compose the message for a name that is not among the known ones.

    Parameters
    ----------
    kind : str
        What the name was to stand for, such as ``"layer"``.
    name : object
        The name that was given.
    known : iterable of str
        The names there are.
    shown : int
        How many to offer.

    Examples
    --------
    >>> unknown_name("layer", "conv2_1", ["conv1", "conv2"])
    "unknown layer 'conv2_1'; nearest: 'conv2', 'conv1'"
    """
    choices = {str(choice).lower(): str(choice) for choice in known}
    near = difflib.get_close_matches(str(name).lower(), choices, n=shown, cutoff=0.4)
    if near:
        return f"unknown {kind} {name!r}; nearest: {', '.join(repr(choices[key]) for key in near)}"
    some = ", ".join(repr(choice) for choice in list(choices.values())[:shown])
    return f"unknown {kind} {name!r}; there are {len(choices)}, such as {some}" if choices else f"unknown {kind} {name!r}"
