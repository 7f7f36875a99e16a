"""The registry of labs: each is declared once, in its own folder, and everything that lists labs reads it here.

It imports no lab and nothing heavy, since ``import xai_widgets`` takes the public names of the labs from it.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xai_widgets.widgets.base.lab import Lab

NEEDS: Final = ("model", "picture", "pictures", "concepts", "record", "vectors")
_PACKAGE = "xai_widgets.widgets.labs"


@dataclass(frozen=True)
class LabEntry:
    """What is declared of a lab, under the name ``LAB``, in the ``__init__.py`` of its folder.

    Attributes
    ----------
    package : str
        The folder as a package, ``__name__`` where the entry stands; the class is in its module ``lab``.
    name : str
        The public name: that of the class.
    area : str
        Of the message catalogue. It holds the purpose, in one sentence, as ``purpose_`` and the name of the folder,
        and two things to try, as ``try_``, the name of the folder, ``_1`` and ``_2``.
    notebooks : tuple of str
        The notebooks of the course that use the lab, the one that introduces it first; empty for none.
    needs : tuple of str
        What it is given, of `NEEDS`; empty where the lab has everything itself.
    example : callable
        Returns the options of the instance that the screenshots show.
    quick : callable
        Returns the options of an instance that answers within seconds, for the tests.

    Raises
    ------
    ValueError
        If a need is unknown.
    """

    package: str
    name: str
    area: str
    notebooks: tuple[str, ...]
    needs: tuple[str, ...]
    example: Callable[[], Mapping[str, Any]]
    quick: Callable[[], Mapping[str, Any]]

    def __post_init__(self) -> None:
        """Refuse an entry that the lists of labs could not show."""
        unknown = sorted(set(self.needs) - set(NEEDS))
        if unknown:
            raise ValueError(f"{self.name}: unknown needs {', '.join(unknown)}; choose among {', '.join(NEEDS)}")

    @property
    def folder(self) -> str:
        """The name of the lab's folder."""
        return self.package.rpartition(".")[2]

    @property
    def module(self) -> str:
        """The module that defines the class."""
        return f"{self.package}.lab"

    @property
    def on_a_picture(self) -> bool:
        """Whether the lab is about one picture and one model."""
        return {"model", "picture"} <= set(self.needs)

    def purpose(self, language: str | None = None) -> str:
        """Return in one sentence what the lab lets a reader do, in a language (default: the current one)."""
        return message(f"{self.area}.purpose_{self.folder}", language)

    def suggestions(self, language: str | None = None) -> list[str]:
        """Return two things to try, a sentence each, in a language (default: the current one)."""
        return [message(f"{self.area}.try_{self.folder}_{number}", language) for number in (1, 2)]

    def load(self) -> type[Lab]:
        """Import the lab and return its class."""
        loaded: type[Lab] = getattr(importlib.import_module(self.module), self.name)
        return loaded

    def make(self, **options: Any) -> Lab:
        """Return the instance of the screenshots, with some options changed."""
        return self.load()(**{**self.example(), **options})

    def make_quick(self, **options: Any) -> Lab:
        """Return the instance of the tests, with some options changed."""
        return self.load()(**{**self.quick(), **options})


@functools.cache
def registered_labs() -> Mapping[str, LabEntry]:
    """Return all labs by name, in the order in which the course introduces them, the others last.

    Returns
    -------
    mapping of str to LabEntry
        One entry for each folder of `xai_widgets.widgets.labs`.

    Examples
    --------
    >>> entry = registered_labs()["CamLab"]
    >>> entry.notebooks, entry.needs, entry.module
    (('07_cam',), ('model', 'picture'), 'xai_widgets.widgets.labs.cam.lab')
    >>> entry.purpose("en")
    'Look for a class at every layer, and for what speaks against it.'
    """
    labs = importlib.import_module(_PACKAGE)
    found = [importlib.import_module(f"{_PACKAGE}.{one.name}").LAB for one in pkgutil.iter_modules(labs.__path__)]
    found.sort(key=lambda entry: (not entry.notebooks, entry.notebooks[:1], entry.name))
    return {entry.name: entry for entry in found}
