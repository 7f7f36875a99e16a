"""Methods as the evaluations take them: by name, or as a function, with options bound to it or not."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.methods.registry import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xai_widgets.results.attribution_result import Attribution

    Method = str | Callable[..., Attribution]


def method_function(method: Any, batch_size: int | None = None) -> Callable[..., Attribution]:
    """Return the function of a method.

    Parameters
    ----------
    method : str or callable
        A name from `list_methods`; or a function of (model, inputs, target) that gives an Attribution, such as
        ``functools.partial(smooth_grad, samples=10)``.
    batch_size : int, optional
        Bound to the function, if it has such an option that is not bound yet.

    Raises
    ------
    ValueError
        If no method has that name (the nearest are given).
    TypeError
        If it is neither a name nor a function.

    Examples
    --------
    >>> method_function("saliency").__name__
    'saliency'
    """
    if callable(method):
        return _in_batches(method, batch_size)
    if not isinstance(method, str):
        msg = f"a method is a name or a function of (model, inputs, target), not {method!r}"
        raise TypeError(msg)
    found = match(method, FUNCTIONS)
    if found is None:
        msg = f"unknown method {method!r}; {suggestion(method, FUNCTIONS)}"
        raise ValueError(msg)
    return _in_batches(FUNCTIONS[found], batch_size)


def _in_batches(function: Callable[..., Attribution], batch_size: int | None) -> Callable[..., Attribution]:
    """Bind the size of a batch to a function that takes one."""
    bound = function.keywords if isinstance(function, functools.partial) else {}
    if batch_size is None or "batch_size" in bound or "batch_size" not in inspect.signature(function).parameters:
        return function
    return functools.partial(function, batch_size=batch_size)


def method_name(method: Method) -> str:
    """Return how a method is called in recipes and tables.

    Examples
    --------
    >>> from xai_widgets.methods import smooth_grad
    >>> method_name(functools.partial(smooth_grad, samples=10))
    'smooth_grad(samples=10)'
    """
    if isinstance(method, str):
        return match(method, FUNCTIONS) or method
    if isinstance(method, functools.partial):
        options = ", ".join(f"{name}={value}" for name, value in method.keywords.items())
        return f"{method_name(method.func)}({options})"
    return str(getattr(method, "__name__", type(method).__name__))


def named_methods(methods: Sequence[Method] | Mapping[str, Method]) -> dict[str, Method]:
    """Return methods by the name of their row; an empty or repeated one is refused.

    Raises
    ------
    ValueError
        If there is no method, or two share a name.

    Examples
    --------
    >>> list(named_methods(["saliency", "lrp"]))
    ['saliency', 'lrp']
    """
    if isinstance(methods, str):
        methods = [methods]
    if not isinstance(methods, Iterable):
        raise TypeError(f"methods must be names or functions, or a dict of them, not {methods!r}")
    pairs = list(methods.items()) if hasattr(methods, "items") else [(method_name(one), one) for one in methods]
    names = [name for name, _ in pairs]
    if not names or len(set(names)) < len(names):
        msg = f"give at least one method in methods, each once, not {names}; a dict gives rows names of their own"
        raise ValueError(msg)
    for _, method in pairs:
        method_function(method)  # refuses what is none
    return dict(pairs)
