"""The files that a build makes: held in memory until all of them are made, then written together."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from xai_widgets.common.atomic_file import replacing

if TYPE_CHECKING:
    from pathlib import Path


class BuiltFiles:
    """Files by their paths, to be written all or none; those that are on disk already are left alone."""

    def __init__(self) -> None:
        self._contents: dict[Path, bytes] = {}
        self._unwanted: list[Path] = []

    def put(self, path: Path, content: bytes) -> None:
        """Hold a file, in the place of an earlier one of the same path."""
        self._contents[path] = content

    def take_away(self, path: Path) -> None:
        """Delete a file when the others are written, if it is there."""
        self._unwanted.append(path)

    def paths(self) -> set[Path]:
        """Return where the files will lie, as links resolve to it."""
        return {path.resolve() for path in self._contents}

    def write(self) -> int:
        """Write what differs from what is on disk; return how many files have changed.

        Raises
        ------
        OSError
            If one cannot be written: then none takes the place of what was there.
        """
        changed = [path for path, content in self._contents.items() if not _holds(path, content)]
        with contextlib.ExitStack() as parts:
            for path in changed:
                path.parent.mkdir(parents=True, exist_ok=True)
                part = parts.enter_context(replacing(path))
                part.write(self._contents[path])
                part.flush()
        unwanted = [path for path in self._unwanted if path.is_file()]
        for path in unwanted:
            path.unlink()
        return len(changed) + len(unwanted)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content
