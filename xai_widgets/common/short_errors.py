"""Short error messages in notebooks: of a refusal by this package, one line is shown, not the frames inside."""

from __future__ import annotations

import dis
import linecache
import sys
from typing import TYPE_CHECKING, Any

from xai_widgets.i18n import message

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_PACKAGE = "xai_widgets"
_KINDS = ValueError, TypeError, NotImplementedError, RuntimeError, ImportError
_USUAL_MODE = "context"  # of %xmode; whoever chooses another one wants to see more, or less
_RAISE = dis.opmap["RAISE_VARARGS"]
_RED, _PLAIN = "\x1b[31m", "\x1b[39m"
_LONGEST = 100  # characters of the reader's line


def install() -> None:
    """Let the IPython shell that runs, if there is one, show refusals of this package in short.

    A refusal is an error that a ``raise`` of this package gave. Its line says what was wrong and what to do; ``%tb``
    shows the frames that led to it, and ``%xmode Verbose`` those of all errors from then on. Debuggers and pytest see
    what they always see. A handler that the reader has set stays.
    """
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    if shell is None or getattr(shell, "custom_exceptions", True):
        return
    from traitlets import TraitError

    shell.set_custom_exc((*_KINDS, TraitError), show_error)


def show_error(shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, **_: Any) -> None:
    """Show an error in an IPython shell: a refusal of this package in short, any other as IPython does.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
        The shell in which a cell failed.
    kind : type
        The class of the error.
    error : BaseException
        The error.
    trace : traceback
        Where it was raised.
    """
    wanted = str(getattr(shell.InteractiveTB, "mode", _USUAL_MODE)).lower() == _USUAL_MODE and not shell.call_pdb
    if not (wanted and is_refusal(trace)):
        shell.showtraceback((kind, error, trace), running_compiled_code=True)
        return
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace  # for %tb and %debug
    lines = [f"{_RED}{kind.__name__}{_PLAIN}: {error}", *_readers_line(trace), message("plots.whole_traceback")]
    shell._showtraceback(kind, error, lines)  # noqa: SLF001  (what IPython's own handlers call)


def is_refusal(trace: TracebackType | None) -> bool:
    """Tell whether an error was raised by a ``raise`` of this package, not by what it called.

    Examples
    --------
    >>> from xai_widgets.i18n import checked_language
    >>> try:
    ...     checked_language("xx")
    ... except ValueError as error:
    ...     print(is_refusal(error.__traceback__))
    True
    >>> is_refusal(None)
    False
    """
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    return _is_ours(trace.tb_frame) and trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == _PACKAGE


def _readers_line(trace: TracebackType | None) -> list[str]:
    """Return the last line of the reader's own code that led to an error; none where its source is not known."""
    found: tuple[int, str] | None = None
    while trace is not None and not _is_ours(trace.tb_frame):
        line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
        found = (trace.tb_lineno, line) if line else found
        trace = trace.tb_next
    if found is None:
        return []
    number, line = found
    shown = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return [message("plots.error_line", number=number, line=shown)]
