"""What layers are called on a page: the part of a long path in which it differs from the others."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG = 20  # characters; a name up to this length is shown whole
_LONGEST = 28  # what a menu has room for
_ENDS = re.compile(r"[/_.-]")  # where a name may be cut


def short_layer_names(paths: Sequence[str]) -> dict[str, str]:
    """Return what each layer is called beside the others.

    Where a path is long, what all paths begin and end with is left out, at a slash or an underscore; what is still too
    long loses its middle. No two layers get the same name.

    Parameters
    ----------
    paths : sequence of str
        The layers that are shown together, by their paths.

    Returns
    -------
    dict of str to str
        From each path to its name, in the order of `paths`.

    Examples
    --------
    >>> list(short_layer_names(["conv1", "conv2"]).values())
    ['conv1', 'conv2']
    >>> list(short_layer_names(["a_very_long_backbone/block_1_relu", "a_very_long_backbone/block_2_relu"]).values())
    ['block_1', 'block_2']
    """
    several = list(dict.fromkeys(paths))
    if max(map(len, several), default=0) <= _LONG:
        return {path: path for path in several}
    start = _common_start(several)
    ends = [path[start:] for path in several]
    if max(map(len, ends)) > len("block_12"):
        stop = _common_end(ends)
        ends = [end[: len(end) - stop] for end in ends]
    names = [_without_middle(end) for end in ends]
    return dict(zip(several, names if len(set(names)) == len(several) else several, strict=True))


def layer_options(paths: Sequence[str]) -> tuple[str, ...] | tuple[tuple[str, str], ...]:
    """Return what a menu of layers offers: the paths, or pairs of a short name and a path where one is long.

    Examples
    --------
    >>> layer_options(["conv1", "conv2"])
    ('conv1', 'conv2')
    """
    names = short_layer_names(paths)
    if all(name == path for path, name in names.items()):
        return tuple(names)
    return tuple((name, path) for path, name in names.items())


def _common_start(paths: Sequence[str]) -> int:
    """Return how many characters all paths begin with that say nothing: up to a mark that is followed by a letter."""
    if len(paths) == 1:
        return paths[0].rfind("/") + 1
    common = _common(paths)
    for cut in reversed([found.end() for found in _ENDS.finditer(common)]):
        if all(path[cut : cut + 1].isalpha() for path in paths):
            return cut
    return 0


def _common_end(names: Sequence[str]) -> int:
    """Return how many characters all names end with, from a mark on, so that something is left of each."""
    common = _common([name[::-1] for name in names])
    cuts = [found.end() for found in _ENDS.finditer(common)]
    return max((cut for cut in cuts if all(len(name) > cut for name in names)), default=0)


def _common(names: Sequence[str]) -> str:
    """Return what all names begin with."""
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)


def _without_middle(name: str) -> str:
    """Return a name that a menu has room for."""
    if len(name) <= _LONGEST:
        return name
    half = (_LONGEST - 1) // 2
    return f"{name[: _LONGEST - 1 - half]}…{name[-half:]}"
