"""Check of the reader's machine: what is there, what is missing, what to do about it."""

from __future__ import annotations

import html
import importlib
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from xai_widgets.i18n import language, message

_OLDEST, _NEWEST = (3, 11), (3, 13)
_SOME_NEED = {
    "lime": ("05_lime",),
    "lucid": ("10_activation_maximization",),
    "openTSNE": ("13_tsne",),
    "umap-learn": ("11_atlas_and_dissection", "13_tsne"),
}
_ENOUGH = 1.2e9  # bytes: the notebook that takes the most memory


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: its name, what was found, whether it is well, what to do if not."""

    name: str
    found: str
    well: bool
    advice: str = ""


@dataclass(frozen=True)
class MachineReport:
    """What `check_machine` found; it draws itself as a table."""

    lines: tuple[Line, ...]

    @property
    def ready(self) -> bool:
        """Whether the course runs on this machine."""
        return all(line.well for line in self.lines)

    def __repr__(self) -> str:
        """Say whether the machine is ready, and nothing that differs from machine to machine."""
        return message("course.machine.ready" if self.ready else "course.machine.not_ready")

    def __str__(self) -> str:
        """Return the findings, one a line."""
        rows = [f"{'✓' if one.well else '✗'} {one.name}: {one.found} {one.advice}".rstrip() for one in self.lines]
        return "\n".join([*rows, repr(self)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{'✓' if one.well else '✗'}</td><td>{html.escape(one.name)}</td>"
            f"<td>{html.escape(one.found)}</td><td>{html.escape(one.advice)}</td></tr>"
            for one in self.lines
        )
        return f"<table><tbody>{rows}</tbody></table><p><strong>{html.escape(repr(self))}</strong></p>"


def check_machine(*, in_shell: bool = False) -> MachineReport:
    """Check Python, the packages, the backend, the device and the memory.

    Parameters
    ----------
    in_shell : bool, default False
        Whether the reader is in a shell. JupyterLab is then missing where it is not installed, while a notebook may be
        open in something else: VS Code, Colab. Advice is for a shell, or for a cell of a notebook.

    Returns
    -------
    MachineReport
        What was found, with advice in the reader's language where something is missing.

    Examples
    --------
    >>> report = check_machine()
    >>> report.ready
    True
    >>> len(report.lines) >= 5
    True
    """
    return MachineReport((_python(), *_packages(in_shell=in_shell), _backend(in_shell=in_shell), *_device()))


def _python() -> Line:
    well = _OLDEST <= sys.version_info[:2] <= _NEWEST
    return Line("Python", platform.python_version(), well, "" if well else message("course.machine.python"))


def _packages(*, in_shell: bool) -> list[Line]:
    lines = []
    for package in ("xai_widgets", "keras", "ipywidgets", "anywidget", "jupyterlab"):
        try:
            lines.append(Line(package, version(package), well=True))
        except PackageNotFoundError:
            needed = package != "jupyterlab" or in_shell
            advice = _install(package, in_shell=in_shell) if needed else ""
            lines.append(Line(package, "–", well=not needed, advice=advice))
    return [*lines, *_missing_for_some(in_shell=in_shell)]


def _missing_for_some(*, in_shell: bool) -> list[Line]:
    """Return a line for each package that is missing and that some notebooks need, with their names."""
    lines = []
    for package, notebooks in _SOME_NEED.items():
        try:
            version(package)
        except PackageNotFoundError:
            needing = message("course.machine.needed_by", notebooks=", ".join(notebooks))
            lines.append(Line(package, "–", well=False, advice=f"{needing} {_install(package, in_shell=in_shell)}"))
    return lines


def _install(package: str, *, in_shell: bool) -> str:
    """Return the advice to install a package."""
    return message("course.machine.install_shell" if in_shell else "course.machine.install", package=package)


def _backend(*, in_shell: bool) -> Line:
    """Import the backend of Keras, to test whether it is installed and works."""
    name = message("course.machine.backend")
    try:
        backend = importlib.import_module("xai_widgets.backend")
    except Exception as error:  # noqa: BLE001  (a broken installation fails in its own ways; the report says which)
        advice = _install("tensorflow-cpu", in_shell=in_shell)
        return Line(name, f"{type(error).__name__}: {error}", well=False, advice=advice)
    return Line(name, str(backend.name()), well=True)


def _device() -> list[Line]:
    try:
        backend = importlib.import_module("xai_widgets.backend")
        found, free = backend.device(), backend.free_memory()
    except Exception:  # noqa: BLE001  (the line on the backend says what is wrong)
        return []
    enough = free >= _ENOUGH
    gigabytes = f"{free / 1e9:.1f}".replace(".", "," if language() == "fr" else ".")
    memory = message("course.machine.gigabytes", amount=gigabytes)
    names = (found.kind.upper(), found.name)
    advice = message("course.machine.cpu_is_enough") if found.kind == "cpu" else ""
    return [
        Line(message("course.machine.device"), " – ".join(dict.fromkeys(names)), well=True, advice=advice),
        Line(message("course.machine.memory"), memory, enough, "" if enough else message("course.machine.close")),
    ]
