"""What an author is told of something wrong: where it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Fault:
    """Something wrong, where, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{self.where}: {self.what}"


class CourseError(ValueError):
    """Sources of which no course can be made.

    Attributes
    ----------
    faults : tuple of Fault
        What is wrong, and where.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
