"""What to do where a name is missing: after a restart of the kernel, the cells above have to be run again."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.display import display

from xai_widgets.course.exercises.verdict import card
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from types import TracebackType


def explain_missing_names() -> None:
    """Say below the error of a name that is not there what to do; outside of a notebook, nothing changes.

    Examples
    --------
    >>> explain_missing_names()
    """
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((NameError,), _explain)


def _explain(
    shell: Any, kind: type[BaseException], error: NameError, trace: TracebackType, tb_offset: int | None = None
) -> None:
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    name = getattr(error, "name", None) or ""
    if not name or difflib.get_close_matches(name, shell.user_ns, n=1, cutoff=0.8):
        return  # mistyped: Python says so
    text = message("course.missing_name.text", name=name)
    shown = {"text/plain": text, "text/html": card("note", message("course.missing_name.title"), text)}
    display(shown, raw=True)  # type: ignore[no-untyped-call]
