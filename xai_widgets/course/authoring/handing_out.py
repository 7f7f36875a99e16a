"""What leaves the checkout: the students' notebooks with all they need, and the assignments for nbgrader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.course.authoring.build import faults_of_sources, in_source, pages_of
from xai_widgets.course.authoring.built_files import BuiltFiles
from xai_widgets.course.authoring.edition_notebooks import Builder, written
from xai_widgets.course.authoring.fault import CourseError, Fault
from xai_widgets.course.authoring.notebook_checks import notebook_faults
from xai_widgets.course.grading.configuration import CONFIGURATION
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from xai_widgets.course.authoring.checkout import Layout


def export(layout: Layout, folder: Path, language: str) -> list[Fault]:
    """Write nbgrader's source version of every notebook that has exercises, as ``folder/source/SLUG/SLUG.ipynb``.

    Beside it comes ``nbgrader_config.py``, with which answers are judged outside of the kernel that runs them; one that
    is there already is left as it is, if it says so too.
    """
    try:
        builder = Builder.of(layout)
        faults = faults_of_sources(builder)
    except CourseError as error:
        return list(error.faults)
    if faults:
        return faults
    files = BuiltFiles()
    configured = folder / "nbgrader_config.py"
    if not configured.is_file():
        files.put(configured, CONFIGURATION.encode())
    elif "outside_checks" not in configured.read_text("utf-8"):
        what = "does not judge answers outside of their kernel; add these lines to it, then export again:"
        return [Fault(str(configured), f"{what}\n{CONFIGURATION}")]
    for source in builder.course:
        if source.exercises():
            path = folder / "source" / source.slug / f"{source.slug}.ipynb"
            files.put(path, written(builder.assignment(source, language)))
    _put_beside(layout, folder, files)
    files.write()
    return []


def hand_out(layout: Layout, folder: Path) -> list[Fault]:
    """Write what students get, and no solution, into `folder`: ``fr/`` and ``en/``, with map, glossary and pictures.

    What lies beside the editions goes with them, models, pictures and exercises, and so does ``requirements.txt``: what
    has to be installed, and what the files of this name beside the editions ask for. While the address of the
    repository is not known, it asks for the wheel of the package in the same folder.
    """
    try:
        builder = Builder.of(layout)
        faults = faults_of_sources(builder)
    except CourseError as error:
        return list(error.faults)
    if faults:
        return faults
    files = BuiltFiles()
    made = []
    for language in LANGUAGES:
        for source in builder.course:
            notebook, path = builder.notebook(source, language, "student"), folder / language / f"{source.slug}.ipynb"
            made.append((source, language, notebook, path))
            files.put(path, written(notebook))
            picture = layout.picture(source.slug, language)
            if picture.is_file():
                files.put(folder / language / "images" / picture.name, picture.read_bytes())
    for path, page in pages_of(builder, folder).items():
        files.put(path, written(page))
    _put_beside(layout, folder, files)
    files.put(folder / "requirements.txt", _requirements(layout).encode())
    for source, language, notebook, path in made:
        found = notebook_faults(notebook, path, language, solved=False, beside=files.paths())
        faults += [in_source(fault, source, language) for fault in found]
    if not faults:
        files.write()
    return faults


def _put_beside(layout: Layout, folder: Path, files: BuiltFiles) -> None:
    for place, path in layout.beside().items():
        files.put(folder / place, path.read_bytes())


def _requirements(layout: Layout) -> str:
    """Return what a student's environment needs, in the words of pip."""
    asked = [path.read_text("utf-8") for place, path in layout.beside().items() if path.name == "requirements.txt"]
    repository, extras = layout.repository(), "[course,tensorflow]"
    from_file = f"./{layout.wheel()}{extras}"  # a bare name could be anybody's package
    package = f"{layout.package()}{extras} @ git+{repository}" if repository else from_file
    lines = [package, *"\n".join(asked).splitlines()]
    return "\n".join(dict.fromkeys(line.strip() for line in lines if line.strip())) + "\n"
