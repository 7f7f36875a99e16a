"""The package as the code of students sees it while it is graded: without references and solutions."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

_LEFT_OUT = ("course/exercises/by_notebook/", "course/exercises/solutions.json", "course/authoring/", "course/grading/")


def copy_for_students(folder: Path) -> Path:
    """Copy the package into a folder, without references, solutions and what builds the course.

    Parameters
    ----------
    folder : Path
        Gets ``xai_widgets``; as the first entry of ``PYTHONPATH`` it takes the place of the installed package.

    Returns
    -------
    Path
        The copy.
    """
    root = Path(str(resources.files("xai_widgets")))

    def passed_over(directory: str, names: list[str]) -> set[str]:
        inside = Path(directory).relative_to(root).as_posix()
        paths = {name: name if inside == "." else f"{inside}/{name}" for name in names}
        return {
            name
            for name, path in paths.items()
            if name == "__pycache__" or any(one in (path, f"{path}/") for one in _LEFT_OUT)
        }

    copied = folder / "xai_widgets"
    shutil.copytree(root, copied, ignore=passed_over)
    exercises = copied / "course" / "exercises" / "by_notebook"
    exercises.mkdir()
    (exercises / "__init__.py").write_text('"""Exercises are judged by another process."""\n', encoding="utf-8")
    return copied
