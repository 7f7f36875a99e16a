"""The line of code that makes the present view of a lab."""

from __future__ import annotations

import inspect
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import traitlets
from IPython import get_ipython

from xai_widgets.i18n import message
from xai_widgets.widgets.base.given_names import name_of
from xai_widgets.widgets.base.lab_state import same, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xai_widgets.widgets.base.lab import Lab

_WIDEST = 88  # characters of a line
_PLAIN = (bool, int, float, str, type(None))


def view_code(lab: Lab) -> str:
    """Return code that makes a lab in the present state.

    Parameters
    ----------
    lab : Lab

    Returns
    -------
    str
        An import and a call. What has no text of its own, such as a model of the reader's, stands under the name that
        it has in the notebook; where it has none, under the option's name, and a comment says that it is to be given.
    """
    options = _options(lab)
    texts = {name: _text(name, value) for name, value in options.items()}
    missing = [name for name, text in texts.items() if text is None]
    kind = type(lab).__name__
    call = _call(kind, lab, {name: text or name for name, text in texts.items()})
    comments = [f"# {message('lab.bar_to_give', lab.language, name=name)}" for name in missing]
    return "\n".join([f"from {_home(kind)} import {kind}", *comments, "", call])


def _home(kind: str) -> str:
    import xai_widgets

    return "xai_widgets" if hasattr(xai_widgets, kind) else "xai_widgets.widgets"


def _options(lab: Lab) -> dict[str, Any]:
    """Return what the lab is to be given: what it was given once, and the traits that differ from their defaults."""
    state = state_of(lab)
    once = {name: value for name, value in lab.made_with.items() if name not in state and value is not None}
    return once | {name: value for name, value in state.items() if not _is_default(lab, name, value)}


def _is_default(lab: Lab, name: str, value: Any) -> bool:
    """Tell whether a trait has its default; options in an object are compared one by one."""
    trait: Any = lab.traits()[name]
    if type(trait) is traitlets.Instance and trait.default_args is not None:
        made: Any = trait.klass
        return bool(vars(value) == vars(made(*trait.default_args)))
    return same(value, lab.trait_defaults(name))


def _call(kind: str, lab: Lab, texts: Mapping[str, str]) -> str:
    """Write a call; what comes first in the signature comes first, without its name."""
    first = [name for name in _positional(lab) if name in texts]
    leading = first if first == _positional(lab)[: len(first)] else []
    parts = [texts[name] for name in leading]
    parts += [f"{name}={text}" for name, text in texts.items() if name not in leading]
    line = f"{kind}({', '.join(parts)})"
    if len(line) <= _WIDEST:
        return line
    return "\n".join([f"{kind}(", *(f"    {part}," for part in parts), ")"])


def _positional(lab: Lab) -> list[str]:
    parameters = inspect.signature(type(lab).__init__).parameters.values()
    return [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD][1:]


def _text(name: str, value: Any) -> str | None:
    """Return the text of a value, None if it has none and no name."""
    if isinstance(value, PurePath):
        return _quoted(str(value))
    if _is_plain(value):
        return _literal(value)
    known = name_of(value)
    return _name_in_notebook(name, value) if known is None else _quoted(known)


def _literal(value: Any) -> str:
    """Write a plain value, texts in double quotes."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' * (len(value) == 1)})"
    return repr(value)


def _quoted(text: str) -> str:
    """Write a text in double quotes, unless it holds some."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in text else plain


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.keys())) and all(map(_is_plain, value.values()))
    return type(value) in _PLAIN


def _name_in_notebook(option: str, value: Any) -> str | None:
    """Return the name that the reader has given a value, the option's own name if that is one of them."""
    shell = get_ipython()
    if shell is None:
        return None
    objects = (value, getattr(value, "model", None))
    hidden = getattr(shell, "user_ns_hidden", {})
    names = [
        name
        for name, held in list(shell.user_ns.items())
        if any(held is one for one in objects if one is not None) and not name.startswith("_") and name not in hidden
    ]
    return option if option in names else next(iter(names), None)
