"""Labs and the cells of a notebook: what a cell that is run again replaces is closed.

A widget that is dropped is not freed: the registry of ipywidgets holds it, with its thread and all that it computed. A
cell that is run ten times while a reader tries things would leave nine labs behind that nobody can reach or see.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from IPython import get_ipython
from ipywidgets.widgets.widget import _instances  # the one list of all open widgets

from xai_widgets.widgets.base.held_objects import reached
from xai_widgets.widgets.base.widget_tree import owned_widgets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xai_widgets.widgets.base.lab import Lab

_ELSEWHERE = object()  # in no cell that could be run again: a callback, a cell without a number


class CellLabs:
    """Knows which cells of a notebook made and show its labs, and closes those that were replaced.

    A lab is replaced once a cell that made or showed it was run again, if no other cell shows it, nothing that the
    reader has named leads to it or to one of its widgets, and no other widget holds it. What IPython keeps of earlier
    outputs is no name of the reader's.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """

    def __init__(self, shell: Any) -> None:
        self._shell = weakref.proxy(shell)
        self._made_by: weakref.WeakKeyDictionary[Lab, object] = weakref.WeakKeyDictionary()
        self._shown_by: weakref.WeakKeyDictionary[Lab, set[object]] = weakref.WeakKeyDictionary()
        self._made_now: weakref.WeakSet[Lab] = weakref.WeakSet()
        self._shown_now: weakref.WeakSet[Lab] = weakref.WeakSet()
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def made(self, lab: Lab) -> None:
        """Note that the cell that runs now has made a lab."""
        self._made_now.add(lab)

    def shown(self, lab: Lab) -> None:
        """Note that the cell that runs now shows a lab."""
        self._shown_now.add(lab)

    def _before(self, _info: object = None) -> None:
        self._note(_ELSEWHERE)  # what was made or shown since the cell before

    def _after(self, result: Any = None) -> None:
        cell = getattr(getattr(result, "info", None), "cell_id", None)
        if cell is None:
            self._note(_ELSEWHERE)
            return
        made, shown = set(self._made_now), set(self._shown_now)
        earlier = {lab for lab, cells in self._known().items() if cell in cells} - made
        for lab in earlier - shown:
            self._shown_by.get(lab, set()).discard(cell)
        self._note(cell)
        replaced = [lab for lab in earlier if not self._shown_by.get(lab) and lab.comm is not None]
        if replaced:
            self._close(replaced)

    def _known(self) -> dict[Lab, set[object]]:
        """Return the cells that made or show each lab."""
        return {lab: {cell, *self._shown_by.get(lab, ())} for lab, cell in self._made_by.items()}

    def _note(self, cell: object) -> None:
        """Write down what was made and shown by a cell."""
        for lab in self._made_now:
            self._made_by[lab] = cell
        for lab in self._shown_now:
            self._shown_by.setdefault(lab, set()).add(cell)
        self._made_now.clear()
        self._shown_now.clear()

    def _close(self, labs: list[Lab]) -> None:
        """Close those labs that nobody can reach."""
        parts = {lab: owned_widgets(lab, lab.given_widgets) for lab in labs}
        held = {id(one) for one in reached(self._named(), [one for own in parts.values() for one in own], [_instances])}
        held |= {id(one) for one in _in_other_widgets(labs)}
        closed = [lab for lab, own in parts.items() if held.isdisjoint(map(id, own))]
        for lab in closed:
            lab.close()
        self._forget(closed)

    def _named(self) -> list[Any]:
        """Return what the reader has named, without what IPython has: outputs by number, and its own tools."""
        names, hidden = self._shell.user_ns, self._shell.user_ns_hidden
        return [value for name, value in names.items() if name not in hidden or value is not hidden[name]]

    def _forget(self, labs: list[Lab]) -> None:
        """Let IPython forget the outputs that were these labs."""
        shell, gone = self._shell, {id(lab) for lab in labs}
        for kept in (shell.user_ns.get("_oh", {}), shell.user_ns, shell.user_ns_hidden):
            for name in [name for name, value in kept.items() if id(value) in gone]:
                del kept[name]
        for name in ("_", "__", "___"):
            if id(getattr(shell.displayhook, name, None)) in gone:
                setattr(shell.displayhook, name, "")


def _in_other_widgets(labs: Iterable[Lab]) -> list[Lab]:
    """Return those labs that stand in a box of the reader's, or in the output that a widget has caught."""
    own = {id(one) for lab in labs for one in owned_widgets(lab)}
    others = [one for one in list(_instances.values()) if id(one) not in own]
    held = [value for one in others for value in vars(one)["_trait_values"].values()]
    inside = {id(child) for value in held for child in (value if isinstance(value, (list, tuple)) else (value,))}
    caught = "".join(repr(one.outputs) for one in others if isinstance(one, widgets.Output))
    return [lab for lab in labs if id(lab) in inside or lab.model_id in caught]


_SHELLS: weakref.WeakKeyDictionary[Any, CellLabs] = weakref.WeakKeyDictionary()


def cell_labs() -> CellLabs | None:
    """Return what knows the labs of the present notebook; None in a script."""
    shell = get_ipython()
    if shell is None:
        return None
    if shell not in _SHELLS:
        _SHELLS[shell] = CellLabs(shell)
    return _SHELLS[shell]
