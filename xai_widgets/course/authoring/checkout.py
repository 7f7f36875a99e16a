"""The folders of the course in a checkout, and the address of the repository."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from xai_widgets.course.authoring.address import checked_address
from xai_widgets.course.authoring.fault import CourseError, Fault
from xai_widgets.i18n import LANGUAGES

Kind = Literal["student", "solved"]


@dataclass(frozen=True)
class Layout:
    """The folders of the course, from the root of a checkout.

    Examples
    --------
    >>> Layout(Path("here")).notebook("03_adversarial", "fr", "solved").as_posix()
    'here/notebooks/solutions/fr/03_adversarial.ipynb'
    """

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Self:
        """Return the layout of the checkout that holds `start` (by default the current folder).

        Raises
        ------
        FileNotFoundError
            If no folder above holds ``notebooks/source``.
        """
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "notebooks" / "source").is_dir():
                return cls(folder)
        raise FileNotFoundError(f"no notebooks/source in {start} or above it; run this from a checkout, or give --root")

    def sources(self) -> list[Path]:
        """Return the source scripts, in the order of the course."""
        return sorted((self.root / "notebooks" / "source").glob("[0-9][0-9]_*.py"))

    def folder(self, language: str, kind: Kind) -> Path:
        """Return the folder of an edition."""
        notebooks = self.root / "notebooks"
        return notebooks / language if kind == "student" else notebooks / "solutions" / language

    def notebook(self, slug: str, language: str, kind: Kind) -> Path:
        """Return where a notebook of an edition lies."""
        return self.folder(language, kind) / f"{slug}.ipynb"

    def picture(self, slug: str, language: str) -> Path:
        """Return the small picture of a notebook that the map of the course shows."""
        return self.folder(language, "student") / "images" / f"{slug}.png"

    def order(self) -> Path:
        """Return the file that says which notebooks are taught, in which order; without it, all, by their numbers."""
        return self.root / "notebooks" / "source" / "course.toml"

    def glossary(self) -> Path:
        """Return the words of the field, in both languages."""
        return self.root / "notebooks" / "source" / "glossary.toml"

    def own_exercises(self) -> Path:
        """Return the folder of exercises that do not come with the package; a course may be without."""
        return self.root / "notebooks" / "exercises"

    def beside(self) -> dict[str, Path]:
        """Return what lies beside the editions and goes with them, models, pictures, exercises: by its place there."""
        notebooks = self.root / "notebooks"
        editions = {*LANGUAGES, "solutions", "source"}
        paths = [path for folder in notebooks.iterdir() if folder.name not in editions for path in folder.rglob("*")]
        places = {path.relative_to(notebooks): path for path in paths if path.is_file()}
        hidden = (".", "_")  # what editors and Python leave, and what instructors keep to themselves
        return {
            place.as_posix(): path
            for place, path in sorted(places.items())
            if not any(part.startswith(hidden) for part in place.parts)
        }

    def record(self) -> Path:
        """Return the file that says what the solved notebooks were made from."""
        return self.root / "notebooks" / "source" / "built.json"

    def solutions(self) -> Path:
        """Return the file of solutions that the package ships."""
        return self.root / "xai_widgets" / "course" / "exercises" / "solutions.json"

    def repository(self) -> str | None:
        """Return the address of the project's repository, from pyproject.toml; None while none is known.

        Raises
        ------
        CourseError
            If what stands under ``[project.urls]`` as ``Repository`` is not the address of a repository.
        """
        address = self._project().get("urls", {}).get("Repository")
        return None if address is None else checked_address(str(address), "pyproject.toml")

    def package(self) -> str:
        """Return the name of the package for pip."""
        return str(self._project().get("name", "xai_widgets"))

    def wheel(self) -> str:
        """Return the name of the file that ``pip wheel --no-deps .`` makes of the package."""
        return f"{self.package()}-{self._project().get('version', '0.1.0')}-py3-none-any.whl"

    def _project(self) -> dict[str, Any]:
        project: dict[str, Any] = read_toml(self.root / "pyproject.toml").get("project", {})
        return project


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file of settings.

    Raises
    ------
    CourseError
        If it is missing, or not TOML; the message says where.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CourseError([Fault(path.name, f"is missing in {path.parent}")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError([Fault(path.name, f"is not TOML in UTF-8: {error}")]) from None
