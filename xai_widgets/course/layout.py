"""Where the course lies in a checkout, and where the project lives."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

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

    def glossary(self) -> Path:
        """Return the words of the field, in both languages."""
        return self.root / "notebooks" / "source" / "glossary.toml"

    def solutions(self) -> Path:
        """Return the file of solutions that the package ships."""
        return self.root / "xai_widgets" / "course" / "solutions.json"

    def repository(self) -> str:
        """Return the address of the project's repository, which stands in pyproject.toml and nowhere else.

        Raises
        ------
        KeyError
            If ``[project.urls]`` has no ``Repository``.
        """
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if "Repository" not in project.get("urls", {}):
            raise KeyError("pyproject.toml has no Repository under [project.urls]; the badges are built from it")
        return str(project["urls"]["Repository"]).rstrip("/")

    def package(self) -> str:
        """Return the name under which pip knows the package."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["name"])
