"""Whether a function that a student was asked to write does the work itself, or calls a library that does it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

# What the course asks a student to write, these do in one call.
LIBRARIES = ("xai_widgets.methods", "sklearn", "lime", "shap", "captum", "xplique", "tf_keras_vis", "cleverhans")
# What a notebook hands to its students, who build on it.
_GIVEN = ("xai_widgets.course", "xai_widgets.methods.evaluation.seed_stability")


class Borrowed(Exception):  # noqa: N818  (a student's, not a fault of the program)
    """Raised where a student's function calls a library for what it was asked to do.

    Parameters
    ----------
    name : str
        The library.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextlib.contextmanager
def own_work(libraries: tuple[str, ...] = LIBRARIES) -> Iterator[None]:
    """Raise `Borrowed` if the code of the block, or what it calls outside of this package, calls one of the libraries.

    What the course itself hands to students, such as the gradient of the loss, may call them.

    Parameters
    ----------
    libraries : tuple of str
        The beginnings of names of modules.

    Raises
    ------
    Borrowed
        Also if the block has caught it: at its end.

    Examples
    --------
    >>> with own_work():
    ...     sum([1, 2])
    3
    """
    found: list[str] = []

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or found or not _module(frame).startswith(libraries) or _module(frame).startswith(_GIVEN):
            return
        if _is_for_a_student(frame):
            found.append(_module(frame).partition(".")[0])
            raise Borrowed(found[0])

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    except BaseException:
        if found:
            raise Borrowed(found[0]) from None
        raise
    finally:
        sys.setprofile(before)
    if found:
        raise Borrowed(found[0])


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_for_a_student(frame: FrameType) -> bool:
    """Tell whether the nearest caller outside of the libraries is the student's code, and not the course's."""
    own = __package__.partition(".")[0]
    caller = frame.f_back
    while caller is not None and (_module(caller).startswith((f"{own}.", *LIBRARIES)) or _is_installed(caller)):
        if _module(caller).startswith(_GIVEN):
            return False
        caller = caller.f_back
    return caller is not None


def _is_installed(frame: FrameType) -> bool:
    return "site-packages" in frame.f_code.co_filename
