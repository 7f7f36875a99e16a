"""`Described`: what stands in a recipe for an array that is too large to be kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Described:
    """An array that is too large to be kept in a recipe; whoever makes the result again must give it.

    Attributes
    ----------
    fingerprint : str
        Its shape and a digest of its values.
    """

    fingerprint: str

    def __str__(self) -> str:
        """Say what it is."""
        return f"array {self.fingerprint}"
