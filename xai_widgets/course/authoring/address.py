"""The address of the repository, set in every file that names it; while none is known, nothing leads to one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xai_widgets.course.authoring.built_files import BuiltFiles
from xai_widgets.course.authoring.fault import CourseError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.course.authoring.checkout import Layout

# An account has letters, digits and single hyphens; OWNER is what stands in examples.
_ADDRESS = re.compile(r"https://github\.com/(?!OWNER/)[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/[\w.-]+", re.ASCII)
_BLOCK = re.compile(r"(<!-- address: (\w+) -->\n).*?(<!-- end of address -->\n)", re.DOTALL)
_LINKS = """\
[Français sur Binder](https://mybinder.org/v2/gh/{name}/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2Ffr%2Findex.ipynb) ·
[English on Binder](https://mybinder.org/v2/gh/{name}/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2Fen%2Findex.ipynb) ·
[Français sur Colab](https://colab.research.google.com/github/{name}/blob/HEAD/notebooks/fr/00_start.ipynb) ·
[English on Colab](https://colab.research.google.com/github/{name}/blob/HEAD/notebooks/en/00_start.ipynb)

These need nothing on your machine. Binder takes a few minutes to wake up; on Colab, run the first cell, which installs
the package.
"""
_CLONE = """\
```sh
git clone {address} && cd {folder}
```
"""
_BLOCKS = {"links": _LINKS, "clone": _CLONE}


def checked_address(address: str, where: str) -> str:
    """Return the address of a repository without what may stand at its end.

    Parameters
    ----------
    address : str
        Such as ``"https://github.com/ada/xai_widgets"``; a ``/`` or ``.git`` at the end is left out.
    where : str
        What the error names: a file, or the command.

    Raises
    ------
    CourseError
        If it is not that of a repository on GitHub, which is what Binder and Colab open.

    Examples
    --------
    >>> checked_address("https://github.com/ada/xai_widgets.git/", "pyproject.toml")
    'https://github.com/ada/xai_widgets'
    """
    short = address.strip().rstrip("/").removesuffix(".git")
    if not _ADDRESS.fullmatch(short) or short.endswith(("/.", "/..")):
        what = (
            f"{address!r} is not the address of a repository; it has the form https://github.com/<account>/<repository>"
        )
        raise CourseError([Fault(where, what)])
    return short


def set_address(layout: Layout, address: str | None) -> list[str]:
    """Write the address of the repository into every file that names it, all or nothing; return the files' names.

    The notebooks are not among them: the build writes their links and their set-up cells.

    Parameters
    ----------
    layout : Layout
        The checkout.
    address : str, optional
        Such as ``"https://github.com/ada/xai_widgets"``; None takes out the one that stands there.

    Raises
    ------
    CourseError
        If it is not the address of a repository, or if a file is missing or has no place for it.
    """
    wanted = None if address is None else checked_address(address, "address")
    files = BuiltFiles()
    for name, text in with_address(layout, wanted).items():
        files.put(layout.root / name, text.encode())
    files.write()
    return list(WRITERS)


def with_address(layout: Layout, address: str | None) -> dict[str, str]:
    """Return the texts of the files that name the address of the repository, as they are with it (without, if None).

    Raises
    ------
    CourseError
        If one is missing or has no place for it.
    """
    texts, faults = {}, []
    for name, write in WRITERS.items():
        try:
            texts[name] = write((layout.root / name).read_text("utf-8"), address)
        except FileNotFoundError:
            faults.append(Fault(name, f"is missing in {layout.root}"))
        except LookupError as error:
            faults.append(Fault(name, f"has no {error.args[0]}, where the address of the repository belongs; add it"))
    if faults:
        raise CourseError(faults)
    return texts


def _project(text: str, address: str | None) -> str:
    """Set ``Repository`` in pyproject.toml, below the comment of its section."""
    line = "" if address is None else f'Repository = "{address}"\n'
    without = re.sub(r"^Repository *=.*\n", "", text, flags=re.MULTILINE)
    return _below(r"\[project\.urls\]\n(?:#.*\n)*", line, without, "section [project.urls]")


def _citation(text: str, address: str | None) -> str:
    """Set ``repository-code`` in CITATION.cff, below the licence."""
    line = "" if address is None else f'repository-code: "{address}"\n'
    without = re.sub(r"^repository-code:.*\n", "", text, flags=re.MULTILINE)
    return _below(r"license: .*\n", line, without, "line 'license: …'")


def _below(above: str, line: str, text: str, place: str) -> str:
    found = re.search(f"^{above}", text, re.MULTILINE)
    if not found:
        raise LookupError(place)
    return text[: found.end()] + line + text[found.end() :]


def _readme(text: str, address: str | None) -> str:
    """Fill the blocks of README.md that need the address."""
    missing = _BLOCKS.keys() - {found[1] for found in _BLOCK.findall(text)}
    if missing:
        raise LookupError(f"'<!-- address: {min(missing)} -->' with '<!-- end of address -->' below it")
    return _BLOCK.sub(lambda found: found[1] + _filled(found[2], address) + found[3], text)


def _filled(block: str, address: str | None) -> str:
    if address is None:
        return ""
    name = address.removeprefix("https://github.com/")
    return "\n" + _BLOCKS[block].format(address=address, name=name, folder=name.split("/")[1]) + "\n"


WRITERS: dict[str, Callable[[str, str | None], str]] = {
    "pyproject.toml": _project,
    "README.md": _readme,
    "CITATION.cff": _citation,
}
