"""Which objects can still be reached from others, by the references that Python's collector of garbage knows."""

from __future__ import annotations

import gc
import sysconfig
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Their objects lead to everything (a kernel knows all cells and widgets), or are many and hold nothing of the reader's.
_NOT_ENTERED = {
    *("IPython", "ipykernel", "comm", "zmq", "tornado", "asyncio", "logging", "threading", "concurrent", "weakref"),
    *("tensorflow", "keras", "jax", "jaxlib", "torch", "numpy", "pandas", "matplotlib", "PIL", "sklearn", "scipy"),
}
_INSTALLED = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_MOST = 3_000_000  # objects that are looked at; beyond, everything counts as reached
_PLAIN = frozenset((str, bytes, int, float, complex, bool, type(None)))


def reached(roots: Iterable[Any], sought: Sequence[Any], besides: Sequence[Any] = ()) -> list[Any]:
    """Return those of some objects that can be reached from others.

    Containers, attributes, closures, bound methods, and classes and modules of the reader's own are searched; installed
    packages and their inner objects are not.

    Parameters
    ----------
    roots : iterable
        Where the search begins.
    sought : sequence
        What is looked for.
    besides : sequence, optional
        What the search goes round: what leads there alone does not count.

    Examples
    --------
    >>> one, other = [1], [2]
    >>> reached([{"kept": (one, "a")}], [one, other])
    [[1]]
    """
    missing = {id(one) for one in sought}
    seen = {id(one) for one in besides}
    waiting = list(roots)
    while waiting and missing:
        if len(seen) > _MOST:
            return list(sought)
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        missing.discard(id(one))
        waiting += _references(one)
    return [one for one in sought if id(one) not in missing]


def _references(one: Any) -> list[Any]:
    """Return what an object refers to, as far as it may lead to something of the reader's."""
    kind = type(one)  # never asked of the object itself, which may be a proxy
    if kind is types.FunctionType:  # without its globals, which are a whole module
        return [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
    if issubclass(kind, types.ModuleType):
        return list(vars(one).values()) if _is_own(one) else []
    if issubclass(kind, type):
        return list(vars(one).values()) if one.__module__ == "__main__" else []
    if kind.__module__.partition(".")[0] in _NOT_ENTERED:
        return []
    return [held for held in gc.get_referents(one) if type(held) not in _PLAIN]


def _is_own(module: types.ModuleType) -> bool:
    """Tell whether a module is the reader's: a file that is not installed."""
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and not file.startswith(_INSTALLED) and module.__name__.split(".")[0] != "xai_widgets"
